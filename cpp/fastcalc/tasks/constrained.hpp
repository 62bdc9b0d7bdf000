// tasks: constraints beside an objective. Comes in: f and c with their first derivatives, the Hessian of f + λᵀc if there is a program for
// it. Goes out: what solve/constrained.hpp asks.
#pragma once

#include <utility>

#include "differences.hpp"

namespace fastcalc {

class ComposedLagrangian final : public Lagrangian {
 public:
  /// `hessian` takes the multipliers in the place of a direction.
  explicit ComposedLagrangian(ProductAt hessian) : hessian_(std::move(hessian)) {}
  Status hessian(const double* x, const double* multipliers, double* hessian) override { return hessian_(x, multipliers, hessian); }

 private:
  ProductAt hessian_;
};

/// Constraints known by their values: c and, behind it, the Jacobian, row-major.
ValueAt jacobian_by_differences(ValueAt values, int n, int m, std::vector<double> lower, std::vector<double> upper);

/// Differences of ∇f + Jᵀλ. Both functions give values and, behind them, derivatives that are right to `accuracy`.
ProductAt lagrangian_by_differences(ValueAt value_and_gradient, ValueAt values_and_jacobian, int n, int m, std::vector<double> lower,
                                    std::vector<double> upper, double accuracy);

}  // namespace fastcalc
