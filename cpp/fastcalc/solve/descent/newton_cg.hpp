// solve: which step to take. Newton's without a matrix: conjugate gradients on the model, with exact products H v.
//
// Comes in: an iterate. Goes out: a step that is Newton's near the minimum, and follows negative curvature to the edge of the region where
// there is any (Steihaug 1983, SIAM J. Numer. Anal. 20, 626; Nocedal and Wright 2006, algorithm 7.2). Memory: a few vectors.
#pragma once

#include "../iterate.hpp"
#include "../minimize.hpp"
#include "boxed_step.hpp"

namespace fastcalc {

class NewtonCG {
 public:
  NewtonCG(Memory& memory, const Minimand& minimand, const MinimizeOptions& options);
  static std::size_t size(std::size_t n) { return 5 * n; }

  Status linearize(Minimand&, const Iterate&) { return Status::running; }

  /// Writes x + p.
  Trial step(Minimand& minimand, const Iterate& point, const Reach& reach, double* next);

  double first_radius(const Iterate& point) const { return options_.radius > 0 ? options_.radius : std::max(1.0, norm(point.x, n_)); }
  bool restart() { return false; }
  void taken(const Iterate&, const Iterate&) {}

 private:
  struct Inner {
    bool at_edge = false;
    double model = 0;  // gᵀp + ½ pᵀH p
  };
  Inner conjugate_gradients(Minimand& minimand, const Iterate& point, const std::uint8_t* free, const double* g, double radius, double* p);

  int n_;
  const Box& box_;
  MinimizeOptions options_;
  double *p_, *residual_, *direction_, *product_, *edge_;
  BoxedStep boxed_;
  Status status_ = Status::running;  // of the last product
};

}  // namespace fastcalc
