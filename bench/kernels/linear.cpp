// bench: the limit of linear least squares: one pass over a row-major X by hand, XᵀX and Xᵀy in plain double, one Cholesky. It squares
// the condition number and makes no standard errors.
//
// Comes in: X, y. Goes out: the coefficients. The idea: the products of a row with itself are a rank-one update of an array that the
// compiler keeps in registers, or in the L1 cache. C ABI, for ctypes; compiled by __init__.py for the machine that it runs on.
#include <cmath>
#include <cstdint>

namespace {

template <int P>
bool solve(const double* x, const double* y, std::int64_t rows, double* b) {
  constexpr int width = (P + 1 + 7) / 8 * 8;  // [x y], whole registers
  alignas(64) double sum[P][width] = {};
  alignas(64) double row[width] = {};
  for (std::int64_t i = 0; i < rows; ++i, x += P) {
    for (int j = 0; j < P; ++j) row[j] = x[j];
    row[P] = y[i];
    for (int k = 0; k < P; ++k)
#pragma omp simd
      for (int j = 0; j < width; ++j) sum[k][j] += x[k] * row[j];
  }
  for (int k = 0; k < P; ++k) {
    if (!(sum[k][k] > 0)) return false;
    const double pivot = std::sqrt(sum[k][k]);
    for (int j = k; j <= P; ++j) sum[k][j] /= pivot;
    for (int i = k + 1; i < P; ++i)
      for (int j = i; j <= P; ++j) sum[i][j] -= sum[k][i] * sum[k][j];
  }
  for (int k = P - 1; k >= 0; --k) {
    b[k] = sum[k][P];
    for (int j = k + 1; j < P; ++j) b[k] -= sum[k][j] * b[j];
    b[k] /= sum[k][k];
  }
  return true;
}

}  // namespace

extern "C" bool plain_normal_equations(const double* x, const double* y, std::int64_t rows, std::int64_t columns, double* b) {
  switch (columns) {
    case 4:
      return solve<4>(x, y, rows, b);
    case 10:
      return solve<10>(x, y, rows, b);
    case 20:
      return solve<20>(x, y, rows, b);
  }
  return false;
}
