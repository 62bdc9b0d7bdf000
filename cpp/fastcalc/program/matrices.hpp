// program: the operations of linear algebra. Each takes whole C-ordered arrays of matrices, the last axes being the matrix and all
// before them a batch, and makes one array: what it has to tell of a matrix, one part behind the other.
//
//                        operands            result, for each matrix of the batch
//   lu                   A (n, n)            L and U in one, by columns (n n), then the rows exchanged (n)
//   lu_solve             lu, B (n, k)        X (n, k) with A X = B; the batch of lu is that of B, or its last axes
//   lu_solve_transposed                      … with Aᵀ X = B
//   lu_det               lu                  det A
//   lu_slogdet           lu                  its sign, log|det A|
//   cofactors            A (n, n)            ∂det A/∂A = det A · A⁻ᵀ (n, n), also where A is singular
//   cholesky             A (n, n)            L (n, n), lower, with L Lᵀ = A; the lower triangle of A is read
//   eigvalsh             A (n, n)            eigenvalues, rising (n); the lower triangle of A is read
//   eigh                 A (n, n)            the same, then the eigenvectors one behind the other (n n)
//   qr                   A (m, n), m ≥ n     Q by columns (m n), then R by rows (n n)
//   svdvals              A (m, n)            singular values, falling (k), k = min(m, n)
//   svd                  A (m, n)            U by columns (m k), singular values (k), Vᵀ by columns (k n)
//   pinv                 A (m, n), rcond     A⁺ (n, m), then the rank: singular values above rcond · the largest (a single number) count
//
//   call                 x, of any shape     what a function of the outside makes of it, in the shape that this one has
#pragma once

#include "../ops/op.hpp"
#include "view.hpp"

namespace fastcalc {

struct MatrixSizes {
  std::int64_t batches;        ///< of the result
  std::int64_t first_batches;  ///< of the first operand, which is gone through again and again
  std::int64_t rows, columns;  ///< of A; of B for lu_solve
};

inline bool is_matrix(Op op) { return info(op).kind == OpKind::matrix; }
inline bool reads_lu(Op op) { return op == Op::lu_solve || op == Op::lu_solve_transposed || op == Op::lu_det || op == Op::lu_slogdet; }

/// From the shapes of the operands; throws std::invalid_argument where they do not fit.
MatrixSizes matrix_sizes(Op op, const Extents& first, const Extents& second);
Extents matrix_result(Op op, const Extents& first, const Extents& second);

}  // namespace fastcalc
