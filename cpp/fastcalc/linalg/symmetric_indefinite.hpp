// linalg: a symmetric matrix that need not be definite, factored as P S A S Pᵀ = L D Lᵀ, D of 1 × 1 and 2 × 2 blocks.
//
// Comes in: A, its lower triangle. Goes out: the inertia (how many eigenvalues are positive, negative, zero, by Sylvester's law that of D)
// and solutions. S brings the rows to a common size, so that a pivot can be told from rounding whatever the units are. Pivots are found
// by rook search (Ashcraft, Grimes and Lewis 1998, SIAM J. Matrix Anal. Appl. 20, 513), which bounds L where Bunch–Kaufman does not.
#pragma once

#include <vector>

#include "matrix.hpp"

namespace fastcalc {

struct Inertia {
  int positive = 0, negative = 0, zero = 0;
};

class SymmetricIndefinite {
 public:
  explicit SymmetricIndefinite(int most);

  /// Reads the lower triangle of a, n × n, n ≤ most. A pivot of less than about n ε of its row is counted as zero.
  Inertia factor(MatrixView a, int n);

  /// A x = b in place, refined once against the matrix itself. Along a zero pivot x is 0.
  void solve(double* b);

 private:
  struct Pivot {
    int width, first, second;
  };
  void equilibrate(MatrixView a);
  Pivot pivot(int k) const;
  void exchange(int i, int j);
  void substitute(double* b) const;
  double entry(int i, int j) const { return i >= j ? factor_(i, j) : factor_(j, i); }

  int n_ = 0;
  std::vector<double> original_memory_, factor_memory_, scale_, beside_, right_, residual_;
  MatrixView original_{nullptr, 0};  // S A S, both triangles
  MatrixView factor_{nullptr, 0};    // L below, the diagonal of D on it
  std::vector<int> place_;           // row k of the factor is row place_[k] of A
  std::vector<int> width_;           // of the block of D that begins there: 1 or 2; 0 in the second row of a block
};

}  // namespace fastcalc
