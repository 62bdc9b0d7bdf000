// solve: the bounds of x, componentwise, and what they forbid.
//
// Comes in: lower and upper bounds, empty for none. Goes out: whether a component is fixed, or held at a bound by a slope.
#pragma once

#include <algorithm>
#include <limits>
#include <span>

#include "memory.hpp"

namespace fastcalc {

class Box {
 public:
  Box(Memory& memory, int n, std::span<const double> lower_bounds, std::span<const double> upper_bounds)
      : lower(memory.take(n)), upper(memory.take(n)), bounded(!lower_bounds.empty() || !upper_bounds.empty()) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    for (int i = 0; i < n; ++i) {
      lower[i] = lower_bounds.empty() ? -infinity : lower_bounds[i];
      upper[i] = upper_bounds.empty() ? infinity : upper_bounds[i];
    }
  }
  static std::size_t size(std::size_t n) { return 2 * n; }

  bool fixed(int i) const { return lower[i] == upper[i]; }
  /// Whether |r| falls only outwards: then the component stays where it is.
  bool holds(int i, double x, double slope) const { return (x <= lower[i] && slope > 0) || (x >= upper[i] && slope < 0); }
  double nearest(int i, double x) const { return std::clamp(x, lower[i], upper[i]); }
  /// −1 at the lower bound, +1 at the upper, 0 inside or fixed.
  int active(int i, double x) const { return fixed(i) ? 0 : x <= lower[i] ? -1 : x >= upper[i] ? 1 : 0; }

  double* lower;
  double* upper;
  bool bounded;
};

}  // namespace fastcalc
