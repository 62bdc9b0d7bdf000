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

// As above: again with care, divided by the largest of the column, where the squares leave the range of doubles.
void SparseAlgebra::column_norms(const double* jacobian, double* norms) const {
  const int n = size();
  std::fill_n(norms, n, 0.0);
  for (std::size_t k = 0; k < columns_.size(); ++k) norms[columns_[k]] += jacobian[k] * jacobian[k];
  if (std::all_of(norms, norms + n, in_range)) {
    for (int j = 0; j < n; ++j) norms[j] = std::sqrt(norms[j]);
    return;
  }
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

SparseAlgebra::Solve band_elimination(const std::vector<std::int64_t>& first, const std::vector<std::int32_t>& columns) {
  const int n = static_cast<int>(first.size()) - 1;
  int lower = 0, upper = 0;
  for (int i = 0; i < n; ++i)
    for (std::int64_t k = first[i]; k < first[i + 1]; ++k) lower = std::max(lower, i - columns[k]), upper = std::max(upper, columns[k] - i);
  return [first, columns, n, elimination = Elimination(n, lower, upper)](const double* entries, double* b) mutable {
    const MatrixView matrix = elimination.cleared();
    for (int i = 0; i < n; ++i)
      for (std::int64_t k = first[i]; k < first[i + 1]; ++k) matrix(i, columns[k]) = entries[k];
    if (!elimination.factor()) return Status::singular_matrix;
    elimination.solve(b);
    return Status::running;
  };
}

}  // namespace fastcalc
