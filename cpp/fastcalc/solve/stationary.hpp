// solve: when to stop minimising. Each status has its formula beside it.
//
// Comes in: an iterate, or a trial step and its reach. Goes out: `running`, or why the loop ends.
#pragma once

#include <cmath>
#include <limits>

#include "iterate.hpp"
#include "minimize.hpp"

namespace fastcalc {

class Stationary {
 public:
  Stationary(const Minimand& minimand, const MinimizeOptions& options) : minimand_(minimand), options_(options) {}

  template <class Descent>
  Status at(const Iterate& point, const Descent&) {
    // max_i |x_i − P(x_i − g_i)| ≤ gtol.
    steepest_ = minimand_.steepest(point);
    if (start_ < 0) start_ = std::abs(*point.f);
    return steepest_ <= options_.gtol ? Status::stationary : Status::running;
  }

  bool may_be_last(const Trial&, const Iterate&) const { return false; }

  template <class Descent>
  Status after(const Trial& trial, const Iterate& reached, const Reach& reach, const Descent&) {
    if (trial.bottomless) return Status::unbounded;
    if (!trial.accepted) return Status::running;
    if (trial.hopeless) return Status::diverged;
    // |f(x) − f(x + p)| ≤ ftol max(|f|, 1), and the model promised no more.
    const double scale = 2 * options_.ftol * std::max(std::abs(*reached.f), 1.0);
    if (options_.ftol > 0 && std::abs(trial.actual) <= scale && trial.predicted <= 2 * scale) return Status::objective_change_small;
    // |p| ≤ xtol |x|, where |p| is the reach of a trust region or the multiple of a direction that a search allows.
    if (options_.xtol > 0 && reach.length <= options_.xtol) return Status::objective_step_small;
    // Neither f nor the largest slope has fallen for some steps: what is left is noise.
    const bool fell = steepest_ < least_ || !trial.unresolved;
    least_ = std::min(least_, steepest_);
    noise_ = fell ? 0 : noise_ + 1;
    return noise_ >= 3 ? settled(reached) : Status::running;
  }

  /// When x + p is x, or no step along p was good.
  Status without_motion(const Trial& trial, const Iterate& point) const {
    const double noise = 16 * Minimand::resolution(point);
    return std::abs(trial.slope) <= noise || trial.predicted <= noise ? settled(point) : Status::precision_lost;
  }

 private:
  /// Steps can be too short to show beside |f| for other reasons than a minimum: a straight fall far down, the edge of a pole. Where f is
  /// not all but 0, its slopes at a minimum are so small that Σ |g_i x_i| ≪ |f|, but for a curvature x² H / |f| above 0.01 / ε.
  Status settled(const Iterate& point) const {
    const bool slopes = std::abs(*point.f) > 1e-10 * start_ && minimand_.lever(point) > 0.1 * std::abs(*point.f);
    return slopes ? Status::precision_lost : Status::objective_settled;
  }

  const Minimand& minimand_;
  MinimizeOptions options_;
  double steepest_ = 0, least_ = std::numeric_limits<double>::infinity();
  double start_ = -1;  // |f| there
  int noise_ = 0;
};

}  // namespace fastcalc
