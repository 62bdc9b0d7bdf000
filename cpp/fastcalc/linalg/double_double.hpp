// linalg: numbers of twice the precision: a DoubleDouble is the unevaluated sum of two doubles, the second at most half a unit in the
// last place of the first: 106 bits, and relative errors of 2⁻¹⁰⁴ at most.
//
// Comes in: doubles, or whole registers of them. Goes out: sums and products without error, and arithmetic made of them. Nothing here
// holds if a compiler re-associates, or joins a product with a sum: what must stay rounded is hidden from it by `rounded`.
// Dekker, Numer. Math. 18 (1971) 224; Joldes, Muller, Popescu, ACM TOMS 44 (2017) 15:2 (algorithm numbers below).
#pragma once

#include <cmath>

#include "../base/lanes.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class F>
struct DoubleDouble {
  F high, low;
};

#if defined(__AVX512F__)
#define FASTCALC_REGISTER "+v"
#elif defined(__x86_64__)
#define FASTCALC_REGISTER "+x"
#elif defined(__aarch64__)
#define FASTCALC_REGISTER "+w"
#else
#define FASTCALC_REGISTER "+m"
#endif

/// The same value, of which the compiler no longer knows that it is a product.
[[gnu::always_inline]] inline double rounded(double value) {
  asm("" : FASTCALC_REGISTER(value));
  return value;
}
[[gnu::always_inline]] inline Lanes rounded(Lanes value) {
  asm("" : FASTCALC_REGISTER(value.r));
  return value;
}
#undef FASTCALC_REGISTER

/// a + b = high + low. Knuth, TAOCP 2, 4.2.2, theorem B.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> two_sum(F a, F b) {
  const F sum = a + b;
  const F shift = sum - a;
  return {sum, (a - (sum - shift)) + (b - shift)};
}

/// The same where |a| ≥ |b| or a = 0.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> quick_two_sum(F a, F b) {
  const F sum = a + b;
  return {sum, b - (sum - a)};
}

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
/// a · b − c, rounded once.
[[gnu::always_inline]] inline double fused(double a, double b, double c) { return __builtin_fma(a, b, -c); }
[[gnu::always_inline]] inline Lanes fused(Lanes a, Lanes b, Lanes c) {
  Lanes result;
  for (int i = 0; i < lane_width; ++i) result.r[i] = __builtin_fma(a.r[i], b.r[i], -c.r[i]);  // one instruction
  return result;
}

/// a · b = high + low, unless that is below 1e-291, where low may lose digits.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> two_product(F a, F b) {
  const F product = rounded(a * b);
  return {product, fused(a, b, product)};
}

/// sum + a · b = high + low, but for 2⁻⁵³ of low, where sum and high lie between the same two powers of two.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> plus_product(F sum, F a, F b) {
  const F grown = fused(a, b, -sum);
  return {grown, fused(a, b, grown - sum)};
}
#else
/// Without a fused instruction each factor is cut in halves of 26 bits, whose products are exact (Dekker, 5.7; for |a| < 2⁹⁹⁶).
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> two_product(F a, F b) {
  const F splitter = 0x1p27 + 1;
  const F a_shifted = rounded(a * splitter), b_shifted = rounded(b * splitter);
  const F a_high = a_shifted - (a_shifted - a), b_high = b_shifted - (b_shifted - b);
  const F a_low = a - a_high, b_low = b - b_high;
  const F product = rounded(a * b);
  const F rest = rounded(a_high * b_high) - product;
  return {product, ((rest + rounded(a_high * b_low)) + rounded(a_low * b_high)) + rounded(a_low * b_low)};
}
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> plus_product(F sum, F a, F b) {
  const DoubleDouble<F> product = two_product(a, b);
  const F grown = sum + product.high;
  return {grown, (product.high - (grown - sum)) + product.low};
}
#endif

template <class F>
DoubleDouble<F> operator-(DoubleDouble<F> a) {
  return {-a.high, -a.low};
}

/// Algorithm 4.
template <class F>
DoubleDouble<F> operator+(DoubleDouble<F> a, F b) {
  const DoubleDouble<F> sum = two_sum(a.high, b);
  return quick_two_sum(sum.high, a.low + sum.low);
}

/// Algorithm 6: right to 3 · 2⁻¹⁰⁶ also where the leading digits cancel.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> operator+(DoubleDouble<F> a, DoubleDouble<F> b) {
  const DoubleDouble<F> high = two_sum(a.high, b.high), low = two_sum(a.low, b.low);
  const DoubleDouble<F> sum = quick_two_sum(high.high, high.low + low.high);
  return quick_two_sum(sum.high, low.low + sum.low);
}
template <class F>
DoubleDouble<F> operator-(DoubleDouble<F> a, DoubleDouble<F> b) {
  return a + -b;
}

template <class F>
DoubleDouble<F> operator*(DoubleDouble<F> a, F b) {
  const DoubleDouble<F> product = two_product(a.high, b);
  return quick_two_sum(product.high, product.low + rounded(a.low * b));
}

/// Algorithm 11.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> operator*(DoubleDouble<F> a, DoubleDouble<F> b) {
  const DoubleDouble<F> product = two_product(a.high, b.high);
  const F crossed = rounded(a.high * b.low) + rounded(a.low * b.high);
  return quick_two_sum(product.high, product.low + crossed);
}

/// Long division: two digits of 53 bits and a third that rounds.
inline DoubleDouble<double> operator/(DoubleDouble<double> a, DoubleDouble<double> b) {
  const double first = a.high / b.high;
  DoubleDouble<double> rest = a - b * first;
  const double second = rest.high / b.high;
  rest = rest - b * second;
  const double third = rest.high / b.high;
  return quick_two_sum(first, second) + third;
}

/// √a ≈ s + (a − s²)/2s with s = √high: one step of Newton's method, which doubles the digits. 0 for what is not positive.
inline DoubleDouble<double> square_root(DoubleDouble<double> a) {
  if (!(a.high > 0)) return {0, 0};
  const double s = std::sqrt(a.high);
  return quick_two_sum(s, (a - two_product(s, s)).high / (2 * s));
}

}  // namespace fastcalc::inline FASTCALC_ISA
