// linalg: symmetric matrices by rows, each from its first entry that is not zero, and their factorisation: a banded matrix costs
// no more than its band, a full one no more than elsewhere (George and Liu 1981, chapter 4: fill-in stays inside the profile).
//
// Comes in: the lower triangle of A, n × n, and a shift λ. Goes out: L and D with L D Lᵀ = A + λ I.
#pragma once

#include <cstddef>
#include <vector>

#include "matrix.hpp"

namespace fastcalc {

class ProfileMatrix {
 public:
  explicit ProfileMatrix(int most_rows) : first_(most_rows), at_(most_rows) {}

  void reserve(std::size_t entries) { entries_.reserve(entries); }
  void clear() {
    n_ = 0;
    entries_.clear();
  }
  /// One row more, which begins in column `first`; it is zero.
  double* append(int first) {
    first_[n_] = first;
    at_[n_] = static_cast<std::ptrdiff_t>(entries_.size()) - first;
    entries_.resize(entries_.size() + n_ - first + 1);
    return row(n_++);
  }
  int size() const { return n_; }
  int first(int i) const { return first_[i]; }
  std::size_t entries() const { return entries_.size(); }
  std::size_t reserved() const { return entries_.capacity(); }
  /// Of the entries, the one that is in column 0 of a row, were it there.
  std::ptrdiff_t at(int i) const { return at_[i]; }
  /// Column j, first(i) ≤ j ≤ i, is row(i)[j].
  double* row(int i) { return entries_.data() + at_[i]; }
  const double* row(int i) const { return entries_.data() + at_[i]; }

  double quadratic(const double* v) const;                // vᵀ A v
  void multiply(const double* v, double* product) const;  // A v

 private:
  int n_ = 0;
  std::vector<int> first_;
  std::vector<std::ptrdiff_t> at_;  // of column 0, were it there
  std::vector<double> entries_;
};

/// L D Lᵀ, L with ones on its diagonal, in the profile of A.
class ProfileFactor {
 public:
  explicit ProfileFactor(int most_rows) : inverse_(most_rows) {}

  /// False where A + λ I is not positive definite: then a row of L is missing. A stays the caller's, and its profile as it is.
  bool decompose(const ProfileMatrix& a, double shift);

  /// After a failure: v and δ with vᵀ (A + λ I) v = −δ, the pivot that should have been positive; returns δ / |v|², which λ must grow by
  /// at least. `v` holds n.
  double shortfall(double* v) const;

  /// b becomes (A + λ I)⁻¹ b.
  void solve(double* b) const;

  /// The root of bᵀ (A + λ I)⁻¹ b; b is overwritten.
  double solved_norm(double* b) const;

  /// A unit vector v for which the root of vᵀ (A + λ I) v is about as small as can be, and this root (LINPACK's estimate: Cline et al.
  /// 1979).
  double weakest(double* v) const;

 private:
  double* row(int i) { return l_.data() + a_->at(i); }
  const double* row(int i) const { return l_.data() + a_->at(i); }
  void forward(double* b) const;
  void backward(double* b, int rows) const;

  int failed_ = 0;
  double pivot_ = 0;
  std::vector<double> inverse_;  // of D
  std::vector<double> l_;
  const ProfileMatrix* a_ = nullptr;
};

}  // namespace fastcalc
