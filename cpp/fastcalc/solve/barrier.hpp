// solve: a problem with constraints, posed for an interior point: in scaled units, with slacks, its bounds replaced by a barrier.
//
// Comes in: f, c and their bounds. Goes out: for w = (x, s), s_j the value that constraint j is to take,
//
//     min f(x) − μ Σ ln(w − L) − μ Σ ln(U − w),   c_j(x) − s_j = 0,
//
// where s_j is fixed for an equation. f and each c_j are divided by what brings their gradients at the start down to 100 (WB, section 3.8).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "problem.hpp"

namespace fastcalc {

using Numbers = std::vector<double>;

/// A point with its multipliers, and what the problem says there; in scaled units.
struct PrimalDual {
  PrimalDual(int n, int m) : w(n + m), multipliers(m), below(n + m), above(n + m), gradient(n), values(m), jacobian(std::size_t(m) * n) {}

  Numbers w;            // x, then the slacks
  Numbers multipliers;  // λ of f + λᵀ(c − s)
  Numbers below;        // of w ≥ L, all ≥ 0
  Numbers above;        // of w ≤ U
  double f = 0;
  Numbers gradient, values, jacobian;
};

/// How far a point is from one that solves the barrier problem: WB (5). Multipliers of thousands lessen the first and the third.
struct Errors {
  double stationarity = 0, feasibility = 0, complementarity = 0;
  double largest() const;
};

class Barrier {
 public:
  Barrier(Objective& objective, Equations& constraints, Lagrangian& lagrangian, std::span<const double> lower,
          std::span<const double> upper, std::span<const double> constraint_lower, std::span<const double> constraint_upper);

  bool has_lower(int i) const;
  bool has_upper(int i) const;
  bool fixed(int i) const { return lower[i] == upper[i]; }
  double clamped(int i, double w) const { return std::clamp(w, lower[i], upper[i]); }
  /// Whether anything is bounded that can move: if not, there is no barrier.
  bool bounded() const;
  /// Constraint j binds nothing.
  bool idle(int j) const { return !has_lower(n + j) && !has_upper(n + j); }

  /// Chooses the scales by the derivatives at x, in the user's units until then.
  Status scale(PrimalDual& at);
  Status evaluate(PrimalDual& at);                   // f and values
  Status differentiate(PrimalDual& at);              // these, gradient and Jacobian
  Status differentiate_constraints(PrimalDual& at);  // values and Jacobian
  Status hessian(const PrimalDual& at, double* hessian);

  /// Moves w inside its bounds (WB, section 3.6), sets the slacks to what the constraints have there, the bounds' multipliers to 1.
  void enter(PrimalDual& at, double share) const;
  /// Slacks of constraints that bind nothing follow them.
  void follow(PrimalDual& at) const;

  double residual(const PrimalDual& at, int j) const { return at.values[j] - at.w[n + j]; }
  double violation(const PrimalDual& at) const;                // |c − s|₁
  double function(const PrimalDual& at, double mu) const;      // of the barrier problem
  double slope(const PrimalDual& at, int i, double mu) const;  // its partial derivative by w_i
  Errors errors(const PrimalDual& at, double mu) const;
  static bool finite(const PrimalDual& at, bool with_derivatives);

  const int n, m;
  Numbers lower, upper;  // of w; those of slacks are a little wider than the constraints'
  Numbers exact_lower, exact_upper;
  double unit = 1;  // scaled f = unit · f
  Numbers units;    // scaled c_j = units_j · c_j
  std::int64_t evaluations = 0, derivatives = 0;

 private:
  Objective& objective_;
  Equations& constraints_;
  Lagrangian& lagrangian_;
  Numbers scaled_multipliers_;
};

}  // namespace fastcalc
