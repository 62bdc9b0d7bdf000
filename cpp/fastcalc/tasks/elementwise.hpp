// tasks: one function of many numbers, traced for a row of lanes. Comes in: the program of f and, behind it, f′, both of all lanes. Goes
// out: a root for each element.
//
// A program holds for the shape that it was traced with. So f is traced once for as many lanes as keep its numbers in L1 cache, whatever
// the number of elements; an argument that differs from element to element is copied into its lane's place.
#pragma once

#include <memory>
#include <vector>

#include "../solve/elementwise_root.hpp"
#include "traced.hpp"

namespace fastcalc {

/// An argument beside x: an array as the program reads it, or one number for each element.
struct ElementwiseArgument {
  const double* data;
  bool by_element;
};

struct ElementwiseFunction {
  int lanes;
  std::shared_ptr<const Runnable> program;
  Retrace retrace;  // called from any thread
  std::vector<ElementwiseArgument> arguments;
};

/// Each element as it is found alone, on several threads (0: all) where there are many: see solve/elementwise_root.hpp.
Status find_roots(const ElementwiseFunction& function, const ElementwiseRoots& roots, const NewtonOptions& options, int threads,
                  Interrupt* interrupt, std::vector<FailedElement>& failed);

}  // namespace fastcalc
