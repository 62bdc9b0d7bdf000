// ops: cⱼ = C⁽ʲ⁾(x)/j!, the Taylor coefficients at x of functions of which all derivatives are known in closed form; for series.def.
//
// Comes in: the order j ≥ 1, the point, in a field F. Goes out: one coefficient.
#pragma once

#include "math.hpp"
#include "special.hpp"

namespace fastcalc::inline FASTCALC_ISA {

inline double alternating(int j) { return j % 2 ? -1 : 1; }

/// ∂ζ/∂x = −s ζ(s + 1, x): cⱼ = (−1)ʲ s (s + 1) … (s + j − 1)/j! · ζ(s + j, x)
template <class F>
F zeta_coefficient(int j, F s, F x) {
  F factor = alternating(j);
  for (int i = 0; i < j; ++i) factor = factor * (s + i) / (i + 1);
  return factor * zeta(s + j, x);
}

/// (ln Γ)′ = ψ, and ψ = const − Σ (1/(x + n) − 1/(n + 1)) has ψ′ = ζ(2, x): cⱼ = (−1)ʲ ζ(j, x)/j from j = 2 on
template <class F>
F gammaln_coefficient(int j, F x) {
  return j == 1 ? digamma(x) : alternating(j) / j * zeta(F(j), x);
}

/// 2 C′ᵥ = p Cᵥ₋₁ + q Cᵥ₊₁, j times (DLMF 10.6.7, 10.29.5): 2ʲ C⁽ʲ⁾ᵥ = Σ (j over i) pʲ⁻ⁱ qⁱ Cᵥ₋ⱼ₊₂ᵢ; p and q are 1 or −1
template <class F, class Cylinder>
F cylinder_coefficient(int j, int p, int q, F v, F x, Cylinder cylinder) {
  double weight = 1;  // (j over i) pʲ⁻ⁱ qⁱ / (2ʲ j!)
  for (int i = 1; i <= j; ++i) weight *= p / (2.0 * i);
  F sum = 0;
  for (int i = 0; i <= j; ++i) {
    sum = sum + weight * cylinder(v + (2 * i - j), x);
    weight *= p * q * static_cast<double>(j - i) / (i + 1);
  }
  return sum;
}

/// The same for e^(σx) Cᵥ(x), whose values `scaled` gives: Σ σⁱ/i! · cⱼ₋ᵢ
template <class F, class Scaled>
F scaled_coefficient(int j, int p, int q, F sigma, F v, F x, Scaled scaled) {
  F sum = 0, weight = 1;
  for (int i = 0; i <= j; ++i) {
    sum = sum + weight * cylinder_coefficient(j - i, p, q, v, x, scaled);
    weight = weight * sigma / (i + 1);
  }
  return sum;
}

/// ∫₀¹ tⁿ e^(xt) dt: cⱼ = ∫₀¹ tⁿ⁺ʲ e^(xt) dt / j!
template <class F>
F moment_coefficient(int j, F n, F x) {
  F moment = exp_moment(n + j, x);
  for (int i = 2; i <= j; ++i) moment = moment / i;
  return moment;
}

/// sinc: near 0 from its power series Σ (−1)ᵐ π²ᵐ x²ᵐ/(2m + 1)!, differentiated term by term; elsewhere from x f = sin(πx)/π, that is
/// x cⱼ + cⱼ₋₁ = πʲ⁻¹ sin(πx + jπ/2)/j!
template <class F>
F sinc_coefficient(int j, F x) {
  constexpr double pi = 3.14159265358979323846;
  F quotient = sin(pi * x) / (pi * x);
  double factor = 1 / pi;
  for (int i = 1; i <= j; ++i) {
    factor *= pi / i;
    quotient = (factor * (i % 2 ? alternating(i / 2) * cos(pi * x) : alternating(i / 2) * sin(pi * x)) - quotient) / x;
  }
  double weight = 1;  // πⁿ/(n + 1)! · (n over j), of which the even n count
  for (int i = 1; i <= j; ++i) weight *= pi / (i + 1);
  F sum = 0, power = 1;
  for (int n = j; n < j + 40; ++n) {
    if (n % 2 == 0) sum = sum + alternating(n / 2) * weight * power;
    power = power * x;
    weight *= pi / (n + 2) * (n + 1) / (n + 1 - j);
  }
  return select(abs(x) < 1, sum, quotient);
}

}  // namespace fastcalc::inline FASTCALC_ISA
