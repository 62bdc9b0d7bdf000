// solve: minimisation under constraints = Newton's method on the conditions of Karush, Kuhn and Tucker × a filter, μ falling to 0.
//
//     step ──▶ as far as the filter lets ──▶ multipliers, μ ──▶ … ──▶ active set: last digits, curvature ──▶ a saddle is left
//                      └──▶ nowhere: back to the constraints (restoration)
#include <algorithm>
#include <cmath>

#include "../base/finite.hpp"
#include "active_set.hpp"
#include "barrier.hpp"
#include "constrained.hpp"
#include "descent/newton_kkt.hpp"
#include "restoration.hpp"
#include "search/filter.hpp"

namespace fastcalc {

namespace {

constexpr double inner_share = 1e-2;  // κ₁ = κ₂ of WB, section 3.6
constexpr double first_mu = 0.1;      // WB, section 3.7, and κ_ε, κ_μ, θ_μ of WB (7)
constexpr double mu_errors = 10, mu_factor = 0.2, mu_power = 1.5;
constexpr double settled = 1e-6;  // errors at which rounding may be what keeps a loop from its tolerance
constexpr double flat = 1e-7;     // a curvature of less than this part of the Hessian's entries is none
constexpr double astray = 1e15;   // a function below −this falls without end
constexpr int most_corrections = 4, most_restorations = 20, most_saddles = 5, most_tiny_steps = 10;

class InteriorPoint {
 public:
  InteriorPoint(Barrier& barrier, const ConstrainedOptions& options, Interrupt* interrupt, Observer* observer)
      : barrier_(barrier),
        options_(options),
        watch_(options.limits, interrupt, observer),
        kkt_(barrier, watch_),
        restoration_(barrier, interrupt),
        current_(barrier.n, barrier.m),
        trial_(barrier.n, barrier.m),
        step_(barrier.n, barrier.m),
        correction_(barrier.n, barrier.m),
        hessian_(std::size_t(barrier.n) * barrier.n),
        residual_(barrier.m) {}

  Status start(std::span<const double> x) {
    std::copy(x.begin(), x.end(), current_.w.begin());
    barrier_.enter(current_, inner_share);
    const Status status = barrier_.scale(current_);
    if (status != Status::running) return status;
    if (!Barrier::finite(current_, false)) return Status::problem_not_finite;
    if (!Barrier::finite(current_, true)) return Status::derivative_not_finite;
    begin();
    watch_.start(sight());
    start_ = current_.w;
    return status;
  }

  Status run() {
    for (;;) {
      const Status status = iterate();
      if (status != Status::running) return status;
    }
  }

  /// From another x, evaluated.
  void begin() {
    barrier_.enter(current_, inner_share);
    mu_ = barrier_.bounded() ? first_mu : 0;
    kkt_.estimate_multipliers(current_);
    filter_.start(barrier_.violation(current_));
  }

  /// False where no such step lowers the function.
  bool leave_saddle(const Numbers& direction, double curvature);

  /// What a point deserves to be called.
  Status judge() const {
    const double error = barrier_.errors(current_, 0).largest();
    return error <= options_.tolerance ? Status::kkt_satisfied : error <= settled ? Status::kkt_settled : Status::no_progress;
  }

  PrimalDual& current() { return current_; }
  std::int64_t iterations() const { return watch_.iterations(); }

 private:
  Status iterate();
  Status search(bool& taken);
  Status correct(const Merit& from, double length, double slope, bool& taken);
  Status restore();
  void take(double length);
  double fraction_to_bounds(const Numbers& w) const;
  double fraction_to_zero() const;
  void place(const Numbers& step, double length);
  Sight sight() const { return {current_.w.data(), barrier_.n, current_.f / barrier_.unit, nullptr}; }
  Merit merit(const PrimalDual& at) const { return {barrier_.violation(at), barrier_.function(at, mu_)}; }
  double keep() const { return std::max(0.99, 1 - mu_); }  // of the way to a bound, the part that is gone at most

  Barrier& barrier_;
  const ConstrainedOptions& options_;
  Watch watch_;
  NewtonKkt kkt_;
  Filter filter_;
  Restoration restoration_;
  PrimalDual current_, trial_;
  KktStep step_, correction_;
  Numbers hessian_, residual_, start_;
  double mu_ = 0;
  int restorations_ = 0, tiny_steps_ = 0;
};

Status InteriorPoint::iterate() {
  const Errors errors = barrier_.errors(current_, 0);
  if (errors.largest() <= options_.tolerance) return judge();
  if (current_.f < -astray && errors.feasibility <= settled) return Status::unbounded;
  if (const Status status = watch_.begin_iteration(); status != Status::running) return status;
  if (const Status status = watch_.look(barrier_.evaluations); status != Status::running) return status;

  const double least_mu = options_.tolerance / (mu_errors + 1);
  while (mu_ > least_mu && barrier_.errors(current_, mu_).largest() <= mu_errors * mu_) {
    mu_ = std::max(least_mu, std::min(mu_factor * mu_, std::pow(mu_, mu_power)));
    filter_.clear();
  }
  if (const Status status = barrier_.hessian(current_, hessian_.data()); status != Status::running) return status;
  bool taken = false;
  Status status = all_finite(hessian_) ? kkt_.factor(current_, hessian_, mu_) : Status::no_progress;
  if (status == Status::running) {
    for (int j = 0; j < barrier_.m; ++j) residual_[j] = barrier_.residual(current_, j);
    kkt_.solve(current_, mu_, residual_, step_);
    if (all_finite(step_.w) && all_finite(step_.multipliers)) status = search(taken);
  }
  if (status != Status::running && status != Status::no_progress) return status;
  if (taken) return watch_.end_iteration(sight());
  return errors.largest() <= settled ? judge() : restore();
}

// The longest step, at most 1, that keeps a part of each distance to a bound: WB (15).
double InteriorPoint::fraction_to_bounds(const Numbers& step) const {
  double length = 1;
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    if (barrier_.fixed(i)) continue;
    if (barrier_.has_lower(i) && step[i] < 0) length = std::min(length, keep() * (current_.w[i] - barrier_.lower[i]) / -step[i]);
    if (barrier_.has_upper(i) && step[i] > 0) length = std::min(length, keep() * (barrier_.upper[i] - current_.w[i]) / step[i]);
  }
  return length;
}

double InteriorPoint::fraction_to_zero() const {
  double length = 1;
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    if (step_.below[i] < 0) length = std::min(length, keep() * current_.below[i] / -step_.below[i]);
    if (step_.above[i] < 0) length = std::min(length, keep() * current_.above[i] / -step_.above[i]);
  }
  return length;
}

// Rounding may put w on a bound: it is kept one ulp inside.
void InteriorPoint::place(const Numbers& step, double length) {
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    trial_.w[i] = current_.w[i] + length * step[i];
    if (barrier_.fixed(i)) continue;
    if (barrier_.has_lower(i) && trial_.w[i] <= barrier_.lower[i]) trial_.w[i] = std::nextafter(barrier_.lower[i], barrier_.upper[i]);
    if (barrier_.has_upper(i) && trial_.w[i] >= barrier_.upper[i]) trial_.w[i] = std::nextafter(barrier_.upper[i], barrier_.lower[i]);
  }
}

// WB, algorithm A, steps.
Status InteriorPoint::search(bool& taken) {
  const Merit from = merit(current_);
  double slope = 0, relative = 0;
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    slope += barrier_.slope(current_, i, mu_) * step_.w[i];
    relative = std::max(relative, std::abs(step_.w[i]) / (1 + std::abs(current_.w[i])));
  }
  const bool tiny = relative < 10 * std::numeric_limits<double>::epsilon();  // nothing that a merit could tell: WB, section 3.9
  tiny_steps_ = tiny ? tiny_steps_ + 1 : 0;
  if (tiny_steps_ > most_tiny_steps) return Status::running;  // x has settled: what is left is rounding, or nothing that x could heal
  const double longest = fraction_to_bounds(step_.w), shortest = filter_.shortest(from, slope);
  for (double length = longest; length >= std::min(shortest, longest); length /= 2) {
    if (const Status status = watch_.look(barrier_.evaluations); status != Status::running) return status;
    place(step_.w, length);
    if (const Status status = barrier_.evaluate(trial_); status != Status::running) return status;
    const bool finite = Barrier::finite(trial_, false);
    const Merit reached = merit(trial_);
    if (finite && (tiny || filter_.accepts(from, reached, length, slope))) {
      filter_.take(from, reached, length, slope);
      taken = true;
    } else if (finite && length == longest && reached.violation >= from.violation) {
      if (const Status status = correct(from, length, slope, taken); status != Status::running) return status;
    }
    if (taken) {
      take(length);
      const Status status = barrier_.differentiate(current_);
      return status == Status::running && !Barrier::finite(current_, true) ? Status::derivative_not_finite : status;
    }
  }
  filter_.add(from);
  return Status::running;
}

// Second-order corrections: the step is solved again for what the constraints have become at its end (WB, section 2.4).
Status InteriorPoint::correct(const Merit& from, double length, double slope, bool& taken) {
  Numbers sum = residual_;
  double last = from.violation;
  for (int round = 0; round < most_corrections; ++round) {
    for (int j = 0; j < barrier_.m; ++j) sum[j] = length * sum[j] + barrier_.residual(trial_, j);
    kkt_.solve(current_, mu_, sum, correction_);
    if (!all_finite(correction_.w)) return Status::running;
    length = fraction_to_bounds(correction_.w);
    place(correction_.w, length);
    if (const Status status = barrier_.evaluate(trial_); status != Status::running) return status;
    if (!Barrier::finite(trial_, false)) return Status::running;
    const Merit reached = merit(trial_);
    if (filter_.accepts(from, reached, length, slope)) {
      filter_.take(from, reached, length, slope);
      taken = true;
      return Status::running;
    }
    if (reached.violation > 0.99 * last) return Status::running;
    last = reached.violation;
  }
  return Status::running;
}

// The multipliers of bounds stay within a factor of 1e10 of μ / distance: WB (16).
void InteriorPoint::take(double length) {
  const double of_bounds = fraction_to_zero();
  for (int j = 0; j < barrier_.m; ++j) trial_.multipliers[j] = current_.multipliers[j] + length * step_.multipliers[j];
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    trial_.below[i] = current_.below[i] + of_bounds * step_.below[i];
    trial_.above[i] = current_.above[i] + of_bounds * step_.above[i];
    if (barrier_.fixed(i)) continue;
    const auto near = [this](double multiplier, double distance) {
      return std::max(std::min(multiplier, 1e10 * mu_ / distance), mu_ / (1e10 * distance));
    };
    if (barrier_.has_lower(i)) trial_.below[i] = near(trial_.below[i], trial_.w[i] - barrier_.lower[i]);
    if (barrier_.has_upper(i)) trial_.above[i] = near(trial_.above[i], barrier_.upper[i] - trial_.w[i]);
  }
  std::swap(current_, trial_);
}

// The point of least violation near this one, near the start, or near the middle of what the bounds leave.
Status InteriorPoint::restore() {
  const double before = barrier_.violation(current_);
  if (before <= options_.tolerance || restorations_++ >= most_restorations) return Status::no_progress;
  double least = before;
  Numbers best = current_.w;
  for (int attempt = 0; attempt < 4 && !(least <= settled); ++attempt) {
    trial_.w = attempt < 2 ? current_.w : start_;
    for (int i = 0; i < barrier_.n && attempt == 3; ++i)
      if (!barrier_.fixed(i)) trial_.w[i] = barrier_.clamped(i, std::sin(1.0 + i));
    // What no inner point satisfies, a bound may.
    const double share = attempt == 0 ? std::min(inner_share, mu_) : 0;
    if (const Status status = restoration_.reach(trial_.w, share); status != Status::running) return status;
    if (const Status status = barrier_.evaluate(trial_); status != Status::running) return status;
    const double reached = barrier_.violation(trial_);
    if (!Barrier::finite(trial_, false) || !(reached < least)) continue;
    least = reached;
    best = trial_.w;
  }
  current_.w = best;
  if (const Status status = barrier_.differentiate(current_); status != Status::running) return status;
  if (least > settled) return Status::infeasible;
  if (!(least < 0.9 * before) || !Barrier::finite(current_, true)) return Status::no_progress;

  barrier_.enter(current_, 1e-8);
  for (int i = 0; i < barrier_.n + barrier_.m; ++i) {
    if (current_.below[i] > 0) current_.below[i] = std::min(1.0, mu_ / (current_.w[i] - barrier_.lower[i]));
    if (current_.above[i] > 0) current_.above[i] = std::min(1.0, mu_ / (barrier_.upper[i] - current_.w[i]));
  }
  const Status status = barrier_.differentiate(current_);
  kkt_.estimate_multipliers(current_);
  filter_.start(before);
  return status;
}

// A step along a direction in which the Hessian of the Lagrangian is negative, and back to the constraints: the function must have fallen.
bool InteriorPoint::leave_saddle(const Numbers& direction, double curvature) {
  double size = 1;
  for (int i = 0; i < barrier_.n; ++i) size = std::max(size, std::abs(current_.w[i]));
  for (double length = size; length >= 1e-4 * size; length /= 10)
    for (double sign : {1.0, -1.0}) {
      trial_.w = current_.w;
      for (int i = 0; i < barrier_.n; ++i) trial_.w[i] = barrier_.clamped(i, current_.w[i] + sign * length * direction[i]);
      if (restoration_.reach(trial_.w, 0) != Status::running || barrier_.differentiate(trial_) != Status::running) continue;
      const bool feasible = Barrier::finite(trial_, true) && barrier_.violation(trial_) <= settled;
      if (!feasible || !(current_.f - trial_.f > 0.05 * length * length * -curvature)) continue;
      std::swap(current_, trial_);
      begin();
      return true;
    }
  return false;
}

double largest(const Numbers& numbers) {
  double most = 0;
  for (double number : numbers) most = std::max(most, std::abs(number));
  return most;
}

// Back to the user's units and to the sign of ∂f*/∂b.
void report(const Barrier& barrier, const PrimalDual& at, const ActiveSet& active, ConstrainedResult& result) {
  const int n = barrier.n, m = barrier.m;
  result.x.assign(at.w.begin(), at.w.begin() + n);
  result.f = at.f / barrier.unit;
  result.gradient = at.gradient;
  result.constraints = at.values;
  result.jacobian = at.jacobian;
  result.multipliers.resize(m);
  result.bound_multipliers.resize(n);
  result.active.resize(m + n);
  for (double& slope : result.gradient) slope /= barrier.unit;
  for (int j = 0; j < m; ++j) {
    result.constraints[j] /= barrier.units[j];
    for (int i = 0; i < n; ++i) result.jacobian[std::size_t(j) * n + i] /= barrier.units[j];
    result.multipliers[j] = -at.multipliers[j] * barrier.units[j] / barrier.unit;
    result.active[j] = active.side(n + j);
    const double beyond = std::max({barrier.exact_lower[n + j] - at.values[j], at.values[j] - barrier.exact_upper[n + j], 0.0});
    result.violation = std::max(result.violation, beyond / barrier.units[j]);
    if (beyond > settled) result.violated.push_back(j);
  }
  // Without a feasible point there is no minimum that could change.
  if (result.status == Status::infeasible) std::fill(result.multipliers.begin(), result.multipliers.end(), NAN);
  for (int i = 0; i < n; ++i) {
    result.active[m + i] = active.side(i);
    double rest = result.gradient[i];
    for (int j = 0; j < m; ++j) rest -= result.jacobian[std::size_t(j) * n + i] * result.multipliers[j];
    result.bound_multipliers[i] = barrier.fixed(i) || std::isnan(rest) ? rest : (at.below[i] - at.above[i]) / barrier.unit;
    result.residual = std::max(result.residual, std::abs(rest - result.bound_multipliers[i]));
  }
  result.hessian = active.hessian();
  for (double& entry : result.hessian) entry /= barrier.unit;
  result.evaluations = barrier.evaluations;
  result.derivatives = barrier.derivatives;
}

}  // namespace

ConstrainedResult minimize_constrained(Objective& objective, Equations& constraints, Lagrangian& lagrangian, std::span<const double> start,
                                       std::span<const double> lower, std::span<const double> upper,
                                       std::span<const double> constraint_lower, std::span<const double> constraint_upper,
                                       const ConstrainedOptions& options, Interrupt* interrupt, Observer* observer) {
  Barrier barrier(objective, constraints, lagrangian, lower, upper, constraint_lower, constraint_upper);
  InteriorPoint method(barrier, options, interrupt, observer);
  ActiveSet active(barrier);
  ConstrainedResult result;
  Numbers direction;
  result.status = method.start(start);
  for (int saddles = 0; result.status == Status::running;) {
    result.status = method.run();
    if (!succeeded(result.status) && result.status != Status::no_progress) break;
    bool polished = false;
    active.find(method.current());
    Status status = active.polish(method.current(), polished);
    if (status == Status::running && polished && result.status == Status::no_progress) result.status = method.judge();
    if (status == Status::running) status = active.curvature(method.current(), result.curvature, direction);
    if (status != Status::running) result.status = status;
    if (!succeeded(result.status) || result.curvature >= -flat * largest(active.hessian())) break;
    result.status = Status::saddle;
    if (saddles++ < most_saddles && method.leave_saddle(direction, result.curvature)) result.status = Status::running;
  }
  result.dependent = active.dependent();
  result.iterations = method.iterations();
  result.curvature /= barrier.unit;
  report(barrier, method.current(), active, result);
  return result;
}

}  // namespace fastcalc
