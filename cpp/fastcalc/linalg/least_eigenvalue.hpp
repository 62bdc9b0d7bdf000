// linalg: the least eigenvalue of a symmetric matrix, and the direction of least curvature.
//
// Comes in: A, n × n. Goes out: λ and v. Inverse iteration with the Cholesky factor of A + σ I, σ the least of a row of shifts for which
// there is one: so the sign of λ is that of a factorisation, λ > 0 exactly where A itself has a Cholesky factor.
#pragma once

#include <vector>

#include "matrix.hpp"

namespace fastcalc {

/// The upper triangle of A is read. `direction` becomes the unit vector v.
double least_eigenvalue(MatrixView a, int n, std::vector<double>& direction);

}  // namespace fastcalc
