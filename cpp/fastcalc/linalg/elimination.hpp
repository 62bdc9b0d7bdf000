// linalg: A x = b by elimination with row exchanges. Golub and Van Loan, Matrix Computations, 3.4 and, for a band, 4.3.
//
// Comes in: a square row-major matrix, or the entries of a band. Goes out: solutions. A band is found, and eliminated here, as small
// matrices are: to call LAPACK takes longer than they do. Large ones go to LAPACK if the border has handed it over.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "matrix.hpp"

namespace fastcalc {

class Elimination {
 public:
  /// Of full matrices. This is all the memory that it will use.
  explicit Elimination(int n) : n_(n), stride_(n), factors_(static_cast<std::size_t>(n) * n), inverse_(n), exchange_(n) {}

  /// Of matrices that have so many diagonals beside the main one, of which only these are stored.
  Elimination(int n, int lower, int upper)
      : n_(n),
        stride_(2 * lower + upper),
        origin_(lower),
        lower_(lower),
        upper_(upper),
        factors_(static_cast<std::size_t>(n) * (stride_ + 1)),
        inverse_(n),
        exchange_(n) {}

  /// Of a full matrix. False when A is singular to the last bit, or not finite.
  bool factor(const double* a);

  /// A, of zeros, into whose band its entries are to be written.
  MatrixView cleared();
  /// Of what was written there. False likewise.
  bool factor();

  /// b becomes x.
  void solve(double* b);

 private:
  void find_band();
  int last_row(int k) const { return std::min(n_, k + 1 + lower_); }              // of those that column k has entries in
  int last_column(int k) const { return std::min(n_, k + 1 + lower_ + upper_); }  // of row k, after exchanges

  /// Row i of a band begins with column i − lower, and exchanges add as many columns to its end: where entry (i, j) stands is linear in
  /// i and j, as in a full matrix.
  MatrixView matrix() { return {factors_.data() + origin_, stride_}; }

  int n_, stride_, origin_ = 0;
  int lower_ = 0, upper_ = 0;  // diagonals beside the main one that are not zero
  std::vector<double> factors_;
  std::vector<double> inverse_;  // of each pivot: what waits for a product waits a third as long as for a quotient
  std::vector<int> exchange_;
  bool by_lapack_ = false;
};

}  // namespace fastcalc
