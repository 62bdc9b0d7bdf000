// linalg: Newton's step for one number, and for a register of numbers that have nothing to do with each other.
//
// Comes in: f and f′ at x, over a field F. Goes out: the step, and whether it may be taken. Compiled once for each instruction set, and as
// one number's arithmetic for solve/newton_raphson.hpp: so a lane goes where one number alone goes, to the last bit.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../base/lanes.hpp"
#include "newton_lanes.hpp"

namespace fastcalc::inline FASTCALC_ISA {

inline double magnitude(double x) { return std::abs(x); }
inline Lanes magnitude(Lanes x) {
  return reinterpret_cast<Lanes::Register>(reinterpret_cast<Mask::Register>(x.r) & std::numeric_limits<std::int64_t>::max());
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

inline void newton_steps(const NewtonLanes& lanes, const double* values, const double* slopes, double relative, double evaluation,
                         WholeSteps* steps) {
  using Row = Field<Lanes>;
  const NewtonLanes at = lanes;
  const auto update = [](double* p, Mask where, Lanes now) { Row::store(p, select(where, now, Row::load(p))); };
  for (int first = 0; first < at.lanes; first += WholeSteps::lanes, ++steps) {
    const int count = std::min(at.lanes - first, WholeSteps::lanes);
    std::uint64_t all_taken = 0, all_small = 0;
    for (int bit = 0; bit < count; bit += lane_width) {
      const int i = first + bit;
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
      all_taken |= bits(taken) << bit;
      all_small |= bits(is_small) << bit;
    }
    const std::uint64_t there = ~std::uint64_t{0} >> (WholeSteps::lanes - count);
    *steps = {all_taken & all_small & there, ~all_taken & there};
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
