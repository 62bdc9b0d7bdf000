// linalg: Newton's step for one number, and for a register of numbers that have nothing to do with each other.
//
// Comes in: f and f′ at x, over a field F. Goes out: the step, and whether it may be taken. Compiled once for each instruction set, and as
// one number's arithmetic for solve/newton_raphson.hpp: so a lane goes where one number alone goes, to the last bit.
#pragma once

#include <cstring>
#include <limits>

#include "../base/lanes.hpp"
#include "newton_lanes.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class F>
inline F magnitude(F x) {
  return select(x < 0, -x, x);
}

/// Whether |f| has fallen by more than the step is short: Armijo's rule on |f|, whose slope along Newton's step is −|f|. NaN has not.
template <class F>
inline typename Field<F>::Truth has_fallen(F f, F before, double part_of_step) {
  return magnitude(f) < (1 - 1e-4 * part_of_step) * magnitude(before);
}

template <class F>
struct NewtonStep {
  F step, next;
  typename Field<F>::Truth is_finite, is_small;  // the derivative and the next point; the step
};

template <class F>
inline NewtonStep<F> newton_step(F x, F f, F slope, F absolute, F relative) {
  using Truth = typename Field<F>::Truth;
  constexpr double largest = std::numeric_limits<double>::max();
  const F step = f / slope, next = x - step;
  const Truth is_finite = (magnitude(next) <= largest) & (magnitude(slope) <= largest);
  const Truth is_small = (magnitude(step) <= absolute + relative * magnitude(next)) | (next == x);
  return {step, next, is_finite, is_small};
}

inline void store(std::int64_t* p, Mask m) { std::memcpy(p, &m.r, sizeof m.r); }

inline void newton_steps(const NewtonLanes& at, const double* values, const double* slopes, double relative, double evaluation,
                         std::int64_t* outcome) {
  using Row = Field<Lanes>;
  const auto update = [](double* p, Mask where, Lanes now) { Row::store(p, select(where, now, Row::load(p))); };
  for (int i = 0; i < at.lanes; i += lane_width) {
    const Lanes x = Row::load(at.x + i), f = Row::load(values + i), before = Row::load(at.f + i);
    const auto [step, next, is_finite, is_small] = newton_step<Lanes>(x, f, Row::load(slopes + i), Row::load(at.absolute + i), relative);
    const Mask taken = has_fallen(f, before, 1) & is_finite & (is_small | (Row::load(at.last + i) > evaluation));
    const Mask crosses = taken & ((f < 0) ^ (before < 0));
    update(at.other + i, crosses, Row::load(at.best + i));
    update(at.f_other + i, crosses, before);
    update(at.best + i, taken, x);
    update(at.f + i, taken, f);
    update(at.step + i, taken, step);
    update(at.x + i, taken, next);
    store(outcome + i, {(taken.r & is_small.r & WholeStep::found) | ~taken.r});
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
