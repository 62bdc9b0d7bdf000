// tasks: one function of many numbers, traced for a row of lanes. Comes in: the program of f and, behind it, f′, both of all lanes. Goes
// out: an ElementwiseEquation.
//
// A program holds for the shape that it was traced with. So f is traced once for as many lanes as keep its numbers in L1 cache, whatever
// the number of elements; an argument that differs from element to element is copied into its lane's place.
#pragma once

#include <cstdint>
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

class TracedElementwise final : public ElementwiseEquation {
 public:
  TracedElementwise(int lanes, std::shared_ptr<const Runnable> program, Retrace retrace, const std::vector<ElementwiseArgument>& arguments,
                    Interrupt* interrupt);

  int lanes() const override { return lanes_; }
  void load(int lane, std::int64_t element) override {
    for (const auto& [from, to] : by_element_) to[lane] = from[element];
  }
  Status evaluate(const double* x, double* pair) override { return function_(x, nullptr, pair); }

 private:
  struct Copied {
    const double* from;
    double* to;
  };
  int lanes_;
  std::vector<double> rows_;  // of the arguments by element, one of them behind the other
  std::vector<Copied> by_element_;
  TracedFunction function_;
};

}  // namespace fastcalc
