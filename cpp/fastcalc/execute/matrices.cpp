// execute: see matrices.hpp.
#include "matrices.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "../linalg/blas.hpp"
#include "../linalg/routines.hpp"

namespace fastcalc {
namespace {

Status run(Op op, int m, int n, const double* a, const double* second, double* out, Scratch& scratch) {
  const std::ptrdiff_t k = std::min(m, n), rows = m;
  scratch.begin();
  switch (op) {
    case Op::lu:
      return lu_factorise(n, a, out, scratch), Status::running;
    case Op::lu_det:
      return *out = lu_determinant(n, a), Status::running;
    case Op::lu_slogdet:
      return lu_sign_and_log(n, a, out), Status::running;
    case Op::cofactors:
      return cofactor_matrix(n, a, out, scratch);
    case Op::cholesky:
      return cholesky_factorise(n, a, out, scratch);
    case Op::eigvalsh:
      return eigen_decompose(n, a, out, nullptr, scratch);
    case Op::eigh:
      return eigen_decompose(n, a, out, out + n, scratch);
    case Op::qr:
      return qr_factorise(m, n, a, out, out + rows * n, scratch), Status::running;
    case Op::svdvals:
      return singular_decompose(m, n, a, nullptr, out, nullptr, scratch);
    case Op::svd:
      return singular_decompose(m, n, a, out, out + rows * k, out + rows * k + k, scratch);
    case Op::pinv:
      return pseudo_inverse(m, n, a, *second, out, scratch);
    default:
      return Status::running;
  }
}

std::int64_t numbers(Op op, const MatrixSizes& sizes, bool result) {
  const std::int64_t m = sizes.rows, n = sizes.columns;
  return count(result         ? matrix_result(op, reads_lu(op) ? Extents{n * n + n} : Extents{m, n}, {})
               : reads_lu(op) ? Extents{n * n + n}
                              : Extents{m, n});
}

}  // namespace

Status run_matrices(Op op, const MatrixSizes& sizes, const double* first, const double* second, double* out, Scratch& scratch) {
  if (!routines()) throw std::logic_error("linear algebra runs on routines of LAPACK, which nobody has handed over");
  if (std::max({sizes.batches, sizes.rows, sizes.columns}) > std::numeric_limits<int>::max())
    throw std::length_error("a matrix that is too large for LAPACK");
  const int m = static_cast<int>(sizes.rows), n = static_cast<int>(sizes.columns);
  Status status = Status::running;
  if (op == Op::lu_solve || op == Op::lu_solve_transposed) {
    const std::int64_t step = sizes.rows * sizes.columns;
    scratch.begin();
    const int together = sizes.first_batches == 1 ? static_cast<int>(sizes.batches) : 1;
    for (std::int64_t i = 0; i < sizes.batches && status == Status::running; i += together)
      status = lu_solve(m, n, together, first + i % sizes.first_batches * (sizes.rows * sizes.rows + sizes.rows),
                        op == Op::lu_solve_transposed, second + i * step, out + i * step, scratch);
    return status;
  }
  const std::int64_t given = numbers(op, sizes, false), made = numbers(op, sizes, true);
  for (std::int64_t i = 0; i < sizes.batches && status == Status::running; ++i)
    status = run(op, m, n, first + i * given, second, out + i * made, scratch);
  return status;
}

bool needs_routines(const Program& program) {
  return std::any_of(program.code.begin(), program.code.end(), [&](const Instruction& in) {
    if (in.op != Op::contract) return is_matrix(in.op) && in.op != Op::call;
    // The product that contract_arrays finds has at most these sides.
    const View x = program.view(in, 0), y = program.view(in, 1);
    std::int64_t rows = 1, columns = 1, terms = 1;
    for (int axis = 0; axis < in.rank; ++axis) {
      const std::int64_t extent = x.shape[axis];
      if (axis >= in.kept)
        terms *= extent;
      else if (y.strides[axis] == 0)
        rows *= extent;
      else if (x.strides[axis] == 0)
        columns *= extent;
    }
    return is_worth_blas(rows, columns, terms);
  });
}

}  // namespace fastcalc
