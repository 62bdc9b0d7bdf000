// linalg: a stretch of rows summed up: their normal equations, or what a solution leaves of them.
//
// Comes in: observations, which rows. Goes out: sums in double-double, or the first number that cannot be used. Compiled once for each
// instruction set.
#pragma once

#include <cmath>
#include <numeric>
#include <vector>

#include "../base/interrupt.hpp"
#include "normal_sums.hpp"
#include "pack.hpp"
#include "precise_gram.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// Puts the sums over rows first … last − 1 into `sums`, which is empty; after an interrupt they mean nothing.
inline Refusal accumulate_normal(const Observations& from, std::int64_t first, std::int64_t last, NormalSums& sums,
                                 Interrupt* interrupt = nullptr) {
  // Products of numbers within 2^±200 neither overflow nor vanish. A column beyond is brought there by a power of two, which is exact.
  constexpr int most = 200, too_much = 250;
  constexpr int wide = 64;  // from so many columns on a block takes longer than 0.1 ms, and a thousand take 50 ms
  const int width = from.width();
  Packer packer(from);
  PreciseGramAccumulator gram(width, from.targets);
  std::vector<char> settled(width, false);
  NormalSums part(sums.predictors, sums.targets);
  bool flushed = false;
  const auto flush = [&] {
    gram.finish([&](int i, int j, DoubleDouble<double> sum) {
      part.high[part.place(i, j)] = sum.high;
      part.low[part.place(i, j)] = sum.low;
    });
    if (flushed) return sums.merge(part, 1);
    sums.high.swap(part.high);
    sums.low.swap(part.low);
    sums.exponent = part.exponent;
    flushed = true;
  };

  DoubleDouble<double> weight{0, 0};
  for (std::int64_t row = first; row < last; row += block_rows) {
    if (interrupt && width >= wide && interrupt->requested()) return {};
    const int rows = static_cast<int>(std::min<std::int64_t>(block_rows, last - row));
    if (!packer.fill(row, rows)) return packer.refusal();
    for (int j = 0; j < width; ++j) {
      const int size = packer.exponent(j);
      if (size == Packer::nothing) continue;
      if (!settled[j] || size - part.exponent[j] > too_much) {
        if (settled[j]) flush();  // what was small before it grew
        part.exponent[j] = std::abs(size) > most ? size : 0;
        settled[j] = true;
      }
      packer.divide(j, part.exponent[j]);
    }
    gram.add(packer.columns(), rows);
    weight = weight + (packer.weights() ? std::accumulate(packer.weights(), packer.weights() + rows, 0.0) : rows);
  }
  flush();
  sums.rows = packer.counted();
  sums.weight_high = weight.high;
  sums.weight_low = weight.low;
  for (int j = 0; j < width; ++j) sums.constant[j] = packer.constant(j);
  return {};
}

/// Puts into `sums` the remainder over rows first … last − 1, from unrounded residuals, with the weights themselves.
inline Refusal accumulate_remainder(const Observations& from, std::int64_t first, std::int64_t last, const int* exponent,
                                    const Coefficients& b, Remainder& sums) {
  const int predictors = from.predictors(), targets = from.targets, count = (predictors + 1) * targets;
  Packer packer(from);
  AlignedBuffer total(static_cast<std::size_t>(count) * 2 * lane_width);
  AlignedBuffer residual(2 * block_rows);
  const auto add = [&](int place, const auto& term) {
    DoubleDouble<Lanes> sum{0.0, 0.0};
    for (int i = 0; i < packer.padded(); i += lane_width) {
      const DoubleDouble<Lanes> product = term(i);
      const DoubleDouble<Lanes> high = two_sum(sum.high, product.high);
      sum = quick_two_sum(high.high, high.low + (sum.low + product.low));
    }
    double* const at = total.data() + static_cast<std::size_t>(place) * 2 * lane_width;
    sum = sum + DoubleDouble<Lanes>{Field<Lanes>::load(at), Field<Lanes>::load(at + lane_width)};
    Field<Lanes>::store(at, sum.high);
    Field<Lanes>::store(at + lane_width, sum.low);
  };

  for (std::int64_t row = first; row < last; row += block_rows) {
    if (!packer.fill(row, static_cast<int>(std::min<std::int64_t>(block_rows, last - row)), false)) return packer.refusal();
    for (int j = 0; j < from.width(); ++j) packer.divide(j, exponent[j]);
    for (int target = 0; target < targets; ++target) {
      double *high = residual.data(), *low = residual.data() + block_rows;
      for (int i = 0; i < packer.padded(); i += lane_width) {
        DoubleDouble<Lanes> r{Field<Lanes>::load(packer.columns()[predictors + target] + i), 0.0};
        for (int j = 0; j < predictors; ++j) {
          const Lanes x = Field<Lanes>::load(packer.columns()[j] + i);
          const DoubleDouble<Lanes> product = two_product(x, Lanes(-b.high[j * targets + target]));
          const DoubleDouble<Lanes> sum = two_sum(r.high, product.high);
          r = quick_two_sum(sum.high, sum.low + ((r.low + product.low) - x * Lanes(b.low[j * targets + target])));
        }
        Field<Lanes>::store(high + i, r.high);
        Field<Lanes>::store(low + i, r.low);
      }
      const auto at = [&](int i) { return DoubleDouble<Lanes>{Field<Lanes>::load(high + i), Field<Lanes>::load(low + i)}; };
      const auto weighted = [&](int i) { return packer.weights() ? at(i) * Field<Lanes>::load(packer.weights() + i) : at(i); };
      add(predictors * targets + target, [&](int i) { return weighted(i) * at(i); });
      if (packer.weights())
        for (int i = 0; i < packer.padded(); i += lane_width) {
          const DoubleDouble<Lanes> r = weighted(i);
          Field<Lanes>::store(high + i, r.high);
          Field<Lanes>::store(low + i, r.low);
        }
      for (int j = 0; j < predictors; ++j)
        add(j * targets + target, [&](int i) { return at(i) * Field<Lanes>::load(packer.columns()[j] + i); });
    }
  }
  for (int place = 0; place < count; ++place) {
    const double* const at = total.data() + static_cast<std::size_t>(place) * 2 * lane_width;
    DoubleDouble<double> sum{at[0], at[lane_width]};
    for (int lane = 1; lane < lane_width; ++lane) sum = sum + DoubleDouble<double>{at[lane], at[lane_width + lane]};
    sums.high[place] = sum.high;
    sums.low[place] = sum.low;
  }
  return {};
}

}  // namespace fastcalc::inline FASTCALC_ISA
