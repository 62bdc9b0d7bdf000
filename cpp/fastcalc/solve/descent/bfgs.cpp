#include "bfgs.hpp"

#include <algorithm>

namespace fastcalc {

Bfgs::Bfgs(Memory& memory, const Minimand& minimand, const MinimizeOptions&)
    : Line(memory, minimand),
      h_{memory.take(static_cast<std::size_t>(n_) * n_), n_},
      s_(memory.take(n_)),
      y_(memory.take(n_)),
      hy_(memory.take(n_)),
      masked_(memory.take(n_)) {
  clear();
}

void Bfgs::clear() {
  known_ = false;
  std::fill_n(h_.data, static_cast<std::size_t>(n_) * n_, 0.0);
  for (int i = 0; i < n_; ++i) h_(i, i) = 1;
}

bool Bfgs::restart() {
  if (!known_) return false;
  clear();
  return true;
}

Status Bfgs::linearize(Minimand& minimand, const Iterate& point) {
  for (int i = 0; i < n_; ++i) masked_[i] = held(point, i) ? 0.0 : point.gradient[i];
  for (bool again = true; again;) {
    again = false;
    for (int i = 0; i < n_; ++i) direction_[i] = masked_[i] == 0 && box_.bounded ? 0.0 : -dot(h_.row(i), masked_, n_);
    // A component on its bound that d would push beyond is held too.
    for (int i = 0; box_.bounded && i < n_; ++i)
      if (masked_[i] != 0 && box_.holds(i, point.x[i], -direction_[i])) {
        masked_[i] = 0;
        again = true;
      }
  }
  if (!(dot(direction_, masked_, n_) < 0) && restart()) return linearize(minimand, point);
  return Status::running;
}

void Bfgs::taken(const Iterate& before, const Iterate& now) {
  double sy = 0, yy = 0, ss = 0;
  for (int i = 0; i < n_; ++i) {
    s_[i] = now.x[i] - before.x[i];
    y_[i] = box_.bounded && s_[i] == 0 ? 0.0 : now.gradient[i] - before.gradient[i];
    sy += s_[i] * y_[i];
    yy += y_[i] * y_[i];
    ss += s_[i] * s_[i];
  }
  // A bent step may have met no positive curvature; so may noise.
  if (!(sy > 1e-14 * std::sqrt(ss) * std::sqrt(yy))) return;
  if (!known_)
    for (int i = 0; i < n_; ++i) h_(i, i) = sy / yy;
  known_ = true;
  for (int i = 0; i < n_; ++i) hy_[i] = dot(h_.row(i), y_, n_);
  const double growth = (1 + dot(y_, hy_, n_) / sy) / sy;
  for (int i = 0; i < n_; ++i) {
    double* row = h_.row(i);
    const double along_s = growth * s_[i] - hy_[i] / sy, along_hy = -s_[i] / sy;
    for (int j = 0; j < n_; ++j) row[j] += along_s * s_[j] + along_hy * hy_[j];
  }
}

}  // namespace fastcalc
