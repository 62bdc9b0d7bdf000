// linalg: see factorise.hpp.
#include "factorise.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "routines.hpp"

namespace fastcalc {
namespace {

std::size_t area(int m, int n) { return static_cast<std::size_t>(m) * static_cast<std::size_t>(n); }

// From rows to columns, or back with m and n exchanged; tile by tile, so that both sides stay in cache.
void transpose(int m, int n, const double* a, double* out) {
  constexpr int tile = 16;
  for (int row = 0; row < m; row += tile)
    for (int column = 0; column < n; column += tile)
      for (int i = row; i < std::min(row + tile, m); ++i)
        for (int j = column; j < std::min(column + tile, n); ++j) out[area(j, m) + i] = a[area(i, n) + j];
}

/// C = A B, all by columns; A (m, k), B (k, n).
void multiply(int m, int n, int k, double* a, double* b, double* c) {
  char as_is = 'N';
  double one = 1, zero = 0;
  routines()->dgemm(&as_is, &as_is, &m, &n, &k, &one, a, &m, b, &k, &zero, c, &m);
}

int sign_of_exchanges(int n, const double* pivots) {
  int sign = 1;
  for (int i = 0; i < n; ++i)
    if (pivots[i] != i + 1) sign = -sign;
  return sign;
}

int sign_of_determinant(int n, const double* a, Scratch& scratch) {
  double* lu = scratch.numbers(area(n, n) + n);
  lu_factorise(n, a, lu, scratch);
  double both[2];
  lu_sign_and_log(n, lu, both);
  return both[0] < 0 ? -1 : 1;
}

}  // namespace

void lu_factorise(int n, const double* a, double* lu, Scratch& scratch) {
  int* pivots = scratch.integers(n);
  int info = 0;
  transpose(n, n, a, lu);
  routines()->dgetrf(&n, &n, lu, &n, pivots, &info);
  std::copy_n(pivots, n, lu + area(n, n));
}

Status lu_solve(int n, int k, int count, const double* lu, bool transposed, const double* b, double* x, Scratch& scratch) {
  for (int i = 0; i < n; ++i)
    if (lu[area(i, n) + i] == 0) return Status::singular_matrix;
  int* pivots = scratch.integers(n);
  std::copy_n(lu + area(n, n), n, pivots);
  char which = transposed ? 'T' : 'N';
  int info = 0;
  const auto solve = [&](int columns, double* in_place) {
    routines()->dgetrs(&which, &n, &columns, const_cast<double*>(lu), &n, pivots, in_place, &n, &info);
  };
  if (k == 1) {  // vectors one behind the other are the columns of one matrix
    std::copy_n(b, area(n, count), x);
    solve(count, x);
    return Status::running;
  }
  double* columns = scratch.numbers(area(n, k));
  for (int i = 0; i < count; ++i, b += area(n, k), x += area(n, k)) {
    transpose(n, k, b, columns);
    solve(k, columns);
    transpose(k, n, columns, x);
  }
  return Status::running;
}

double lu_determinant(int n, const double* lu) {
  double product = sign_of_exchanges(n, lu + area(n, n));
  for (int i = 0; i < n; ++i) product *= lu[area(i, n) + i];
  return product;
}

void lu_sign_and_log(int n, const double* lu, double* both) {
  both[0] = sign_of_exchanges(n, lu + area(n, n));
  both[1] = 0;
  for (int i = 0; i < n; ++i) {
    const double pivot = lu[area(i, n) + i];
    both[0] *= pivot > 0 ? 1 : pivot < 0 ? -1 : pivot;
    both[1] += std::log(std::abs(pivot));
  }
}

// det A · A⁻ᵀ; G. W. Stewart, "On the adjugate matrix" (1998): also accurate where A is all but singular. Where it is singular, of its
// parts: the cofactors of a product are the product of the cofactors, those of an orthogonal U are det U · U, and those of the singular
// values are the products of all the others.
Status cofactor_matrix(int n, const double* a, double* out, Scratch& scratch) {
  double *lu = scratch.numbers(area(n, n) + n), *identity = scratch.numbers(area(n, n));
  lu_factorise(n, a, lu, scratch);
  std::fill_n(identity, area(n, n), 0.0);
  for (int i = 0; i < n; ++i) identity[area(i, n) + i] = 1;
  if (lu_solve(n, n, 1, lu, true, identity, out, scratch) == Status::running) {
    const double determinant = lu_determinant(n, lu);
    for (double* entry = out; entry < out + area(n, n); ++entry) *entry *= determinant;
    return Status::running;
  }
  double *u = scratch.numbers(area(n, n)), *values = scratch.numbers(n), *vt = scratch.numbers(area(n, n));
  const Status status = singular_decompose(n, n, a, u, values, vt, scratch);
  if (status != Status::running) return status;
  const double sign = sign_of_determinant(n, u, scratch) * sign_of_determinant(n, vt, scratch);
  for (int j = 0; j < n; ++j) {
    double others = sign;
    for (int i = 0; i < n; ++i)
      if (i != j) others *= values[i];
    for (double* entry = u + area(j, n); entry < u + area(j + 1, n); ++entry) *entry *= others;
  }
  multiply(n, n, n, u, vt, identity);
  transpose(n, n, identity, out);
  return Status::running;
}

Status cholesky_factorise(int n, const double* a, double* l, Scratch& scratch) {
  double* columns = scratch.numbers(area(n, n));
  transpose(n, n, a, columns);
  char lower = 'L';
  int info = 0;
  routines()->dpotrf(&lower, &n, columns, &n, &info);
  if (info != 0) return Status::not_positive_definite;
  transpose(n, n, columns, l);
  for (int i = 0; i < n; ++i) std::fill(l + area(i, n) + i + 1, l + area(i + 1, n), 0.0);
  return Status::running;
}

Status eigen_decompose(int n, const double* a, double* values, double* vectors, Scratch& scratch) {
  char job = vectors ? 'V' : 'N', lower = 'L';
  int info = 0, ask = -1, integers = 0;
  double best = 0;
  routines()->dsyevd(&job, &lower, &n, nullptr, &n, nullptr, &best, &ask, &integers, &ask, &info);
  int size = static_cast<int>(best);
  double* work = scratch.numbers(size + (vectors ? 0 : area(n, n)));
  double* columns = vectors ? vectors : work + size;
  transpose(n, n, a, columns);
  routines()->dsyevd(&job, &lower, &n, columns, &n, values, work, &size, scratch.integers(integers), &integers, &info);
  return info == 0 ? Status::running : Status::no_convergence;
}

void qr_factorise(int m, int n, const double* a, double* q, double* r, Scratch& scratch) {
  transpose(m, n, a, q);
  int info = 0, ask = -1;
  double first = 0, second = 0;
  routines()->dgeqrf(&m, &n, nullptr, &m, nullptr, &first, &ask, &info);
  routines()->dorgqr(&m, &n, &n, nullptr, &m, nullptr, &second, &ask, &info);
  int size = static_cast<int>(std::max(first, second));
  double* tau = scratch.numbers(static_cast<std::size_t>(n) + size);
  routines()->dgeqrf(&m, &n, q, &m, tau, tau + n, &size, &info);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) r[area(i, n) + j] = i <= j ? q[area(j, m) + i] : 0;
  routines()->dorgqr(&m, &n, &n, q, &m, tau, tau + n, &size, &info);
}

Status singular_decompose(int m, int n, const double* a, double* u, double* values, double* vt, Scratch& scratch) {
  char job = u ? 'S' : 'N';
  int k = std::min(m, n), info = 0, ask = -1;
  double best = 0;
  int* integers = scratch.integers(8 * static_cast<std::size_t>(k));
  routines()->dgesdd(&job, &m, &n, nullptr, &m, nullptr, nullptr, &m, nullptr, &k, &best, &ask, integers, &info);
  int size = static_cast<int>(best);
  double* work = scratch.numbers(size + area(m, n));
  transpose(m, n, a, work + size);
  routines()->dgesdd(&job, &m, &n, work + size, &m, values, u, &m, vt, &k, work, &size, integers, &info);
  return info == 0 ? Status::running : Status::no_convergence;
}

Status pseudo_inverse(int m, int n, const double* a, double rcond, double* out, Scratch& scratch) {
  const int k = std::min(m, n);
  double *u = scratch.numbers(area(m, k)), *values = scratch.numbers(k), *vt = scratch.numbers(area(k, n));
  const Status status = singular_decompose(m, n, a, u, values, vt, scratch);
  if (status != Status::running) return status;
  int rank = 0;
  for (int j = 0; j < k; ++j) {
    const bool counts = values[j] > rcond * values[0];
    rank += counts;
    for (double* entry = u + area(j, m); entry < u + area(j + 1, m); ++entry) *entry = counts ? *entry / values[j] : 0;
  }
  multiply(m, n, k, u, vt, out);  // A⁺ᵀ = U S⁻¹ Vᵀ by columns is A⁺ by rows
  out[area(m, n)] = rank;
  return Status::running;
}

}  // namespace fastcalc
