// linalg: A x = b by elimination with row exchanges. Golub and Van Loan, Matrix Computations, 3.4 and, for a band, 4.3.
//
// Comes in: a square row-major matrix. Goes out: solutions. A band is found, and eliminated here, as small matrices are: to call LAPACK
// takes longer than they do. Large ones go to LAPACK if the border has handed it over.
#pragma once

#include <algorithm>
#include <vector>

namespace fastcalc {

class Elimination {
 public:
  /// All the memory that it will use.
  explicit Elimination(int n) : n_(n), factors_(static_cast<std::size_t>(n) * n), inverse_(n), exchange_(n) {}

  /// False when A is singular to the last bit, or not finite.
  bool factor(const double* a);

  /// b becomes x.
  void solve(double* b);

 private:
  void find_band();
  bool eliminate();
  int last_row(int k) const { return std::min(n_, k + 1 + lower_); }              // of those that column k has entries in
  int last_column(int k) const { return std::min(n_, k + 1 + lower_ + upper_); }  // of row k, after exchanges

  int n_;
  int lower_ = 0, upper_ = 0;  // diagonals beside the main one that are not zero
  std::vector<double> factors_;
  std::vector<double> inverse_;  // of each pivot: what waits for a product waits a third as long as for a quotient
  std::vector<int> exchange_;
  bool by_lapack_ = false;
};

}  // namespace fastcalc
