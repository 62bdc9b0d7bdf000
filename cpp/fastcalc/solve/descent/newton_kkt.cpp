// solve: see newton_kkt.hpp.
#include "newton_kkt.hpp"

#include <algorithm>
#include <cmath>

namespace fastcalc {

namespace {

// WB, section 3.1 and its table of constants.
constexpr double first_shift = 1e-4, least_shift = 1e-20, most_shift = 1e40, first_growth = 100, growth = 8, decay = 1.0 / 3;
constexpr double most_multiplier = 1e3;

// δ_c. As small as dependent gradients allow: the step in λ is multiplied by 1/δ_c along them.
double softness_at(double mu) { return 1e-8 * (mu > 0 ? std::pow(mu, 0.25) : 1e-2); }

}  // namespace

NewtonKkt::NewtonKkt(const Barrier& barrier, Watch& watch)
    : barrier_(barrier),
      watch_(watch),
      n_(barrier.n),
      m_(barrier.m),
      memory_(std::size_t(n_ + m_) * (n_ + m_)),
      right_(n_ + m_),
      sigma_(n_ + m_),
      slope_(n_ + m_),
      flexibility_(m_),
      matrix_{memory_.data(), n_ + m_},
      factor_(n_ + m_) {}

// A fixed x has a row of its own, an idle constraint another: they move nothing.
Inertia NewtonKkt::assemble(const PrimalDual& at, const double* hessian, double shift, double softness) {
  for (int i = 0; i < n_; ++i) {
    const bool fixed = barrier_.fixed(i);
    for (int k = 0; k < i; ++k) matrix_(i, k) = hessian && !fixed && !barrier_.fixed(k) ? hessian[std::size_t(i) * n_ + k] : 0;
    matrix_(i, i) = fixed ? 1 : (hessian ? hessian[std::size_t(i) * n_ + i] : 0) + sigma_[i] + shift;
  }
  for (int j = 0; j < m_; ++j) {
    const int row = n_ + j;
    const bool idle = barrier_.idle(j);
    for (int i = 0; i < n_; ++i) matrix_(row, i) = idle || barrier_.fixed(i) ? 0 : at.jacobian[std::size_t(j) * n_ + i];
    for (int k = 0; k < j; ++k) matrix_(row, n_ + k) = 0;
    flexibility_[j] = barrier_.fixed(row) || idle ? 0 : 1 / (sigma_[row] + shift);
    matrix_(row, row) = idle ? -1 : -(softness + flexibility_[j]);
  }
  return factor_.factor(matrix_, n_ + m_);
}

Status NewtonKkt::factor(const PrimalDual& at, const Numbers& hessian, double mu) {
  for (int i = 0; i < n_ + m_; ++i) {
    sigma_[i] = 0;
    if (barrier_.fixed(i)) continue;
    if (barrier_.has_lower(i)) sigma_[i] += at.below[i] / (at.w[i] - barrier_.lower[i]);
    if (barrier_.has_upper(i)) sigma_[i] += at.above[i] / (barrier_.upper[i] - at.w[i]);
  }
  double softness = 0;
  shift_ = 0;
  for (;;) {
    if (const Status status = watch_.look(barrier_.evaluations); status != Status::running) return status;
    const Inertia inertia = assemble(at, hessian.data(), shift_, softness);
    if (inertia.positive == n_ && inertia.negative == m_) break;
    if (inertia.zero > 0 && softness == 0) {
      softness = softness_at(mu);
      if (shift_ == 0) continue;  // that may have been all
    }
    if (shift_ == 0)
      shift_ = last_shift_ == 0 ? first_shift : std::max(least_shift, decay * last_shift_);
    else
      shift_ *= last_shift_ == 0 ? first_growth : growth;
    if (!(shift_ < most_shift)) return Status::no_progress;
  }
  if (shift_ > 0) last_shift_ = shift_;
  return Status::running;
}

// With the slacks' rows (Σ_s + δ) ds − dλ = −r_s put into those of the constraints.
void NewtonKkt::substitute(const PrimalDual& at, const Numbers& residual, KktStep& step) {
  for (int i = 0; i < n_; ++i) {
    double slope = slope_[i];
    for (int j = 0; j < m_; ++j) slope += at.jacobian[std::size_t(j) * n_ + i] * at.multipliers[j];
    right_[i] = barrier_.fixed(i) ? 0 : -slope;
  }
  for (int j = 0; j < m_; ++j) {
    slope_[n_ + j] -= at.multipliers[j];
    right_[n_ + j] = barrier_.idle(j) ? 0 : -residual[j] - slope_[n_ + j] * flexibility_[j];
  }
  factor_.solve(right_.data());
  std::copy_n(right_.begin(), n_, step.w.begin());
  for (int j = 0; j < m_; ++j) {
    step.multipliers[j] = right_[n_ + j];
    step.w[n_ + j] = flexibility_[j] * (step.multipliers[j] - slope_[n_ + j]);
  }
}

void NewtonKkt::solve(const PrimalDual& at, double mu, const Numbers& residual, KktStep& step) {
  for (int i = 0; i < n_ + m_; ++i) slope_[i] = barrier_.slope(at, i, mu);
  substitute(at, residual, step);
  for (int i = 0; i < n_ + m_; ++i) {
    step.below[i] = step.above[i] = 0;
    if (barrier_.fixed(i)) continue;
    if (barrier_.has_lower(i)) step.below[i] = (mu - at.below[i] * step.w[i]) / (at.w[i] - barrier_.lower[i]) - at.below[i];
    if (barrier_.has_upper(i)) step.above[i] = (mu + at.above[i] * step.w[i]) / (barrier_.upper[i] - at.w[i]) - at.above[i];
  }
}

void NewtonKkt::estimate_multipliers(PrimalDual& at) {
  std::fill(at.multipliers.begin(), at.multipliers.end(), 0.0);
  std::fill(sigma_.begin(), sigma_.end(), 1.0);
  KktStep step(n_, m_);
  if (assemble(at, nullptr, 0, 0).zero > 0) assemble(at, nullptr, 0, softness_at(0));
  for (int i = 0; i < n_ + m_; ++i) slope_[i] = barrier_.fixed(i) ? 0 : (i < n_ ? at.gradient[i] : 0) - at.below[i] + at.above[i];
  substitute(at, Numbers(m_, 0.0), step);
  for (int j = 0; j < m_; ++j)
    if (!(std::abs(step.multipliers[j]) <= most_multiplier)) return;
  at.multipliers = step.multipliers;
}

}  // namespace fastcalc
