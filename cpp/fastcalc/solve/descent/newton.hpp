// solve: which step to take. Newton's, with the exact Hessian as a matrix, full or sparse, inside a ball and a box.
//
// Comes in: an iterate, whose Hessian is asked for. Goes out: p = argmin gᵀp + ½ pᵀH p with |p| ≤ radius, also where H is indefinite.
#pragma once

#include "../hessian.hpp"
#include "../iterate.hpp"
#include "../minimize.hpp"
#include "boxed_step.hpp"
#include "trust_step.hpp"

namespace fastcalc {

class Newton {
 public:
  Newton(Memory& memory, const Minimand& minimand, const MinimizeOptions& options);
  static std::size_t size(std::size_t n) { return 3 * n; }

  Status linearize(Minimand& minimand, const Iterate& point);

  /// Writes x + p.
  Trial step(Minimand&, const Iterate& point, const Reach& reach, double* next);

  double first_radius(const Iterate& point) const { return options_.radius > 0 ? options_.radius : std::max(1.0, norm(point.x, n_)); }
  bool restart() { return false; }
  void taken(const Iterate&, const Iterate&) {}

  const std::vector<double>& hessian() { return h_.entries(); }
  bool is_convex() { return whole_.is_convex(); }
  void multiply(const double* v, double* product) { h_.multiply(v, product); }

 private:
  int n_;
  const Box& box_;
  MinimizeOptions options_;
  Hessian h_;
  ProfileMatrix part_;  // its rows and columns of the free components
  double *p_, *g_ordered_, *p_ordered_;
  TrustStep whole_, reduced_;
  BoxedStep boxed_;
};

}  // namespace fastcalc
