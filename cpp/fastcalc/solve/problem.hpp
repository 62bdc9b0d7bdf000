// solve: what a method may ask of a function. A method knows no program and no data: it sees only this.
//
// Comes in: a point x. Goes out: the few numbers that a least-squares step needs. Neither the residual vector r nor its
// Jacobian J is ever handed over: a problem may stream its rows and keep nothing.
#pragma once

#include <cstdint>

#include "../base/status.hpp"

namespace fastcalc {

/// The residuals r: R^n → R^m of a least-squares problem.
class LeastSquaresProblem {
 public:
  virtual ~LeastSquaresProblem() = default;
  virtual int parameters() const = 0;
  virtual std::int64_t residuals() const = 0;

  /// The Gram matrix of [J r] at x, (n+1) × (n+1), row-major, both triangles:
  /// JᵀJ in the leading block, Jᵀr in the last column, rᵀr in the corner. Returns `running` when it could be computed
  /// (entries may be inf or NaN where r or J is), else why the loop must end.
  virtual Status gram(const double* x, double* matrix) = 0;

  /// The upper triangular factor R of [J r] = Q R at x, (n+1) × (n+1), row-major, zeros below: the same information as
  /// gram() without squaring the condition number, at up to twice the cost.
  virtual Status triangle(const double* x, double* matrix) = 0;
};

}  // namespace fastcalc
