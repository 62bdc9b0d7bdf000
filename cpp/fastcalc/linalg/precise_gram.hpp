// linalg: the Gram matrix CᵀC in double-double arithmetic of a tall matrix C that comes in blocks of rows.
//
// Comes in: blocks of columns, each with a power of two that no entry of it exceeds. Goes out: the upper triangle of all products of two
// columns, right to about 2⁻¹⁰⁴ of the sum of the products' magnitudes where the numbers of a column are alike, and to 2⁻⁹⁰ of the two
// columns' lengths whatever they are.
//
// The idea: a block's sum is begun at an anchor so large, 3/2 of a power of two, that the sum stays in one binade while it grows. Then
// what a step adds to it, grown − sum, is exact, and so is what it leaves of the product (Rump, Ogita, Oishi 2008, SIAM J. Sci. Comput.
// 31, 189, ExtractVector). With the error of the product by a fused multiply-add a term costs seven operations, not ten as by TwoSum:
//
//     p = a b,  e = a b − p,   grown = sum + p,   rest += p − (grown − sum),   error += e
//
// The rests are multiples of the products' last places and so few that they add without error, unless a product is 2⁴⁰ times smaller than
// the largest that may be; the errors are 2⁻⁵³ of the products.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "../base/aligned.hpp"
#include "double_double.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class PreciseGramAccumulator {
 public:
  /// Products of two of the last `targets` columns are summed only of one with itself, as nobody needs the others.
  PreciseGramAccumulator(int columns, int targets) : columns_(columns), predictors_(columns - targets), totals_(size()) {}

  /// A block of `rows` rows, zeros up to the next whole register; |column[j][i]| ≤ bound[j], a power of two or 0.
  void add(const double* const* column, const double* bound, int rows) {
    const int turns = (rows + lane_width - 1) / lane_width;
    for (int first = 0; first < turns; first += most_turns) {
      const Stretch stretch{column, bound, first, std::min(turns, first + most_turns)};
      double* total = totals_.data();
      for (int left = 0; left < columns_; left += panel)
        for (int right = left; right < columns_; right += panel, total += place)
          if (is_needed(left, right)) accumulate(stretch, left, right, total);
    }
  }

  /// Hands every pair (i, j), i ≤ j, with its sum to `take`, and starts afresh.
  template <class Take>
  void finish(const Take& take) {
    const double* total = totals_.data();
    for (int left = 0; left < columns_; left += panel)
      for (int right = left; right < columns_; right += panel, total += place)
        for (int i = left; i < std::min(left + panel, columns_); ++i)
          for (int j = std::max(i, right); j < std::min(right + panel, columns_); ++j)
            if (i < predictors_ || i == j) take(i, j, over_lanes(total + ((i - left) * panel + (j - right)) * 2 * lane_width));
    std::memset(totals_.data(), 0, totals_.size() * sizeof(double));
  }

 private:
  /// Registers that one anchor serves: with more the anchor grows, and with it what the rests lose; to add up costs a tenth of 32 turns.
  static constexpr int most_turns = 32;
  static constexpr int panel = 2;  // 4 products, each with 3 sums, and their factors: 16 registers
  static constexpr int place = panel * panel * 2 * lane_width;

  struct Stretch {
    const double* const* column;
    const double* bound;
    int first, last;
  };

  std::size_t size() const {
    const std::size_t panels = (columns_ + panel - 1) / panel;
    return panels * (panels + 1) / 2 * place;
  }

  bool is_needed(int left, int right) const { return left < predictors_ || left == right; }

  static DoubleDouble<double> over_lanes(const double* total) {
    DoubleDouble<double> sum{total[0], total[lane_width]};
    for (int lane = 1; lane < lane_width; ++lane) sum = sum + DoubleDouble<double>{total[lane], total[lane_width + lane]};
    return sum;
  }

  void accumulate(const Stretch& s, int left, int right, double* total) {
    const int height = std::min(panel, columns_ - left), width = std::min(panel, columns_ - right);
    if (left == right) return width == 1 ? tile<1, 1, true>(s, left, right, total) : tile<2, 2, true>(s, left, right, total);
    return height == 2 && width == 1 ? tile<2, 1, false>(s, left, right, total) : tile<2, 2, false>(s, left, right, total);
  }

  template <int M, int N, bool same>
  static void tile(const Stretch& stretch, int left_column, int right_column, double* total) {
    const double *const *left = stretch.column + left_column, *const *right = stretch.column + right_column;
    const double *left_bound = stretch.bound + left_column, *right_bound = stretch.bound + right_column;
    Lanes sum[M][N], rest[M][N], error[M][N];
    // |Σ| ≤ turns · bounds ≤ 2^m, so 3 · 2^m ± 2^m lies between 2^(m+1) and 2^(m+2).
    const double most = 3.0 * std::bit_ceil(static_cast<unsigned>(stretch.last - stretch.first));
#pragma GCC unroll 2
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
      for (int j = same ? i : 0; j < N; ++j) {
        sum[i][j] = most * (left_bound[i] * right_bound[j]);
        rest[i][j] = error[i][j] = 0.0;
      }
    for (int turn = stretch.first; turn < stretch.last; ++turn) {
      Lanes a[M], b[N];
#pragma GCC unroll 2
      for (int i = 0; i < M; ++i) a[i] = Field<Lanes>::load(left[i] + turn * lane_width);
#pragma GCC unroll 2
      for (int j = 0; j < N; ++j) b[j] = same ? a[j % M] : Field<Lanes>::load(right[j] + turn * lane_width);
#pragma GCC unroll 2
      for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
        for (int j = same ? i : 0; j < N; ++j) {
          const DoubleDouble<Lanes> product = two_product(a[i], b[j]);
          const Lanes grown = sum[i][j] + product.high;
          rest[i][j] = rest[i][j] + (product.high - (grown - sum[i][j]));
          error[i][j] = error[i][j] + product.low;
          sum[i][j] = grown;
        }
    }
#pragma GCC unroll 2
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
      for (int j = same ? i : 0; j < N; ++j) {
        double* const at = total + (i * panel + j) * 2 * lane_width;
        const Lanes anchor = most * (left_bound[i] * right_bound[j]);
        const DoubleDouble<Lanes> part = two_sum(sum[i][j] - anchor, rest[i][j]);
        const DoubleDouble<Lanes> high = two_sum(Field<Lanes>::load(at), part.high);
        const Lanes low = Field<Lanes>::load(at + lane_width) + (part.low + error[i][j]);
        const DoubleDouble<Lanes> together = quick_two_sum(high.high, high.low + low);
        Field<Lanes>::store(at, together.high);
        Field<Lanes>::store(at + lane_width, together.low);
      }
  }

  int columns_, predictors_;
  AlignedBuffer totals_;  // panel by panel, pair by pair: a register of leading parts and one of what they lack
};

}  // namespace fastcalc::inline FASTCALC_ISA
