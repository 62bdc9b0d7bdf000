// linalg: matrix products by BLAS. Comes in: a product whose strides BLAS can take. Goes out: the result.
//
// The kernel links no BLAS: the border hands over SciPy's dgemm when it is first wanted (see use_dgemm). Until then, and for small
// products, where the call would cost more than the work, blas_multiply declines and the caller's own loops do it.
#pragma once

#include <cstdint>

namespace fastcalc {

/// out[i, j] += Σ x[i, l] y[l, j], each array with a stride for each of its two axes.
struct BlasProduct {
  std::int64_t rows, columns, terms;
  const double* x;
  std::int64_t x_row, x_term;
  const double* y;
  std::int64_t y_term, y_column;
  double* out;
  std::int64_t out_row, out_column;
};

/// Fortran's DGEMM, as LP64 BLAS and scipy.linalg.cython_blas have it.
using Dgemm = void (*)(char* transa, char* transb, int* m, int* n, int* k, double* alpha, double* a, int* lda, double* b, int* ldb,
                       double* beta, double* c, int* ldc);

void use_dgemm(Dgemm);
bool has_dgemm();

/// Whether it was done.
bool blas_multiply(const BlasProduct& product);

}  // namespace fastcalc
