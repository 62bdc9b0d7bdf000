// solve: a step of a quadratic model inside a box. Comes in: x, g, products with H, a way to step freely in some components. Goes out: p.
//
// First the projected gradient is followed until the model has fallen enough (the Cauchy point), which finds the bounds that matter, many
// at once; then the components that are off their bounds are improved, and what leaves the box is projected back, as long as the model
// falls. The method is TRON's: Lin and Moré 1999, SIAM J. Optim. 9, 1100, algorithms 4.1 and 5.1.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../../linalg/matrix.hpp"
#include "../box.hpp"

namespace fastcalc {

class BoxedStep {
 public:
  BoxedStep(int n, const Box& box) : n_(n), box_(box), free_(n), hp_(n), residual_(n), inner_(n), trial_(n), htrial_(n) {}

  /// `multiply(v, out)`: out = H v; `freely(free, residual, radius, w)`: w = argmin residualᵀw + ½ wᵀH w with |w| ≤ radius over the
  /// components that are free. Both return whether they could. Writes p; returns whether all went well.
  template <class Multiply, class Freely>
  bool operator()(const double* x, const double* g, double radius, const Multiply& multiply, const Freely& freely, double* p) {
    if (!cauchy(x, g, radius, multiply, p)) return false;
    for (int round = 0; round < rounds; ++round) {
      double left = 0, all = 0;
      for (int i = 0; i < n_; ++i) {
        const double at = x[i] + p[i];
        free_[i] = at > box_.lower[i] && at < box_.upper[i];
        residual_[i] = free_[i] ? g[i] + hp_[i] : 0.0;
        left = std::max(left, std::abs(residual_[i]));
        if (free_[i]) all = std::max(all, std::abs(g[i]));
      }
      if (left <= 1e-10 * all) return true;
      std::fill(inner_.begin(), inner_.end(), 0.0);
      if (!freely(free_.data(), residual_.data(), radius, inner_.data())) return false;
      bool new_bound = false;
      if (!project(x, g, multiply, p, new_bound)) return true;
      if (!new_bound) return true;
    }
    return true;
  }

  /// gᵀp + ½ pᵀH p of the last step.
  double model(const double* g, const double* p) const { return dot(g, p, n_) + dot(hp_.data(), p, n_) / 2; }

 private:
  static constexpr int rounds = 20;

  // P(x − t g) − x with the first t of a falling sequence for which q ≤ 0.01 gᵀp.
  template <class Multiply>
  bool cauchy(const double* x, const double* g, double radius, const Multiply& multiply, double* p) {
    double square = 0;
    for (int i = 0; i < n_; ++i)
      if (!box_.fixed(i) && !box_.holds(i, x[i], g[i])) square += g[i] * g[i];
    double t = square > 0 ? radius / std::sqrt(square) : 0;
    for (int halving = 0; halving < 100; ++halving, t *= 0.25) {
      for (int i = 0; i < n_; ++i) p[i] = box_.nearest(i, x[i] - t * g[i]) - x[i];
      if (!multiply(p, hp_.data())) return false;
      if (norm(p, n_) <= 1.001 * radius && model(g, p) <= 0.01 * dot(g, p, n_)) return true;
    }
    return true;
  }

  // p ← P(x + p + β w) − x with the first β of 1, ½, … for which the model falls. False where none does.
  template <class Multiply>
  bool project(const double* x, const double* g, const Multiply& multiply, double* p, bool& new_bound) {
    const double before = model(g, p);
    for (double beta = 1; beta > 1e-9; beta *= 0.5) {
      double slope = 0;
      bool moved = false;
      new_bound = false;
      for (int i = 0; i < n_; ++i) {
        const double to = x[i] + p[i] + beta * inner_[i], inside = box_.nearest(i, to);
        trial_[i] = free_[i] ? inside - x[i] : p[i];
        new_bound = new_bound || (free_[i] && to != inside);
        moved = moved || trial_[i] != p[i];
        slope += residual_[i] * (trial_[i] - p[i]);
      }
      if (!moved || !multiply(trial_.data(), htrial_.data())) return false;
      const double after = dot(g, trial_.data(), n_) + dot(htrial_.data(), trial_.data(), n_) / 2;
      if (after <= before + 0.01 * slope && after < before) {
        std::copy(trial_.begin(), trial_.end(), p);
        std::swap(hp_, htrial_);
        return true;
      }
    }
    return false;
  }

  int n_;
  const Box& box_;
  std::vector<std::uint8_t> free_;
  std::vector<double> hp_, residual_, inner_, trial_, htrial_;
};

}  // namespace fastcalc
