// solve: which step to take. Directions from gradients alone: the latest, and averages of the earlier ones.
//
// Comes in: the gradient at a point. Goes out: a direction; the search multiplies it by a rate.
#pragma once

#include "../minimize.hpp"
#include "line.hpp"

namespace fastcalc {

/// d = −g.
class Steepest : public Line {
 public:
  Steepest(Memory& memory, const Minimand& minimand, const MinimizeOptions&) : Line(memory, minimand) {}

  Status linearize(Minimand&, const Iterate& point) {
    for (int i = 0; i < n_; ++i) direction_[i] = held(point, i) ? 0.0 : -point.gradient[i];
    return Status::running;
  }
};

/// v ← β v − g, d = v (Polyak 1964: the heavy ball).
class Momentum : public Line {
 public:
  Momentum(Memory& memory, const Minimand& minimand, const MinimizeOptions& options) : Line(memory, minimand), beta_(options.momentum) {}

  Status linearize(Minimand&, const Iterate& point) {
    for (int i = 0; i < n_; ++i) direction_[i] = held(point, i) ? 0.0 : beta_ * direction_[i] - point.gradient[i];
    return Status::running;
  }

 private:
  double beta_;
};

/// v ← β v − g, d = β v − g, where x is the point that the ball is about to reach, at which Nesterov (1983) takes the gradient
/// (Sutskever et al. 2013, ICML, with x + β v as the variable).
class Nesterov : public Line {
 public:
  Nesterov(Memory& memory, const Minimand& minimand, const MinimizeOptions& options)
      : Line(memory, minimand), velocity_(memory.take(n_)), beta_(options.momentum) {}
  static std::size_t size(std::size_t n) { return 2 * n; }

  Status linearize(Minimand&, const Iterate& point) {
    for (int i = 0; i < n_; ++i) {
      velocity_[i] = held(point, i) ? 0.0 : beta_ * velocity_[i] - point.gradient[i];
      direction_[i] = held(point, i) ? 0.0 : beta_ * velocity_[i] - point.gradient[i];
    }
    return Status::running;
  }

 private:
  double* velocity_;
  double beta_;
};

/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², d = −m̂ / (√v̂ + 1e-8), each divided by 1 − βᵗ (Kingma and Ba 2015, algorithm 1).
class Adam : public Line {
 public:
  Adam(Memory& memory, const Minimand& minimand, const MinimizeOptions& options)
      : Line(memory, minimand), mean_(memory.take(n_)), square_(memory.take(n_)), beta1_(options.momentum), beta2_(options.decay) {}
  static std::size_t size(std::size_t n) { return 3 * n; }

  Status linearize(Minimand&, const Iterate& point) {
    power1_ *= beta1_;
    power2_ *= beta2_;
    for (int i = 0; i < n_; ++i) {
      const double g = point.gradient[i];
      mean_[i] += (1 - beta1_) * (g - mean_[i]);
      square_[i] += (1 - beta2_) * (g * g - square_[i]);
      direction_[i] = -mean_[i] / (1 - power1_) / (std::sqrt(square_[i] / (1 - power2_)) + 1e-8);
      if (held(point, i)) direction_[i] = 0;
    }
    return Status::running;
  }

 private:
  double *mean_, *square_;
  double beta1_, beta2_, power1_ = 1, power2_ = 1;
};

}  // namespace fastcalc
