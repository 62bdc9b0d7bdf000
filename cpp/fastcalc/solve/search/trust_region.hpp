// solve: how far to go. A trust region: the radius within which the model of F has lately been right.
//
// Comes in: how a trial step fared. Goes out: whether it is taken, and the radius and damping for the next. The rules are those
// of Moré 1978 and of MINPACK's lmder.
#pragma once

#include <algorithm>
#include <cmath>

#include "../trial.hpp"

namespace fastcalc {

class TrustRegion {
 public:
  static constexpr bool asks_for_slope = false;

  template <class Descent, class Point>
  void begin(const Descent& descent, const Point& current) {
    if (iterations_++ == 0) reach.length = descent.first_radius(current);
  }

  /// Nothing is known of the model until its first step: it is not trusted beyond that.
  void proposed(const Trial& trial) {
    if (iterations_ == 1) reach.length = std::min(reach.length, trial.length);
  }

  bool accepts(const Trial& trial) const { return trial.ratio >= 1e-4; }

  void update(const Trial& trial) {
    if (trial.ratio <= 0.25) {
      // On a rise, the minimum of the parabola through F at the start, its slope there, and F at the end of the step.
      double shrink = trial.actual >= 0 ? 0.5 : 0.5 * trial.slope / (trial.slope + 0.5 * trial.actual);
      if (!(shrink >= 0.1 && shrink <= 0.5) || trial.hopeless) shrink = 0.1;  // beyond ½: a step that rounding has turned uphill
      reach.length = shrink * std::min(reach.length, 10 * trial.length);
      reach.damping /= shrink;
    } else if (trial.damping == 0 || trial.ratio >= 0.75) {
      // A step that something else cut short says nothing against the radius.
      reach.length = trial.clamped ? std::max(reach.length, 2 * trial.length) : 2 * trial.length;
      reach.damping *= 0.5;
    }
  }

  template <class Point>
  void taken(const Point&, const Point&) {}
  bool restart() { return false; }

  Reach reach;  // the radius of |D p|, and the damping λ

 private:
  int iterations_ = 0;
};

}  // namespace fastcalc
