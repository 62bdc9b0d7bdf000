// solve: the end of a constrained minimisation: which constraints are active, the last digits, and whether it is a minimum.
//
// Comes in: a point that an interior point has brought near a solution. Goes out: the same point as the solution of Lagrange's equations of
// the active constraints alone, exact to rounding; the Hessian in their tangent space; dependent gradients.
#pragma once

#include "../linalg/symmetric_indefinite.hpp"
#include "barrier.hpp"

namespace fastcalc {

class ActiveSet {
 public:
  explicit ActiveSet(Barrier& barrier);

  /// By the multipliers: a bound is active if it pushes harder than it is far.
  void find(const PrimalDual& at);

  /// Newton steps on ∇f + Jᵀλ = 0, c = its bound, over the x that no bound holds, as long as they help; a bound that would have to pull is
  /// let go. Replaces `at`, and says so, where all multipliers have the sign of a minimum, nothing is violated, and the errors are no
  /// larger.
  Status polish(PrimalDual& at, bool& polished);

  /// Multipliers of the bounds that are exactly what the gradient leaves there; slacks at their bounds.
  void settle(PrimalDual& at) const;

  /// The least eigenvalue of the Hessian over the directions that the active constraints leave, `direction` (n) being one of least
  /// curvature.
  Status curvature(const PrimalDual& at, double& least, Numbers& direction);

  bool is_active(int i) const { return side_[i] != 0 || barrier_.fixed(i); }
  int side(int i) const { return side_[i]; }
  const std::vector<int>& dependent() const { return dependent_; }
  const Numbers& hessian() const { return hessian_; }

 private:
  Status polish_held(PrimalDual& at, bool& polished);
  Status solve(PrimalDual& best);
  bool newton(const PrimalDual& at, Numbers& dx, Numbers& multipliers);
  double error(const PrimalDual& at) const;
  bool feasible(const PrimalDual& at) const;
  bool let_go(const PrimalDual& at);
  void hold(PrimalDual& at) const;
  double reduced_gradient(const PrimalDual& at, int i) const;

  Barrier& barrier_;
  int n_, m_;
  std::vector<int> side_;  // of w: −1 at the lower bound, 1 at the upper
  std::vector<int> dependent_;
  Numbers hessian_;
  double error_ = 0;  // of what `solve` found
  Numbers memory_;
  SymmetricIndefinite factor_;
};

}  // namespace fastcalc
