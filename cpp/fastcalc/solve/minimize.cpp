// solve: see minimize.hpp. Each method is a descent × a search over the one loop.
#include "minimize.hpp"

#include <algorithm>
#include <cmath>

#include "descent/bfgs.hpp"
#include "descent/first_order.hpp"
#include "descent/limited_bfgs.hpp"
#include "descent/newton.hpp"
#include "descent/newton_cg.hpp"
#include "loop.hpp"
#include "saddle.hpp"
#include "search/line_search.hpp"
#include "search/trust_region.hpp"
#include "search/wolfe.hpp"
#include "stationary.hpp"

namespace fastcalc {
namespace {

template <class Search>
Search search_of(int n, const MinimizeOptions& options) {
  if constexpr (requires { Search(n, options); })
    return Search(n, options);
  else
    return Search();
}

// Whether there is a lower point beside a stationary one; it is in `current` then.
template <class Descent>
bool left_saddle(Minimand& minimand, Descent& descent, double gtol, Iterate& current, Iterate& next) {
  Saddle saddle(minimand, gtol);
  bool lower;
  if constexpr (requires { descent.is_convex(); }) {
    if (descent.is_convex()) return false;
    lower = saddle.leave(current, [&](const double* v, double* out) { return descent.multiply(v, out), Status::running; }, next);
  } else {
    lower = saddle.leave(current, [&](const double* v, double* out) { return minimand.product(current, v, out); }, next);
  }
  if (lower) std::swap(current, next);
  return lower;
}

// Steps may be too short to tell because the place is steep, and not a minimum: if f falls when each component goes down its slope by a
// part of its own size, the lower point is in `current` then.
bool left_steep_place(Minimand& minimand, Iterate& current, Iterate& next) {
  if (!(minimand.lever(current) > 1e-5 * std::abs(*current.f))) return false;
  for (double part = 1; part > 1e-7; part *= 0.1) {
    for (int i = 0; i < minimand.size(); ++i) {
      const double g = current.gradient[i], far = part * minimand.own_size(current, i);
      next.x[i] = g == 0 ? current.x[i] : minimand.box.nearest(i, current.x[i] - std::copysign(far, g));
    }
    if (minimand.evaluate(next, false) != Status::running) return false;
    if (minimand.finite(next) && *next.f < *current.f - Minimand::resolution(current)) return std::swap(current, next), true;
  }
  return false;
}

template <class Descent, class Search>
MinimizeResult run(Objective& objective, std::span<const double> start, std::span<const double> lower, std::span<const double> upper,
                   const MinimizeOptions& options, Interrupt* interrupt, Observer* observer) {
  const int n = objective.size();
  Memory memory(Box::size(n) + 2 * Iterate::size(n) + Descent::size(n));
  const Box box(memory, n, lower, upper);
  Iterate current(memory, n), next(memory, n);
  for (int i = 0; i < n; ++i) current.x[i] = box.nearest(i, start[i]);

  MinimizeResult result;
  Minimand minimand(objective, box);
  Descent descent(memory, minimand, options);
  Watch watch(options.limits, interrupt, observer);
  Stationary stop(minimand, options);
  result.status = minimand.evaluate(current, false);
  if (result.status == Status::running && !minimand.finite(current)) result.status = Status::objective_not_finite;
  if (result.status == Status::running) watch.start(minimand.sight(current));
  while (result.status == Status::running) {
    Search search = search_of<Search>(n, options);
    result.status = loop(minimand, current, next, descent, search, stop, watch);
    if (!succeeded(result.status) || !options.leave_saddles) break;
    const bool steep = result.status == Status::objective_settled && left_steep_place(minimand, current, next);
    if (!steep && !left_saddle(minimand, descent, options.gtol, current, next)) break;
    descent.restart();
    result.status = watch.look(minimand.evaluations);
  }

  result.x.assign(current.x, current.x + n);
  result.f = *current.f;
  result.gradient.assign(current.gradient, current.gradient + n);
  if constexpr (requires { descent.hessian(); }) {
    if (succeeded(result.status) && result.status != Status::stationary) descent.linearize(minimand, current);
    result.matrix = descent.hessian();
  }
  if constexpr (requires { descent.inverse(); })
    result.matrix.assign(descent.inverse().data, descent.inverse().data + static_cast<std::size_t>(n) * n);
  if constexpr (requires { descent.pairs(); }) result.pairs = descent.pairs();
  result.iterations = watch.iterations();
  result.evaluations = minimand.evaluations;
  result.hessians = minimand.hessians;
  result.products = minimand.products;
  return result;
}

}  // namespace

MinimizeResult minimize(Method method, Objective& objective, std::span<const double> start, std::span<const double> lower,
                        std::span<const double> upper, const MinimizeOptions& options, Interrupt* interrupt, Observer* observer) {
  switch (method) {
#define METHOD(NAME, DESCENT, SEARCH) \
  case Method::NAME:                  \
    return run<DESCENT, SEARCH>(objective, start, lower, upper, options, interrupt, observer);
#include "methods.def"
#undef METHOD
  }
  return {};
}

std::optional<Method> method_of(std::string_view name) {
#define METHOD(NAME, DESCENT, SEARCH) \
  if (name == #NAME) return Method::NAME;
#include "methods.def"
#undef METHOD
  return std::nullopt;
}

}  // namespace fastcalc
