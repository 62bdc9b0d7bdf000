// linalg: see profile.hpp.
#include "profile.hpp"

#include <algorithm>

namespace fastcalc {

void ProfileMatrix::shape_like(const ProfileMatrix& other) {
  n_ = other.n_;
  std::copy_n(other.first_.begin(), n_, first_.begin());
  std::copy_n(other.at_.begin(), n_, at_.begin());
  entries_.reserve(other.entries_.capacity());
  entries_.resize(other.entries_.size());
}

double ProfileMatrix::quadratic(const double* v) const {
  double sum = 0;
  for (int i = 0; i < n_; ++i) {
    const int first = first_[i];
    sum += v[i] * (row(i)[i] * v[i] + 2 * dot(row(i) + first, v + first, i - first));
  }
  return sum;
}

void ProfileMatrix::multiply(const double* v, double* product) const {
  for (int i = 0; i < n_; ++i) {
    const double* a = row(i);
    const int first = first_[i];
    product[i] = a[i] * v[i] + dot(a + first, v + first, i - first);
    for (int j = first; j < i; ++j) product[j] += a[j] * v[i];
  }
}

bool ProfileCholesky::factor(const ProfileMatrix& a, double shift) {
  l_.shape_like(a);
  for (int i = 0; i < a.size(); ++i) {
    const double* from = a.row(i);
    double* row = l_.row(i);
    const int first = a.first(i);
    for (int j = first; j < i; ++j) {
      const int k = std::max(first, a.first(j));
      row[j] = (from[j] - (k < j ? dot(row + k, l_.row(j) + k, j - k) : 0.0)) * inverse_[j];
    }
    pivot_ = from[i] + shift - dot(row + first, row + first, i - first);
    failed_ = i;
    if (!(pivot_ > 0) || !std::isfinite(pivot_)) return false;
    row[i] = std::sqrt(pivot_);
    inverse_[i] = 1 / row[i];
  }
  return true;
}

// With L_k the rows before the failed one, k, and l its own: v = (−L_k⁻ᵀ l, 1, 0 …) makes vᵀ (A + λ I) v the pivot.
double ProfileCholesky::shortfall(double* v) const {
  std::fill_n(v, l_.size(), 0.0);
  const double* last = l_.row(failed_);
  for (int j = l_.first(failed_); j < failed_; ++j) v[j] = -last[j];
  for (int i = failed_ - 1; i >= 0; --i) {
    v[i] *= inverse_[i];
    const double* row = l_.row(i);
    for (int j = l_.first(i); j < i; ++j) v[j] -= row[j] * v[i];
  }
  v[failed_] = 1;
  const double length = norm(v, l_.size());
  return -pivot_ / length / length;
}

void ProfileCholesky::solve(double* b) const {
  solve_lower(b);
  solve_upper(b);
}

void ProfileCholesky::solve_lower(double* b) const {
  for (int i = 0; i < l_.size(); ++i) {
    const int first = l_.first(i);
    b[i] = (b[i] - dot(l_.row(i) + first, b + first, i - first)) * inverse_[i];
  }
}

void ProfileCholesky::solve_upper(double* b) const {
  for (int i = l_.size() - 1; i >= 0; --i) {
    b[i] *= inverse_[i];
    const double* row = l_.row(i);
    for (int j = l_.first(i); j < i; ++j) b[j] -= row[j] * b[i];
  }
}

double ProfileCholesky::weakest(double* v) const {
  const int n = l_.size();
  for (int i = 0; i < n; ++i) {
    const int first = l_.first(i);
    const double sum = dot(l_.row(i) + first, v + first, i - first);
    v[i] = ((sum > 0 ? -1 : 1) - sum) * inverse_[i];
  }
  const double before = norm(v, n);
  solve_upper(v);
  const double length = norm(v, n);
  for (int i = 0; i < n; ++i) v[i] /= length;
  return before / length;
}

}  // namespace fastcalc
