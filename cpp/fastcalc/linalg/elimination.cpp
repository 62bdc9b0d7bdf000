// linalg: see elimination.hpp.
#include "elimination.hpp"

#include <cstdint>
#include <utility>

#include "routines.hpp"

namespace fastcalc {
namespace {

/// From so many rows on dgetrf is faster, called and all; by about so much, so that a band may take so many times the operations.
constexpr int large = 32, gain = 10;

}  // namespace

bool Elimination::factor(const double* a) {
  std::copy_n(a, factors_.size(), factors_.begin());
  find_band();
  const std::int64_t rows = n_, band = static_cast<std::int64_t>(lower_) * (lower_ + upper_);
  by_lapack_ = n_ >= large && routines() && gain * band > rows * rows;
  if (!by_lapack_) return factor();
  int info = 0;  // to Fortran the rows are columns: these are the factors of Aᵀ
  routines()->dgetrf(&n_, &n_, factors_.data(), &n_, exchange_.data(), &info);
  for (int i = 0; i < n_; ++i)
    if (!std::isfinite(factors_[static_cast<std::size_t>(i) * n_ + i])) return false;
  return info == 0;
}

void Elimination::find_band() {
  lower_ = upper_ = 0;
  const double* row = factors_.data();
  for (int i = 0; i < n_; ++i, row += n_) {
    int first = 0, last = n_ - 1;
    while (first < i - lower_ && row[first] == 0) ++first;
    while (last > i + upper_ && row[last] == 0) --last;
    lower_ = std::max(lower_, i - first);
    upper_ = std::max(upper_, last - i);
  }
}

MatrixView Elimination::cleared() {
  std::fill(factors_.begin(), factors_.end(), 0.0);
  return matrix();
}

// Row k is exchanged from its own column on only: what was eliminated before stays where it was, inside of the band.
bool Elimination::factor() {
  const MatrixView m = matrix();
  for (int k = 0; k < n_; ++k) {
    const int rows = last_row(k), columns = last_column(k);
    int best = k;
    for (int i = k + 1; i < rows; ++i)
      if (std::abs(m(i, k)) > std::abs(m(best, k))) best = i;
    const double pivot = m(best, k);
    if (pivot == 0 || !std::isfinite(pivot)) return false;
    inverse_[k] = 1 / pivot;
    exchange_[k] = best;
    if (best != k) std::swap_ranges(m.row(k) + k, m.row(k) + columns, m.row(best) + k);
    const double* upper = m.row(k);
    for (int i = k + 1; i < rows; ++i) {
      double* row = m.row(i);
      const double factor = row[k] /= pivot;
      for (int j = k + 1; j < columns; ++j) row[j] -= factor * upper[j];
    }
  }
  return true;
}

void Elimination::solve(double* b) {
  if (by_lapack_) {
    char transposed = 'T';
    int one = 1, info = 0;
    routines()->dgetrs(&transposed, &n_, &one, factors_.data(), &n_, exchange_.data(), b, &n_, &info);
    return;
  }
  const MatrixView m = matrix();
  for (int k = 0; k < n_; ++k) {
    std::swap(b[k], b[exchange_[k]]);
    for (int i = k + 1; i < last_row(k); ++i) b[i] -= m(i, k) * b[k];
  }
  for (int i = n_ - 1; i >= 0; --i) {
    const double* row = m.row(i);
    const int columns = last_column(i);
    double left = b[i];  // the newest last: it alone is waited for
    if (columns > i + 3) left -= dot(row + i + 3, b + i + 3, columns - i - 3);
    if (columns > i + 2) left -= row[i + 2] * b[i + 2];
    if (columns > i + 1) left -= row[i + 1] * b[i + 1];
    b[i] = std::isfinite(inverse_[i]) ? left * inverse_[i] : left / m(i, i);  // of a pivot below 2⁻¹⁰²³ the inverse is inf
  }
}

}  // namespace fastcalc
