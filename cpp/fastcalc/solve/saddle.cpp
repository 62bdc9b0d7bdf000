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

std::vector<double> Saddle::falling(const Iterate& point, const Multiply& multiply) {
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
  std::vector<double> u, found;
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
    const double theta = t.least();
    if (!(theta < -1e-9 * t.size())) return {};
    u = t.eigenvector(theta);
    found.assign(n, 0.0);
  }
  const double size = norm(found.data(), n);
  for (double& entry : found) entry /= size;
  return found;
}

bool Saddle::leave(const Iterate& point, const Multiply& multiply, Iterate& lower) {
  const int n = minimand_.size();
  const std::vector<double> v = falling(point, multiply);
  if (v.empty()) return false;
  // Of both senses the one that the gradient does not oppose, and where it leads out of the box the other; f falls by about ½ |λ| t².
  const double first = dot(v.data(), point.gradient, n) > 0 ? -1 : 1;
  for (const double sense : {first, -first}) {
    for (double t = 0.1 * std::max(1.0, norm(point.x, n)); t > 1e-8; t *= 0.1) {
      for (int i = 0; i < n; ++i) lower.x[i] = minimand_.box.nearest(i, point.x[i] + sense * t * v[i]);
      if (minimand_.evaluate(lower, false) != Status::running) return false;
      if (minimand_.finite(lower) && *lower.f < *point.f - Minimand::resolution(point)) return true;
    }
    if (!minimand_.box.bounded) break;
  }
  return false;
}

}  // namespace fastcalc
