// linalg: the Gram matrix CᵀC in double-double arithmetic of a tall matrix C that comes in blocks of rows.
//
// Comes in: blocks of columns. Goes out: the upper triangle of all products of two columns, right to 2⁻¹⁰² of the two columns' lengths
// where the numbers of a column are alike, and to 2⁻⁹⁵ whatever they are.
//
// The idea: a sum is begun at an anchor so large, 3/2 of a power of two, that it stays in one binade while it grows. Then what a step adds
// to it, grown − sum, is exact (Rump, Ogita, Oishi 2008, SIAM J. Sci. Comput. 31, 189, ExtractVector), and a second fused multiply-add
// tells what that leaves of the product. So a term costs four operations, not the eight of an error-free product and TwoSum:
//
//     grown = a b + sum,   rest += a b − (grown − sum)
//
// The rests are half a unit of the anchor, and are rounded at 2⁻⁵³ of that; so anchors are small: they serve a few registers each, and by
// Cauchy and Schwarz need not exceed the product of the two columns' lengths there. Sums of one anchor are multiples of its unit, and
// four of them add without error.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../base/aligned.hpp"
#include "blocks.hpp"
#include "double_double.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class PreciseGramAccumulator {
 public:
  /// Products of two of the last `targets` columns are summed only of one with itself, as nobody needs the others.
  PreciseGramAccumulator(int columns, int targets) : columns_(columns), predictors_(columns - targets), length_(columns), totals_(size()) {}

  /// A block of `rows` rows, finite, with zeros up to the next whole register.
  void add(const double* const* column, int rows) {
    const int turns = registers(rows);
    for (int first = 0; first < turns; first += most_turns) {
      const int last = std::min(turns, first + most_turns);
      const Stretch stretch{column, first, last, (last - first + spans - 1) / spans};
      for (int j = 0; j < columns_; ++j) length_[j] = longest_span(stretch, column[j]);
      for (int group = 0; group < columns_; group += together)
        for (int left = 0; left < std::min(group + together, columns_); left += panel)
          for (int right = std::max(left, group); right < std::min(group + together, columns_); right += panel)
            if (is_needed(left, right)) accumulate(stretch, left, right, total_of(left, right));
    }
  }

  /// Hands every pair (i, j), i ≤ j, with its sum to `take`, and starts afresh.
  template <class Take>
  void finish(const Take& take) {
    for (int left = 0; left < columns_; left += panel)
      for (int right = left; right < columns_; right += panel)
        for (int i = left; i < std::min(left + panel, columns_); ++i)
          for (int j = std::max(i, right); j < std::min(right + panel, columns_); ++j)
            if (i < predictors_ || i == j)
              take(i, j, over_lanes(total_of(left, right) + ((i - left) * panel + (j - right)) * 2 * lane_width));
    std::memset(totals_.data(), 0, totals_.size() * sizeof(double));
  }

 private:
  static constexpr int spans = 4;  // whose sums add without error
  static constexpr int most_turns = 32;
  static constexpr int panel = 2;  // 4 products, each with sum and rest, and their factors: 12 registers
  static constexpr int place = panel * panel * 2 * lane_width;
  static constexpr int together = 64;  // columns of a block, 128 KB, that are to stay in the L2 cache while all before them go by

  struct Stretch {
    const double* const* column;
    int first, last, span;  // registers: of them an anchor serves `span`
  };

  std::size_t size() const {
    const std::size_t panels = (columns_ + panel - 1) / panel;
    return panels * (panels + 1) / 2 * place;
  }

  // Panels of the upper triangle stand row by row.
  double* total_of(int left, int right) {
    const std::size_t panels = (columns_ + panel - 1) / panel, row = left / panel;
    return totals_.data() + (row * (2 * panels - row - 1) / 2 + right / panel) * place;
  }

  bool is_needed(int left, int right) const { return left < predictors_ || left == right; }

  // By halves: the additions of one level do not wait for each other.
  static DoubleDouble<double> over_lanes(const double* total) {
    DoubleDouble<double> part[lane_width];
    for (int lane = 0; lane < lane_width; ++lane) part[lane] = {total[lane], total[lane_width + lane]};
    for (int half = lane_width / 2; half > 0; half /= 2)
      for (int lane = 0; lane < half; ++lane) part[lane] = part[lane] + part[lane + half];
    return part[0];
  }

  // Of all spans and lanes the greatest root of the sum of squares.
  static double longest_span(const Stretch& stretch, const double* column) {
    Lanes most = 0.0;
    for (int first = stretch.first; first < stretch.last; first += stretch.span) {
      Lanes squares = 0.0;
      for (int turn = first; turn < std::min(stretch.last, first + stretch.span); ++turn) {
        const Lanes value = Field<Lanes>::load(column + turn * lane_width);
        squares = multiply_add(value, value, squares);
      }
      most = select(most < squares, squares, most);
    }
    return std::sqrt(greatest(most));
  }

  // 3/2 of twice the power of two above the product of the lengths, which are rounded.
  static double anchor_of(double left_length, double right_length) {
    constexpr std::uint64_t exponent = 0x7ff0'0000'0000'0000;
    const auto product = std::bit_cast<std::uint64_t>(left_length * right_length * (1 + 0x1p-40));
    return 6.0 * std::bit_cast<double>(product & exponent);
  }

  void accumulate(const Stretch& stretch, int left, int right, double* total) {
    const int height = std::min(panel, columns_ - left), width = std::min(panel, columns_ - right);
    if (left == right) return width == 1 ? tile<1, 1, true>(stretch, left, right, total) : tile<2, 2, true>(stretch, left, right, total);
    return height == 2 && width == 1 ? tile<2, 1, false>(stretch, left, right, total) : tile<2, 2, false>(stretch, left, right, total);
  }

  template <int M, int N, bool same>
  void tile(const Stretch& stretch, int left_column, int right_column, double* total) {
    const double *const *left = stretch.column + left_column, *const *right = stretch.column + right_column;
    const auto each = [](const auto& work) {
#pragma GCC unroll 2
      for (int i = 0; i < M; ++i)
#pragma GCC unroll 2
        for (int j = same ? i : 0; j < N; ++j) work(i, j);
    };
    Lanes anchor[M][N], whole[M][N], low[M][N];
    each([&](int i, int j) {
      anchor[i][j] = anchor_of(length_[left_column + i], length_[right_column + j]);
      whole[i][j] = low[i][j] = 0.0;
    });
    for (int first = stretch.first; first < stretch.last; first += stretch.span) {
      Lanes sum[M][N], rest[M][N];
      each([&](int i, int j) { sum[i][j] = anchor[i][j], rest[i][j] = 0.0; });
      for (int turn = first; turn < std::min(stretch.last, first + stretch.span); ++turn) {
        Lanes a[M], b[N];
#pragma GCC unroll 2
        for (int i = 0; i < M; ++i) a[i] = Field<Lanes>::load(left[i] + turn * lane_width);
#pragma GCC unroll 2
        for (int j = 0; j < N; ++j) b[j] = same ? a[j % M] : Field<Lanes>::load(right[j] + turn * lane_width);
        each([&](int i, int j) {
          const DoubleDouble<Lanes> grown = plus_product(sum[i][j], a[i], b[j]);
          sum[i][j] = grown.high;
          rest[i][j] = rest[i][j] + grown.low;
        });
      }
      each([&](int i, int j) {
        whole[i][j] = whole[i][j] + (sum[i][j] - anchor[i][j]);
        low[i][j] = low[i][j] + rest[i][j];
      });
    }
    each([&](int i, int j) {
      double* const at = total + (i * panel + j) * 2 * lane_width;
      const DoubleDouble<Lanes> high = two_sum(Field<Lanes>::load(at), whole[i][j]);
      const DoubleDouble<Lanes> together = two_sum(high.high, high.low + (Field<Lanes>::load(at + lane_width) + low[i][j]));
      Field<Lanes>::store(at, together.high);
      Field<Lanes>::store(at + lane_width, together.low);
    });
  }

  int columns_, predictors_;
  std::vector<double> length_;
  AlignedBuffer totals_;  // panel by panel, pair by pair: a register of leading parts and one of what they lack
};

}  // namespace fastcalc::inline FASTCALC_ISA
