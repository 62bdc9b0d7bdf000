// linalg: a row of numbers of twice the precision, a multiple of another row added to it: what elimination does most.
//
// Comes in: rows of pairs, high and low, one behind the other. Goes out: the sum, to the same last bit for every instruction set. Compiled
// once for each.
#pragma once

#include "blocks.hpp"
#include "double_double.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// to[k] += (high + low) from[k] for `count` pairs.
inline void add_multiple(double* to, const double* from, double high, double low, int count) {
  int k = 0;
  const DoubleDouble<Lanes> multiple{high, low};
  const auto pairs = [](const double* at) {
    const Lanes first = Field<Lanes>::load(at), second = Field<Lanes>::load(at + lane_width);
    return DoubleDouble<Lanes>{evens(first, second), odds(first, second)};
  };
  for (; k + lane_width <= count; k += lane_width) {
    const DoubleDouble<Lanes> sum = pairs(to + 2 * k) + multiple * pairs(from + 2 * k);
    Field<Lanes>::store(to + 2 * k, lower_shuffled(sum.high, sum.low));
    Field<Lanes>::store(to + 2 * k + lane_width, upper_shuffled(sum.high, sum.low));
  }
  for (; k < count; ++k) {
    const DoubleDouble<double> term = DoubleDouble<double>{high, low} * DoubleDouble<double>{from[2 * k], from[2 * k + 1]};
    const DoubleDouble<double> sum = DoubleDouble<double>{to[2 * k], to[2 * k + 1]} + term;
    to[2 * k] = sum.high;
    to[2 * k + 1] = sum.low;
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
