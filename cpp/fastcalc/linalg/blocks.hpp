// linalg: how a tall matrix comes in: a block of at most block_rows rows at a time, a pointer and a step a column.
//
// Step 1: `rows` doubles, one after the other. Step 0: the column is constant, one splat slot. Blocks start on a cache line
// and are read in whole registers, so the last register may hold anything beyond the last row: it is masked.
#pragma once

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

}  // namespace fastcalc::inline FASTCALC_ISA
