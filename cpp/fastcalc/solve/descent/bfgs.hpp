// solve: which step to take. BFGS: d = −H g, H an estimate of the inverse Hessian that each step improves.
//
// Comes in: an iterate, and after each step the one before it. Goes out: a direction. With s = x⁺ − x and y = g⁺ − g
// (Nocedal and Wright 2006, equation 6.17):  H ← (1 − s yᵀ/sᵀy) H (1 − y sᵀ/sᵀy) + s sᵀ/sᵀy.
// In a box, the rows and columns of the components that are held do not take part, neither in d nor in the update.
#pragma once

#include "../minimize.hpp"
#include "line.hpp"

namespace fastcalc {

class Bfgs : public Line {
 public:
  Bfgs(Memory& memory, const Minimand& minimand, const MinimizeOptions&);
  static std::size_t size(std::size_t n) { return n * n + 5 * n; }

  Status linearize(Minimand&, const Iterate& point);
  void taken(const Iterate& before, const Iterate& now);
  bool restart();

  /// 1 is Newton's step; as long as nothing is known of the curvature, one of length 1 or of the gradient's.
  double first_multiple(const Iterate&) const { return known_ ? 1 : std::min(1.0, 1 / norm(direction_, n_)); }

  MatrixView inverse() const { return h_; }

 private:
  void clear();

  MatrixView h_;
  double *s_, *y_, *hy_, *masked_;
  bool known_ = false;
};

}  // namespace fastcalc
