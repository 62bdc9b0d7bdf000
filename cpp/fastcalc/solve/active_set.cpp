// solve: see active_set.hpp.
#include "active_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/finite.hpp"
#include "../linalg/least_eigenvalue.hpp"
#include "../linalg/pivoted_qr.hpp"

namespace fastcalc {

namespace {

constexpr double near = 1e-3;  // a bound further away than this part of its size is not active, whatever its multiplier
constexpr double dependence = 1e-10;
constexpr double rounding = 1e-9;

}  // namespace

ActiveSet::ActiveSet(Barrier& barrier)
    : barrier_(barrier),
      n_(barrier.n),
      m_(barrier.m),
      side_(n_ + m_),
      hessian_(std::size_t(n_) * n_),
      memory_(std::size_t(n_ + m_) * (n_ + m_)),
      factor_(n_ + m_) {}

void ActiveSet::find(const PrimalDual& at) {
  for (int i = 0; i < n_ + m_; ++i) {
    side_[i] = 0;
    if (barrier_.fixed(i)) continue;
    const double below = at.w[i] - barrier_.lower[i], above = barrier_.upper[i] - at.w[i];
    if (barrier_.has_lower(i) && at.below[i] > below && below <= near * std::max(1.0, std::abs(barrier_.lower[i]))) side_[i] = -1;
    if (barrier_.has_upper(i) && at.above[i] > above && above <= near * std::max(1.0, std::abs(barrier_.upper[i]))) side_[i] = 1;
  }
}

// ∂/∂x_i of f + λᵀc.
double ActiveSet::reduced_gradient(const PrimalDual& at, int i) const {
  double slope = at.gradient[i];
  for (int j = 0; j < m_; ++j) slope += at.jacobian[std::size_t(j) * n_ + i] * at.multipliers[j];
  return slope;
}

void ActiveSet::hold(PrimalDual& at) const {
  for (int i = 0; i < n_ + m_; ++i)
    if (is_active(i)) at.w[i] = side_[i] > 0 ? barrier_.exact_upper[i] : barrier_.exact_lower[i];
}

void ActiveSet::settle(PrimalDual& at) const {
  for (int j = 0; j < m_; ++j)
    if (!is_active(n_ + j)) at.w[n_ + j] = std::clamp(at.values[j], barrier_.lower[n_ + j], barrier_.upper[n_ + j]);
  for (int i = 0; i < n_ + m_; ++i) {
    const double push = i < n_ ? reduced_gradient(at, i) : -at.multipliers[i - n_];
    at.below[i] = side_[i] < 0 ? push : 0;
    at.above[i] = side_[i] > 0 ? -push : 0;
  }
}

double ActiveSet::error(const PrimalDual& at) const {
  double largest = 0;
  for (int i = 0; i < n_; ++i)
    if (!is_active(i)) largest = std::max(largest, std::abs(reduced_gradient(at, i)));
  for (int j = 0; j < m_; ++j)
    if (is_active(n_ + j)) largest = std::max(largest, std::abs(barrier_.residual(at, j)));
  return largest;
}

bool ActiveSet::feasible(const PrimalDual& at) const {
  for (int i = 0; i < n_; ++i)
    if (!is_active(i) && !(at.w[i] >= barrier_.lower[i] && at.w[i] <= barrier_.upper[i])) return false;
  for (int j = 0; j < m_; ++j)
    if (!(std::abs(barrier_.residual(at, j)) <= rounding)) return false;  // a slack is inside its bounds
  return true;
}

// The bound that pulls hardest towards itself, where it should push.
bool ActiveSet::let_go(const PrimalDual& at) {
  int worst = -1;
  double pull = rounding;
  for (int i = 0; i < n_ + m_; ++i) {
    const double against = side_[i] < 0 ? -at.below[i] : side_[i] > 0 ? -at.above[i] : 0;
    if (against <= pull) continue;
    pull = against;
    worst = i;
  }
  if (worst >= 0) side_[worst] = 0;
  return worst >= 0;
}

// One step for x and all of the active constraints' λ.
bool ActiveSet::newton(const PrimalDual& at, Numbers& dx, Numbers& multipliers) {
  const MatrixView matrix{memory_.data(), n_ + m_};
  Numbers right(n_ + m_);
  for (int i = 0; i < n_; ++i) {
    const bool still = is_active(i);
    for (int k = 0; k < i; ++k) matrix(i, k) = still || is_active(k) ? 0 : hessian_[std::size_t(i) * n_ + k];
    matrix(i, i) = still ? 1 : hessian_[std::size_t(i) * n_ + i];
    right[i] = still ? 0 : -at.gradient[i];
  }
  for (int j = 0; j < m_; ++j) {
    const int row = n_ + j;
    const bool active = is_active(row);
    for (int i = 0; i < n_; ++i) matrix(row, i) = active && !is_active(i) ? at.jacobian[std::size_t(j) * n_ + i] : 0;
    for (int k = 0; k < j; ++k) matrix(row, n_ + k) = 0;
    matrix(row, row) = active ? 0 : 1;
    right[row] = active ? -barrier_.residual(at, j) : 0;
  }
  factor_.factor(matrix, n_ + m_);
  factor_.solve(right.data());
  std::copy_n(right.begin(), n_, dx.begin());
  std::copy_n(right.begin() + n_, m_, multipliers.begin());
  return all_finite(right);
}

Status ActiveSet::solve(PrimalDual& best) {
  PrimalDual next = best;
  hold(next);
  Status status = barrier_.differentiate(next);
  for (int j = 0; j < m_; ++j)
    if (!is_active(n_ + j)) next.multipliers[j] = 0;
  error_ = std::numeric_limits<double>::infinity();
  Numbers dx(n_);
  for (int round = 0; round < 10 && status == Status::running && Barrier::finite(next, true); ++round) {
    const double reached = error(next);
    if (!(reached < error_)) break;
    error_ = reached;
    best = next;
    if (error_ == 0) break;
    status = barrier_.hessian(best, hessian_.data());
    if (status != Status::running || !all_finite(hessian_) || !newton(best, dx, next.multipliers)) break;
    for (int i = 0; i < n_; ++i)
      if (!is_active(i)) next.w[i] = best.w[i] + dx[i];
    status = barrier_.differentiate(next);
  }
  settle(best);
  return status;
}

// A variable that is merely small looks as if its bound held it: what the bound does not explain is tried without it.
Status ActiveSet::polish(PrimalDual& at, bool& polished) {
  const std::vector<int> sides = side_;
  polished = false;
  for (const bool held : {true, false}) {
    side_ = sides;
    if (!held) std::fill_n(side_.begin(), n_, 0);
    if (!held && side_ == sides) break;
    if (const Status status = polish_held(at, polished); status != Status::running || polished) return status;
  }
  side_ = sides;
  return Status::running;
}

Status ActiveSet::polish_held(PrimalDual& at, bool& polished) {
  const double before = barrier_.errors(at, 0).largest();
  for (int round = 0; round <= n_ + m_; ++round) {
    PrimalDual best = at;
    if (const Status status = solve(best); status != Status::running) return status;
    if (let_go(best)) continue;
    polished = error_ <= before && feasible(best);
    if (polished) at = best;
    break;
  }
  return Status::running;
}

// The gradients of active constraints by the x that can move, scaled to a common length: Aᵀ P = Q R. The rows of Qᵀ beyond the rank span
// the directions Z along which no constraint changes, and Z H Zᵀ is what decides.
Status ActiveSet::curvature(const PrimalDual& at, double& least, Numbers& direction) {
  std::vector<int> variables, rows;
  for (int i = 0; i < n_; ++i)
    if (!is_active(i)) variables.push_back(i);
  for (int j = 0; j < m_; ++j)
    if (is_active(n_ + j)) rows.push_back(j);
  const int free = static_cast<int>(variables.size()), held = static_cast<int>(rows.size());

  const int width = held + free;
  Numbers work(std::size_t(std::max(free, 1)) * width), scratch(width);
  const MatrixView qr{work.data(), width};
  for (int a = 0; a < held; ++a) {
    const double* row = at.jacobian.data() + std::size_t(rows[a]) * n_;
    double square = 0;
    for (int i : variables) square += row[i] * row[i];
    for (int i = 0; i < free; ++i) qr(i, a) = square > 0 ? row[variables[i]] / std::sqrt(square) : 0;
  }
  for (int i = 0; i < free; ++i)
    for (int k = 0; k < free; ++k) qr(i, held + k) = i == k;
  std::vector<int> pivot(held);
  pivoted_qr(qr, free, held, free, pivot.data(), scratch.data());
  const int independent = held && free ? rank(qr, std::min(held, free), dependence) : 0;
  dependent_.clear();
  for (int k = independent; k < held; ++k) dependent_.push_back(rows[pivot[k]]);
  std::sort(dependent_.begin(), dependent_.end());

  const Status status = barrier_.hessian(at, hessian_.data());
  if (status != Status::running) return status;
  const int left = free - independent;
  Numbers product(std::size_t(left) * free), reduced(std::size_t(left) * left);
  for (int a = 0; a < left; ++a)
    for (int i = 0; i < free; ++i)
      for (int k = 0; k < free; ++k)
        product[std::size_t(a) * free + i] += qr(independent + a, held + k) * hessian_[std::size_t(variables[k]) * n_ + variables[i]];
  for (int a = 0; a < left; ++a)
    for (int b = 0; b < left; ++b)
      reduced[std::size_t(a) * left + b] = dot(&product[std::size_t(a) * free], &qr(independent + b, held), free);
  Numbers of_least;
  least = least_eigenvalue({reduced.data(), left}, left, of_least);
  direction.assign(n_, 0.0);
  for (int a = 0; a < left; ++a)
    for (int i = 0; i < free; ++i) direction[variables[i]] += of_least[a] * qr(independent + a, held + i);
  return status;
}

}  // namespace fastcalc
