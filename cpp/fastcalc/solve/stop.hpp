// solve: when to stop. Each status has its formula beside it.
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

  /// `steepest`: max_j |cos(J_j, r)| over the free columns; `offset`: the cosine of the angle between r and their span.
  Status at(const Point& point, double steepest, double offset) {
    steepest_ = steepest;
    // |r| ≤ 4 ε min_j |x_j| |J_j|: rounding any one of the parameters changes r by as much.
    if (point.norm <= 4 * epsilon * point.least || point.norm == 0) return Status::residual_zero;
    // max_j |J_jᵀ r| / (|J_j| |r|) ≤ gtol, or r is orthogonal to all of the tangent plane to within rounding.
    if (steepest <= options_.gtol || offset <= 16 * epsilon) return Status::gradient_small;
    return Status::running;
  }

  /// The change of |r|² that its own rounding can make: of the sum, and of f in r = f − y, where f is of the size of the signal.
  static double resolution(const Point& point) { return 8 * epsilon * (1 + point.signal / point.norm); }

  /// `reached`: where the trial ended if it was taken, else where it began; scaled_x = |D x| there.
  Status after(const Trial& trial, const Point& reached, double radius, double scaled_x) {
    // |actual| ≤ ftol, predicted ≤ ftol, actual ≤ 2 predicted.
    const bool cost = std::abs(trial.actual) <= options_.ftol && trial.predicted <= options_.ftol && trial.ratio <= 2;
    // radius ≤ xtol |D x|.
    const bool step = radius <= options_.xtol * scaled_x;
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
