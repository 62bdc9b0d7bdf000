// linalg: see elimination.hpp.
#include "elimination.hpp"

#include <utility>

#include "routines.hpp"

namespace fastcalc {
namespace {

/// From here on dgetrf is faster, called and all.
constexpr int large = 32;

bool by_lapack(int n) { return n >= large && routines() != nullptr; }

}  // namespace

bool eliminate(double* a, int n, int* exchange) {
  if (by_lapack(n)) {  // to Fortran the rows are columns: these are the factors of Aᵀ
    int info = 0;
    routines()->dgetrf(&n, &n, a, &n, exchange, &info);
    if (info != 0) return false;
    for (int i = 0; i < n; ++i)
      if (!std::isfinite(a[static_cast<std::ptrdiff_t>(i) * (n + 1)])) return false;
    return true;
  }
  const MatrixView m{a, n};
  for (int k = 0; k < n; ++k) {
    int best = k;
    for (int i = k + 1; i < n; ++i)
      if (std::abs(m(i, k)) > std::abs(m(best, k))) best = i;
    const double pivot = m(best, k);
    if (pivot == 0 || !std::isfinite(pivot)) return false;
    exchange[k] = best;
    if (best != k) std::swap_ranges(m.row(k), m.row(k) + n, m.row(best));
    const double* upper = m.row(k);
    for (int i = k + 1; i < n; ++i) {
      double* row = m.row(i);
      const double factor = row[k] /= pivot;
      if (factor == 0) continue;
      for (int j = k + 1; j < n; ++j) row[j] -= factor * upper[j];
    }
  }
  return true;
}

void substitute(const double* a, int n, const int* exchange, double* b) {
  if (by_lapack(n)) {
    char transposed = 'T';
    int one = 1, info = 0;
    routines()->dgetrs(&transposed, &n, &one, const_cast<double*>(a), &n, const_cast<int*>(exchange), b, &n, &info);
    return;
  }
  const MatrixView m{const_cast<double*>(a), n};
  for (int k = 0; k < n; ++k) std::swap(b[k], b[exchange[k]]);
  for (int i = 1; i < n; ++i) b[i] -= dot(m.row(i), b, i);
  for (int i = n - 1; i >= 0; --i) b[i] = (b[i] - dot(m.row(i) + i + 1, b + i + 1, n - 1 - i)) / m(i, i);
}

}  // namespace fastcalc
