// linalg: one matrix factorised, by LAPACK's routines that NumPy calls too, in the same layout, so that pivots and signs are NumPy's.
//
// Comes in: C-ordered matrices. Goes out: C-ordered ones where a name says nothing else, and how it went. What a routine overwrites is
// scratch memory that grows with the first run and stays.
#pragma once

#include <cstddef>
#include <vector>

#include "../base/status.hpp"

namespace fastcalc {

class Scratch {
 public:
  /// All that was given out may be given out again.
  void begin() { next_ = 0; }

  double* numbers(std::size_t size) {
    if (next_ == numbers_.size()) numbers_.emplace_back();
    return at_least(numbers_[next_++], size);
  }

  /// Good until they are asked for again.
  int* integers(std::size_t size) { return at_least(integers_, size); }

 private:
  template <class T>
  static T* at_least(std::vector<T>& memory, std::size_t size) {
    if (memory.size() < size) memory.resize(size);
    return memory.data();
  }
  std::vector<std::vector<double>> numbers_;
  std::size_t next_ = 0;
  std::vector<int> integers_;
};

/// P A = L U: `lu` gets both by columns (n n), then LAPACK's pivots (n). A singular matrix is no failure.
void lu_factorise(int n, const double* a, double* lu, Scratch&);

/// X (n, k) of A X = B or Aᵀ X = B, `count` of them one behind the other. Fails where A is singular.
Status lu_solve(int n, int k, int count, const double* lu, bool transposed, const double* b, double* x, Scratch&);

double lu_determinant(int n, const double* lu);

/// Sign and log|det|: 0 and −inf where it is singular.
void lu_sign_and_log(int n, const double* lu, double* both);

/// ∂det A/∂A.
Status cofactor_matrix(int n, const double* a, double* out, Scratch&);

/// L, of the lower triangle of A; zeros above. Fails where A is not positive definite.
Status cholesky_factorise(int n, const double* a, double* l, Scratch&);

/// Eigenvalues and, unless `vectors` is null, eigenvectors one behind the other, of the lower triangle of A.
Status eigen_decompose(int n, const double* a, double* values, double* vectors, Scratch&);

/// Q by columns (m n) and R (n n), m ≥ n.
void qr_factorise(int m, int n, const double* a, double* q, double* r, Scratch&);

/// Singular values (k = min(m, n)) and, unless `u` is null, U by columns (m k) and Vᵀ by columns (k n).
Status singular_decompose(int m, int n, const double* a, double* u, double* values, double* vt, Scratch&);

/// A⁺ (n, m), singular values up to rcond · the largest being taken as zero, then the number of the others.
Status pseudo_inverse(int m, int n, const double* a, double rcond, double* out, Scratch&);

}  // namespace fastcalc
