#include "pivoted_qr.hpp"

#include <numeric>
#include <utility>

namespace fastcalc {

namespace {

// The column whose part below row k is longest: Businger and Golub 1965, Numer. Math. 7, 269. The lengths are summed afresh
// each time: downdating them is cheaper, but loses the small ones, which decide the rank.
int longest_column(MatrixView a, int rows, int columns, int k, double* square) {
  std::fill(square + k, square + columns, 0.0);
  for (int i = k; i < rows; ++i)
    for (int j = k; j < columns; ++j) square[j] += a(i, j) * a(i, j);
  return static_cast<int>(std::max_element(square + k, square + columns) - square);
}

}  // namespace

void pivoted_qr(MatrixView a, int rows, int columns, int right, int* pivot, double* work) {
  std::iota(pivot, pivot + columns, 0);
  for (int k = 0; k < std::min(rows, columns); ++k) {
    const int longest = longest_column(a, rows, columns, k, work);
    if (longest != k) {
      std::swap(pivot[k], pivot[longest]);
      for (int i = 0; i < rows; ++i) std::swap(a(i, k), a(i, longest));
    }
    const double length = norm(&a(k, k), rows - k, a.stride);
    if (length == 0) return;  // nor is there anything left in the other columns
    // The reflection I − τ v vᵀ, v = (A_kk − β, A_k+1…), β = ∓length, τ = −1/(β v_0): Golub and Van Loan, 5.1.
    const double beta = -std::copysign(length, a(k, k));
    a(k, k) -= beta;
    const double tau = -1 / (beta * a(k, k));
    double* weight = work;
    const int all = columns + right;
    std::fill(weight + k + 1, weight + all, 0.0);
    for (int i = k; i < rows; ++i)
      for (int j = k + 1; j < all; ++j) weight[j] += a(i, k) * a(i, j);
    for (int i = k; i < rows; ++i) {
      const double part = tau * a(i, k);
      for (int j = k + 1; j < all; ++j) a(i, j) -= part * weight[j];
      if (i > k) a(i, k) = 0;
    }
    a(k, k) = beta;
  }
}

int rank(MatrixView r, int n, double tolerance) {
  int k = 0;
  while (k < n && std::abs(r(k, k)) > tolerance * std::abs(r(0, 0))) ++k;
  return k;
}

}  // namespace fastcalc
