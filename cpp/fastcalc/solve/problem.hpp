// solve: what a method may ask of a function. A method knows no program and no data: it sees only this.
//
// Comes in: a point x. Goes out: the few numbers that a step needs. A status other than `running` says why the loop must end; values that
// are inf or NaN are no failure: the loop judges them.
#pragma once

#include <cstdint>
#include <vector>

#include "../base/status.hpp"

namespace fastcalc {

/// Which entries of a Hessian are stored: row i has the columns columns[first[i]] … columns[first[i + 1] − 1], of both triangles; and
/// in which order of the variables its elimination makes few new ones.
struct HessianPattern {
  std::vector<std::int64_t> first;
  std::vector<std::int32_t> columns, order;
};

/// f: R^n → R, to be minimised.
class Objective {
 public:
  virtual ~Objective() = default;
  virtual int size() const = 0;  // n
  virtual Status value(const double* x, double* f) = 0;
  /// Both in one run. A caller whose gradient stands right behind f spares a copy.
  virtual Status gradient(const double* x, double* f, double* gradient) = 0;
  /// The entries of this pattern; null: all, n × n, row-major.
  virtual const HessianPattern* pattern() const { return nullptr; }
  virtual Status hessian(const double* x, double* hessian) = 0;
  /// H(x) v, without the matrix.
  virtual Status product(const double* x, const double* v, double* product) = 0;
};

/// F: R^n → R^m: equations F(x) = 0, or constraints.
class Equations {
 public:
  virtual ~Equations() = default;
  virtual int size() const = 0;       // n
  virtual int equations() const = 0;  // m
  virtual Status values(const double* x, double* values) = 0;
  /// Both in one run; the Jacobian as its reader stores it (dense: m × n, row-major). A caller whose Jacobian stands right behind the
  /// values spares a copy.
  virtual Status jacobian(const double* x, double* values, double* jacobian) = 0;
};

/// f + λᵀc, of which a constrained method needs the curvature.
class Lagrangian {
 public:
  virtual ~Lagrangian() = default;
  /// By x; n × n, row-major, both triangles.
  virtual Status hessian(const double* x, const double* multipliers, double* hessian) = 0;
};

/// The residuals r: R^n → R^m of a least-squares problem. Neither r nor its Jacobian J is ever handed over: a problem may stream its rows
/// and keep nothing.
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
