// solve: which step to take. A multiple of one direction, bent at the bounds: what all descents share that a line search goes along.
//
// Comes in: a direction of descent. Goes out: P(x + α d), and the slope along it.
#pragma once

#include <algorithm>

#include "../../linalg/matrix.hpp"
#include "../iterate.hpp"

namespace fastcalc {

class Line {
 public:
  Line(Memory& memory, const Minimand& minimand) : n_(minimand.size()), box_(minimand.box), direction_(memory.take(n_)) {}
  static std::size_t size(std::size_t n) { return n; }

  Trial step(Minimand&, const Iterate& point, const Reach& reach, double* next) const {
    Trial trial;
    trial.length = reach.length;
    along(point.x, reach.length, direction_, n_, next);
    for (int i = 0; box_.bounded && i < n_; ++i) {
      const double unbounded = next[i];
      next[i] = box_.nearest(i, unbounded);
      trial.clamped = trial.clamped || next[i] != unbounded;
    }
    trial.moved = !std::equal(next, next + n_, point.x);
    trial.slope = dot_with_difference(point.gradient, next, point.x, n_);
    trial.predicted = -2 * trial.slope;
    return trial;
  }

  bool restart() { return false; }
  void taken(const Iterate&, const Iterate&) {}

 protected:
  /// Whether a component has nowhere to go: fixed, or at a bound that f falls beyond.
  bool held(const Iterate& point, int i) const { return box_.bounded && (box_.fixed(i) || box_.holds(i, point.x[i], point.gradient[i])); }

  int n_;
  const Box& box_;
  double* direction_;
};

}  // namespace fastcalc
