// solve: nonlinear least squares, min ½|r(x)|² in a box, and what the data say about the solution.
//
// Comes in: a LeastSquaresProblem, a start, bounds, tolerances. Goes out: LeastSquaresResult. This is the header for callers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "problem.hpp"

namespace fastcalc {

/// Tolerances mean what they mean in MINPACK (stop.hpp has the formulas). The defaults ask for all that double precision can
/// give: a Gauss–Newton step near the solution leaves an error of order (last step)², so 1e-20 for the cost and 1e-12 for the
/// step cost one to three iterations more than MINPACK's 1.5e-8 and gain about six digits.
struct LeastSquaresOptions {
  double ftol = 1e-20;
  double xtol = 1e-12;
  double gtol = 0;
  std::int64_t max_evaluations = 1000;
};

struct LeastSquaresResult {
  Status status = Status::running;
  std::vector<double> x;             // n, inside the box
  double sum_of_squares = 0;         // |r|²
  std::vector<double> covariance;    // n × n, (JᵀJ)⁻¹; all inf where rank < free parameters; zero for fixed ones
  std::vector<double> triangle;      // (n+1) × (n+1), R of [J r]; NaN if the run ended before it could be computed
  std::vector<double> undetermined;  // k × n, unit directions along which r does not change to first order
  int rank = 0;                      // of J, without the columns of fixed parameters
  std::vector<int> active;           // −1 at the lower bound, +1 at the upper, 0 inside or fixed
  std::int64_t evaluations = 0;      // calls of gram() and triangle()
  std::int64_t iterations = 0;       // points at which a step was computed
};

/// Levenberg–Marquardt with a trust region (Moré 1978, Lecture Notes in Mathematics 630, 105), scaled by the largest norms that
/// each column of J has had. `lower` and `upper` are empty or hold n numbers, ±inf for none; lower[i] == upper[i] fixes x[i].
/// The start is moved into the box, and x never leaves it.
LeastSquaresResult levenberg_marquardt(LeastSquaresProblem& problem, std::span<const double> start, std::span<const double> lower,
                                       std::span<const double> upper, const LeastSquaresOptions& options, Interrupt* interrupt);

}  // namespace fastcalc
