// linalg: matrix products by BLAS. Comes in: a product whose strides BLAS can take. Goes out: the result.
//
// Before the border has handed the routines over, and for small products, where the call would cost more than the work, blas_multiply
// declines and the caller's own loops do it.
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

/// Whether a product is large enough for BLAS: about 20 × 20 × 20. A matrix times a vector is read once, at the memory's speed.
bool is_worth_blas(std::int64_t rows, std::int64_t columns, std::int64_t terms);

/// Whether it was done.
bool blas_multiply(const BlasProduct& product);

}  // namespace fastcalc
