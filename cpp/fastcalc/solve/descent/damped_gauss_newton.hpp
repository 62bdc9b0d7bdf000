// solve: which step to take. The Levenberg–Marquardt step in a box.
//
// Comes in: a point (point.hpp). Goes out: p = argmin |r + J p|² + λ |D p|² over the components that may move, with λ so that
// |D p| is about the radius. D_j is the largest norm that column j of J has had (Moré 1978, section 4), so that the steps do not
// depend on the parameters' units. Everything is computed in y = D p, from a triangular factor of J D⁻¹.
#pragma once

#include <vector>

#include "../box.hpp"
#include "../point.hpp"
#include "../trial.hpp"
#include "damped.hpp"

namespace fastcalc {

class DampedGaussNewton {
 public:
  /// `tolerance`: relative rounding error of a column of J; a column that differs by less from the others is surplus.
  DampedGaussNewton(Memory& memory, int n, const Box& box, double tolerance);
  static std::size_t size(std::size_t n);

  /// Factors J at the point; where its Gram matrix is not good enough, by the triangle, which is asked for.
  Status linearize(Evaluator& evaluator, Point& point);

  /// Writes x + p.
  Trial step(Evaluator& evaluator, const Point& point, const Reach& reach, double* next);

  /// 100 times the scaled start, or, from the origin, 100 times |r| (Moré 1978).
  double first_radius(const Point& point) const {
    const double scaled_x = scaled_norm(point.x);
    return 100 * (scaled_x > 0 ? scaled_x : point.norm);
  }
  bool restart() { return false; }
  void taken(const Point&, const Point&) {}

  double steepest() const { return steepest_; }  // max_j |cos(J_j, r)| over the components that may move
  double offset() const { return offset_; }      // the cosine of the angle between r and the span of their columns
  double scaled_norm(const double* x) const;     // |D x|

 private:
  bool factor(const Point& point, double unit);
  bool factor_gram(const Point& point, double unit);
  void factor_triangle(const Point& point, double unit);
  double stay_inside(const double* x, double radius, double lambda);
  double solve_moving(double radius, double guess);

  int n_;
  const Box& box_;
  double tolerance_;
  DampedSolver solver_;
  LinearModel model_;    // of the free components; its columns in pivoted order
  LinearModel reduced_;  // of those among them that no bound has stopped
  MatrixView work_;      // where triangles are pivoted
  double* scale_;        // D
  double* y_;            // D p, in the order of model_
  double* reached_;      // how far along the path to y_ the bounds allow
  double* solution_;     // of reduced_
  double* scratch_;
  std::vector<int> lists_;
  int* free_;      // the components of x that may move
  int* variable_;  // the component of x that a column of model_ belongs to
  int* pivot_;
  int* moving_;   // the columns of model_ that no bound has stopped
  int* stopped_;  // −1 or +1 where a bound stopped a column of model_
  double steepest_ = 0, offset_ = 0;
};

}  // namespace fastcalc
