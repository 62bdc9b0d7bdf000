#include "triangular.hpp"

namespace fastcalc {

void solve_upper(MatrixView r, int n, double* b) {
  for (int i = n - 1; i >= 0; --i) b[i] = (b[i] - dot(r.row(i) + i + 1, b + i + 1, n - i - 1)) / r(i, i);
}

void solve_upper_transposed(MatrixView r, int n, double* b) {
  for (int i = 0; i < n; ++i) {  // by rows of R: what x_i is known to contribute leaves the rest
    b[i] /= r(i, i);
    for (int j = i + 1; j < n; ++j) b[j] -= r(i, j) * b[i];
  }
}

void solve_lower(MatrixView l, int n, double* b) {
  for (int i = 0; i < n; ++i) b[i] = (b[i] - dot(l.row(i), b, i)) / l(i, i);
}

// Row i of X = R⁻¹ from the rows below it: R X = I gives X_i = (e_i − Σ_{k>i} R_ik X_k) / R_ii.
void invert_upper(MatrixView r, int n) {
  for (int i = n - 1; i >= 0; --i) {
    const double pivot = 1 / r(i, i);
    for (int j = n - 1; j > i; --j) {
      double sum = 0;
      for (int k = i + 1; k <= j; ++k) sum += r(i, k) * r(k, j);
      r(i, j) = -pivot * sum;
    }
    r(i, i) = pivot;
  }
}

// Two solves: z from Rᵀ z = d, where each d_i = ±1 is chosen so that z grows, then R y = z; |R⁻¹| ≥ |y|/|z|.
// Cline, Moler, Stewart and Wilkinson 1979, SIAM J. Numer. Anal. 16, 368.
double inverse_norm_estimate(MatrixView r, int n, double* work) {
  std::fill_n(work, n, 0.0);
  for (int i = 0; i < n; ++i) {
    work[i] = (work[i] + std::copysign(1.0, work[i])) / r(i, i);
    for (int j = i + 1; j < n; ++j) work[j] -= r(i, j) * work[i];
  }
  const double before = norm(work, n);
  solve_upper(r, n, work);
  return norm(work, n) / before;
}

}  // namespace fastcalc
