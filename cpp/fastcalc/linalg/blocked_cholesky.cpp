// linalg: see blocked_cholesky.hpp.
#include "blocked_cholesky.hpp"

#include <algorithm>

#include "cholesky.hpp"
#include "routines.hpp"

namespace fastcalc {
namespace {

constexpr int side = 64;

}  // namespace

// Of the blocks [A B; · C]: RᵀR = A, then Rᵀ Z = B, and C − ZᵀZ is what the next block begins with. Golub and Van Loan, 4.2.6.
Status factorise_by_blocks(Upper& a, int n, Interrupt* interrupt, bool& positive) {
  const Routines& blas = *routines();
  char upper = 'U', plain = 'N', transposed = 'T', left = 'L';
  double one = 1, minus_one = -1;
  std::vector<double> block(static_cast<std::size_t>(side) * side);
  for (int k = 0; k < n; k += side) {
    if (interrupt && interrupt->requested()) return Status::interrupted;
    int width = std::min(side, n - k), right = n - k - width;
    const MatrixView rows{block.data(), width};
    for (int i = 0; i < width; ++i)
      for (int j = i; j < width; ++j) rows(i, j) = a(k + i, k + j);
    positive = cholesky(rows, width, width);
    if (!positive) break;
    for (int i = 0; i < width; ++i)
      for (int j = i; j < width; ++j) a(k + i, k + j) = rows(i, j);
    if (right == 0) break;
    blas.dtrsm(&left, &upper, &transposed, &plain, &width, &right, &one, &a(k, k), &a.size, &a(k, k + width), &a.size);
    blas.dsyrk(&upper, &transposed, &right, &width, &minus_one, &a(k, k + width), &a.size, &one, &a(k + width, k + width), &a.size);
  }
  return Status::running;
}

// R T = 1 for some columns of T at a time, which are 0 below their diagonals; A⁻¹ is the sum of their T Tᵀ.
Status invert_by_blocks(Upper& factor, int n, Interrupt* interrupt, Upper& inverse) {
  const Routines& blas = *routines();
  char upper = 'U', plain = 'N', left = 'L';
  double one = 1;
  std::vector<double> block(static_cast<std::size_t>(n) * side);
  for (int k = 0; k < n; k += side) {
    if (interrupt && interrupt->requested()) return Status::interrupted;
    int width = std::min(side, n - k), rows = k + width;
    std::fill(block.begin(), block.end(), 0.0);
    for (int j = 0; j < width; ++j) block[static_cast<std::size_t>(j) * n + k + j] = 1;
    blas.dtrsm(&left, &upper, &plain, &plain, &rows, &width, &one, factor.entry.data(), &factor.size, block.data(), &n);
    blas.dsyrk(&upper, &plain, &rows, &width, &one, block.data(), &n, &one, inverse.entry.data(), &inverse.size);
  }
  return Status::running;
}

}  // namespace fastcalc
