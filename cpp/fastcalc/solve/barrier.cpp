// solve: see barrier.hpp.
#include "barrier.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/finite.hpp"

namespace fastcalc {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double steepest_gradient = 100;   // WB, section 3.8
constexpr double calm_multiplier = 100;     // s_max of WB (6)
constexpr double one_sided_damping = 1e-4;  // κ_d of WB, section 3.7: the barrier of a w with one bound pulls it back from infinity
constexpr double widening = 1e-8;           // WB, section 3.5: so that also a feasible set without inner points has some

Numbers joined(std::span<const double> first, int n, std::span<const double> second, int m, double none) {
  Numbers all(n + m, none);
  std::copy(first.begin(), first.end(), all.begin());
  std::copy(second.begin(), second.end(), all.begin() + n);
  return all;
}

}  // namespace

double Errors::largest() const { return std::max({stationarity, feasibility, complementarity}); }

Barrier::Barrier(Objective& objective, Equations& constraints, Lagrangian& lagrangian, std::span<const double> lower_bounds,
                 std::span<const double> upper_bounds, std::span<const double> constraint_lower, std::span<const double> constraint_upper)
    : n(objective.size()),
      m(constraints.equations()),
      lower(joined(lower_bounds, n, constraint_lower, m, -infinity)),
      upper(joined(upper_bounds, n, constraint_upper, m, infinity)),
      exact_lower(lower),
      exact_upper(upper),
      units(m, 1.0),
      objective_(objective),
      constraints_(constraints),
      lagrangian_(lagrangian),
      scaled_multipliers_(m) {}

bool Barrier::has_lower(int i) const { return lower[i] > -infinity; }
bool Barrier::has_upper(int i) const { return upper[i] < infinity; }

bool Barrier::bounded() const {
  for (int i = 0; i < n + m; ++i)
    if (!fixed(i) && (has_lower(i) || has_upper(i))) return true;
  return false;
}

Status Barrier::scale(PrimalDual& at) {
  const Status status = differentiate(at);
  if (status != Status::running || !finite(at, true)) return status;
  const auto share = [this](const double* gradient) {
    double steepest = 0;
    for (int i = 0; i < n; ++i)
      if (!fixed(i)) steepest = std::max(steepest, std::abs(gradient[i]));
    return steepest > steepest_gradient ? std::max(steepest_gradient / steepest, 1e-8) : 1.0;
  };
  unit = share(at.gradient.data());
  at.f *= unit;
  for (double& slope : at.gradient) slope *= unit;
  for (int j = 0; j < m; ++j) {
    double* row = at.jacobian.data() + std::size_t(j) * n;
    units[j] = share(row);
    for (int i = 0; i < n; ++i) row[i] *= units[j];
    at.values[j] *= units[j];
    lower[n + j] *= units[j];
    upper[n + j] *= units[j];
    exact_lower[n + j] = lower[n + j];
    exact_upper[n + j] = upper[n + j];
    if (fixed(n + j)) continue;
    lower[n + j] -= widening * std::max(1.0, std::abs(lower[n + j]));
    upper[n + j] += widening * std::max(1.0, std::abs(upper[n + j]));
  }
  return status;
}

Status Barrier::evaluate(PrimalDual& at) {
  ++evaluations;
  Status status = objective_.value(at.w.data(), &at.f);
  if (status == Status::running && m > 0) status = constraints_.values(at.w.data(), at.values.data());
  at.f *= unit;
  for (int j = 0; j < m; ++j) at.values[j] *= units[j];
  follow(at);
  return status;
}

Status Barrier::differentiate(PrimalDual& at) {
  ++evaluations;
  const Status status = objective_.gradient(at.w.data(), &at.f, at.gradient.data());
  at.f *= unit;
  for (double& slope : at.gradient) slope *= unit;
  return status == Status::running ? differentiate_constraints(at) : status;
}

Status Barrier::differentiate_constraints(PrimalDual& at) {
  ++derivatives;
  if (m == 0) return Status::running;
  const Status status = constraints_.jacobian(at.w.data(), at.values.data(), at.jacobian.data());
  for (int j = 0; j < m; ++j) {
    at.values[j] *= units[j];
    for (int i = 0; i < n; ++i) at.jacobian[std::size_t(j) * n + i] *= units[j];
  }
  follow(at);
  return status;
}

// u ∇²f + Σ λ_j u_j ∇²c_j = u (∇²f + Σ (λ_j u_j / u) ∇²c_j).
Status Barrier::hessian(const PrimalDual& at, double* hessian) {
  for (int j = 0; j < m; ++j) scaled_multipliers_[j] = at.multipliers[j] * units[j] / unit;
  const Status status = lagrangian_.hessian(at.w.data(), scaled_multipliers_.data(), hessian);
  for (std::size_t i = 0; i < std::size_t(n) * n; ++i) hessian[i] *= unit;
  return status;
}

void Barrier::enter(PrimalDual& at, double share) const {
  std::copy(at.values.begin(), at.values.end(), at.w.begin() + n);
  for (int i = 0; i < n + m; ++i) {
    const double width = upper[i] - lower[i];
    double inner_lower = lower[i] + std::min(share * std::max(1.0, std::abs(lower[i])), share * width);
    double inner_upper = upper[i] - std::min(share * std::max(1.0, std::abs(upper[i])), share * width);
    if (!has_lower(i)) inner_lower = -infinity;
    if (!has_upper(i)) inner_upper = infinity;
    at.w[i] = fixed(i) ? lower[i] : std::clamp(at.w[i], inner_lower, std::max(inner_lower, inner_upper));
    at.below[i] = has_lower(i) && !fixed(i) ? 1 : 0;
    at.above[i] = has_upper(i) && !fixed(i) ? 1 : 0;
  }
}

void Barrier::follow(PrimalDual& at) const {
  for (int j = 0; j < m; ++j)
    if (idle(j)) at.w[n + j] = at.values[j];
}

double Barrier::violation(const PrimalDual& at) const {
  double sum = 0;
  for (int j = 0; j < m; ++j) sum += std::abs(residual(at, j));
  return sum;
}

double Barrier::function(const PrimalDual& at, double mu) const {
  double logarithms = 0, pull = 0;
  for (int i = 0; i < n + m; ++i) {
    if (fixed(i)) continue;
    if (has_lower(i)) logarithms += std::log(at.w[i] - lower[i]);
    if (has_upper(i)) logarithms += std::log(upper[i] - at.w[i]);
    if (has_lower(i) && !has_upper(i)) pull += at.w[i] - lower[i];
    if (has_upper(i) && !has_lower(i)) pull += upper[i] - at.w[i];
  }
  return mu > 0 ? at.f - mu * logarithms + one_sided_damping * mu * pull : at.f;
}

double Barrier::slope(const PrimalDual& at, int i, double mu) const {
  double slope = i < n ? at.gradient[i] : 0;
  if (fixed(i) || mu == 0) return slope;
  if (has_lower(i)) slope -= mu / (at.w[i] - lower[i]);
  if (has_upper(i)) slope += mu / (upper[i] - at.w[i]);
  if (has_lower(i) && !has_upper(i)) slope += one_sided_damping * mu;
  if (has_upper(i) && !has_lower(i)) slope -= one_sided_damping * mu;
  return slope;
}

Errors Barrier::errors(const PrimalDual& at, double mu) const {
  Errors errors;
  double sum = 0, bounds = 0;
  int count = m, bound_count = 0;
  for (int j = 0; j < m; ++j) {
    sum += std::abs(at.multipliers[j]);
    errors.feasibility = std::max(errors.feasibility, std::abs(residual(at, j)));
  }
  for (int i = 0; i < n + m; ++i) {
    if (fixed(i)) continue;
    double slope = i < n ? at.gradient[i] : -at.multipliers[i - n];
    for (int j = 0; i < n && j < m; ++j) slope += at.jacobian[std::size_t(j) * n + i] * at.multipliers[j];
    errors.stationarity = std::max(errors.stationarity, std::abs(slope - at.below[i] + at.above[i]));
    if (has_lower(i)) errors.complementarity = std::max(errors.complementarity, std::abs((at.w[i] - lower[i]) * at.below[i] - mu));
    if (has_upper(i)) errors.complementarity = std::max(errors.complementarity, std::abs((upper[i] - at.w[i]) * at.above[i] - mu));
    bounds += at.below[i] + at.above[i];
    bound_count += has_lower(i) + has_upper(i);
  }
  const auto calmed = [](double total, int terms) { return std::max(calm_multiplier, terms ? total / terms : 0.0) / calm_multiplier; };
  errors.stationarity /= calmed(sum + bounds, count + bound_count);
  errors.complementarity /= calmed(bounds, bound_count);
  return errors;
}

bool Barrier::finite(const PrimalDual& at, bool with_derivatives) {
  if (!std::isfinite(at.f) || !all_finite(at.values)) return false;
  return !with_derivatives || (all_finite(at.gradient) && all_finite(at.jacobian));
}

}  // namespace fastcalc
