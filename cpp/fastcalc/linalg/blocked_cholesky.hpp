// linalg: Cholesky's factor of a large matrix, and the inverse, by BLAS. Comes in: the upper triangle of a positive definite matrix by
// columns. Goes out: R with RᵀR = A; A⁻¹.
//
// The blocks are of one size whatever the machine: LAPACK's dpotrf and dpotri cut the matrix by the number of their threads, and so give
// other bits for each. Between two blocks the interrupt is asked.
#pragma once

#include <cstdint>
#include <vector>

#include "../base/interrupt.hpp"
#include "../base/status.hpp"

namespace fastcalc {

/// A square matrix by columns, of which the upper triangle is used.
struct Upper {
  explicit Upper(int size) : size(size), entry(static_cast<std::size_t>(size) * size) {}
  double& operator()(int i, int j) { return entry[static_cast<std::size_t>(j) * size + i]; }
  int size;
  std::vector<double> entry;
};

/// The leading n rows and columns of A become R; `positive` becomes false where they are not positive definite. Needs `routines()`.
Status factorise_by_blocks(Upper& a, int n, Interrupt*, bool& positive);

/// Of the leading n rows and columns of R: (RᵀR)⁻¹, in the leading part of `inverse`, which comes in as zeros. Needs `routines()`.
Status invert_by_blocks(Upper& factor, int n, Interrupt*, Upper& inverse);

}  // namespace fastcalc
