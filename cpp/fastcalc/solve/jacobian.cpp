// solve: see jacobian.hpp.
#include "jacobian.hpp"

#include <algorithm>
#include <cmath>

#include "../base/finite.hpp"
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

Status DenseAlgebra::solve(const double* jacobian, double* b) {
  if (!elimination_.factor(jacobian)) return Status::singular_matrix;
  elimination_.solve(b);
  return Status::running;
}

void SparseAlgebra::column_norms(const double* jacobian, double* norms) const {
  const int n = size();
  std::vector<double> largest(n, 0.0);
  for (std::size_t k = 0; k < columns_.size(); ++k) largest[columns_[k]] = std::max(largest[columns_[k]], std::abs(jacobian[k]));
  std::fill_n(norms, n, 0.0);
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    const int j = columns_[k];
    const double part = largest[j] > 0 ? jacobian[k] / largest[j] : 0.0;
    norms[j] += part * part;
  }
  for (int j = 0; j < n; ++j) norms[j] = largest[j] * std::sqrt(norms[j]);
}

void SparseAlgebra::product(const double* jacobian, const double* v, double* result) const {
  for (int i = 0; i < size(); ++i) {
    result[i] = 0;
    for (std::int64_t k = first_[i]; k < first_[i + 1]; ++k) result[i] += jacobian[k] * v[columns_[k]];
  }
}

void SparseAlgebra::transposed_product(const double* jacobian, const double* w, double* result) const {
  std::fill_n(result, size(), 0.0);
  for (int i = 0; i < size(); ++i)
    for (std::int64_t k = first_[i]; k < first_[i + 1]; ++k) result[columns_[k]] += jacobian[k] * w[i];
}

Status SparseAlgebra::solve(const double* jacobian, double* b) {
  const Status status = solve_(jacobian, b);
  return status == Status::running && !all_finite({b, static_cast<std::size_t>(size())}) ? Status::singular_matrix : status;
}

}  // namespace fastcalc
