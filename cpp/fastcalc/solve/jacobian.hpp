// solve: what a step asks of a Jacobian, however its entries are stored.
//
// Comes in: the entries that Equations::jacobian gave. Goes out: products with them, and Newton's step. A dense one is eliminated here;
// a sparse one is what the border makes of it.
#pragma once

#include <cstddef>

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
  /// b becomes J⁻¹ b. False where J is singular.
  virtual bool solve(const double* jacobian, double* b) = 0;
};

/// n × n, row-major.
class DenseAlgebra final : public JacobianAlgebra {
 public:
  explicit DenseAlgebra(int n) : n_(n), elimination_(n) {}
  std::size_t entries() const override { return static_cast<std::size_t>(n_) * n_; }
  void column_norms(const double* jacobian, double* norms) const override;
  void product(const double* jacobian, const double* v, double* result) const override;
  void transposed_product(const double* jacobian, const double* w, double* result) const override;
  bool solve(const double* jacobian, double* b) override;

 private:
  int n_;
  Elimination elimination_;
};

}  // namespace fastcalc
