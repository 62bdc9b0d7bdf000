#include "cholesky.hpp"

namespace fastcalc {

// Row k of RᵀR = A, once the rows above are subtracted: R_kk² = A_kk and R_kk R_kj = A_kj. Golub and Van Loan, 4.2.
bool cholesky(MatrixView a, int n, int columns) {
  for (int k = 0; k < n; ++k) {
    double* row = a.row(k);
    if (!(row[k] > 0)) return false;
    row[k] = std::sqrt(row[k]);
    const double inverse = 1 / row[k];
    for (int j = k + 1; j < columns; ++j) row[j] *= inverse;
    for (int i = k + 1; i < n; ++i) {
      double* below = a.row(i);
      for (int j = i; j < columns; ++j) below[j] -= row[i] * row[j];
    }
  }
  return true;
}

}  // namespace fastcalc
