// linalg: Cholesky factorisation, with right-hand sides carried along.
//
// Comes in: [A B], A n × n symmetric (its upper triangle is read). Goes out: [R Q], with RᵀR = A and RᵀQ = B.
#pragma once

#include "matrix.hpp"

namespace fastcalc {

/// In place, in the upper triangle; `columns` ≥ n counts those of B too. False when A is not positive definite.
bool cholesky(MatrixView a, int n, int columns);

}  // namespace fastcalc
