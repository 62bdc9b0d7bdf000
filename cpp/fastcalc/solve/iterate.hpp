// solve: a point of a minimisation and what the objective says there.
//
// Comes in: x. Goes out: f, its gradient, and how large the part of the gradient is that the bounds leave.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/finite.hpp"
#include "../linalg/matrix.hpp"
#include "box.hpp"
#include "memory.hpp"
#include "problem.hpp"
#include "trial.hpp"
#include "watch.hpp"

namespace fastcalc {

struct Iterate {
  Iterate(Memory& memory, int n) : x(memory.take(n)), f(memory.take(n + 1)), gradient(f + 1) {}
  static std::size_t size(std::size_t n) { return 2 * n + 1; }

  double* x;
  double* f;  // one number; the gradient stands right behind it
  double* gradient;
};

class Minimand {
 public:
  Minimand(Objective& objective, const Box& box) : box(box), objective_(objective), n_(objective.size()) {}

  int size() const { return n_; }
  const HessianPattern* pattern() const { return objective_.pattern(); }

  Status evaluate(Iterate& point, bool) {
    ++evaluations;
    return objective_.gradient(point.x, point.f, point.gradient);
  }
  Status hessian(const Iterate& point, double* entries) {
    ++hessians;
    return objective_.hessian(point.x, entries);
  }
  Status product(const Iterate& point, const double* v, double* product) {
    ++products;
    return objective_.product(point.x, v, product);
  }

  bool finite(const Iterate& point) const { return all_finite({point.f, static_cast<std::size_t>(n_) + 1}); }

  /// Whether f has fallen to where doubles end. Products of slopes overflow before, and steps may then end for other reasons.
  static bool bottomless(const Iterate& point) { return *point.f < -1e300; }

  /// What its own rounding can change f by.
  static double resolution(const Iterate& point) { return 8 * std::numeric_limits<double>::epsilon() * std::abs(*point.f); }

  void judge(Trial& trial, const Iterate& current, const Iterate& next, bool asks_for_slope) const {
    trial.hopeless = !finite(next);
    trial.bottomless = bottomless(next);
    trial.actual = trial.hopeless ? -1 : 2 * (*current.f - *next.f);
    trial.unresolved =
        !trial.hopeless && std::abs(trial.predicted) <= 2 * resolution(current) && std::abs(trial.actual) <= 2 * resolution(current);
    // Where f no longer tells, the gradient does.
    if (trial.unresolved) trial.actual = steepest(next) <= steepest(current) ? trial.predicted : -trial.predicted;
    // A promise that overflows says nothing: what falls is good enough.
    const double promised = std::isinf(trial.predicted) ? std::abs(trial.actual) : trial.predicted;
    trial.ratio = promised > 0 ? trial.actual / promised : 0;
    if (asks_for_slope && !trial.hopeless)
      for (int i = 0; i < n_; ++i) trial.slope_after += next.gradient[i] * (next.x[i] - current.x[i]);
  }

  /// max_i |x_i − P(x_i − g_i)|, P being the projection onto the box: 0 exactly where no direction that the bounds allow descends.
  double steepest(const Iterate& point) const {
    if (!box.bounded) return largest_magnitude(point.gradient, n_);
    double largest = 0;
    for (int i = 0; i < n_; ++i) largest = std::max(largest, slope(point, i));
    return largest;
  }

  /// Σ_i |g_i| min(|x_i|, room_i): what f would change by if each component changed by its own size, or up to its bound. A component that
  /// is 0 has the size of the others, or 1.
  double lever(const Iterate& point) const {
    double sum = 0;
    for (int i = 0; i < n_; ++i) sum += std::abs(point.gradient[i]) * std::min(own_size(point, i), room(point, i));
    return sum;
  }
  double own_size(const Iterate& point, int i) const {
    if (point.x[i] != 0) return std::abs(point.x[i]);
    const double others = largest_magnitude(point.x, n_);
    return others > 0 ? others : 1;
  }

  Sight sight(const Iterate& point) const { return {point.x, n_, *point.f, point.gradient}; }

  const Box& box;
  std::int64_t evaluations = 0, hessians = 0, products = 0;

 private:
  /// |x_i − P(x_i − g_i)|, which must not be computed so: far out x_i − g_i is x_i.
  double slope(const Iterate& point, int i) const { return std::min(std::abs(point.gradient[i]), room(point, i)); }

  /// How far a component may go down its slope.
  double room(const Iterate& point, int i) const {
    if (!box.bounded) return std::numeric_limits<double>::infinity();
    return point.gradient[i] > 0 ? point.x[i] - box.lower[i] : box.upper[i] - point.x[i];
  }

  Objective& objective_;
  int n_;
};

}  // namespace fastcalc
