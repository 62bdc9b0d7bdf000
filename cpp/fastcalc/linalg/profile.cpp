// linalg: see profile.hpp.
#include "profile.hpp"

#include <algorithm>

namespace fastcalc {

void ProfileCholesky::profile(MatrixView a, int n) {
  n_ = n;
  for (int i = 0; i < n; ++i) {
    const double* row = a.row(i);
    first_[i] = static_cast<int>(std::find_if(row, row + i, [](double entry) { return entry != 0; }) - row);
  }
}

bool ProfileCholesky::factor(MatrixView a, int n, double shift) {
  n_ = n;
  for (int i = 0; i < n; ++i) {
    const double* from = a.row(i);
    double* row = l_.row(i);
    for (int j = first_[i]; j < i; ++j) {
      const int k = std::max(first_[i], first_[j]);
      row[j] = (from[j] - (k < j ? dot(row + k, l_.row(j) + k, j - k) : 0.0)) * inverse_[j];
    }
    pivot_ = from[i] + shift - dot(row + first_[i], row + first_[i], i - first_[i]);
    failed_ = i;
    if (!(pivot_ > 0) || !std::isfinite(pivot_)) return false;
    row[i] = std::sqrt(pivot_);
    inverse_[i] = 1 / row[i];
  }
  return true;
}

// With L_k the rows before the failed one, k, and l its own: v = (−L_k⁻ᵀ l, 1, 0 …) makes vᵀ (A + λ I) v the pivot.
double ProfileCholesky::shortfall(double* v) const {
  std::fill_n(v, n_, 0.0);
  for (int j = first_[failed_]; j < failed_; ++j) v[j] = -l_(failed_, j);
  for (int i = failed_ - 1; i >= 0; --i) {
    v[i] *= inverse_[i];
    for (int j = first_[i]; j < i; ++j) v[j] -= l_(i, j) * v[i];
  }
  v[failed_] = 1;
  const double length = norm(v, n_);
  return -pivot_ / length / length;
}

void ProfileCholesky::solve(double* b) const {
  solve_lower(b);
  solve_upper(b);
}

void ProfileCholesky::solve_lower(double* b) const {
  for (int i = 0; i < n_; ++i) b[i] = (b[i] - dot(l_.row(i) + first_[i], b + first_[i], i - first_[i])) * inverse_[i];
}

void ProfileCholesky::solve_upper(double* b) const {
  for (int i = n_ - 1; i >= 0; --i) {
    b[i] *= inverse_[i];
    const double* row = l_.row(i);
    for (int j = first_[i]; j < i; ++j) b[j] -= row[j] * b[i];
  }
}

double ProfileCholesky::weakest(double* v) const {
  for (int i = 0; i < n_; ++i) {
    const double sum = dot(l_.row(i) + first_[i], v + first_[i], i - first_[i]);
    v[i] = ((sum > 0 ? -1 : 1) - sum) * inverse_[i];
  }
  const double before = norm(v, n_);
  solve_upper(v);
  const double length = norm(v, n_);
  for (int i = 0; i < n_; ++i) v[i] /= length;
  return before / length;
}

double ProfileCholesky::quadratic(MatrixView a, const double* v) const {
  double sum = 0;
  for (int i = 0; i < n_; ++i) sum += v[i] * (a(i, i) * v[i] + 2 * dot(a.row(i) + first_[i], v + first_[i], i - first_[i]));
  return sum;
}

void ProfileCholesky::multiply(MatrixView a, const double* v, double* product) const {
  for (int i = 0; i < n_; ++i) {
    const double* row = a.row(i);
    product[i] = row[i] * v[i] + dot(row + first_[i], v + first_[i], i - first_[i]);
    for (int j = first_[i]; j < i; ++j) product[j] += row[j] * v[i];
  }
}

}  // namespace fastcalc
