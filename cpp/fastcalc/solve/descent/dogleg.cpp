// solve: see dogleg.hpp.
#include "dogleg.hpp"

#include <algorithm>
#include <limits>

#include "../../linalg/matrix.hpp"

namespace fastcalc {

Dogleg::Dogleg(Memory& memory, int n, JacobianAlgebra& algebra, double xtol)
    : n_(n),
      algebra_(algebra),
      xtol_(xtol),
      scale_(memory.take(n)),
      newton_(memory.take(n)),
      gradient_(memory.take(n)),
      y_(memory.take(n)),
      work_(memory.take(n)),
      image_(memory.take(n)),
      column_norms_(memory.take(n)) {}

Status Dogleg::linearize(SystemOfEquations&, const RootPoint& point) {
  algebra_.column_norms(point.jacobian, column_norms_);
  for (int j = 0; j < n_; ++j) {
    scale_[j] = std::max(scale_[j], column_norms_[j]);
    if (scale_[j] == 0) scale_[j] = 1;  // F does not depend on x_j here
  }
  for (int i = 0; i < n_; ++i) newton_[i] = -point.values[i];
  const Status solved = algebra_.solve(point.jacobian, newton_);
  if (solved != Status::running && solved != Status::singular_matrix) return solved;
  for (int j = 0; j < n_; ++j) newton_[j] *= scale_[j];
  newton_length_ = solved == Status::running ? norm(newton_, n_) : std::numeric_limits<double>::infinity();
  has_cauchy_ = false;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  const double size = scaled_norm(point.x);
  if (least_ < 0) least_ = 4 * epsilon * size;
  enough_ = std::max(xtol_ * size, least_);
  rounding_ = epsilon * std::max(size, least_);
  return Status::running;
}

// Along −g: |F − t J D⁻¹ g| / |F| is least at t = |g|² / |J D⁻¹ g|² · |F|.
void Dogleg::find_cauchy(const RootPoint& point) {
  has_cauchy_ = true;
  for (int i = 0; i < n_; ++i) work_[i] = point.values[i] / point.norm;
  algebra_.transposed_product(point.jacobian, work_, gradient_);
  steepest_ = 0;
  for (int j = 0; j < n_; ++j) {
    if (column_norms_[j] > 0) steepest_ = std::max(steepest_, std::abs(gradient_[j]) / column_norms_[j]);
    gradient_[j] /= scale_[j];
    work_[j] = gradient_[j] / scale_[j];
  }
  algebra_.product(point.jacobian, work_, image_);
  gradient_length_ = norm(gradient_, n_);
  const double image = norm(image_, n_) / gradient_length_;
  cauchy_length_ = gradient_length_ > 0 && image > 0 ? gradient_length_ * point.norm / (image * image) : 0.0;
}

Trial Dogleg::step(SystemOfEquations&, const RootPoint& point, const Reach& reach, double* next) {
  Trial trial;
  const double radius = reach.length;
  if (newton_length_ <= radius || is_last()) {
    std::copy_n(newton_, n_, y_);
    trial.predicted = 1;
    trial.slope = -1;
  } else {
    if (!has_cauchy_) find_cauchy(point);
    trial.damping = 1;
    const double along = std::min(cauchy_length_, radius);
    for (int j = 0; j < n_; ++j) y_[j] = gradient_length_ > 0 ? -along / gradient_length_ * gradient_[j] : 0.0;
    if (cauchy_length_ < radius && std::isfinite(newton_length_)) {
      // |c + t (q − c)| = radius, with q Newton's step and c the Cauchy point: the root between 0 and 1 of a quadratic in t.
      double square = 0, product = 0;
      for (int j = 0; j < n_; ++j) {
        work_[j] = newton_[j] - y_[j];
        square += work_[j] * work_[j];
        product += work_[j] * y_[j];
      }
      const double rest = (radius - cauchy_length_) * (radius + cauchy_length_);
      const double t = rest / (product + std::sqrt(product * product + square * rest));
      for (int j = 0; j < n_; ++j) y_[j] += std::min(t, 1.0) * work_[j];
    }
    for (int j = 0; j < n_; ++j) work_[j] = y_[j] / scale_[j];
    algebra_.product(point.jacobian, work_, image_);
    // 1 − |F + J p|² / |F|² = −qᵀ(2b + q) with q = J p / |F| and b = F / |F|
    for (int i = 0; i < n_; ++i) {
      const double q = image_[i] / point.norm, b = point.values[i] / point.norm;
      trial.predicted -= q * (2 * b + q);
      trial.slope += q * b;
    }
  }
  trial.length = norm(y_, n_);
  for (int j = 0; j < n_; ++j) {
    next[j] = point.x[j] + y_[j] / scale_[j];
    trial.moved = trial.moved || next[j] != point.x[j];
  }
  return trial;
}

double Dogleg::scaled_norm(const double* x) const {
  for (int j = 0; j < n_; ++j) work_[j] = scale_[j] * x[j];
  return norm(work_, n_);
}

}  // namespace fastcalc
