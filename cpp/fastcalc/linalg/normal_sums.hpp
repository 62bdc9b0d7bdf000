// linalg: the state of a linear least-squares problem: XᵀWX, XᵀWy, yᵀWy in double-double, and what else the rows leave behind.
//
// Comes in: sums of parts. Goes out: their sum. O(p²) numbers, however many rows there were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fastcalc {

struct NormalSums {
  NormalSums(int predictors, int targets);

  int predictors, targets;  ///< an intercept is predictor 0
  std::int64_t rows = 0;    ///< that count: not left out, of a weight above 0
  /// The product of columns i and j is (high + low) 2^(exponent_i + exponent_j): 0 unless a column lies beyond 2^±200.
  std::vector<int> exponent;
  std::vector<double> high, low;           ///< upper triangle, row by row
  double weight_high = 0, weight_low = 0;  ///< the sum of the weights
  std::vector<double> constant;            ///< the value of a column that never changed (without its weights), else NaN

  int columns() const { return predictors + targets; }
  /// Where the product of columns i ≤ j stands.
  std::size_t place(int i, int j) const { return static_cast<std::size_t>(i) * (2 * columns() - i - 1) / 2 + j; }

  /// Adds `sign` times another state: the rows of both, or these without those.
  void merge(const NormalSums& other, int sign);
};

/// Coefficients (predictors × targets, row by row) with the digits beyond double.
struct Coefficients {
  std::vector<double> high, low;
};

/// What coefficients leave: XᵀW(y − X b), laid out as they are, then the sum of w (y − X b)² of each target.
/// Column j of [X y] is taken in units of 2^exponent_j, coefficients and remainder too.
struct Remainder {
  Remainder(int predictors, int targets) : high(static_cast<std::size_t>(predictors + 1) * targets), low(high.size()) {}
  std::vector<double> high, low;

  /// Adds what the same coefficients leave of other rows.
  void merge(const Remainder& other);
};

}  // namespace fastcalc
