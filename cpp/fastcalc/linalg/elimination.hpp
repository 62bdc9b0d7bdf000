// linalg: A x = b by elimination with row exchanges, in place and without allocating. Golub and Van Loan, Matrix Computations, 3.4.
//
// Comes in: a square row-major matrix whose rows stand one behind the other. Goes out: its factors in its place. Small matrices are
// eliminated here, since to call LAPACK takes longer than they do; large ones by LAPACK where the border has handed it over.
#pragma once

#include "matrix.hpp"

namespace fastcalc {

/// `exchange` receives n numbers. False when A is singular to the last bit, or not finite.
bool eliminate(double* a, int n, int* exchange);

/// b becomes x, from what `eliminate` left.
void substitute(const double* a, int n, const int* exchange, double* b);

}  // namespace fastcalc
