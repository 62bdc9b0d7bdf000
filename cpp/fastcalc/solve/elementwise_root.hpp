// solve: many equations for one number each, that differ in their start and in what f reads besides.
//
// Comes in: f and f′ at many points in one run, a *lane* for each. Goes out: a root, a status and a count for each element. A lane whose
// element has found its root takes the next one, so that no lane ever waits for a slower one.
#pragma once

#include <cstdint>
#include <span>

#include "../base/interrupt.hpp"
#include "newton_raphson.hpp"

namespace fastcalc {

/// f, applied to each lane on its own.
class ElementwiseEquation {
 public:
  virtual ~ElementwiseEquation() = default;
  virtual int lanes() const = 0;
  /// Until the next call, this lane is this element: it reads that element's arguments.
  virtual void load(int lane, std::int64_t element) = 0;
  /// f of all lanes and, behind it, f′.
  virtual Status evaluate(const double* x, double* pair) = 0;
};

struct ElementwiseRoots {
  std::span<double> x;  // the starts; then the roots
  std::span<Status> status;
  std::span<std::int64_t> iterations;
};

/// Each element as `root_from` would find it, to the last bit. Returns `running`, or why all of it ended before.
Status elementwise_roots(ElementwiseEquation& equation, const ElementwiseRoots& roots, const NewtonOptions& options, Interrupt* interrupt);

}  // namespace fastcalc
