// linalg: see elimination.hpp.
#include "elimination.hpp"

#include <utility>

#include "matrix.hpp"
#include "routines.hpp"

namespace fastcalc {
namespace {

/// From so many rows on, and from so many entries a row that are not zero, dgetrf is faster, called and all.
constexpr int large = 32, many = 8;

}  // namespace

bool Elimination::factor(const double* a) {
  std::copy_n(a, factors_.size(), factors_.begin());
  by_lapack_ = n_ >= large && routines() && std::count_if(a, a + factors_.size(), [](double x) { return x != 0; }) > many * n_;
  if (!by_lapack_) return eliminate();
  int info = 0;  // to Fortran the rows are columns: these are the factors of Aᵀ
  routines()->dgetrf(&n_, &n_, factors_.data(), &n_, exchange_.data(), &info);
  for (int i = 0; i < n_; ++i)
    if (!std::isfinite(factors_[static_cast<std::size_t>(i) * n_ + i])) return false;
  return info == 0;
}

bool Elimination::eliminate() {
  const MatrixView m{factors_.data(), n_};
  for (int k = 0; k < n_; ++k) {
    int best = k;
    for (int i = k + 1; i < n_; ++i)
      if (std::abs(m(i, k)) > std::abs(m(best, k))) best = i;
    const double pivot = m(best, k);
    if (pivot == 0 || !std::isfinite(pivot)) return false;
    exchange_[k] = best;
    if (best != k) std::swap_ranges(m.row(k), m.row(k) + n_, m.row(best));
    const double* upper = m.row(k);
    for (int i = k + 1; i < n_; ++i) {
      double* row = m.row(i);
      if (row[k] == 0) continue;
      const double factor = row[k] /= pivot;
      for (int j = k + 1; j < n_; ++j) row[j] -= factor * upper[j];
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
  const MatrixView m{factors_.data(), n_};
  for (int k = 0; k < n_; ++k) std::swap(b[k], b[exchange_[k]]);
  for (int i = 1; i < n_; ++i) b[i] -= dot(m.row(i), b, i);
  for (int i = n_ - 1; i >= 0; --i) b[i] = (b[i] - dot(m.row(i) + i + 1, b + i + 1, n_ - 1 - i)) / m(i, i);
}

}  // namespace fastcalc
