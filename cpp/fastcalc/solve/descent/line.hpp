// solve: which step to take. A multiple of one direction, bent at the bounds: what all descents share that a line search goes along.
//
// Comes in: a direction of descent. Goes out: P(x + α d), and the slope along it.
#pragma once

#include "../iterate.hpp"

namespace fastcalc {

class Line {
 public:
  Line(Memory& memory, const Minimand& minimand) : n_(minimand.size()), box_(minimand.box), direction_(memory.take(n_)) {}
  static std::size_t size(std::size_t n) { return n; }

  Trial step(Minimand&, const Iterate& point, const Reach& reach, double* next) const {
    Trial trial;
    trial.length = reach.length;
    for (int i = 0; i < n_; ++i) {
      next[i] = point.x[i] + reach.length * direction_[i];
      if (box_.bounded && next[i] != box_.nearest(i, next[i])) {
        next[i] = box_.nearest(i, next[i]);
        trial.clamped = true;
      }
      const double moved = next[i] - point.x[i];
      trial.moved = trial.moved || moved != 0;
      trial.slope += point.gradient[i] * moved;
    }
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
