// linalg: see blas.hpp.
#include "blas.hpp"

#include <algorithm>
#include <limits>

#include "routines.hpp"

namespace fastcalc {
namespace {

// A matrix as Fortran reads it: one of its strides is 1, the other is the leading dimension. 'N': the first axis has stride 1.
struct Layout {
  char transposed;
  int leading;
  bool fits;
};

Layout layout(std::int64_t first, std::int64_t second, std::int64_t first_extent, std::int64_t second_extent) {
  constexpr std::int64_t largest = std::numeric_limits<int>::max();
  if ((first == 1 || first_extent == 1) && second >= first_extent && second <= largest) return {'N', static_cast<int>(second), true};
  if ((second == 1 || second_extent == 1) && first >= second_extent && first <= largest) return {'T', static_cast<int>(first), true};
  return {'N', 0, false};
}

}  // namespace

bool is_worth_blas(std::int64_t rows, std::int64_t columns, std::int64_t terms) {
  return rows * columns * terms >= 8000 && std::min({rows, columns, terms}) > 1;
}

bool blas_multiply(const BlasProduct& p) {
  const Routines* const lib = routines();
  constexpr std::int64_t largest = std::numeric_limits<int>::max();
  if (!lib || !is_worth_blas(p.rows, p.columns, p.terms) || std::max({p.rows, p.columns, p.terms}) > largest) return false;
  // Fortran's C = A B with C's columns contiguous is our outᵀ = yᵀ xᵀ.
  if (p.out_column != 1 || p.out_row < p.columns || p.out_row > largest) return false;
  const Layout a = layout(p.y_column, p.y_term, p.columns, p.terms), b = layout(p.x_term, p.x_row, p.terms, p.rows);
  if (!a.fits || !b.fits) return false;
  char transa = a.transposed, transb = b.transposed;
  int m = static_cast<int>(p.columns), n = static_cast<int>(p.rows), k = static_cast<int>(p.terms);
  int lda = a.leading, ldb = b.leading, ldc = static_cast<int>(p.out_row);
  double one = 1;
  lib->dgemm(&transa, &transb, &m, &n, &k, &one, const_cast<double*>(p.y), &lda, const_cast<double*>(p.x), &ldb, &one, p.out, &ldc);
  return true;
}

}  // namespace fastcalc
