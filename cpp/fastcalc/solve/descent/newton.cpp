#include "newton.hpp"

#include <algorithm>

namespace fastcalc {

Newton::Newton(Memory& memory, int n, const Box& box, const MinimizeOptions& options)
    : n_(n),
      box_(box),
      options_(options),
      h_{memory.take(static_cast<std::size_t>(n) * n), n},
      part_{memory.take(box.bounded ? static_cast<std::size_t>(n) * n : 0), n},
      p_(memory.take(n)),
      g_part_(memory.take(n)),
      p_part_(memory.take(n)),
      whole_(n),
      reduced_(box.bounded ? n : 0),
      boxed_(box.bounded ? n : 0, box) {}

Status Newton::linearize(Minimand& minimand, const Iterate& point) {
  if (const Status status = minimand.hessian(point, h_.data); status != Status::running) return status;
  if (!all_finite({h_.data, static_cast<std::size_t>(n_) * n_})) return Status::curvature_not_finite;
  whole_.take(h_, n_);
  return Status::running;
}

Trial Newton::step(Minimand&, const Iterate& point, const Reach& reach, double* next) {
  Trial trial;
  const double* g = point.gradient;
  if (!box_.bounded) {
    trial.damping = whole_.solve(g, reach.length, reach.damping, p_);
    trial.predicted = -2 * whole_.model(g, p_);
  } else {
    const auto multiply = [&](const double* v, double* out) { return whole_.matrix().multiply(h_, v, out), true; };
    const auto freely = [&](const std::uint8_t* free, const double* residual, double radius, double* w) {
      int k = 0;
      for (int i = 0; i < n_; ++i) {
        if (!free[i]) continue;
        g_part_[k] = residual[i];
        int l = 0;
        for (int j = 0; j < n_; ++j)
          if (free[j]) part_(k, l++) = h_(i, j);
        ++k;
      }
      reduced_.take(part_, k);
      trial.damping = reduced_.solve(g_part_, radius, reach.damping, p_part_);
      for (int i = n_ - 1; i >= 0; --i)
        if (free[i]) w[i] = p_part_[--k];
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
