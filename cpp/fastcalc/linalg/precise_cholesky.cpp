// linalg: see precise_cholesky.hpp.
#include "precise_cholesky.hpp"

#include <algorithm>

namespace fastcalc {
namespace {

// A row of pairs, as AddMultiple takes it.
double* pairs(Precise* at) { return &at->high; }

}  // namespace

// Row i of RᵀR = A, once the rows above are subtracted: R_ii² = A_ii and R_ii R_ij = A_ij. Golub and Van Loan, Matrix Computations, 4.2.
PreciseCholesky::PreciseCholesky(const PreciseMatrix& a, double tolerance, AddMultiple add_multiple, Interrupt* interrupt)
    : factor_(a), dependent_(a.rows), add_multiple_(add_multiple), interrupt_(interrupt) {
  const int n = a.rows, columns = a.columns;
  for (int i = 0; i < n && !must_stop(); ++i) {
    Precise* const row = &factor_(i, 0);
    for (int k = 0; k < i; ++k) {
      if (dependent_[k]) continue;
      const Precise multiple = -factor_(k, i);
      add_multiple(pairs(row + i), pairs(&factor_(k, i)), multiple.high, multiple.low, columns - i);
    }
    const double length = a(i, i).high;
    if (!(row[i].high > tolerance * tolerance * length)) {
      dependent_[i] = true;
      std::fill(row + i, row + columns, Precise{0, 0});
      continue;
    }
    row[i] = square_root(row[i]);
    const Precise inverse = Precise{1, 0} / row[i];
    for (int j = i + 1; j < columns; ++j) row[j] = row[j] * inverse;
  }
}

bool PreciseCholesky::must_stop() {
  interrupted_ = interrupted_ || (interrupt_ && interrupt_->requested());
  return interrupted_;
}

int PreciseCholesky::rank() const { return static_cast<int>(std::count(dependent_.begin(), dependent_.end(), false)); }

PreciseMatrix PreciseCholesky::solution() const {
  PreciseMatrix x(size(), factor_.columns - size());
  for (int i = 0; i < x.rows; ++i)
    for (int c = 0; c < x.columns; ++c) x(i, c) = carried(i, c);
  solve_upper(x);
  return x;
}

PreciseMatrix PreciseCholesky::solution(PreciseMatrix b) const {
  for (int k = 0; k < size(); ++k)  // Rᵀ z = b
    for (int c = 0; c < b.columns; ++c) {
      Precise sum = b(k, c);
      for (int i = 0; i < k; ++i) sum = sum - factor_(i, k) * b(i, c);
      b(k, c) = dependent_[k] ? Precise{0, 0} : sum / factor_(k, k);
    }
  solve_upper(b);
  return b;
}

// R x = z.
void PreciseCholesky::solve_upper(PreciseMatrix& z) const {
  for (int k = size() - 1; k >= 0; --k)
    for (int c = 0; c < z.columns && !dependent_[k]; ++c) {
      Precise sum = z(k, c);
      for (int j = k + 1; j < size(); ++j) sum = sum - factor_(k, j) * z(j, c);
      z(k, c) = sum / factor_(k, k);
    }
}

// A⁻¹ = R⁻¹ R⁻ᵀ. Row i of T = R⁻¹ is zero before i, so (A⁻¹)_ij = Σ_{k ≥ max(i, j)} T_ik T_jk.
PreciseMatrix PreciseCholesky::inverse() {
  const int n = size();
  PreciseMatrix t(n, n), result(n, n);
  for (int i = n - 1; i >= 0 && !must_stop(); --i) {
    if (dependent_[i]) continue;
    Precise* const row = &t(i, 0);
    const Precise diagonal = Precise{1, 0} / factor_(i, i);
    for (int k = i + 1; k < n; ++k) {  // R_ii T_ij = δ_ij − Σ_k R_ik T_kj
      const Precise multiple = -(factor_(i, k) * diagonal);
      if (dependent_[k]) continue;
      add_multiple_(pairs(row + k), pairs(&t(k, k)), multiple.high, multiple.low, n - k);
    }
    row[i] = diagonal;
  }
  PreciseMatrix transposed(n, n);
  for (int k = 0; k < n; ++k)
    for (int j = 0; j <= k; ++j) transposed(k, j) = t(j, k);
  for (int i = 0; i < n && !must_stop(); ++i) {
    for (int k = i; k < n; ++k) add_multiple_(pairs(&result(i, i)), pairs(&transposed(k, i)), t(i, k).high, t(i, k).low, k - i + 1);
    for (int j = i; j < n; ++j) result(j, i) = result(i, j);
  }
  return result;
}

// A dependent column d is the combination z of earlier ones for which R z = column d of R, so that e_d − z is mapped to 0. For all of them
// at once, from the last row of R to the first; of a column after d, R has no entry there, and so neither has z.
PreciseMatrix PreciseCholesky::null_space() {
  const int n = size(), count = n - rank();
  PreciseMatrix z(n, count), basis(count, n);
  for (int k = n - 1; k >= 0 && count > 0 && !must_stop(); --k) {
    if (dependent_[k]) continue;
    for (int d = 0, which = 0; d < n; ++d)
      if (dependent_[d]) z(k, which++) = d > k ? factor_(k, d) : Precise{0, 0};
    for (int j = k + 1; j < n; ++j) {
      const Precise multiple = -factor_(k, j);
      if (!dependent_[j]) add_multiple_(pairs(&z(k, 0)), pairs(&z(j, 0)), multiple.high, multiple.low, count);
    }
    const Precise inverse = Precise{1, 0} / factor_(k, k);
    for (int which = 0; which < count; ++which) z(k, which) = z(k, which) * inverse;
  }
  for (int d = 0, which = 0; d < n; ++d) {
    if (!dependent_[d]) continue;
    for (int k = 0; k < n; ++k) basis(which, k) = k == d ? Precise{1, 0} : -z(k, which);
    ++which;
  }
  return basis;
}

}  // namespace fastcalc
