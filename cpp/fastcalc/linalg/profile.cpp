// linalg: see profile.hpp.
#include "profile.hpp"

#include <algorithm>

namespace fastcalc {

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

namespace {

/// u becomes l = D⁻¹ u, and Σ u_j l_j is returned: in four chains of additions, or one of a few.
double scaled(double* u, const double* inverse, int n) {
  const auto product = [&](int j) {
    const double before = u[j];
    u[j] = before * inverse[j];
    return before * u[j];
  };
  double few = 0;
  if (n < 4) return last_ones(0, n, [&](int, int j) { few += product(j); }), few;
  double sum[4] = {};
  for (int j = 0; j < n; ++j) sum[j % 4] += product(j);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

}  // namespace

// Row i of L D Lᵀ = A + λ I: with u_j = a_ij − Σ_k u_k l_jk, l_ij = u_j / d_j and d_i = a_ii + λ − Σ u_j l_ij (Golub and Van Loan 2013,
// section 4.1). From one row of a band to the next this waits for one division, and for no square root.
bool ProfileFactor::decompose(const ProfileMatrix& a, double shift) {
  a_ = &a;
  if (l_.size() < a.entries()) l_.resize(a.reserved());
  for (int i = 0; i < a.size(); ++i) {
    const double* from = a.row(i);
    double* to = row(i);
    const int first = a.first(i);
    for (int j = first; j < i; ++j) {
      const int k = std::max(first, a.first(j));
      to[j] = from[j] - (k < j ? dot(to + k, row(j) + k, j - k) : 0.0);
    }
    pivot_ = from[i] + shift - scaled(to + first, inverse_.data() + first, i - first);
    failed_ = i;
    if (!(pivot_ > 0) || !std::isfinite(pivot_)) return false;
    inverse_[i] = 1 / pivot_;
  }
  return true;
}

// With L_k the rows before the failed one, k, and l its own: v = (−L_k⁻ᵀ l, 1, 0 …) makes vᵀ (A + λ I) v the pivot.
double ProfileFactor::shortfall(double* v) const {
  std::fill_n(v, a_->size(), 0.0);
  const double* last = row(failed_);
  for (int j = a_->first(failed_); j < failed_; ++j) v[j] = -last[j];
  backward(v, failed_);
  v[failed_] = 1;
  const double length = norm(v, a_->size());
  return -pivot_ / length / length;
}

// L x = b.
void ProfileFactor::forward(double* b) const {
  for (int i = 0; i < a_->size(); ++i) {
    const int first = a_->first(i);
    b[i] -= dot(row(i) + first, b + first, i - first);
  }
}

// Lᵀ x = b, of the first `rows`.
void ProfileFactor::backward(double* b, int rows) const {
  for (int i = rows - 1; i >= 0; --i) {
    const double* l = row(i);
    for (int j = a_->first(i); j < i; ++j) b[j] -= l[j] * b[i];
  }
}

void ProfileFactor::solve(double* b) const {
  forward(b);
  for (int i = 0; i < a_->size(); ++i) b[i] *= inverse_[i];
  backward(b, a_->size());
}

// |D^−½ L⁻¹ b|.
double ProfileFactor::solved_norm(double* b) const {
  forward(b);
  for (int i = 0; i < a_->size(); ++i) b[i] *= std::sqrt(inverse_[i]);
  return norm(b, a_->size());
}

// With C = L D^½, C w = ±1, of which the signs make w long, and Cᵀ v = w: then |Cᵀ v| / |v| = |w| / |v|.
double ProfileFactor::weakest(double* v) const {
  const int n = a_->size();
  for (int i = 0; i < n; ++i) {
    const int first = a_->first(i);
    const double sum = dot(row(i) + first, v + first, i - first);
    v[i] = (sum > 0 ? -1 : 1) - sum;
  }
  for (int i = 0; i < n; ++i) v[i] *= std::sqrt(inverse_[i]);
  const double before = norm(v, n);
  for (int i = 0; i < n; ++i) v[i] *= std::sqrt(inverse_[i]);
  backward(v, n);
  const double length = norm(v, n);
  for (int i = 0; i < n; ++i) v[i] /= length;
  return before / length;
}

}  // namespace fastcalc
