// solve: as many equations as unknowns, F(x) = 0.
//
// Comes in: Equations, how their Jacobian is stored, a start. Goes out: RootResult. The header for callers.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "jacobian.hpp"
#include "problem.hpp"

namespace fastcalc {

/// It ends with Newton's step p at x where |D p| ≤ xtol |D x|, or 4 ε of the start's; the error that it leaves is about the square of that.
struct RootOptions {
  double xtol = 1e-8;
  std::int64_t max_iterations = 0;                            // 0: 200 (n + 1), and no more than 2000
  double max_time = std::numeric_limits<double>::infinity();  // seconds
};

struct RootResult {
  Status status = Status::running;
  std::vector<double> x, values;  // n; F(x)
  std::vector<double> jacobian;   // as it is stored, at x
  std::int64_t iterations = 0;    // points at which a step was computed
  std::int64_t evaluations = 0;   // of F and J in one run
};

/// Newton's method in a trust region: |F| falls from point to point.
RootResult find_root(Equations& equations, JacobianAlgebra& algebra, std::span<const double> start, const RootOptions& options,
                     Interrupt* interrupt);

}  // namespace fastcalc
