// solve: one root of one function, by Newton's steps.
//
// Comes in: f and f′ where they were asked for. Goes out: where they are wanted next, or why it is over. Who evaluates f is somebody else:
// so one root is a loop around this, and a hundred thousand are an array of these (elementwise_root.hpp).
//
//     Newton's steps, each of which must make |f| smaller ──▶ shorter ones where it does not ──▶ no step does: f changes its sign
//     between two points that are known ──▶ Newton's steps between them, and halves; or none are known ──▶ look for them, further and
//     further away on both sides
//
// Unsafeguarded it is the bare iteration x − f/f′, and what becomes of it: a cycle, a zero derivative, a flight to infinity.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "../base/status.hpp"
#include "../linalg/newton_steps.hpp"

namespace fastcalc {

/// It ends with the step p from x with |p| ≤ absolute + relative |x|. Newton's error is about the square of the last one: after a step of
/// 1.5e-8 (relative), the root is good to rounding. Without `absolute`: 4 ε of the start, so that a root at 0 is one.
struct NewtonOptions {
  double relative = 1.5e-8;
  std::optional<double> absolute = std::nullopt;
  std::int64_t max_iterations = 100;
  bool safeguarded = true;
};

class NewtonRaphson {
 public:
  NewtonRaphson() = default;

  /// From a start, which is where it is evaluated first.
  NewtonRaphson(double start, const NewtonOptions& options) : x(start), absolute_(absolute_tolerance(start, options)), start_(start) {}

  /// From where a lane's whole steps have led, after so many evaluations.
  NewtonRaphson(double start, const NewtonLanes& lanes, int lane, std::int64_t evaluations)
      : x(lanes.x[lane]),
        iterations(evaluations),
        other_known_(std::isfinite(lanes.f_other[lane])),
        best_(lanes.best[lane]),
        f_(lanes.f[lane]),
        step_(lanes.step[lane]),
        other_(lanes.other[lane]),
        f_other_(lanes.f_other[lane]),
        absolute_(lanes.absolute[lane]),
        start_(start) {}

  /// Back into the lane, if it is on whole steps again. Whether it is.
  bool rejoins(const NewtonLanes& lanes, int lane) const {
    if (phase_ != Phase::falling || shortened_ > 0) return false;
    lanes.x[lane] = x;
    lanes.best[lane] = best_, lanes.f[lane] = f_;
    lanes.step[lane] = step_;
    lanes.other[lane] = other_, lanes.f_other[lane] = other_known_ ? f_other_ : std::numeric_limits<double>::infinity();
    return true;
  }

  static double absolute_tolerance(double start, const NewtonOptions& options) {
    return options.absolute.value_or(4 * epsilon * std::abs(start));
  }

  /// Instead of a start: two points where f has different signs, neither of them 0.
  Status begin_between(double a, double f_a, double slope_a, double b, double f_b, double slope_b, const NewtonOptions& options);

  /// f and f′ at x. `running`: wanted at the new x; else x is the result.
  Status tell(double f, double slope, const NewtonOptions& options) {
    ++iterations;
    if (f == 0) return Status::root_found;
    if (!options.safeguarded) return bare(f, slope, options);
    if (phase_ == Phase::falling && has_fallen(f, f_, fraction_)) [[likely]] {
      if (std::signbit(f) != std::signbit(f_)) keep_other();
      return forward(f, slope, options);
    }
    return safeguarded(f, slope, options);
  }

  double x = 0;
  std::int64_t iterations = 0;  // evaluations of f
  int period = 0;               // of the cycle, where it ended in one

 private:
  enum class Phase : std::uint8_t { falling, searching, inside };

  /// Newton's step from x, the best point yet.
  Status forward(double f, double slope, const NewtonOptions& options) {
    const auto [step, next, is_finite, is_small] = newton_step(x, f, slope, absolute_, options.relative);
    best_ = x, f_ = f;
    fraction_ = 1;
    shortened_ = 0;
    step_ = is_finite ? step : std::numeric_limits<double>::infinity();
    if (!is_finite) return stuck(options);
    x = next;
    return is_small ? Status::root_found : within_limit(options);
  }
  Status within_limit(const NewtonOptions& options) const { return iterations < options.max_iterations ? Status::running : beyond_limit(); }
  Status beyond_limit() const;
  // The point that was the best has the other sign than the new one.
  void keep_other() {
    other_ = best_, f_other_ = f_;
    other_known_ = std::isfinite(f_);
  }

  Status bare(double f, double slope, const NewtonOptions& options);
  Status safeguarded(double f, double slope, const NewtonOptions& options);
  Status shorten(double f, const NewtonOptions& options);
  Status stuck(const NewtonOptions& options);
  Status search(double f, double slope, const NewtonOptions& options);
  Status inside(double f, double slope, const NewtonOptions& options);
  double middle();

  static constexpr double epsilon = std::numeric_limits<double>::epsilon();

  Phase phase_ = Phase::falling;
  bool other_known_ = false;
  std::uint8_t shortened_ = 0;  // how often the present step has been
  std::uint8_t bisections_ = 0;
  double best_ = 0, f_ = std::numeric_limits<double>::infinity();  // where |f| is least
  double step_ = 0, fraction_ = 1;                                 // Newton's from there, and the part of it that was tried
  double other_ = 0, f_other_ = 0;                                 // where f has the other sign, if that is known
  double absolute_ = 0, start_ = 0;
  double reach_ = 0;  // searching: how far from the best point; inside: the step before the last
  double bound_ = 0;  // inside: the larger |f| as it began. Bare: the point that the next ones are compared with
  int run_ = 0;       // bare: steps in one direction that did not become shorter; searching: sides that have no end yet
};

}  // namespace fastcalc
