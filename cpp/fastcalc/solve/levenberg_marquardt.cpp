// solve: Levenberg–Marquardt = a damped Gauss–Newton descent × a trust region.
#include <limits>

#include "descent/damped_gauss_newton.hpp"
#include "least_squares.hpp"
#include "loop.hpp"
#include "search/trust_region.hpp"
#include "stop.hpp"
#include "uncertainty.hpp"

namespace fastcalc {

namespace {

// Evaluates the start, and sets the unit of the residuals. Where squares overflow or vanish, a triangle need not.
Status begin(Evaluator& evaluator, Point& point) {
  Status status = evaluator.evaluate(point, false);
  if (status != Status::running) return status;
  const bool residuals_finite = std::isfinite(point.norm);
  if (!evaluator.finite(point) || !in_range(point.norm * point.norm)) {
    status = evaluator.evaluate(point, true);
    if (status != Status::running) return status;
    if (!evaluator.finite(point)) return residuals_finite ? Status::jacobian_not_finite : Status::not_finite_at_start;
  }
  if (point.norm > 0) {
    evaluator.unit = std::ldexp(1.0, std::ilogb(point.norm));
    point.norm /= evaluator.unit;
  }
  return status;
}

// Whether the problem can still be asked: it was not the problem, nor the user, that ended the run.
bool evaluable(Status status) { return succeeded(status) || status == Status::max_evaluations || status == Status::stalled; }

}  // namespace

LeastSquaresResult levenberg_marquardt(LeastSquaresProblem& problem, std::span<const double> start, std::span<const double> lower,
                                       std::span<const double> upper, const LeastSquaresOptions& options, Interrupt* interrupt) {
  const int n = problem.parameters();
  const double tolerance = rank_tolerance(problem.residuals(), n);
  Memory memory(Box::size(n) + 2 * Point::size(n) + DampedGaussNewton::size(n));
  const Box box(memory, n, lower, upper);
  Point current(memory, n), next(memory, n);
  for (int i = 0; i < n; ++i) current.x[i] = box.nearest(i, start[i]);

  LeastSquaresResult result;
  Evaluator evaluator(problem);
  result.status = begin(evaluator, current);
  if (result.status == Status::running) {
    DampedGaussNewton descent(memory, n, box, tolerance);
    TrustRegion search;
    Stop stop(options);
    Watch watch({.evaluations = options.max_evaluations}, interrupt, nullptr);
    result.status = loop(evaluator, current, next, descent, search, stop, watch);
    result.iterations = watch.iterations();
  }
  const double norm = current.norm * evaluator.unit;
  result.sum_of_squares = norm * norm;
  if (evaluable(result.status) && !current.triangular) {
    const Status status = evaluator.evaluate(current, true);
    if (status != Status::running) result.status = status;
  }
  result.evaluations = evaluator.evaluations;

  result.x.assign(current.x, current.x + n);
  result.active.resize(n);
  result.covariance.assign(static_cast<std::size_t>(n) * n, 0.0);
  for (int i = 0; i < n; ++i) {
    result.active[i] = box.active(i, current.x[i]);
    for (int j = 0; j < n; ++j)
      if (!box.fixed(i) && !box.fixed(j)) result.covariance[i * n + j] = std::numeric_limits<double>::infinity();
  }
  const std::size_t size = static_cast<std::size_t>(n + 1) * (n + 1);
  if (evaluable(result.status)) {
    result.triangle.assign(current.matrix.data, current.matrix.data + size);
    find_uncertainty(box, tolerance, result);
  } else {
    result.triangle.assign(size, std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

}  // namespace fastcalc
