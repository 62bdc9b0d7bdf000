// linalg: Householder QR with column pivoting, which reveals the rank of a small matrix.
//
// Comes in: [A B], rows × (columns + right). Goes out: [R QᵀB] in its place with A P = Q R, and which column of A each column of
// R is. Columns should have been scaled to a common length: pivoting compares them.
#pragma once

#include "matrix.hpp"

namespace fastcalc {

/// `pivot` receives `columns` numbers. `work` holds columns + right.
void pivoted_qr(MatrixView a, int rows, int columns, int right, int* pivot, double* work);

/// How many leading diagonal entries of R exceed `tolerance` · |R_00|: the rank of A, when tolerance is the relative
/// rounding error of its columns.
int rank(MatrixView r, int n, double tolerance);

}  // namespace fastcalc
