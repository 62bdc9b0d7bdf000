// linalg: A x = b by elimination with row exchanges. Golub and Van Loan, Matrix Computations, 3.4.
//
// Comes in: a square row-major matrix. Goes out: solutions. Where most entries are zero, and where the matrix is small, it is eliminated
// here: zeros are passed over, and to call LAPACK takes longer than a small one does. Large ones go to LAPACK if the border has handed it
// over.
#pragma once

#include <vector>

namespace fastcalc {

class Elimination {
 public:
  /// All the memory that it will use.
  explicit Elimination(int n) : n_(n), factors_(static_cast<std::size_t>(n) * n), exchange_(n) {}

  /// False when A is singular to the last bit, or not finite.
  bool factor(const double* a);

  /// b becomes x.
  void solve(double* b);

 private:
  bool eliminate();

  int n_;
  std::vector<double> factors_;
  std::vector<int> exchange_;
  bool by_lapack_ = false;
};

}  // namespace fastcalc
