// solve: when to stop fitting. Each status has its formula beside it.
//
// Comes in: a point, or a trial step and the radius after it. Goes out: `running`, or why the loop ends. The tests on ftol, xtol
// and gtol are MINPACK's (lmder, info 1 to 4); the others say when double precision is exhausted.
#pragma once

#include <cmath>
#include <limits>

#include "../base/status.hpp"
#include "least_squares.hpp"
#include "point.hpp"
#include "trial.hpp"

namespace fastcalc {

class Stop {
 public:
  explicit Stop(const LeastSquaresOptions& options) : options_(options) {}

  template <class Descent>
  Status at(const Point& point, const Descent& descent) {
    steepest_ = descent.steepest();
    // |r| ≤ 4 ε min_j |x_j| |J_j|: rounding any one of the parameters changes r by as much.
    if (point.norm <= 4 * epsilon * point.least || point.norm == 0) return Status::residual_zero;
    // max_j |J_jᵀ r| / (|J_j| |r|) ≤ gtol, or r is orthogonal to all of the tangent plane to within rounding.
    if (steepest_ <= options_.gtol || descent.offset() <= 16 * epsilon) return Status::gradient_small;
    return Status::running;
  }

  /// What is expected to be the last point is evaluated as the covariance will want it.
  bool may_be_last(const Trial& trial, const Point& current) const { return current.triangular || trial.predicted <= options_.ftol; }

  /// `reached`: where the trial ended if it was taken, else where it began.
  template <class Descent>
  Status after(const Trial& trial, const Point& reached, const Reach& reach, const Descent& descent) {
    // |actual| ≤ ftol, predicted ≤ ftol, actual ≤ 2 predicted.
    const bool cost = std::abs(trial.actual) <= options_.ftol && trial.predicted <= options_.ftol && trial.ratio <= 2;
    // radius ≤ xtol |D x|.
    const bool step = reach.length <= options_.xtol * descent.scaled_norm(reached.x);
    if (cost && step && trial.accepted) return Status::cost_and_step_settled;
    if (cost) return Status::cost_settled;
    if (step) return trial.accepted ? Status::step_small : without_reduction(reached);
    // The promised reductions are below the rounding error of |r|² and no longer fall from step to step: they are noise too. (While
    // they fall, however slowly, the parameters still gain digits: Thurber, MGH09 and ENSO of NIST's sets need it.)
    const bool exhausted = trial.unresolved && trial.predicted > 0.9 * predicted_;
    predicted_ = trial.predicted;
    return exhausted ? Status::cost_settled : Status::running;
  }

  /// When x + p is x.
  Status without_motion(const Trial& trial, const Point& point) const {
    return trial.damping == 0 ? Status::step_small : without_reduction(point);
  }

 private:
  static constexpr double epsilon = std::numeric_limits<double>::epsilon();

  // The region has shrunk to nothing: that is convergence if r is nearly orthogonal to every column of J, or no more than what a
  // relative change of xtol in the parameters makes. Otherwise J is not the derivative of r, or r is noise.
  Status without_reduction(const Point& point) const {
    const bool converged = steepest_ <= 1e-3 || point.norm <= options_.xtol * point.signal;
    return converged ? Status::step_small : Status::stalled;
  }

  LeastSquaresOptions options_;
  double steepest_ = 1;
  double predicted_ = std::numeric_limits<double>::infinity();  // by the step before
};

}  // namespace fastcalc
