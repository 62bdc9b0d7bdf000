// linalg: equations for one number each, side by side: what Newton's whole steps know of each. Comes in: memory, an array an entry.
#pragma once

#include <cstdint>

namespace fastcalc {

/// Arrays of whole registers: behind the last lane there may be some that nobody asks for.
struct NewtonLanes {
  int lanes;
  double* x;                // where f and f′ are asked for
  double *best, *f;         // where |f| was least, and f there; inf before the first. 0: this lane is not on whole steps
  double* step;             // the one from there
  double *other, *f_other;  // the last point where f had the other sign; inf: there was none
  const double* absolute;   // a step is small that is at most absolute + relative |x|
  const double* last;       // the number of the evaluation after which the lane may not go on
};

/// What became of so many lanes, a bit for each. `found`: its step was the last one, and led to the root. `not_taken`: the step leads
/// nowhere, or is one too many; the lane is as it was. Neither: there is a next one.
struct WholeSteps {
  static constexpr int lanes = 64;
  std::uint64_t found, not_taken;
};

/// Newton's step in each lane, after evaluation number `evaluation`: see newton_steps.hpp.
using NewtonSteps = void (*)(const NewtonLanes& lanes, const double* f, const double* slope, double relative, double evaluation,
                             WholeSteps* steps);

}  // namespace fastcalc
