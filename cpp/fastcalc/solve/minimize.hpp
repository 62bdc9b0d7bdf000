// solve: minimisation, min f(x) in a box. Comes in: an Objective, a start, bounds, a method of methods.def. Goes out: a MinimizeResult.
// This is the header for callers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "../base/interrupt.hpp"
#include "problem.hpp"
#include "watch.hpp"

namespace fastcalc {

enum class Method {
#define METHOD(NAME, DESCENT, SEARCH) NAME,
#include "methods.def"
#undef METHOD
};

std::optional<Method> method_of(std::string_view name);

struct MinimizeOptions {
  double gtol = 1e-8;  // of the largest component of the gradient that the bounds leave
  double ftol = 0;     // relative change of f; 0: not looked at
  double xtol = 0;     // relative length of a step; 0: not looked at
  double rate = 1e-3;  // learning rate: of a fixed step, or the first one tried
  double momentum = 0.9;
  double decay = 0.999;       // of Adam's mean square
  int memory = 10;            // pairs that L-BFGS keeps
  double radius = 0;          // the first of a trust region; 0: the method's choice
  bool leave_saddles = true;  // and steep places where no step tells: of a function that is the same at each call, with exact products
  Limits limits;
};

struct MinimizeResult {
  Status status = Status::running;
  std::vector<double> x;  // n, inside the box
  double f = 0;
  std::vector<double> gradient;  // n
  std::vector<double> matrix;    // Newton's Hessian at x, as it is stored; BFGS's estimate of its inverse, n × n; else empty
  std::vector<double> pairs;     // L-BFGS: what its estimate consists of, s then y, the oldest first; else empty
  std::int64_t iterations = 0, evaluations = 0, hessians = 0, products = 0;
};

/// `lower` and `upper` are empty or hold n numbers, ±inf for none; lower[i] == upper[i] fixes x[i]. The start is moved into the box, and
/// x never leaves it.
MinimizeResult minimize(Method method, Objective& objective, std::span<const double> start, std::span<const double> lower,
                        std::span<const double> upper, const MinimizeOptions& options, Interrupt* interrupt, Observer* observer);

}  // namespace fastcalc
