// linalg: how a tall matrix comes in: a block of at most block_rows rows at a time, a pointer and a step a column.
//
// Step 1: `rows` doubles, one after the other. Step 0: the column is constant, one splat slot. Blocks start on a cache line
// and are read in whole registers, so the last register may hold anything beyond the last row: it is masked.
#pragma once

#include <algorithm>
#include <cstdint>

#include "../base/lanes.hpp"
#include "../base/tuning.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// Registers that hold `rows` doubles.
constexpr int registers(int rows) { return (rows + lane_width - 1) / lane_width; }

/// True in the first `count` lanes.
inline Mask first_lanes(int count) {
  Mask mask;
  for (int lane = 0; lane < lane_width; ++lane) mask.r[lane] = lane < count ? -1 : 0;
  return mask;
}

/// The sum over the lanes, by halves: always the same order.
inline double sum_of_lanes(Lanes v) {
  double part[lane_width];
  Field<Lanes>::store(part, v);
  for (int half = lane_width / 2; half > 0; half /= 2)
    for (int lane = 0; lane < half; ++lane) part[lane] += part[lane + half];
  return part[0];
}

/// The greatest lane; 0 where all are negative.
inline double greatest(Lanes v) {
  double most = 0;
  for (int lane = 0; lane < lane_width; ++lane) most = std::max(most, static_cast<double>(v.r[lane]));
  return most;
}

// As cards are shuffled, halves into one another, and back.
#if FASTCALC_LANES == 8
inline Lanes lower_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 0, 8, 1, 9, 2, 10, 3, 11); }
inline Lanes upper_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 4, 12, 5, 13, 6, 14, 7, 15); }
inline Lanes evens(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 0, 2, 4, 6, 8, 10, 12, 14); }
inline Lanes odds(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 1, 3, 5, 7, 9, 11, 13, 15); }
#elif FASTCALC_LANES == 4
inline Lanes lower_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 0, 4, 1, 5); }
inline Lanes upper_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 2, 6, 3, 7); }
inline Lanes evens(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 0, 2, 4, 6); }
inline Lanes odds(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 1, 3, 5, 7); }
#else
inline Lanes lower_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 0, 2); }
inline Lanes upper_shuffled(Lanes a, Lanes b) { return __builtin_shufflevector(a.r, b.r, 1, 3); }
inline Lanes evens(Lanes a, Lanes b) { return lower_shuffled(a, b); }
inline Lanes odds(Lanes a, Lanes b) { return upper_shuffled(a, b); }
#endif

/// Rows become columns. An element's place is the bits of its row and then of its lane; to shuffle the upper half of the rows into the
/// lower one turns these bits round by one, and after all of a row's they have changed sides.
[[gnu::always_inline]] inline void transpose(Lanes (&row)[lane_width]) {
#pragma GCC unroll 3
  for (int bit = 1; bit < lane_width; bit *= 2) {
    Lanes next[lane_width];
#pragma GCC unroll 4
    for (int k = 0; k < lane_width / 2; ++k) {
      next[2 * k] = lower_shuffled(row[k], row[k + lane_width / 2]);
      next[2 * k + 1] = upper_shuffled(row[k], row[k + lane_width / 2]);
    }
#pragma GCC unroll 8
    for (int k = 0; k < lane_width; ++k) row[k] = next[k];
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
