// linalg: the Gram matrix CᵀC of a tall matrix C that comes in blocks of rows.
//
// Comes in: blocks (blocks.hpp). Goes out: the q × q matrix of all products of two columns. The idea: columns are taken in
// panels of four, and a tile of 4 × 4 products (or the 10 of a panel with itself) stays in registers while it runs down the
// block, so that a load feeds two to four multiplications. The sums live on in lanes from block to block; every fold_blocks
// blocks they are added, by error-free additions, to totals: the rounding error does not grow with the number of rows.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "../base/aligned.hpp"
#include "blocks.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class GramAccumulator {
 public:
  explicit GramAccumulator(int columns)
      : columns_(columns),
        source_(columns),
        constants_(static_cast<std::size_t>(columns) * block_rows),
        running_(sums()),
        total_(sums()),
        error_(sums()) {}

  void add(const double* const* column, const std::uint8_t* step, int rows) {
    for (int j = 0; j < columns_; ++j) source_[j] = step[j] ? column[j] : expanded(j, *column[j]);
    double* sums = running_.data();
    for (int left = 0; left < columns_; left += panel)
      for (int right = left; right < columns_; right += panel, sums += panel * panel * lane_width) accumulate(left, right, rows, sums);
    if (++blocks_ == fold_blocks) fold();
  }

  /// Writes the matrix, row-major, both triangles, and starts afresh.
  void finish(double* matrix) {
    fold();
    const double* high = total_.data();
    const double* low = error_.data();
    for (int left = 0; left < columns_; left += panel)
      for (int right = left; right < columns_; right += panel)
        for (int i = left; i < left + panel; ++i)
          for (int j = right; j < right + panel; ++j, high += lane_width, low += lane_width)
            if (i <= j && j < columns_) {
              const Lanes rough = Field<Lanes>::load(high), rest = Field<Lanes>::load(low);
              const double sum = sum_of_lanes(select(rest == rest, rough + rest, rough));  // once a sum is inf, its error is NaN
              matrix[i * columns_ + j] = matrix[j * columns_ + i] = sum;
            }
    std::memset(total_.data(), 0, total_.size() * sizeof(double));
    std::memset(error_.data(), 0, error_.size() * sizeof(double));
  }

 private:
  static constexpr int panel = 4;
  /// 16 blocks: a lane adds at most 16 · 256 / 2 products in a row, and folding costs less than 2 % of them.
  static constexpr int fold_blocks = 16;

  std::size_t sums() const {
    const std::size_t panels = (columns_ + panel - 1) / panel;
    return panels * (panels + 1) / 2 * panel * panel * lane_width;
  }

  // A constant column becomes an ordinary one, so that there is one kernel. It is rewritten only when its value changes.
  const double* expanded(int j, double value) {
    double* block = constants_.data() + static_cast<std::size_t>(j) * block_rows;
    if (std::memcmp(block, &value, sizeof value) != 0) std::fill_n(block, block_rows, value);
    return block;
  }

  // Sums of products of `M` columns with `N` others, or of a panel with itself (then only i ≤ j).
  template <int M, int N, bool same>
  void tile(const double* const* left, const double* const* right, int rows, double* sums) {
    Lanes sum[M][N];
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
      for (int j = same ? i : 0; j < N; ++j) sum[i][j] = Field<Lanes>::load(sums + (i * panel + j) * lane_width);
    const auto add_products = [&](int row, auto keep) __attribute__((always_inline)) {
      Lanes a[M], b[N];
#pragma GCC unroll 4
      for (int i = 0; i < M; ++i) a[i] = keep(Field<Lanes>::load(left[i] + row));
#pragma GCC unroll 4
      for (int j = 0; j < N; ++j) b[j] = same ? a[j % M] : keep(Field<Lanes>::load(right[j] + row));
#pragma GCC unroll 4
      for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
        for (int j = same ? i : 0; j < N; ++j) sum[i][j] = multiply_add(a[i], b[j], sum[i][j]);
    };
    const int whole = rows - rows % lane_width;
    for (int row = 0; row < whole; row += lane_width) add_products(row, [](Lanes v) { return v; });
    if (whole < rows) {
      const Mask mask = first_lanes(rows - whole);
      add_products(whole, [mask](Lanes v) { return select(mask, v, Lanes(0.0)); });
    }
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
      for (int j = same ? i : 0; j < N; ++j) Field<Lanes>::store(sums + (i * panel + j) * lane_width, sum[i][j]);
  }

  template <int M, int N, bool same>
  void tile(int left, int right, int rows, double* sums) {
    const double* a[M];
    const double* b[N];
    std::copy_n(&source_[left], M, a);
    std::copy_n(&source_[right], N, b);
    tile<M, N, same>(a, b, rows, sums);
  }

  void accumulate(int left, int right, int rows, double* sums) {
    const int width = std::min(panel, columns_ - right);
    if (left == right) {
      if (width == 1) return tile<1, 1, true>(left, right, rows, sums);
      if (width == 2) return tile<2, 2, true>(left, right, rows, sums);
      if (width == 3) return tile<3, 3, true>(left, right, rows, sums);
      return tile<4, 4, true>(left, right, rows, sums);
    }
    if (width == 1) return tile<4, 1, false>(left, right, rows, sums);
    if (width == 2) return tile<4, 2, false>(left, right, rows, sums);
    if (width == 3) return tile<4, 3, false>(left, right, rows, sums);
    return tile<4, 4, false>(left, right, rows, sums);
  }

  // total + error += running, where total + error is a sum in twice the precision: TwoSum, Knuth, TAOCP 2, 4.2.2, theorem B.
  void fold() {
    blocks_ = 0;
    for (std::size_t k = 0; k < running_.size(); k += lane_width) {
      const Lanes a = Field<Lanes>::load(total_.data() + k);
      const Lanes b = Field<Lanes>::load(running_.data() + k);
      const Lanes s = a + b;
      const Lanes shift = s - a;
      const Lanes lost = (a - (s - shift)) + (b - shift);
      Field<Lanes>::store(total_.data() + k, s);
      Field<Lanes>::store(error_.data() + k, Field<Lanes>::load(error_.data() + k) + lost);
      Field<Lanes>::store(running_.data() + k, 0.0);
    }
  }

  int columns_;
  int blocks_ = 0;
  std::vector<const double*> source_;      // the columns of this block
  AlignedBuffer constants_;                // a block a column, all of one value
  AlignedBuffer running_, total_, error_;  // lanes of every product, tile by tile
};

}  // namespace fastcalc::inline FASTCALC_ISA
