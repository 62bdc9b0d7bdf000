// derive: linear algebra, forwards and in reverse. Comes in: an operation on matrices of a program that is being recorded, with tangents
// of its operands or the adjoint of its result. Goes out: the tangent of its result or adjoints of its operands, recorded as products,
// solutions and element-wise operations: so that they can be differentiated again.
//
// Sources: [G] M. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic differentiation" (2008);
// [M] I. Murray, "Differentiation of the Cholesky decomposition" (2016); [W] S. Walter, L. Lehmann, "Algorithmic differentiation of
// linear algebra functions with application in optimum experimental design" (2010); [T] J. Townsend, "Differentiating the singular value
// decomposition" (2016); [P] G. Golub, V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
// variables separate" (1973).
//
// cholesky, eigh and eigvalsh read the lower triangle of A, so the derivative by what stands above it is zero, and that by an entry below
// the diagonal is of both the equal ones. Where eigenvalues (singular values) are equal, eigenvectors have no derivative: 1/(λⱼ − λᵢ) is
// infinite, and meets a zero (Op::chain: then it is zero) or makes the derivative inf or NaN.
#pragma once

#include <functional>
#include <optional>

#include "slope.hpp"

namespace fastcalc {

/// `tangent_of`: the tangent of a whole node, nothing where it is zero. `batch`: leading axes that tangents have more than values.
std::optional<Value> tangent_of_matrix(Builder& builder, const Node& node, int batch,
                                       const std::function<std::optional<Value>(const Value&)>& tangent_of);

/// Gives `arrive` the adjoint of each operand, a whole node, for which it `is_wanted`.
void send_matrix(Builder& builder, const Node& node, const Value& adjoint, int batch, const std::function<bool(std::int32_t)>& is_wanted,
                 const std::function<void(const Value&, const Value&)>& arrive);

}  // namespace fastcalc
