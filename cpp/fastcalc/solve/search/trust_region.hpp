// solve: how far to go. A trust region: the radius within which the linear model of r has lately been right.
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
  /// The first radius: 100 times the scaled start, or, from the origin, 100 times |r|.
  void start(double scaled_x, double norm) { radius = 100 * (scaled_x > 0 ? scaled_x : norm); }

  /// Nothing is known of the model until its first step: it is not trusted beyond that.
  void first_step(double length) { radius = std::min(radius, length); }

  bool accepts(const Trial& trial) const { return trial.ratio >= 1e-4; }

  void update(const Trial& trial) {
    if (trial.ratio <= 0.25) {
      // On a rise, the minimum of the parabola through |r|² at the start, its slope there, and |r|² at the end of the step.
      double shrink = trial.actual >= 0 ? 0.5 : 0.5 * trial.slope / (trial.slope + 0.5 * trial.actual);
      if (!(shrink >= 0.1) || trial.actual <= -1) shrink = 0.1;
      radius = shrink * std::min(radius, 10 * trial.length);
      damping /= shrink;
    } else if (trial.damping == 0 || trial.ratio >= 0.75) {
      // A step that a bound cut short says nothing against the radius.
      radius = trial.clamped ? std::max(radius, 2 * trial.length) : 2 * trial.length;
      damping *= 0.5;
    }
  }

  double radius = 0;   // of |D p|
  double damping = 0;  // the Levenberg–Marquardt parameter of the last step: the next one's first guess
};

}  // namespace fastcalc
