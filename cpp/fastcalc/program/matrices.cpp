// program: see matrices.hpp.
#include "matrices.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace fastcalc {
namespace {

[[noreturn]] void fail(Op op, const char* what) { throw std::invalid_argument(std::string(info(op).name) + ": " + what); }

Extents batch_of(const Extents& shape, std::size_t axes) { return {shape.begin(), shape.end() - static_cast<std::ptrdiff_t>(axes)}; }

bool solves(Op op) { return op == Op::lu_solve || op == Op::lu_solve_transposed; }

// The n of n n + n numbers.
std::int64_t order_of_lu(std::int64_t numbers) {
  std::int64_t n = 0;
  while (n * n + n < numbers) ++n;
  return n;
}

}  // namespace

MatrixSizes matrix_sizes(Op op, const Extents& first, const Extents& second) {
  const std::size_t axes = reads_lu(op) ? 1 : 2;
  if (first.size() < axes || (solves(op) && second.size() < 2)) fail(op, "a matrix has two axes");
  const Extents batch = batch_of(first, axes);
  if (solves(op)) {
    const Extents wanted = batch_of(second, 2);
    if (batch.size() > wanted.size() || !std::equal(batch.rbegin(), batch.rend(), wanted.rbegin())) fail(op, "the batches differ");
    const std::int64_t n = second[second.size() - 2];
    if (first.back() != n * n + n) fail(op, "the matrix and the right-hand side differ in size");
    return {count(wanted), count(batch), n, second.back()};
  }
  if (reads_lu(op)) {
    const std::int64_t n = order_of_lu(first.back());
    return {count(batch), count(batch), n, n};
  }
  const std::int64_t rows = first[first.size() - 2], columns = first.back();
  const bool square = op == Op::lu || op == Op::cofactors || op == Op::cholesky || op == Op::eigvalsh || op == Op::eigh;
  if (square && rows != columns) fail(op, "the matrix is not square");
  if (op == Op::qr && rows < columns) fail(op, "the matrix has more columns than rows");
  if (op == Op::pinv && count(second) != 1) fail(op, "rcond is a single number");
  return {count(batch), count(batch), rows, columns};
}

Extents matrix_result(Op op, const Extents& first, const Extents& second) {
  const MatrixSizes sizes = matrix_sizes(op, first, second);
  const std::int64_t m = sizes.rows, n = sizes.columns, k = std::min(m, n);
  if (solves(op)) return second;
  Extents result = batch_of(first, reads_lu(op) ? 1 : 2);
  switch (op) {
    case Op::lu_det:
      return result;
    case Op::cofactors:
    case Op::cholesky:
      return first;
    case Op::lu_slogdet:
      result.push_back(2);
      return result;
    case Op::lu:
    case Op::eigh:
      result.push_back(n * n + n);
      return result;
    case Op::eigvalsh:
    case Op::svdvals:
      result.push_back(k);
      return result;
    case Op::qr:
      result.push_back(m * n + n * n);
      return result;
    case Op::svd:
      result.push_back(m * k + k + k * n);
      return result;
    case Op::pinv:
      result.push_back(n * m + 1);
      return result;
    default:
      fail(op, "is no operation on matrices");
  }
}

}  // namespace fastcalc
