// linalg: solving with a triangular matrix by substitution, in place. Golub and Van Loan, Matrix Computations, 3.1.
//
// Comes in: a triangle with a diagonal without zeros, and a right-hand side. Goes out: the solution, in its place.
#pragma once

#include "matrix.hpp"

namespace fastcalc {

/// R x = b.
void solve_upper(MatrixView r, int n, double* b);

/// Rᵀ x = b.
void solve_upper_transposed(MatrixView r, int n, double* b);

/// L x = b. With L Lᵀ = V, x are the whitened residuals: |x|² = bᵀ V⁻¹ b.
void solve_lower(MatrixView l, int n, double* b);

/// R ← R⁻¹.
void invert_upper(MatrixView r, int n);

/// An estimate from below, seldom by more than a factor of ten, of |R⁻¹|₂ in O(n²). `work` holds n.
double inverse_norm_estimate(MatrixView r, int n, double* work);

}  // namespace fastcalc
