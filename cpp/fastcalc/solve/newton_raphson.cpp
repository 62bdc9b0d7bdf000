// solve: see newton_raphson.hpp.
#include "newton_raphson.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace fastcalc {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Shortened more often than this, a step leads nowhere: |f| has a minimum there that is not 0, or f′ is not its derivative.
constexpr int most_shortenings = 10;

/// A flight: so many steps in one direction, none much shorter than the one before.
constexpr int flight = 8;

/// A derivative that vanishes so many times as far away as the start is no reason, but a consequence.
constexpr double far = 1e6;

bool differ_in_sign(double a, double b) { return std::signbit(a) != std::signbit(b); }

/// Doubles in their order, as integers that follow each other.
std::int64_t place(double x) {
  const auto bits = std::bit_cast<std::int64_t>(x);
  return bits < 0 ? std::numeric_limits<std::int64_t>::min() - bits : bits;
}

double at_place(std::int64_t place) { return std::bit_cast<double>(place < 0 ? std::numeric_limits<std::int64_t>::min() - place : place); }

}  // namespace

Status NewtonRaphson::bare(double f, double slope, const NewtonOptions& options) {
  if (!std::isfinite(f)) return iterations == 1 ? Status::not_finite_at_start : Status::newton_diverged;
  if (slope == 0) return std::abs(x) > far * std::max(1.0, std::abs(start_)) ? Status::newton_diverged : Status::derivative_zero;
  if (!std::isfinite(slope)) return Status::slope_not_finite;
  const double step = f / slope, next = x - step;
  if (!std::isfinite(next)) return Status::newton_diverged;
  const bool small = std::abs(step) <= absolute_ + options.relative * std::abs(next) || next == x;
  run_ = step * step_ > 0 && std::abs(step) > 0.9 * std::abs(step_) ? run_ + 1 : 0;
  step_ = step;
  x = next;
  if (small) return Status::root_found;
  // Brent's search for a cycle: the point after 1, 2, 4, 8, … steps is compared with all until the next such point.
  if (iterations > 1 && std::abs(next - bound_) <= 4 * epsilon * std::abs(next)) {
    period = static_cast<int>(iterations - std::bit_floor(static_cast<std::uint64_t>(iterations - 1)));
    return Status::newton_cycle;
  }
  if (std::has_single_bit(static_cast<std::uint64_t>(iterations))) bound_ = next;
  if (iterations < options.max_iterations) return Status::running;
  return run_ >= flight ? Status::newton_diverged : Status::max_iterations;
}

Status NewtonRaphson::safeguarded(double f, double slope, const NewtonOptions& options) {
  if (iterations == 1) return Status::not_finite_at_start;  // every number is less than what |f| began with
  switch (phase_) {
    case Phase::falling:
      return shorten(f, options);
    case Phase::searching:
      return search(f, slope, options);
    case Phase::inside:
      break;
  }
  return inside(f, slope, options);
}

// Whole steps away from the start that have not become short: f falls towards a 0 that it does not reach, as 1/x does.
Status NewtonRaphson::beyond_limit() const {
  const double way = x - start_;
  const bool is_far = iterations >= flight && std::abs(way) > far * std::max(1.0, std::abs(start_));
  const bool goes_on = way * step_ < 0 && std::abs(step_) > 0.1 * std::abs(way);  // x moves by −step
  return phase_ == Phase::falling && is_far && goes_on ? Status::newton_diverged : Status::max_iterations;
}

// |f| is no less at x: half the step, or, where f is no number, a tenth.
Status NewtonRaphson::shorten(double f, const NewtonOptions& options) {
  if (std::isfinite(f) && differ_in_sign(f, f_)) {
    other_ = x, f_other_ = f;
    other_known_ = true;
  }
  fraction_ *= std::isfinite(f) ? 0.5 : 0.1;
  x = best_ - fraction_ * step_;
  if (++shortened_ > most_shortenings || x == best_) return stuck(options);
  return within_limit(options);
}

// No step from the best point leads on.
Status NewtonRaphson::stuck(const NewtonOptions& options) {
  if (std::abs(step_) <= 4 * epsilon * std::abs(best_)) {  // as near as double precision tells
    x = best_;
    return Status::root_found;
  }
  if (other_known_) {
    phase_ = Phase::inside;
    bound_ = std::max(std::abs(f_), std::abs(f_other_));
    x = middle();  // a half comes first: Newton's steps were of no use here
    reach_ = step_ = std::abs(x - best_);
    return x == best_ || x == other_ ? Status::root_found : within_limit(options);
  }
  phase_ = Phase::searching;
  reach_ = 1e-2 * std::max(std::abs(best_), std::abs(best_ - start_));
  if (reach_ == 0) reach_ = 1e-2;
  run_ = 2;
  x = best_ + reach_;
  return within_limit(options);
}

// First on the right, then on the left, then four times as far.
Status NewtonRaphson::search(double f, double slope, const NewtonOptions& options) {
  if (std::isfinite(f) && differ_in_sign(f, f_)) {
    other_ = x, f_other_ = f;
    other_known_ = true;
    return stuck(options);
  }
  if (std::abs(f) < 0.5 * std::abs(f_)) {
    phase_ = Phase::falling;
    return forward(f, slope, options);
  }
  if (x > best_) {
    x = best_ - reach_;
  } else {
    reach_ *= 4;
    x = best_ + reach_;
  }
  if (reach_ > 1e9 * std::max(1.0, std::abs(best_))) {
    x = best_;
    return Status::no_root_nearby;
  }
  const Status status = within_limit(options);
  if (status != Status::running) x = best_;
  return status;
}

Status NewtonRaphson::begin_between(double a, double f_a, double slope_a, double b, double f_b, double slope_b,
                                    const NewtonOptions& options) {
  const bool from_a = std::abs(f_a) <= std::abs(f_b);
  phase_ = Phase::inside;
  absolute_ = options.absolute.value_or(0.0);
  bound_ = std::max(std::abs(f_a), std::abs(f_b));
  best_ = from_a ? b : a, f_ = from_a ? f_b : f_a;
  x = from_a ? a : b;
  reach_ = step_ = std::abs(b - a);
  iterations = 1;
  return inside(from_a ? f_a : f_b, from_a ? slope_a : slope_b, options);
}

// x takes the place of the end that has its sign; then Newton's step, if it stays between the ends and is at most half as long as the
// last but one (so that halves are never slower), else a half. Press et al., Numerical Recipes, 9.4, rtsafe.
Status NewtonRaphson::inside(double f, double slope, const NewtonOptions& options) {
  if (!std::isfinite(f)) return Status::function_not_finite;
  if (differ_in_sign(f, f_)) other_ = best_, f_other_ = f_;
  best_ = x, f_ = f;
  const double step = f / slope, next = x - step, low = std::min(best_, other_), high = std::max(best_, other_);
  const double size = std::abs(step);
  if (next > low && next < high && (size <= 0.5 * reach_ || size <= absolute_ + options.relative * std::abs(next))) {
    reach_ = std::abs(step_);
    step_ = step;
    x = next;
    if (size <= absolute_ + options.relative * std::abs(next)) return Status::root_found;
    return within_limit(options);
  }
  x = middle();
  reach_ = step_ = std::abs(x - best_);
  if (high - low <= std::max(absolute_, 4 * epsilon * std::abs(x)) || x == low || x == high) {
    x = std::abs(f_) <= std::abs(f_other_) ? best_ : other_;
    const bool grown = std::abs(f_) > bound_ && std::abs(f_other_) > bound_;
    return grown ? Status::pole : Status::root_found;
  }
  return within_limit(options);
}

// Of ends of very different size every other half is taken by their places among the doubles: from 1e300 to 1 in ten steps, not in 1000.
double NewtonRaphson::middle() {
  const double mean = 0.5 * best_ + 0.5 * other_;
  const double a = std::abs(best_), b = std::abs(other_);
  const bool alike = !differ_in_sign(best_, other_) && std::max(a, b) <= 1e3 * std::min(a, b);
  if (alike || ++bisections_ % 2 != 0) return mean;
  return at_place(place(best_) / 2 + place(other_) / 2);
}

}  // namespace fastcalc
