// solve: a step, what it promised and what it brought. Reductions are of 2 F, where F is what is minimised: |r|² of a fit, twice an
// objective; in a unit of the problem's own: |r|² where the step began, or 1.
#pragma once

#include "../base/status.hpp"

namespace fastcalc {

/// How far a search lets a descent go.
struct Reach {
  double length = 0;   // the radius of a trust region, or how many times the direction
  double damping = 0;  // the damping of the last step: the next one's first guess
};

struct Trial {
  // What the descent promised.
  double length = 0;                 // |D p| in a trust region, else how many times the direction
  double damping = 0;                // λ of the damped model, 0 for a step that needs none
  double predicted = 0;              // by the model
  double slope = 0;                  // of F along p, negative
  bool clamped = false;              // something else than the radius cut the step short: a bound, a tolerance
  bool moved = false;                // x + p differs from x in double precision
  Status failure = Status::running;  // why the step could not be made
  // What came of it.
  double actual = 0;        // or −1 where that is hopeless
  double ratio = 0;         // actual / predicted
  double slope_after = 0;   // of F along p, at x + p; where a search asks for it
  bool hopeless = false;    // not finite, or far above
  bool bottomless = false;  // F falls to where doubles end
  bool unresolved = false;  // both reductions are below the rounding error of F, so `predicted` was taken for `actual`
  bool accepted = false;
};

}  // namespace fastcalc
