// solve: one equation for one number.
//
// Comes in: Equations of size 1, a start or two ends between which f changes its sign. Goes out: RootOfOne. The header for callers.
#pragma once

#include "../base/interrupt.hpp"
#include "newton_raphson.hpp"
#include "problem.hpp"

namespace fastcalc {

struct RootOfOne {
  Status status = Status::running;
  double x = 0;
  std::int64_t iterations = 0;   // Newton's steps and halves
  std::int64_t evaluations = 0;  // of f, each with f′
  int period = 0;                // of the cycle, where it ended in one
};

/// Newton–Raphson from a start.
RootOfOne root_from(Equations& equation, double start, const NewtonOptions& options, Interrupt* interrupt);

/// The safeguarded iteration between a and b, which finds a root whatever f does, or says that the sign is the same at both.
RootOfOne root_between(Equations& equation, double a, double b, const NewtonOptions& options, Interrupt* interrupt);

}  // namespace fastcalc
