// solve: see scalar_root.hpp.
#include "scalar_root.hpp"

namespace fastcalc {
namespace {

struct Value {
  double f = 0, slope = 0;
};

RootOfOne iterate(Equations& equation, NewtonRaphson& newton, const NewtonOptions& options, Interrupt* interrupt, RootOfOne root) {
  while (root.status == Status::running) {
    // A look at the clock takes as long as a step; a function that takes long looks itself.
    if (interrupt && root.evaluations % 8 == 7 && interrupt->requested()) {
      root.status = Status::interrupted;
      break;
    }
    Value at;
    root.status = equation.jacobian(&newton.x, &at.f, &at.slope);
    if (root.status == Status::running) root.status = newton.tell(at.f, at.slope, options);
    ++root.evaluations;
  }
  root.x = newton.x;
  root.iterations = newton.iterations;
  root.period = newton.period;
  return root;
}

}  // namespace

RootOfOne root_from(Equations& equation, double start, const NewtonOptions& options, Interrupt* interrupt) {
  NewtonRaphson newton(start, options);
  return iterate(equation, newton, options, interrupt, {});
}

RootOfOne root_between(Equations& equation, double a, double b, const NewtonOptions& options, Interrupt* interrupt) {
  RootOfOne root;
  Value at[2];
  for (const double end : {a, b}) {
    Value& value = at[root.evaluations];
    root.x = end;
    root.status = equation.jacobian(&end, &value.f, &value.slope);
    ++root.evaluations;
    if (root.status == Status::running && value.f == 0) root.status = Status::root_found;
    if (root.status == Status::running && !std::isfinite(value.f)) root.status = Status::not_finite_at_start;
    if (root.status != Status::running) return root;
  }
  if (std::signbit(at[0].f) == std::signbit(at[1].f)) {
    root.status = Status::no_change_of_sign;
    return root;
  }
  NewtonRaphson newton;
  root.status = newton.begin_between(a, at[0].f, at[0].slope, b, at[1].f, at[1].slope, options);
  return iterate(equation, newton, options, interrupt, root);
}

}  // namespace fastcalc
