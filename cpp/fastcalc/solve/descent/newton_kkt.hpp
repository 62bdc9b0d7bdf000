// solve: which step to take under constraints. Newton's method on the perturbed conditions of Karush, Kuhn and Tucker.
//
// Comes in: a point with multipliers (barrier.hpp), the Hessian of the Lagrangian there, μ. Goes out: dw, dλ, dz from (WB 11–13)
//
//     [ W + Σ + δ I    Aᵀ  ] [dw]     [ ∇φ + Aᵀλ ]       A = [J −I],   Σ = z/(w − L) + z/(U − w),
//     [     A        −δ_c I] [dλ] = − [  c − s   ],
//
// the rows of slacks eliminated, which leaves n + m. δ > 0 is added where the step would not descend: so that the matrix has n positive
// and m negative eigenvalues, or W + Σ + δ would not be positive definite where the constraints are flat. δ_c > 0 where their gradients
// are dependent. The inertia of L D Lᵀ tells both.
#pragma once

#include "../../linalg/symmetric_indefinite.hpp"
#include "../barrier.hpp"
#include "../watch.hpp"

namespace fastcalc {

struct KktStep {
  KktStep(int n, int m) : w(n + m), multipliers(m), below(n + m), above(n + m) {}
  Numbers w, multipliers, below, above;
};

class NewtonKkt {
 public:
  NewtonKkt(const Barrier& barrier, Watch& watch);

  /// `no_progress` where no δ helps: entries that are not finite, or beyond all measure. Watched between one δ and the next.
  Status factor(const PrimalDual& at, const Numbers& hessian, double mu);

  /// `residual` stands for c − s, so that a step can be corrected by what the constraints bend along it.
  void solve(const PrimalDual& at, double mu, const Numbers& residual, KktStep& step);

  /// λ that makes the gradient of the Lagrangian least (WB 36); none where that is large, which says that the start is a bad one.
  void estimate_multipliers(PrimalDual& at);

 private:
  Inertia assemble(const PrimalDual& at, const double* hessian, double shift, double softness);
  void substitute(const PrimalDual& at, const Numbers& residual, KktStep& step);

  const Barrier& barrier_;
  Watch& watch_;
  int n_, m_;
  Numbers memory_, right_, sigma_, slope_, flexibility_;
  MatrixView matrix_;
  SymmetricIndefinite factor_;
  double shift_ = 0, last_shift_ = 0;
};

}  // namespace fastcalc
