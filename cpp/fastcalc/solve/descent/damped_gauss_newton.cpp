#include "damped_gauss_newton.hpp"

#include <numeric>

#include "../../linalg/cholesky.hpp"
#include "../../linalg/pivoted_qr.hpp"
#include "../../linalg/triangular.hpp"

namespace fastcalc {

namespace {

// The Cholesky factor of a Gram matrix loses ε κ² of the step, κ the condition of J with columns of unit length. Up to 1e6
// that is 2e-4, which the next iteration removes; beyond, the triangle, which loses ε κ, is worth its price.
constexpr double worst_condition = 1e6;

}  // namespace

DampedGaussNewton::DampedGaussNewton(Memory& memory, int n, const Box& box, double tolerance)
    : n_(n),
      box_(box),
      tolerance_(tolerance),
      solver_(memory, n),
      model_(memory, n),
      reduced_(memory, n),
      work_{memory.take(n * (n + 1)), n + 1},
      scale_(memory.take(n)),
      y_(memory.take(n)),
      reached_(memory.take(n)),
      solution_(memory.take(n)),
      scratch_(memory.take(n + 1)),
      lists_(5 * n),
      free_(lists_.data()),
      variable_(free_ + n),
      pivot_(variable_ + n),
      moving_(pivot_ + n),
      stopped_(moving_ + n) {}

std::size_t DampedGaussNewton::size(std::size_t n) { return DampedSolver::size(n) + 2 * LinearModel::size(n) + n * (n + 1) + 5 * n + 1; }

double DampedGaussNewton::scaled_norm(const double* x) const {
  double square = 0;
  for (int i = 0; i < n_; ++i) square += (scale_[i] * x[i]) * (scale_[i] * x[i]);
  return std::sqrt(square);
}

Status DampedGaussNewton::linearize(Evaluator& evaluator, Point& point) {
  evaluator.measure(point);
  if (factor(point, evaluator.unit)) return Status::running;
  if (const Status status = evaluator.evaluate(point, true); status != Status::running) return status;
  evaluator.measure(point);
  factor(point, evaluator.unit);
  return Status::running;
}

bool DampedGaussNewton::factor(const Point& point, double unit) {
  model_.columns = 0;
  steepest_ = 0;
  for (int i = 0; i < n_; ++i) {
    scale_[i] = std::max(scale_[i], point.column_norm[i]);
    // A column of zeros says nothing of its parameter, which therefore stays.
    if (box_.fixed(i) || point.column_norm[i] == 0 || box_.holds(i, point.x[i], point.slope[i])) continue;
    free_[model_.columns++] = i;
    steepest_ = std::max(steepest_, std::abs(point.slope[i]) / point.norm);
  }
  if (point.triangular)
    factor_triangle(point, unit);
  else if (!factor_gram(point, unit))
    return false;
  const int k = model_.columns;
  offset_ = norm(model_.b, k) / point.norm;
  for (int j = 0; j < k; ++j) {
    const double shrink = point.column_norm[variable_[j]] / scale_[variable_[j]];
    for (int i = 0; i <= j; ++i) model_.r(i, j) *= shrink;
  }
  return true;
}

// With columns of unit length: A = S JᵀJ S = RᵀR and b = R⁻ᵀ S Jᵀr.
bool DampedGaussNewton::factor_gram(const Point& point, double unit) {
  if (!in_range(point.matrix(n_, n_))) return false;
  for (int i = 0; i < n_; ++i)
    if (!box_.fixed(i) && !in_range(point.matrix(i, i))) return false;

  const int k = model_.columns;
  MatrixView& r = model_.r;
  for (int i = 0; i < k; ++i) scratch_[i] = 1 / (point.column_norm[free_[i]] * unit);
  for (int i = 0; i < k; ++i) {
    const double* row = point.matrix.row(free_[i]);
    for (int j = i; j < k; ++j) r(i, j) = row[free_[j]] * scratch_[i] * scratch_[j];
    r(i, k) = point.slope[free_[i]];
  }
  if (!cholesky(r, k, k + 1)) return false;
  if (k > 0 && !(inverse_norm_estimate(r, k, scratch_) <= worst_condition)) return false;
  for (int i = 0; i < k; ++i) model_.b[i] = r(i, k);
  std::copy_n(free_, k, variable_);
  model_.rank = k;
  return true;
}

void DampedGaussNewton::factor_triangle(const Point& point, double unit) {
  const int k = model_.columns;
  for (int i = 0; i < n_; ++i) {
    for (int j = 0; j < k; ++j) work_(i, j) = i <= free_[j] ? point.matrix(i, free_[j]) / unit / point.column_norm[free_[j]] : 0.0;
    work_(i, k) = point.matrix(i, n_) / unit;
  }
  pivoted_qr(work_, n_, k, 1, pivot_, scratch_);
  for (int i = 0; i < k; ++i) {
    std::copy(work_.row(i) + i, work_.row(i) + k, model_.r.row(i) + i);
    model_.b[i] = work_(i, k);
    variable_[i] = free_[pivot_[i]];
  }
  model_.rank = rank(model_.r, k, tolerance_);
}

Trial DampedGaussNewton::step(Evaluator&, const Point& point, const Reach& reach, double* next) {
  const int k = model_.columns;
  Trial trial;
  trial.damping = solver_.solve(model_, reach.length, reach.damping, y_);
  std::fill_n(stopped_, k, 0);
  if (box_.bounded) trial.damping = stay_inside(point.x, reach.length, trial.damping);

  std::copy_n(point.x, n_, next);
  for (int c = 0; c < k; ++c) {
    const int i = variable_[c];
    next[i] = stopped_[c] < 0 ? box_.lower[i] : stopped_[c] > 0 ? box_.upper[i] : box_.nearest(i, point.x[i] + y_[c] / scale_[i]);
    trial.moved = trial.moved || next[i] != point.x[i];
    trial.clamped = trial.clamped || stopped_[c] != 0;
  }
  // With q = R y: |r|² − |r + J p|² = −qᵀ(2b + q), in which nothing cancels near a Gauss–Newton step, where q = −b.
  trial.length = norm(y_, k);
  for (int i = 0; i < k; ++i) {
    const double q = dot(model_.r.row(i) + i, y_ + i, k - i) / point.norm;
    const double b = model_.b[i] / point.norm;
    trial.predicted -= q * (2 * b + q);
    trial.slope += q * b;
  }
  return trial;
}

// The path from x towards the damped step is followed to the first bound; there, the component is stopped, and the rest is solved
// again from where the path has come. Each piece lowers |r + J p|², since the point reached is feasible for the next problem.
// Ends after at most one piece a component. Returns λ of the last.
double DampedGaussNewton::stay_inside(const double* x, double radius, double lambda) {
  const int k = model_.columns;
  std::fill_n(reached_, k, 0.0);
  for (;;) {
    int first = -1;
    double fraction = 1, first_limit = 0;
    for (int c = 0; c < k; ++c) {
      if (stopped_[c] != 0) continue;
      const int i = variable_[c];
      const double limit = ((y_[c] < 0 ? box_.lower[i] : box_.upper[i]) - x[i]) * scale_[i];
      if (std::abs(y_[c]) <= std::abs(limit)) continue;
      const double part = std::clamp((limit - reached_[c]) / (y_[c] - reached_[c]), 0.0, 1.0);
      if (first >= 0 && part >= fraction) continue;
      first = c;
      fraction = part;
      first_limit = limit;
    }
    if (first < 0) return lambda;
    for (int c = 0; c < k; ++c)
      if (stopped_[c] == 0) reached_[c] += fraction * (y_[c] - reached_[c]);
    stopped_[first] = y_[first] < 0 ? -1 : 1;
    reached_[first] = first_limit;
    lambda = solve_moving(radius, lambda);
  }
}

// The damped step of the columns that no bound has stopped, the others being where the path has brought them.
double DampedGaussNewton::solve_moving(double radius, double guess) {
  const int k = model_.columns;
  int moving = 0;
  double used = 0, at_least = 0;
  for (int c = 0; c < k; ++c) {
    if (stopped_[c] == 0) moving_[moving++] = c;
    (stopped_[c] == 0 ? at_least : used) += reached_[c] * reached_[c];
  }
  std::copy_n(reached_, k, y_);
  if (moving == 0) return 0;
  for (int i = 0; i < k; ++i) {
    work_(i, moving) = model_.b[i];
    for (int j = i; j < k; ++j)
      if (stopped_[j] != 0) work_(i, moving) += model_.r(i, j) * reached_[j];
    for (int c = 0; c < moving; ++c) work_(i, c) = i <= moving_[c] ? model_.r(i, moving_[c]) : 0.0;
  }
  pivoted_qr(work_, k, moving, 1, pivot_, scratch_);
  for (int i = 0; i < moving; ++i) {
    std::copy(work_.row(i) + i, work_.row(i) + moving, reduced_.r.row(i) + i);
    reduced_.b[i] = work_(i, moving);
  }
  reduced_.columns = moving;
  reduced_.rank = rank(reduced_.r, moving, tolerance_);
  const double left = std::sqrt(std::max(radius * radius - used, at_least));
  const double lambda = solver_.solve(reduced_, left, guess, solution_);
  for (int i = 0; i < moving; ++i) y_[moving_[pivot_[i]]] = solution_[i];
  return lambda;
}

}  // namespace fastcalc
