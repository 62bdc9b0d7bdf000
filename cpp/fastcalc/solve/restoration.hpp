// solve: back to the constraints. The point of least violation, found by least squares.
//
// Comes in: a point of the barrier problem. Goes out: w that makes |c(x) − s| least inside the box, by Levenberg–Marquardt. It takes the
// place of WB's restoration phase: a smooth problem in a box, for which the house has a method.
#pragma once

#include "../base/interrupt.hpp"
#include "barrier.hpp"
#include "least_squares.hpp"

namespace fastcalc {

class Restoration {
 public:
  Restoration(Barrier& barrier, Interrupt* interrupt) : barrier_(barrier), interrupt_(interrupt), at_(barrier.n, barrier.m) {}

  /// Moves `w` to a point of least violation near it, at least the given share of the way to a bound (at most 1) inside the bounds.
  Status reach(Numbers& w, double share);

 private:
  Barrier& barrier_;
  Interrupt* interrupt_;
  PrimalDual at_;
};

}  // namespace fastcalc
