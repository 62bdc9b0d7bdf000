// linalg: the triangular factor R of a tall matrix C = Q R that comes in blocks of rows, without forming CᵀC.
//
// Comes in: blocks (blocks.hpp). Goes out: R, q × q, upper triangular, with a diagonal ≥ 0. The idea (TSQR: Demmel, Grigori,
// Hoemmen, Langou 2012, SIAM J. Sci. Comput. 34, A206): the rows seen so far are remembered by their R alone, and
//
//     [ R ]        [ R' ]
//     [ C ]  = Q'  [ 0  ]       by q Householder reflections, each of which touches one row of R and the rows of C.
//
// Blocks are gathered until they fill half of an L1 cache, then eliminated. A column is read by the reflection that removes
// it, and in the same pass the inner products that the next reflection needs are summed.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "../base/aligned.hpp"
#include "blocks.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class TriangleAccumulator {
 public:
  explicit TriangleAccumulator(int columns)
      : columns_(columns),
        capacity_(block_rows * std::clamp(gathered_bytes / (block_rows * static_cast<int>(sizeof(double)) * columns), 1, 8)),
        gathered_(static_cast<std::size_t>(columns) * stride()),
        triangle_(static_cast<std::size_t>(columns) * columns),
        product_(columns),
        weight_(columns),
        scale_(columns, 1.0) {}

  void add(const double* const* column, const std::uint8_t* step, int rows) {
    if (filled_ + registers(rows) * lane_width > capacity_) eliminate();
    const int whole = rows - rows % lane_width;
    for (int j = 0; j < columns_; ++j) {
      const double* from = column[j];
      const std::ptrdiff_t stride = step[j] ? lane_width : 0;
      const Lanes scale = scale_[j];
      double* to = gathered(j) + filled_;
      for (double* end = to + whole; to != end; to += lane_width, from += stride) Field<Lanes>::store(to, Field<Lanes>::load(from) * scale);
      if (whole < rows)  // rows of zeros change no factor
        Field<Lanes>::store(to, select(first_lanes(rows - whole), Field<Lanes>::load(from) * scale, Lanes(0.0)));
    }
    filled_ += registers(rows) * lane_width;
  }

  /// Writes R, row-major, zeros below the diagonal, and starts afresh.
  void finish(double* matrix) {
    eliminate();
    for (int i = 0; i < columns_; ++i) {
      const double sign = std::copysign(1.0, triangle(i, i));
      for (int j = 0; j < columns_; ++j) matrix[i * columns_ + j] = j < i ? 0.0 : sign * triangle(i, j) / scale_[j];
    }
    std::memset(triangle_.data(), 0, triangle_.size() * sizeof(double));
    std::fill(scale_.begin(), scale_.end(), 1.0);
  }

 private:
  static constexpr int gathered_bytes = 24 * 1024;
  static constexpr double smallest_entry = 0x1p-250, largest_entry = 0x1p250;  // of a column: the range that is aimed at
  static constexpr double rescaling = 0x1p100;
  static constexpr double largest_square = 1e270;    // a sum beyond may be about to overflow
  static constexpr double smallest_square = 1e-270;  // a remainder below is nothing beside the column, which is above 1e-76

  // Five cache lines more than a multiple of 2 KiB: a store and a load that agree in their last 12 bits wait for one another.
  int stride() const { return capacity_ + 5 * splat_width; }
  double* gathered(int j) { return gathered_.data() + static_cast<std::size_t>(j) * stride(); }
  double& triangle(int i, int j) { return triangle_.data()[static_cast<std::size_t>(i) * columns_ + j]; }

  void eliminate() {
    if (filled_ == 0) return;
    settle_scales();
    inner_products(0);
    for (int k = 0; k < columns_; ++k) {
      prevent_overflow(k);
      // The reflection I − τ v vᵀ, v = (R_kk − β, C_k), maps (R_kk, C_k) to (β, 0): β = ∓√(R_kk² + |C_k|²), with the sign that
      // does not cancel, and τ = 2/vᵀv = −1/(β v_0). Golub and Van Loan, Matrix Computations, 5.1.
      const double square = product_[k];
      const double head = triangle(k, k);
      const double beta = -std::copysign(std::sqrt(head * head + square), head);
      const double v0 = head - beta;
      // Nothing but rounding is left of this column, and a reflection would divide by it.
      const bool vanished = head * head + square < smallest_square;
      const double tau = vanished ? 0.0 : -1.0 / (beta * v0);
      if (!vanished) triangle(k, k) = beta;
      for (int j = k + 1; j < columns_; ++j) {
        weight_[j] = tau * (v0 * triangle(k, j) + product_[j]);
        triangle(k, j) -= weight_[j] * v0;
      }
      reflect(k);
    }
    filled_ = 0;
  }

  // product_[j] = C_kᵀ C_j for j ≥ k.
  void inner_products(int k) {
    for (int j = k; j < columns_; j += 4) in_groups(j, [&](auto width) { pass<width(), false>(k, k, j); });
  }

  // C_j −= weight_j C_k for j > k, and then product_[j] = C_{k+1}ᵀ C_j.
  void reflect(int k) {
    for (int j = k + 1; j < columns_; j += 4) in_groups(j, [&](auto width) { pass<width(), true>(k, k + 1, j); });
  }

  template <class Body>
  void in_groups(int j, Body body) {
    switch (std::min(4, columns_ - j)) {
      case 1:
        return body(std::integral_constant<int, 1>());
      case 2:
        return body(std::integral_constant<int, 2>());
      case 3:
        return body(std::integral_constant<int, 3>());
      default:
        return body(std::integral_constant<int, 4>());
    }
  }

  // One pass over columns j … j + width − 1: subtract their part of column k (if `update`), then multiply by column `lead`,
  // which is the group's first or was updated by an earlier group. Two registers a turn, to hide the latency of the sums.
  template <int width, bool update>
  void pass(int k, int lead, int j) {
    Lanes sum[2][width], weight[width];
    double* column[width];
#pragma GCC unroll 4
    for (int c = 0; c < width; ++c) {
      sum[0][c] = sum[1][c] = 0.0;
      weight[c] = update ? weight_[j + c] : 0.0;
      column[c] = gathered(j + c);
    }
    const double* removed = gathered(k);
    const double* first = gathered(lead);
    const bool own = lead == j;
    const auto turn = [&](int row, Lanes* into) __attribute__((always_inline)) {
      Lanes value[width];
      const Lanes gone = Field<Lanes>::load(removed + row);
#pragma GCC unroll 4
      for (int c = 0; c < width; ++c) {
        value[c] = Field<Lanes>::load(column[c] + row);
        if constexpr (update) {
          value[c] = multiply_add(-weight[c], gone, value[c]);
          Field<Lanes>::store(column[c] + row, value[c]);
        }
      }
      const Lanes with = own ? value[0] : Field<Lanes>::load(first + row);
#pragma GCC unroll 4
      for (int c = 0; c < width; ++c) into[c] = multiply_add(with, value[c], into[c]);
    };
    int row = 0;
    for (; row + 2 * lane_width <= filled_; row += 2 * lane_width) {
      turn(row, sum[0]);
      turn(row + lane_width, sum[1]);
    }
    if (row < filled_) turn(row, sum[0]);
#pragma GCC unroll 4
    for (int c = 0; c < width; ++c) product_[j + c] = sum_of_lanes(sum[0][c] + sum[1][c]);
  }

  // Products must neither overflow nor vanish, so a column out of range is scaled by a power of two, which is exact: here, in R, and
  // from now on as it comes in. That is settled with its first rows; later ones may still turn out much larger.
  void settle_scales() {
    for (int j = 0; j < columns_; ++j) {
      bool first = true;
      for (int i = 0; i <= j; ++i) first = first && triangle(i, j) == 0;
      if (first) rescale(j);
    }
  }

  void prevent_overflow(int k) {
    bool rescaled = false;
    for (int j = k; j < columns_; ++j) {
      const double head = triangle(k, j);
      if (!(std::abs(product_[j]) + head * head < largest_square)) rescaled |= rescale(j);
    }
    if (rescaled) inner_products(k);
  }

  // True when column j was out of range.
  bool rescale(int j) {
    double largest = 0;
    for (int row = 0; row < filled_; ++row) largest = std::max(largest, std::abs(gathered(j)[row]));
    for (int i = 0; i <= j; ++i) largest = std::max(largest, std::abs(triangle(i, j)));
    if (largest == 0 || !std::isfinite(largest)) return false;
    double factor = 1;
    while (largest * factor < smallest_entry) factor *= rescaling;
    while (largest * factor > largest_entry) factor /= rescaling;
    if (factor == 1) return false;
    for (int row = 0; row < filled_; ++row) gathered(j)[row] *= factor;
    for (int i = 0; i <= j; ++i) triangle(i, j) *= factor;
    scale_[j] *= factor;
    return true;
  }

  int columns_;
  int capacity_;    // rows that are gathered before they are eliminated
  int filled_ = 0;  // and how many there are, a multiple of lane_width
  AlignedBuffer gathered_, triangle_;
  std::vector<double> product_, weight_, scale_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
