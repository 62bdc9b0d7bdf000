// solve: see saddle.hpp.
#include "saddle.hpp"

#include <algorithm>
#include <cmath>

namespace fastcalc {
namespace {

// A symmetric tridiagonal matrix: `diagonal` and, below it, `beside`.
struct Tridiagonal {
  std::vector<double> diagonal, beside;

  double size() const {
    double largest = 0;
    for (std::size_t i = 0; i < diagonal.size(); ++i) largest = std::max(largest, std::abs(diagonal[i]) + 2 * std::abs(beside[i]));
    return largest;
  }

  /// By bisection: T − θ has as many negative eigenvalues as its LDLᵀ has negative pivots (Sylvester).
  double least() const {
    double low = -size(), high = size();
    for (int halving = 0; halving < 60; ++halving) {
      const double middle = (low + high) / 2;
      bool negative = false;
      double pivot = 1;
      for (std::size_t i = 0; i < diagonal.size() && !negative; ++i) {
        pivot = diagonal[i] - middle - (i > 0 ? beside[i - 1] * beside[i - 1] / pivot : 0.0);
        negative = !(pivot > 0);
      }
      (negative ? high : low) = middle;
    }
    return high;
  }

  /// Row after row of (T − θ) u = 0.
  std::vector<double> eigenvector(double theta) const {
    std::vector<double> u(diagonal.size(), 0.0);
    u[0] = 1;
    for (std::size_t i = 0; i + 1 < u.size(); ++i)
      u[i + 1] = -((diagonal[i] - theta) * u[i] + (i > 0 ? beside[i - 1] * u[i - 1] : 0.0)) / beside[i];
    return u;
  }
};

}  // namespace

Saddle::Direction Saddle::least_curved(const Iterate& point, const Multiply& multiply) {
  const int n = minimand_.size();
  const Box& box = minimand_.box;
  std::vector<double> start(n), v, before(n), w(n);
  std::uint32_t state = 1;  // an arbitrary direction, the same each time (Numerical Recipes' quick generator)
  for (int i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    const bool held = box.bounded && (box.fixed(i) || box.holds(i, point.x[i], point.gradient[i]));
    start[i] = held ? 0.0 : 0.5 + state / 4294967296.0;
  }
  const double length = norm(start.data(), n);
  if (length == 0) return {};
  for (double& entry : start) entry /= length;

  // Once for T, and once more, with its eigenvector u, for Σ u_k v_k.
  Tridiagonal t;
  Direction least;
  std::vector<double> u;
  std::vector<double>& found = least.v;
  for (const bool second : {false, true}) {
    v = start;
    std::fill(before.begin(), before.end(), 0.0);
    double beta = 0;
    for (int k = 0; k < std::min(n, most); ++k) {
      if (second)
        for (int i = 0; i < n; ++i) found[i] += u[k] * v[i];
      if (second && k + 1 == static_cast<int>(u.size())) break;
      if (multiply(v.data(), w.data()) != Status::running) return {};
      for (int i = 0; i < n; ++i) w[i] = start[i] == 0 ? 0.0 : w[i] - beta * before[i];
      const double alpha = dot(v.data(), w.data(), n);
      for (int i = 0; i < n; ++i) w[i] -= alpha * v[i];
      beta = norm(w.data(), n);
      if (!std::isfinite(alpha) || !std::isfinite(beta)) return {};
      if (!second) {
        t.diagonal.push_back(alpha);
        t.beside.push_back(beta);
      }
      if (!(beta > 1e-12 * t.size())) break;
      for (int i = 0; i < n; ++i) {
        before[i] = v[i];
        v[i] = w[i] / beta;
      }
    }
    if (second) break;
    const double theta = t.least(), rounding = 1e-9 * t.size();
    if (!(theta <= rounding)) return {};
    least.flat = theta >= -rounding;
    u = t.eigenvector(theta);
    found.assign(n, 0.0);
  }
  const double size = norm(found.data(), n);
  for (double& entry : found) entry /= size;
  return least;
}

bool Saddle::leave(const Iterate& point, const Multiply& multiply, Iterate& lower) {
  const Direction least = least_curved(point, multiply);
  if (least.v.empty()) return false;
  // First the sense that the gradient does not oppose. The other is of use where the first leads out of the box, or where f is odd.
  const double first = dot(least.v.data(), point.gradient, minimand_.size()) > 0 ? -1 : 1;
  for (const double sense : {first, -first}) {
    if (least.flat ? is_seen_to_fall(point, least.v, sense, lower) : falls_along(point, least.v, sense, lower)) return true;
    if (!least.flat && !minimand_.box.bounded) break;
  }
  return false;
}

// f falls by about ½ |λ| t², however short t is.
bool Saddle::falls_along(const Iterate& point, const std::vector<double>& v, double sense, Iterate& lower) {
  for (double t = 0.1 * std::max(1.0, norm(point.x, minimand_.size())); t > 1e-8; t *= 0.1) {
    if (!evaluate_beside(point, v, sense * t, lower)) return false;
    if (minimand_.finite(lower) && *lower.f < *point.f - Minimand::resolution(point)) return true;
  }
  return false;
}

// Without curvature it is the next power of t that decides, cubes as in x³ or fourths as in −x⁴: at the shortest t where it shows, so that
// no lower place behind a rise is taken for it. A slope that is called 0 explains a change of gtol t, and along the curved floor of a
// valley f falls by no more than that.
bool Saddle::is_seen_to_fall(const Iterate& point, const std::vector<double>& v, double sense, Iterate& lower) {
  const double scale = std::max(1.0, norm(point.x, minimand_.size()));
  for (const double part : {1e-3, 1e-2, 1e-1}) {
    const double t = part * scale;
    if (!evaluate_beside(point, v, sense * t, lower) || !minimand_.finite(lower)) return false;
    const double change = *lower.f - *point.f;
    if (std::abs(change) > std::max(Minimand::resolution(point), gtol_ * t)) return change < 0;
  }
  return false;
}

bool Saddle::evaluate_beside(const Iterate& point, const std::vector<double>& v, double t, Iterate& beside) {
  for (int i = 0; i < minimand_.size(); ++i) beside.x[i] = minimand_.box.nearest(i, point.x[i] + t * v[i]);
  return minimand_.evaluate(beside, false) == Status::running;
}

}  // namespace fastcalc
