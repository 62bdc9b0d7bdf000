// solve: the damped linear least-squares problem, min |R p + b|² + λ |p|², with λ so that |p| is about the radius.
//
// Comes in: R upper triangular, b, a radius, a first guess of λ. Goes out: p and λ; λ = 0 when the Gauss–Newton step is short
// enough. The method is Moré 1978, section 5 (MINPACK's lmpar): safeguarded Newton steps on 1/|p(λ)|, which is nearly linear in λ.
#pragma once

#include "../../linalg/matrix.hpp"
#include "../memory.hpp"

namespace fastcalc {

struct LinearModel {
  LinearModel(Memory& memory, int n) : r{memory.take(n * (n + 1)), n + 1}, b(memory.take(n)) {}
  static std::size_t size(std::size_t n) { return n * (n + 1) + n; }

  MatrixView r;  // columns × columns
  double* b;
  int columns = 0;
  int rank = 0;  // the leading rank × rank block is regular
};

class DampedSolver {
 public:
  DampedSolver(Memory& memory, int n) : s_{memory.take(n * n), n}, c_(memory.take(n)), w_(memory.take(n)) {}
  static std::size_t size(std::size_t n) { return n * n + 2 * n; }

  /// Writes p and returns λ. Within ten per cent of the radius is near enough.
  double solve(const LinearModel& model, double radius, double guess, double* p);

 private:
  void damp(const LinearModel& model, double lambda, double* p);

  MatrixView s_;  // [R; √λ I] = Q S
  double* c_;     // Qᵀ [b; 0]
  double* w_;
};

}  // namespace fastcalc
