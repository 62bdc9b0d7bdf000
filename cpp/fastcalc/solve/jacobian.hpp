// solve: what a step asks of a Jacobian, however its entries are stored.
//
// Comes in: the entries that Equations::jacobian gave. Goes out: products with them, and Newton's step. A dense one and a band are
// eliminated here; what else is sparse by whoever has an elimination for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "../base/status.hpp"
#include "../linalg/elimination.hpp"

namespace fastcalc {

class JacobianAlgebra {
 public:
  virtual ~JacobianAlgebra() = default;
  virtual std::size_t entries() const = 0;
  /// |J_j| of each column.
  virtual void column_norms(const double* jacobian, double* norms) const = 0;
  /// J v.
  virtual void product(const double* jacobian, const double* v, double* result) const = 0;
  /// Jᵀ w.
  virtual void transposed_product(const double* jacobian, const double* w, double* result) const = 0;
  /// b becomes J⁻¹ b. `singular_matrix` where there is none; what else is not `running` ends the search.
  virtual Status solve(const double* jacobian, double* b) = 0;
};

/// n × n, row-major.
class DenseAlgebra final : public JacobianAlgebra {
 public:
  explicit DenseAlgebra(int n) : n_(n), elimination_(n) {}
  std::size_t entries() const override { return static_cast<std::size_t>(n_) * n_; }
  void column_norms(const double* jacobian, double* norms) const override;
  void product(const double* jacobian, const double* v, double* result) const override;
  void transposed_product(const double* jacobian, const double* w, double* result) const override;
  Status solve(const double* jacobian, double* b) override;

 private:
  int n_;
  Elimination elimination_;
};

/// The entries of row i are those from first[i] to first[i + 1], in the columns that stand beside them.
class SparseAlgebra final : public JacobianAlgebra {
 public:
  /// b becomes J⁻¹ b, or NaN where J is singular.
  using Solve = std::function<Status(const double* entries, double* b)>;

  SparseAlgebra(std::vector<std::int64_t> first, std::vector<std::int32_t> columns, Solve solve)
      : first_(std::move(first)), columns_(std::move(columns)), solve_(std::move(solve)) {}
  std::size_t entries() const override { return columns_.size(); }
  void column_norms(const double* jacobian, double* norms) const override;
  void product(const double* jacobian, const double* v, double* result) const override;
  void transposed_product(const double* jacobian, const double* w, double* result) const override;
  Status solve(const double* jacobian, double* b) override;

 private:
  int size() const { return static_cast<int>(first_.size()) - 1; }

  std::vector<std::int64_t> first_;
  std::vector<std::int32_t> columns_;
  Solve solve_;
};

/// How entries are eliminated that lie in a band.
SparseAlgebra::Solve band_elimination(const std::vector<std::int64_t>& first, const std::vector<std::int32_t>& columns);

}  // namespace fastcalc
