// solve: a step, what it promised and what it brought. Reductions are relative to |r|² where the step began.
#pragma once

namespace fastcalc {

struct Trial {
  // What the descent promised.
  double length = 0;     // |D p|
  double damping = 0;    // the Levenberg–Marquardt parameter λ, 0 for a Gauss–Newton step
  double predicted = 0;  // 1 − |r + J p|² / |r|²
  double slope = 0;      // rᵀJ p / |r|², negative
  bool clamped = false;  // a bound cut the step short
  bool moved = false;    // x + p differs from x in double precision
  // What came of it.
  double actual = 0;        // 1 − |r(x + p)|² / |r|², or −1 where that is hopeless or not finite
  double ratio = 0;         // actual / predicted
  bool unresolved = false;  // both are below the rounding error of |r|², so `predicted` was taken for `actual`
  bool accepted = false;
};

}  // namespace fastcalc
