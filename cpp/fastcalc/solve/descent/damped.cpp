#include "damped.hpp"

#include <limits>

#include "../../linalg/triangular.hpp"

namespace fastcalc {

double DampedSolver::solve(const LinearModel& model, double radius, double guess, double* p) {
  const int n = model.columns;
  const MatrixView& r = model.r;

  // λ = 0. Of a rank-deficient model the surplus parameters, which pivoting has put last, stay where they are.
  for (int i = 0; i < n; ++i) p[i] = i < model.rank ? -model.b[i] : 0.0;
  solve_upper(r, model.rank, p);
  double length = norm(p, n);
  double excess = length - radius;
  if (excess <= 0.1 * radius) return 0;

  // Bounds of λ: Newton's step from 0 falls short, and at |Rᵀb|/radius even the gradient is short enough (Moré, 5.3 and 5.4).
  double lower = 0;
  if (model.rank == n) {
    for (int i = 0; i < n; ++i) w_[i] = p[i] / length;
    solve_upper_transposed(r, n, w_);
    const double slope = norm(w_, n);
    lower = excess / radius / slope / slope;
  }
  std::fill_n(w_, n, 0.0);
  for (int i = 0; i < n; ++i)
    for (int j = i; j < n; ++j) w_[j] += r(i, j) * model.b[i];
  const double gradient = norm(w_, n);
  double upper = gradient / radius;
  double lambda = std::min(std::max(guess, lower), upper);
  if (lambda == 0) lambda = gradient / length;

  for (int iteration = 0;; ++iteration) {
    if (lambda == 0) lambda = std::max(std::numeric_limits<double>::min(), 0.001 * upper);
    damp(model, lambda, p);
    length = norm(p, n);
    const double before = excess;
    excess = length - radius;
    const bool too_short_and_shrinking = lower == 0 && excess <= before && before < 0;
    if (std::abs(excess) <= 0.1 * radius || too_short_and_shrinking || iteration == 9) return lambda;
    // Newton's step on 1/|p| − 1/radius: d|p|²/dλ = −2 |S⁻ᵀ p|².
    for (int i = 0; i < n; ++i) w_[i] = p[i] / length;
    solve_upper_transposed(s_, n, w_);
    const double slope = norm(w_, n);
    (excess > 0 ? lower : upper) = excess > 0 ? std::max(lower, lambda) : std::min(upper, lambda);
    lambda = std::max(lower, lambda + excess / radius / slope / slope);
  }
}

// Row j of √λ I is rotated into the triangle, one Givens rotation a column (Moré 1978, section 3; MINPACK's qrsolv).
void DampedSolver::damp(const LinearModel& model, double lambda, double* p) {
  const int n = model.columns;
  double* row = w_;
  for (int i = 0; i < n; ++i) {
    std::copy(model.r.row(i) + i, model.r.row(i) + n, s_.row(i) + i);
    c_[i] = -model.b[i];
  }
  for (int j = 0; j < n; ++j) {
    std::fill(row + j, row + n, 0.0);
    row[j] = std::sqrt(lambda);
    double rest = 0;
    for (int k = j; k < n; ++k) {
      if (row[k] == 0) continue;
      double* s = s_.row(k);
      const double length = std::sqrt(s[k] * s[k] + row[k] * row[k]);
      if (length == 0) continue;  // both vanish when squared: nothing to rotate
      const double cosine = s[k] / length, sine = row[k] / length;
      s[k] = length;
      for (int i = k + 1; i < n; ++i) {
        const double upper = s[i];
        s[i] = cosine * upper + sine * row[i];
        row[i] = cosine * row[i] - sine * upper;
      }
      const double upper = c_[k];
      c_[k] = cosine * upper + sine * rest;
      rest = cosine * rest - sine * upper;
    }
  }
  std::copy_n(c_, n, p);
  solve_upper(s_, n, p);
}

}  // namespace fastcalc
