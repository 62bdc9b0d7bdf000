// solve: the trust-region subproblem, min gᵀp + ½ pᵀH p with |p| ≤ radius, H symmetric and perhaps indefinite.
//
// Comes in: H, g, a radius, a first guess of λ. Goes out: p and λ ≥ 0 with (H + λ I) p = −g, H + λ I positive semidefinite, |p| within ten
// per cent of the radius where λ > 0. In the hard case p has a part along the direction of least curvature. The method is that of Moré
// and Sorensen 1983, SIAM J. Sci. Stat. Comput. 4, 553; the bounds of λ are those of Conn, Gould and Toint 2000, section 7.3.
#pragma once

#include <vector>

#include "../../linalg/profile.hpp"

namespace fastcalc {

class TrustStep {
 public:
  explicit TrustStep(int most) : factor_(most), work_(most) {}

  /// Once for each new H, which stays the caller's.
  void take(const ProfileMatrix& h) {
    h_ = &h;
    n_ = h.size();
  }

  /// Writes p and returns λ.
  double solve(const double* g, double radius, double guess, double* p);

  /// Whether H is positive definite, by more than the rounding of its largest entries.
  bool is_convex();

  /// gᵀp + ½ pᵀH p.
  double model(const double* g, const double* p) const { return dot(g, p, n_) + h_->quadratic(p) / 2; }

 private:
  void bound(double slope, double radius, double& lower, double& upper);
  bool complete(double radius, double length, double lambda, double* p, double& lower);

  ProfileFactor factor_;
  std::vector<double> work_;
  const ProfileMatrix* h_ = nullptr;
  int n_ = 0;
};

}  // namespace fastcalc
