#include "limited_bfgs.hpp"

#include <algorithm>

namespace fastcalc {

LimitedBfgs::LimitedBfgs(Memory& memory, const Minimand& minimand, const MinimizeOptions& options)
    : Line(memory, minimand),
      most_(options.memory),
      steps_((most_ + 1) * static_cast<std::size_t>(n_)),
      changes_(steps_.size()),
      alpha_(most_),
      held_(n_) {}

bool LimitedBfgs::restart() {
  const bool knew = count_ > 0;
  count_ = 0;
  return knew;
}

Status LimitedBfgs::linearize(Minimand& minimand, const Iterate& point) {
  for (int i = 0; i < n_; ++i) held_[i] = held(point, i);
  for (bool again = true; again;) {
    again = false;
    recursion(point);
    // A component on its bound that d would push beyond is held too.
    for (int i = 0; box_.bounded && i < n_; ++i)
      if (!held_[i] && box_.holds(i, point.x[i], -direction_[i])) held_[i] = again = true;
  }
  if (!(dot(direction_, point.gradient, n_) < 0) && restart()) return linearize(minimand, point);
  return Status::running;
}

void LimitedBfgs::recursion(const Iterate& point) {
  double* q = direction_;
  const auto mask = [&] {
    if (box_.bounded)
      for (int i = 0; i < n_; ++i) q[i] = held_[i] ? 0.0 : q[i];
  };
  const auto inner = [&](const double* a, const double* b) {
    if (!box_.bounded) return dot(a, b, n_);
    double sum = 0;
    for (int i = 0; i < n_; ++i) sum += held_[i] ? 0.0 : a[i] * b[i];
    return sum;
  };
  for (int i = 0; i < n_; ++i) q[i] = -point.gradient[i];
  mask();
  double scale = 1;
  bool scaled = false;
  for (int age = 0; age < count_; ++age) {
    const double sy = inner(s(age), y(age));
    alpha_[age] = 0;
    if (!(sy > 0)) continue;
    if (!scaled) scale = sy / inner(y(age), y(age));
    scaled = true;
    alpha_[age] = dot(s(age), q, n_) / sy;
    for (int i = 0; i < n_; ++i) q[i] -= alpha_[age] * y(age)[i];
    mask();
  }
  for (int i = 0; i < n_; ++i) q[i] *= scale;
  for (int age = count_ - 1; age >= 0; --age) {
    const double sy = inner(s(age), y(age));
    if (!(sy > 0)) continue;
    const double beta = alpha_[age] - dot(y(age), q, n_) / sy;
    for (int i = 0; i < n_; ++i) q[i] += beta * s(age)[i];
    mask();
  }
}

void LimitedBfgs::taken(const Iterate& before, const Iterate& now) {
  newest_ = (newest_ + 1) % (most_ + 1);
  double *step = s(0), *change = y(0), sy = 0, yy = 0, ss = 0;
  for (int i = 0; i < n_; ++i) {
    step[i] = now.x[i] - before.x[i];
    change[i] = now.gradient[i] - before.gradient[i];
    sy += step[i] * change[i];
    yy += change[i] * change[i];
    ss += step[i] * step[i];
  }
  if (sy > 1e-14 * std::sqrt(ss) * std::sqrt(yy))
    count_ = std::min(count_ + 1, most_);
  else
    newest_ = (newest_ + most_) % (most_ + 1);
}

std::vector<double> LimitedBfgs::pairs() const {
  std::vector<double> found;
  found.reserve(2 * static_cast<std::size_t>(count_) * n_);
  for (int age = count_ - 1; age >= 0; --age) {
    for (const std::vector<double>* of : {&steps_, &changes_}) {
      const double* at = of->data() + place(age);
      found.insert(found.end(), at, at + n_);
    }
  }
  return found;
}

}  // namespace fastcalc
