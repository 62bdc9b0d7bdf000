// solve: which step to take towards a root of F. Powell's dogleg in the scaled variables y = D p (Powell 1970, in Rabinowitz, Numerical
// Methods for Nonlinear Algebraic Equations; MINPACK's dogleg).
//
// Comes in: F and J at a point. Goes out: x + p with |D p| ≤ radius: Newton's step where it is short enough, else the point at which the
// path from x over the minimum of |F + J p| along its gradient to Newton's step leaves the region. D_j is the largest norm that column j
// of J has had, so that the steps do not depend on the variables' units.
#pragma once

#include <limits>

#include "../root_point.hpp"

namespace fastcalc {

class Dogleg {
 public:
  /// `xtol`: a step of Newton's that is no longer, relative to x, is the last.
  Dogleg(Memory& memory, int n, JacobianAlgebra& algebra, double xtol);
  static std::size_t size(std::size_t n) { return 7 * n; }

  /// Solves with J at the point.
  Status linearize(SystemOfEquations& system, const RootPoint& point);

  /// Writes x + p. The last step is taken whatever the radius.
  Trial step(SystemOfEquations& system, const RootPoint& point, const Reach& reach, double* next);

  /// Whether Newton's step is so short that it ends the search: |D p| ≤ xtol |D x|, or 4 ε of the start's.
  bool is_last() const { return newton_length_ <= enough_; }
  double rounding() const { return rounding_; }  // ε |D x|
  double steepest() const { return steepest_; }  // max_j |cos(J_j, F)|

  bool restart() { return false; }
  void taken(const RootPoint&, const RootPoint&) {}

  /// 100 times the scaled start, or, from the origin, 100 times |F| (Moré 1978).
  double first_radius(const RootPoint& point) const {
    const double scaled_x = scaled_norm(point.x);
    return 100 * (scaled_x > 0 ? scaled_x : point.norm);
  }

 private:
  void find_cauchy(const RootPoint& point);
  double scaled_norm(const double* x) const;  // |D x|

  int n_;
  JacobianAlgebra& algebra_;
  double xtol_;
  double* scale_;
  double* newton_;    // D p of Newton's step
  double* gradient_;  // D⁻¹ Jᵀ F / |F|
  double* y_;
  double* work_;
  double* image_;
  double* column_norms_;
  double newton_length_ = 0;  // |D p| of Newton's step; inf where J is singular
  double enough_ = 0, rounding_ = 0;
  double least_ = -1;  // 4 ε |D x| of the start, once that is known
  double steepest_ = 0, gradient_length_ = 0, cauchy_length_ = 0;
  bool has_cauchy_ = false;  // wanted only where Newton's step is too long
};

}  // namespace fastcalc
