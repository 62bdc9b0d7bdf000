// linalg: symmetric matrices by rows, each from its first entry that is not zero, and their factorisation: a banded matrix costs
// no more than its band, a full one no more than elsewhere (George and Liu 1981, chapter 4: fill-in stays inside the profile).
//
// Comes in: the lower triangle of A, n × n, and a shift λ. Goes out: L and D with L D Lᵀ = A + λ I.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "matrix.hpp"

namespace fastcalc {

class ProfileMatrix {
 public:
  explicit ProfileMatrix(int most_rows) : first_(most_rows), at_(most_rows) {}

  void clear() { n_ = 0, used_ = 0; }
  /// The lower triangle of a full matrix of so many rows, which stays the caller's.
  void read(const double* full, int rows) {
    n_ = rows, used_ = static_cast<std::size_t>(rows) * rows, data_ = full;
    for (int i = 0; i < rows; ++i) {
      const double* const row = full + (at_[i] = static_cast<std::ptrdiff_t>(i) * rows);
      int j = 0;
      while (j < i && row[j] == 0) ++j;
      first_[i] = j;
    }
  }
  /// One row more, which begins in column `first`; it is zero.
  double* append(int first) {
    const std::size_t length = n_ - first + 1;
    if (used_ + length > entries_.size()) entries_.resize(std::max(used_ + length, 2 * entries_.size()));
    first_[n_] = first;
    at_[n_] = static_cast<std::ptrdiff_t>(used_) - first;
    std::fill_n(entries_.data() + used_, length, 0.0);
    used_ += length, data_ = entries_.data();
    return appended(n_++);
  }
  int size() const { return n_; }
  int first(int i) const { return first_[i]; }
  std::size_t entries() const { return used_; }
  std::size_t reserved() const { return std::max(used_, entries_.size()); }
  /// Of the entries, the one that is in column 0 of a row, were it there.
  std::ptrdiff_t at(int i) const { return at_[i]; }
  /// Column j, first(i) ≤ j ≤ i, is row(i)[j].
  const double* row(int i) const { return data_ + at_[i]; }
  double* appended(int i) { return entries_.data() + at_[i]; }  ///< the same, to be written

  double quadratic(const double* v) const;                // vᵀ A v
  void multiply(const double* v, double* product) const;  // A v

 private:
  int n_ = 0;
  std::size_t used_ = 0;  // of the entries that there is memory for
  std::vector<int> first_;
  std::vector<std::ptrdiff_t> at_;  // of column 0, were it there
  std::vector<double> entries_;     // of rows that were appended
  const double* data_ = nullptr;    // of all
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
