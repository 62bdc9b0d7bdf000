// solve: which step to take towards a root of F. Powell's dogleg in the scaled variables y = D p (Powell 1970, in Rabinowitz, Numerical
// Methods for Nonlinear Algebraic Equations; MINPACK's dogleg).
//
// Comes in: F and J at a point. Goes out: x + p with |D p| ≤ radius: Newton's step where it is short enough, else the point at which the
// path from x over the minimum of |F + J p| along its gradient to Newton's step leaves the region. D_j is the largest norm that column j
// of J has had, so that the steps do not depend on the variables' units.
#pragma once

#include "../jacobian.hpp"
#include "../memory.hpp"
#include "../trial.hpp"

namespace fastcalc {

/// F and J at x.
struct RootPoint {
  RootPoint(Memory& memory, std::size_t n, std::size_t entries)
      : x(memory.take(n)), values(memory.take(n + entries)), jacobian(values + n) {}
  static std::size_t size(std::size_t n, std::size_t entries) { return 2 * n + entries; }

  double* x;
  double* values;
  double* jacobian;  // right behind the values
  double norm = 0;   // |F|
};

class Dogleg {
 public:
  Dogleg(Memory& memory, int n, JacobianAlgebra& algebra);
  static std::size_t size(std::size_t n) { return 7 * n; }

  /// Solves with J at the point.
  void linearize(const RootPoint& point);

  /// Writes x + p.
  Trial step(const RootPoint& point, double radius, double* next);

  double newton_length() const { return newton_length_; }  // |D p| of Newton's step; inf where J is singular
  double steepest() const { return steepest_; }            // max_j |cos(J_j, F)|
  double scaled_norm(const double* x) const;               // |D x|

  /// 100 times the scaled start, or, from the origin, 100 times |F| (Moré 1978).
  double first_radius(const RootPoint& point) const {
    const double scaled_x = scaled_norm(point.x);
    return 100 * (scaled_x > 0 ? scaled_x : point.norm);
  }

 private:
  void find_cauchy(const RootPoint& point);

  int n_;
  JacobianAlgebra& algebra_;
  double* scale_;
  double* newton_;    // D p of Newton's step
  double* gradient_;  // D⁻¹ Jᵀ F / |F|
  double* y_;
  double* work_;
  double* image_;
  double* column_norms_;
  double newton_length_ = 0, steepest_ = 0, gradient_length_ = 0, cauchy_length_ = 0;
  bool has_cauchy_ = false;  // wanted only where Newton's step is too long
};

}  // namespace fastcalc
