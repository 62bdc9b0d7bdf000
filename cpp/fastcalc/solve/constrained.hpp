// solve: minimisation under constraints, min f(x), b ≤ c(x) ≤ B in a box, and what must hold at a minimum.
//
// Comes in: an Objective, Equations for c, the Hessian of their Lagrangian, a start, tolerances. Goes out: ConstrainedResult. This is the
// header for callers. The method is the primal-dual interior point of Wächter and Biegler (2006, Math. Program. 106, 25; "WB" below),
// which without inequalities and bounds is Newton's method on Lagrange's equations; its last steps are those of an active set.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "problem.hpp"
#include "watch.hpp"

namespace fastcalc {

struct ConstrainedOptions {
  double tolerance = 1e-9;  // of the conditions of Karush, Kuhn and Tucker, as Errors in barrier.hpp scales them
  Limits limits;
};

/// Multipliers have the sign of ∂f*/∂b: what the minimum rises by, when the value that a constraint or a bound holds rises by 1. So
/// ∇f = Jᵀy + z: y ≥ 0 for a constraint held at its lower value, ≤ 0 at its upper, any for an equation, 0 for one that is not active.
struct ConstrainedResult {
  Status status = Status::running;
  std::vector<double> x;  // n, inside the box
  double f = 0;
  std::vector<double> gradient;           // n
  std::vector<double> constraints;        // m, c(x)
  std::vector<double> jacobian;           // m × n
  std::vector<double> multipliers;        // m, y
  std::vector<double> bound_multipliers;  // n, z
  std::vector<double> hessian;            // n × n, of f − yᵀc
  std::vector<int> active;                // m then n: −1 at the lower value, +1 at the upper, 0 between or an equation or fixed
  double residual = 0;                    // max |∇f − Jᵀy − z|
  double violation = 0;                   // max_j |c_j − nearest value allowed|
  double curvature = 0;                   // the least eigenvalue of the Hessian where the active constraints are flat; +inf at a corner
  std::vector<int> dependent;             // the active constraints whose gradients are combinations of others'
  std::vector<int> violated;              // where no feasible point was found: the constraints that cannot all hold there
  std::int64_t iterations = 0;
  std::int64_t evaluations = 0;  // of f or c
  std::int64_t derivatives = 0;  // of gradient and Jacobian
};

/// Bounds are empty or hold n (or m) numbers, ±inf for none; equal ones fix x[i], or make an equation of c[j]. No lower bound exceeds its
/// upper. The start is moved into the box.
ConstrainedResult minimize_constrained(Objective& objective, Equations& constraints, Lagrangian& lagrangian, std::span<const double> start,
                                       std::span<const double> lower, std::span<const double> upper,
                                       std::span<const double> constraint_lower, std::span<const double> constraint_upper,
                                       const ConstrainedOptions& options, Interrupt* interrupt, Observer* observer);

}  // namespace fastcalc
