// linalg: Cholesky factorisation of a symmetric matrix by rows, each from its first entry that is not zero: a banded matrix costs no more
// than its band, a full one no more than elsewhere (George and Liu 1981, chapter 4: fill-in stays inside the profile).
//
// Comes in: A, n × n, of which the lower triangle is read, and a shift λ. Goes out: L with L Lᵀ = A + λ I.
#pragma once

#include <vector>

#include "matrix.hpp"

namespace fastcalc {

class ProfileCholesky {
 public:
  explicit ProfileCholesky(int n) : first_(n), inverse_(n), memory_(static_cast<std::size_t>(n) * n), l_{memory_.data(), n} {}

  /// Finds each row's first entry; before a matrix is factored for the first time.
  void profile(MatrixView a, int n);

  /// False where A + λ I is not positive definite: then a row of L is missing.
  bool factor(MatrixView a, int n, double shift);

  /// After a failure: v and δ with vᵀ (A + λ I) v = −δ, the pivot that should have been positive; returns δ / |v|², which λ must grow by
  /// at least. `v` holds n.
  double shortfall(double* v) const;

  void solve(double* b) const;        // (L Lᵀ) x = b
  void solve_lower(double* b) const;  // L x = b
  void solve_upper(double* b) const;  // Lᵀ x = b

  /// A unit vector v for which |Lᵀ v| is about as small as can be, and this length (LINPACK's estimate: Cline et al. 1979).
  double weakest(double* v) const;

  /// vᵀ A v.
  double quadratic(MatrixView a, const double* v) const;

  /// A v.
  void multiply(MatrixView a, const double* v, double* product) const;

 private:
  int n_ = 0, failed_ = 0;
  double pivot_ = 0;
  std::vector<int> first_;
  std::vector<double> inverse_;  // of the diagonal of L
  std::vector<double> memory_;
  MatrixView l_;
};

}  // namespace fastcalc
