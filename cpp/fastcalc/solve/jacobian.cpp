// solve: see jacobian.hpp.
#include "jacobian.hpp"

#include <algorithm>
#include <cmath>

#include "point.hpp"

namespace fastcalc {

// Row by row, as it lies in memory; again with care where the squares leave the range of doubles.
void DenseAlgebra::column_norms(const double* jacobian, double* norms) const {
  std::fill_n(norms, n_, 0.0);
  const double* row = jacobian;
  for (int i = 0; i < n_; ++i, row += n_)
    for (int j = 0; j < n_; ++j) norms[j] += row[j] * row[j];
  for (int j = 0; j < n_; ++j) norms[j] = in_range(norms[j]) ? std::sqrt(norms[j]) : norm(jacobian + j, n_, n_);
}

void DenseAlgebra::product(const double* jacobian, const double* v, double* result) const {
  for (int i = 0; i < n_; ++i, jacobian += n_) result[i] = dot(jacobian, v, n_);
}

void DenseAlgebra::transposed_product(const double* jacobian, const double* w, double* result) const {
  std::fill_n(result, n_, 0.0);
  for (int i = 0; i < n_; ++i, jacobian += n_)
    for (int j = 0; j < n_; ++j) result[j] += jacobian[j] * w[i];
}

bool DenseAlgebra::solve(const double* jacobian, double* b) {
  if (!elimination_.factor(jacobian)) return false;
  elimination_.solve(b);
  return true;
}

}  // namespace fastcalc
