// linalg: observations made into blocks of columns of doubles, for the accumulators.
//
// Comes in: observations. Goes out: a block at a time, each row times the root of its weight, zeros in rows that do not count and up to
// the next whole register; how large the columns are; or the first number that cannot be used.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "../base/aligned.hpp"
#include "../base/tuning.hpp"
#include "blocks.hpp"
#include "observations.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class Packer {
 public:
  explicit Packer(const Observations& from)
      : from_(from), width_(from.width()), block_(static_cast<std::size_t>(width_) * stride), factor_(block_rows), weight_(block_rows) {
    for (int j = 0; j < width_; ++j) at_.push_back(block_.data() + j * stride);
    largest_.resize(width_);
    constant_.assign(width_, std::numeric_limits<double>::quiet_NaN());
    varies_.assign(width_, false);
  }

  /// Packs rows first … first + rows − 1, each times the root of its weight if `weighted`; false where a number cannot be used.
  bool fill(std::int64_t first, int rows, bool weighted = true) {
    first_ = first;
    rows_ = rows;
    partial_ = false;
    read_until_ = 0;
    if (!read_factors()) return false;
    if (from_.intercept) std::fill_n(at_[0], rows_, 1.0);
    for (int j = from_.intercept; j < width_; ++j) read_column(j - from_.intercept);
    for (int j = 0; j < width_; ++j) std::fill(at_[j] + rows_, at_[j] + padded(), 0.0);
    if (partial_) drop_rows();
    for (int j = 0; j < width_; ++j) {
      largest_[j] = largest_magnitude(at_[j]);
      if (!std::isfinite(largest_[j]) && !settle_missing()) return false;
    }
    count();
    for (int j = 0; j < width_; ++j) {
      if (!varies_[j]) look_for_change(j);
      if (!partial_) continue;
      if (weighted)
        for (int i = 0; i < rows_; ++i) at_[j][i] *= factor_.data()[i];
      largest_[j] = largest_magnitude(at_[j]);
    }
    return true;
  }

  const double* const* columns() const { return at_.data(); }
  /// Divides column j by a power of two.
  void divide(int j, int exponent) {
    for (int i = 0; i < padded() && exponent != 0; ++i) at_[j][i] = std::ldexp(at_[j][i], -exponent);
  }
  /// Doubles from the beginning of one column to that of the next.
  static constexpr int leading() { return stride; }
  /// Two to this power exceeds every number of the column; `nothing` where all are 0. A number that its weight made inf has no such power:
  /// the sums are inf, and are refused.
  int exponent(int j) const {
    if (largest_[j] == 0) return nothing;
    return std::isfinite(largest_[j]) ? std::ilogb(largest_[j]) + 1 : std::numeric_limits<double>::max_exponent + 1;
  }
  static constexpr int nothing = std::numeric_limits<int>::min();
  /// The weight of each row of the block, or null: all 1.
  const double* weights() const { return partial_ ? weight_.data() : nullptr; }
  int padded() const { return registers(rows_) * lane_width; }
  const Refusal& refusal() const { return refusal_; }

  /// Of all blocks so far.
  std::int64_t counted() const { return counted_; }
  double constant(int j) const { return varies_[j] ? std::numeric_limits<double>::quiet_NaN() : constant_[j]; }

 private:
  // A cache line more than a multiple of 2 KiB: columns in step with one another would share few places of the cache.
  static constexpr int stride = block_rows + splat_width;
  static constexpr int together = 8;  // columns that share the cache lines of a row

  template <class T>
  static void read_as(const char* from, std::int64_t step, int rows, double* to) {
    for (int i = 0; i < rows; ++i, from += step) {
      T value;
      std::memcpy(&value, from, sizeof value);
      to[i] = static_cast<double>(value);
    }
  }

  void read(const Column& column, double* to) const {
    const char* from = column.at + first_ * column.stride;
    switch (column.type) {
      case Number::float64:
        if (column.stride == sizeof(double)) return void(std::memcpy(to, from, rows_ * sizeof(double)));
        return read_as<double>(from, column.stride, rows_, to);
      case Number::float32:
        return read_as<float>(from, column.stride, rows_, to);
      case Number::int64:
        return read_as<std::int64_t>(from, column.stride, rows_, to);
      case Number::int32:
        return read_as<std::int32_t>(from, column.stride, rows_, to);
      case Number::int16:
        return read_as<std::int16_t>(from, column.stride, rows_, to);
      case Number::int8:
        return read_as<std::int8_t>(from, column.stride, rows_, to);
      case Number::uint64:
        return read_as<std::uint64_t>(from, column.stride, rows_, to);
      case Number::uint32:
        return read_as<std::uint32_t>(from, column.stride, rows_, to);
      case Number::uint16:
        return read_as<std::uint16_t>(from, column.stride, rows_, to);
      case Number::uint8:
        return read_as<std::uint8_t>(from, column.stride, rows_, to);
    }
  }

  void read_column(int index) {
    if (index < read_until_) return;
    if (index % together == 0 && are_adjacent(index))
      read_adjacent(index);
    else
      read(from_.columns[index], at_[index + from_.intercept]);
  }

  // Whether this column and the next seven are doubles side by side, as in an array in C order.
  bool are_adjacent(int index) const {
    if (index + together > static_cast<int>(from_.columns.size())) return false;
    const Column* column = &from_.columns[index];
    for (int c = 0; c < together; ++c)
      if (column[c].type != Number::float64 || column[c].stride != column->stride || column[c].at != column->at + c * 8) return false;
    return true;
  }

  // A row of the eight is a cache line or two, read once; squares of rows and columns are turned in registers.
  void read_adjacent(int index) {
    const Column& column = from_.columns[index];
    const char* from = column.at + first_ * column.stride;
    double* const* to = &at_[index + from_.intercept];
    int i = 0;
    for (; i + lane_width <= rows_; i += lane_width, from += lane_width * column.stride)
      for (int c = 0; c < together; c += lane_width) {
        Lanes square[lane_width];
#pragma GCC unroll 8
        for (int k = 0; k < lane_width; ++k) std::memcpy(&square[k], from + k * column.stride + c * sizeof(double), sizeof(Lanes));
        transpose(square);
#pragma GCC unroll 8
        for (int k = 0; k < lane_width; ++k) Field<Lanes>::store(to[c + k] + i, square[k]);
      }
    for (; i < rows_; ++i, from += column.stride)
      for (int c = 0; c < together; ++c) std::memcpy(&to[c][i], from + c * sizeof(double), sizeof(double));
    read_until_ = index + together;
  }

  // The root of each row's weight, 0 for a row that does not count.
  bool read_factors() {
    double *factor = factor_.data(), *weight = weight_.data();
    if (from_.weighting != Weighting::none) {
      partial_ = true;
      read(from_.weight, weight);
      for (int i = 0; i < rows_; ++i) {
        const bool kept = !from_.keep || from_.keep[first_ + i];
        const bool missing = from_.omit_missing && std::isnan(weight[i]);
        if (!kept || missing) {
          factor[i] = weight[i] = 0;
          continue;
        }
        const bool deviations = from_.weighting == Weighting::deviations;
        if (!(deviations ? weight[i] > 0 : weight[i] >= 0)) {
          refusal_ = {Refusal::bad_weight, first_ + i, 0};
          return false;
        }
        factor[i] = deviations ? 1 / weight[i] : std::sqrt(weight[i]);
        if (deviations) weight[i] = factor[i] * factor[i];
        if (!std::isfinite(weight[i])) {
          refusal_ = {Refusal::bad_weight, first_ + i, 0};
          return false;
        }
      }
    } else if (from_.keep) {
      partial_ = true;
      for (int i = 0; i < rows_; ++i) factor[i] = weight[i] = from_.keep[first_ + i] ? 1.0 : 0.0;
    }
    return true;
  }

  // Whatever stands in a row that does not count, NaN too, is as good as 0.
  void drop_rows() {
    for (int i = 0; i < rows_; ++i)
      if (factor_.data()[i] == 0)
        for (int j = 0; j < width_; ++j) at_[j][i] = 0;
  }

  // Rows with NaN are left out if they may be; false at a number that cannot be used.
  bool settle_missing() {
    if (!partial_) std::fill_n(factor_.data(), rows_, 1.0), std::fill_n(weight_.data(), rows_, 1.0);
    partial_ = true;
    for (int i = 0; i < rows_; ++i)
      for (int j = from_.intercept; j < width_; ++j) {
        if (std::isfinite(at_[j][i])) continue;
        if (!from_.omit_missing || !std::isnan(at_[j][i])) {
          refusal_ = {Refusal::not_finite, first_ + i, j - from_.intercept};
          return false;
        }
        factor_.data()[i] = weight_.data()[i] = 0;
      }
    drop_rows();
    return true;
  }

  void look_for_change(int j) {
    for (int i = 0; i < rows_; ++i) {
      if (partial_ && factor_.data()[i] == 0) continue;
      if (std::isnan(constant_[j])) constant_[j] = at_[j][i];
      if (at_[j][i] != constant_[j]) return void(varies_[j] = true);
    }
  }

  void count() {
    if (!partial_) return void(counted_ += rows_);
    for (int i = 0; i < rows_; ++i) counted_ += factor_.data()[i] != 0;
  }

  // Without their signs doubles are ordered as the integers of their bits, inf and then NaN at the end: so neither is overlooked.
  double largest_magnitude(const double* column) const {
    typedef std::int64_t Bits __attribute__((vector_size(8 * FASTCALC_LANES)));
    Bits largest{};
    for (int i = 0; i < padded(); i += lane_width) {
      const Bits bits = std::bit_cast<Bits>(Field<Lanes>::load(column + i)) & std::numeric_limits<std::int64_t>::max();
      largest = bits > largest ? bits : largest;
    }
    std::int64_t most = 0;
    for (int lane = 0; lane < lane_width; ++lane) most = std::max<std::int64_t>(most, largest[lane]);
    return std::bit_cast<double>(most);
  }

  const Observations& from_;
  int width_;
  AlignedBuffer block_, factor_, weight_;
  std::vector<double*> at_;
  std::vector<double> largest_;
  std::vector<double> constant_;
  std::vector<char> varies_;
  std::int64_t first_ = 0, counted_ = 0;
  int rows_ = 0, read_until_ = 0;
  bool partial_ = false;  // rows have factors other than 1
  Refusal refusal_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
