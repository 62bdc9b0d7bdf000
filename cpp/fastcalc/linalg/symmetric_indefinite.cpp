// linalg: see symmetric_indefinite.hpp.
#include "symmetric_indefinite.hpp"

#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

namespace fastcalc {

namespace {

// (1 + √17) / 8, which makes the growth of two 1 × 1 pivots that of one 2 × 2 pivot: Bunch and Kaufman 1977, Math. Comp. 31, 163.
constexpr double pivot_share = 0.6403882032022076;

}  // namespace

SymmetricIndefinite::SymmetricIndefinite(int most)
    : original_memory_(static_cast<std::size_t>(most) * most),
      factor_memory_(original_memory_.size()),
      scale_(most),
      beside_(most),
      right_(most),
      residual_(most),
      place_(most),
      width_(most) {}

// s_i = 1/√(max_j |s_i a_ij s_j|) until the rows' largest entries are near 1: Ruiz 2001, RAL-TR-2001-034. Three rounds are enough
// where the sizes of entries differ by 2^60; powers of two, so that nothing is rounded.
void SymmetricIndefinite::equilibrate(MatrixView a) {
  std::fill_n(scale_.begin(), n_, 1.0);
  for (int round = 0; round < 3; ++round) {
    std::fill_n(residual_.begin(), n_, 0.0);
    for (int i = 0; i < n_; ++i)
      for (int j = 0; j <= i; ++j) {
        const double size = std::abs(a(i, j)) * scale_[i] * scale_[j];
        residual_[i] = std::max(residual_[i], size);
        residual_[j] = std::max(residual_[j], size);
      }
    for (int i = 0; i < n_; ++i)
      if (residual_[i] > 0 && std::isfinite(residual_[i])) scale_[i] = std::ldexp(scale_[i], -std::ilogb(residual_[i]) / 2);
  }
  for (int i = 0; i < n_; ++i)
    for (int j = 0; j <= i; ++j) original_(i, j) = original_(j, i) = a(i, j) * scale_[i] * scale_[j];
}

// The next pivot among the rows from k on: one row, or two. An entry is good that is large in its row and in its column.
SymmetricIndefinite::Pivot SymmetricIndefinite::pivot(int k) const {
  const auto largest_beside = [&](int row, int& at) {
    double largest = 0;
    for (int j = k; j < n_; ++j)
      if (j != row && std::abs(entry(row, j)) > largest) {
        largest = std::abs(entry(row, j));
        at = j;
      }
    return largest;
  };
  int row = k, at = k;
  double beside = largest_beside(row, at);
  for (;;) {
    if (!(std::abs(entry(row, row)) < pivot_share * beside)) return {1, row, row};
    int back = at;
    const double across = largest_beside(at, back);
    if (!(std::abs(entry(at, at)) < pivot_share * across)) return {1, at, at};
    if (across <= beside) return {2, row, at};
    row = std::exchange(at, back);  // a larger one is in sight: on along its row
    beside = across;
  }
}

void SymmetricIndefinite::exchange(int i, int j) {
  if (i == j) return;
  if (i > j) std::swap(i, j);
  std::swap(place_[i], place_[j]);
  std::swap(factor_(i, i), factor_(j, j));
  for (int c = 0; c < i; ++c) std::swap(factor_(i, c), factor_(j, c));
  for (int r = i + 1; r < j; ++r) std::swap(factor_(r, i), factor_(j, r));
  for (int r = j + 1; r < n_; ++r) std::swap(factor_(r, i), factor_(r, j));
}

Inertia SymmetricIndefinite::factor(MatrixView a, int n) {
  n_ = n;
  original_ = {original_memory_.data(), n};
  factor_ = {factor_memory_.data(), n};
  equilibrate(a);
  std::copy_n(original_.data, static_cast<std::size_t>(n) * n, factor_.data);
  std::iota(place_.begin(), place_.begin() + n, 0);
  std::fill_n(beside_.begin(), n, 0.0);

  const double rounding = 8 * n * std::numeric_limits<double>::epsilon();
  Inertia inertia;
  for (int k = 0; k < n;) {
    const Pivot found = pivot(k);
    width_[k] = found.width;
    exchange(k, found.first);
    if (found.width == 1) {
      const double d = factor_(k, k);
      // A NaN is no eigenvalue either.
      if (!(std::abs(d) > rounding)) {
        ++inertia.zero;
        factor_(k, k) = 0;
        for (int i = k + 1; i < n; ++i) factor_(i, k) = 0;
        ++k;
        continue;
      }
      ++(d > 0 ? inertia.positive : inertia.negative);
      for (int i = k + 1; i < n; ++i) right_[i] = factor_(i, k);
      for (int i = k + 1; i < n; ++i) {
        const double l = factor_(i, k) /= d;
        double* row = factor_.row(i);
        for (int j = k + 1; j <= i; ++j) row[j] -= l * right_[j];
      }
      ++k;
      continue;
    }
    exchange(k + 1, found.second == k ? found.first : found.second);
    width_[k + 1] = 0;
    const double d = factor_(k, k), e = factor_(k + 1, k), f = factor_(k + 1, k + 1);
    beside_[k] = e;
    factor_(k + 1, k) = 0;
    ++inertia.positive;  // det D = d f − e² < 0 by the choice of the pivot: one eigenvalue of each sign
    ++inertia.negative;
    // (l0 l1) = (a b) D⁻¹, divided by e as LAPACK does: nothing overflows.
    const double dd = d / e, ff = f / e, t = 1 / (dd * ff - 1) / e;
    for (int i = k + 2; i < n; ++i) {
      right_[i] = factor_(i, k);
      residual_[i] = factor_(i, k + 1);
    }
    for (int i = k + 2; i < n; ++i) {
      double* row = factor_.row(i);
      const double first = row[k] = t * (ff * right_[i] - residual_[i]), second = row[k + 1] = t * (dd * residual_[i] - right_[i]);
      for (int j = k + 2; j <= i; ++j) row[j] -= first * right_[j] + second * residual_[j];
    }
    k += 2;
  }
  return inertia;
}

// S A S x = b.
void SymmetricIndefinite::substitute(double* b) const {
  double* y = const_cast<double*>(right_.data());
  for (int k = 0; k < n_; ++k) y[k] = b[place_[k]] - dot(factor_.row(k), y, k);
  for (int k = 0; k < n_; k += width_[k]) {
    if (width_[k] == 1) {
      y[k] = factor_(k, k) == 0 ? 0 : y[k] / factor_(k, k);
      continue;
    }
    const double e = beside_[k], dd = factor_(k, k) / e, ff = factor_(k + 1, k + 1) / e, t = 1 / (dd * ff - 1) / e;
    const double first = t * (ff * y[k] - y[k + 1]);
    y[k + 1] = t * (dd * y[k + 1] - y[k]);
    y[k] = first;
  }
  for (int k = n_ - 1; k >= 0; --k)
    for (int j = 0; j < k; ++j) y[j] -= factor_(k, j) * y[k];
  for (int k = 0; k < n_; ++k) b[place_[k]] = y[k];
}

void SymmetricIndefinite::solve(double* b) {
  for (int i = 0; i < n_; ++i) b[i] *= scale_[i];
  std::copy_n(b, n_, residual_.data());
  substitute(b);
  for (int i = 0; i < n_; ++i) residual_[i] -= dot(original_.row(i), b, n_);
  substitute(residual_.data());
  for (int i = 0; i < n_; ++i) b[i] = (b[i] + residual_[i]) * scale_[i];
}

}  // namespace fastcalc
