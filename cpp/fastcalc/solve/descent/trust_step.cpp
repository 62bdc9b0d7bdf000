#include "trust_step.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fastcalc {

bool TrustStep::is_convex() {
  double largest = 0;
  for (int i = 0; i < n_; ++i) largest = std::max(largest, std::abs(h_->row(i)[i]));
  return factor_.decompose(*h_, -1e-13 * largest);
}

double TrustStep::solve(const double* g, double radius, double guess, double* p) {
  constexpr int most = 50;
  const auto slope = [&] { return norm(g, n_); };
  double lambda = 0, lower = 0, upper = std::numeric_limits<double>::infinity();
  bool bounded = false;  // whether `lower` and `upper` are known: where H is positive definite they need not be
  for (int iteration = 0; iteration < most; ++iteration) {
    if (!factor_.decompose(*h_, lambda)) {
      if (!bounded) bound(slope(), radius, lower, upper);
      const double short_of = factor_.shortfall(work_.data());
      lower = std::max({lower, lambda + (std::isfinite(short_of) ? short_of : 0.0), lambda});
      // The last λ that was good is the best guess of the next.
      const bool guessed = !bounded && guess > lower && guess < upper;
      lambda = guessed ? guess : std::max(std::sqrt(lower * upper), lower + 0.01 * (upper - lower));
      bounded = true;
      continue;
    }
    for (int i = 0; i < n_; ++i) p[i] = -g[i];
    factor_.solve(p);
    const double length = norm(p, n_);
    if (std::abs(length - radius) <= 0.1 * radius || (length < radius && lambda == 0)) return lambda;
    if (length < radius) {
      upper = std::min(upper, lambda);
      if (complete(radius, length, lambda, p, lower)) return lambda;
    } else {
      lower = std::max(lower, lambda);
    }
    // Newton's step on 1/|p| − 1/radius: d|p|²/dλ = −2 pᵀ(H + λ I)⁻¹p.
    std::copy_n(p, n_, work_.data());
    const double ratio = length / factor_.solved_norm(work_.data());
    double next = lambda + ratio * ratio * (length - radius) / radius;
    if (!(next > lower && next < upper)) {
      if (!bounded && length < radius) return lambda;
      next = std::isfinite(upper) ? std::max(std::sqrt(lower * upper), lower + 0.01 * (upper - lower)) : 2 * lambda + slope() / radius;
    }
    if (next == lambda) return lambda;
    lambda = next;
  }
  const double length = norm(p, n_);
  if (!(length <= radius)) {  // not found: along the gradient, which falls
    const double steepest = slope();
    for (int i = 0; i < n_; ++i) p[i] = steepest > 0 ? -g[i] / steepest * radius : 0.0;
  }
  return lambda;
}

// λ lies between −(the least eigenvalue) and |g|/radius − it, which Gershgorin's discs and Frobenius' norm bound.
void TrustStep::bound(double slope, double radius, double& lower, double& upper) {
  double* others = work_.data();  // Σ |h_ij| over j ≠ i
  std::fill_n(others, n_, 0.0);
  double least = std::numeric_limits<double>::infinity(), highest = 0, deepest = 0, rows = 0, square = 0;
  for (int i = 0; i < n_; ++i) {
    const double* row = h_->row(i);
    for (int j = h_->first(i); j < i; ++j) {
      square += 2 * row[j] * row[j];
      others[i] += std::abs(row[j]);
      others[j] += std::abs(row[j]);
    }
  }
  for (int i = 0; i < n_; ++i) {
    const double diagonal = h_->row(i)[i];
    square += diagonal * diagonal;
    least = std::min(least, diagonal);
    highest = std::max(highest, diagonal + others[i]);
    deepest = std::max(deepest, others[i] - diagonal);
    rows = std::max(rows, others[i] + std::abs(diagonal));
  }
  const double size = std::min(std::sqrt(square), rows);
  lower = std::max({0.0, -least, slope / radius - std::min(highest, size)});
  upper = std::max(lower, slope / radius + std::min(deepest, size));
}

// p is too short: with z along which the curvature is least, p + τ z is as long as the radius. It is good enough where what the model
// loses by it, τ² zᵀ(H + λ I) z, is a fifth of what the step is worth (Moré and Sorensen, lemma 3.4).
bool TrustStep::complete(double radius, double length, double lambda, double* p, double& lower) {
  double* z = work_.data();
  const double least = factor_.weakest(z);
  const double pz = dot(p, z, n_), missing = (radius - length) * (radius + length);
  const double tau = missing / (pz + std::copysign(std::sqrt(pz * pz + missing), pz));  // the shorter of the two
  const double worth = h_->quadratic(p) + lambda * length * length + lambda * radius * radius;
  lower = std::max(lower, lambda - least * least);
  if (tau * tau * least * least > 0.2 * worth) return false;
  for (int i = 0; i < n_; ++i) p[i] += tau * z[i];
  return true;
}

}  // namespace fastcalc
