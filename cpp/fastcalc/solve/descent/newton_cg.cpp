#include "newton_cg.hpp"

#include <algorithm>
#include <cmath>

namespace fastcalc {

NewtonCG::NewtonCG(Memory& memory, const Minimand& minimand, const MinimizeOptions& options)
    : n_(minimand.size()),
      box_(minimand.box),
      options_(options),
      p_(memory.take(n_)),
      residual_(memory.take(n_)),
      direction_(memory.take(n_)),
      product_(memory.take(n_)),
      edge_(memory.take(n_)),
      boxed_(box_.bounded ? n_ : 0, box_) {}

NewtonCG::Inner NewtonCG::conjugate_gradients(Minimand& minimand, const Iterate& point, const std::uint8_t* free, const double* g,
                                              double radius, double* p) {
  Inner inner;
  std::fill_n(p, n_, 0.0);
  for (int i = 0; i < n_; ++i) {
    residual_[i] = g[i];
    direction_[i] = -g[i];
  }
  double rr = dot(residual_, residual_, n_), pp = 0, pd = 0, dd = rr;
  const double start = std::sqrt(rr), wanted = std::min(0.5, std::sqrt(start)) * start;  // superlinear convergence
  for (int iteration = 0; iteration < 2 * n_ + 10 && std::sqrt(rr) > wanted; ++iteration) {
    status_ = minimand.product(point, direction_, product_);
    if (status_ != Status::running) return inner;
    if (free)
      for (int i = 0; i < n_; ++i) product_[i] = free[i] ? product_[i] : 0.0;
    const double curvature = dot(direction_, product_, n_);
    const double alpha = rr / curvature, length = pp + alpha * (2 * pd + alpha * dd);
    if (!(curvature > 0) || !(length < radius * radius)) {
      // Where the line leaves the ball: |p + τ d| = radius, τ > 0, in units of the radius, whose square may overflow.
      const double along = pd / radius, left = 1 - pp / radius / radius;
      const double tau = radius * left / (along + std::sqrt(std::max(along * along + dd * left, 0.0)));
      for (int i = 0; i < n_; ++i) p[i] += tau * direction_[i];
      inner.model += tau * (curvature * tau / 2 - rr);
      inner.at_edge = true;
      return inner;
    }
    inner.model -= alpha * rr / 2;
    double rest = 0;
    for (int i = 0; i < n_; ++i) {
      p[i] += alpha * direction_[i];
      residual_[i] += alpha * product_[i];
      rest += residual_[i] * residual_[i];
    }
    const double beta = rest / rr;
    rr = rest;
    pp = length;
    pd = beta * (pd + alpha * dd);
    dd = rr + beta * beta * dd;
    for (int i = 0; i < n_; ++i) direction_[i] = beta * direction_[i] - residual_[i];
  }
  return inner;
}

Trial NewtonCG::step(Minimand& minimand, const Iterate& point, const Reach& reach, double* next) {
  Trial trial;
  status_ = Status::running;
  if (!box_.bounded) {
    const Inner inner = conjugate_gradients(minimand, point, nullptr, point.gradient, reach.length, p_);
    trial.damping = inner.at_edge;
    trial.predicted = -2 * inner.model;
  } else {
    const auto multiply = [&](const double* v, double* out) {
      status_ = minimand.product(point, v, out);
      return status_ == Status::running;
    };
    const auto freely = [&](const std::uint8_t* free, const double* residual, double radius, double* w) {
      trial.damping = conjugate_gradients(minimand, point, free, residual, radius, w).at_edge;
      return status_ == Status::running;
    };
    boxed_(point.x, point.gradient, reach.length, multiply, freely, p_);
    trial.predicted = -2 * boxed_.model(point.gradient, p_);
  }
  trial.clamped = trial.damping == 0;
  trial.failure = status_;
  trial.length = norm(p_, n_);
  trial.slope = dot(point.gradient, p_, n_);
  for (int i = 0; i < n_; ++i) {
    next[i] = box_.bounded ? box_.nearest(i, point.x[i] + p_[i]) : point.x[i] + p_[i];
    trial.moved = trial.moved || next[i] != point.x[i];
  }
  return trial;
}

}  // namespace fastcalc
