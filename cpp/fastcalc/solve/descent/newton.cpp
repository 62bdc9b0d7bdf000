#include "newton.hpp"

#include <algorithm>

namespace fastcalc {

Newton::Newton(Memory& memory, const Minimand& minimand, const MinimizeOptions& options)
    : n_(minimand.size()),
      box_(minimand.box),
      options_(options),
      h_(n_, minimand.pattern()),
      part_(box_.bounded ? n_ : 0),
      p_(memory.take(n_)),
      g_ordered_(memory.take(n_)),
      p_ordered_(memory.take(n_)),
      whole_(n_),
      reduced_(box_.bounded ? n_ : 0),
      boxed_(box_.bounded ? n_ : 0, box_) {}

Status Newton::linearize(Minimand& minimand, const Iterate& point) {
  if (const Status status = minimand.hessian(point, h_.entries().data()); status != Status::running) return status;
  if (!h_.take()) return Status::curvature_not_finite;
  whole_.take(h_.ordered());
  return Status::running;
}

Trial Newton::step(Minimand&, const Iterate& point, const Reach& reach, double* next) {
  Trial trial;
  const double* g = point.gradient;
  const std::vector<std::int32_t>& order = h_.order();
  if (!box_.bounded) {
    for (int k = 0; k < n_; ++k) g_ordered_[k] = g[order[k]];
    trial.damping = whole_.solve(g_ordered_, reach.length, reach.damping, p_ordered_);
    trial.predicted = -2 * whole_.model(g_ordered_, p_ordered_);
    for (int k = 0; k < n_; ++k) p_[order[k]] = p_ordered_[k];
  } else {
    const auto multiply = [&](const double* v, double* out) { return h_.multiply(v, out), true; };
    const auto freely = [&](const std::uint8_t* free, const double* residual, double radius, double* w) {
      h_.part(free, part_);
      reduced_.take(part_);
      int count = 0;
      for (const std::int32_t i : order)
        if (free[i]) g_ordered_[count++] = residual[i];
      trial.damping = reduced_.solve(g_ordered_, radius, reach.damping, p_ordered_);
      count = 0;
      for (const std::int32_t i : order)
        if (free[i]) w[i] = p_ordered_[count++];
      return true;
    };
    boxed_(point.x, g, reach.length, multiply, freely, p_);
    trial.predicted = -2 * boxed_.model(g, p_);
    trial.clamped = true;
  }
  trial.length = norm(p_, n_);
  trial.slope = dot(g, p_, n_);
  for (int i = 0; i < n_; ++i) {
    next[i] = box_.bounded ? box_.nearest(i, point.x[i] + p_[i]) : point.x[i] + p_[i];
    trial.moved = trial.moved || next[i] != point.x[i];
  }
  return trial;
}

}  // namespace fastcalc
