// linalg: numbers of twice the precision: a DoubleDouble is the unevaluated sum of two doubles, the second at most half a unit in the
// last place of the first: 106 bits, and relative errors of 2⁻¹⁰⁴ at most.
//
// Comes in: doubles, or whole registers of them. Goes out: sums and products without error, and arithmetic made of them. Nothing here
// holds if a compiler re-associates, or joins a product with a sum where the code does not say so (see base/lanes.hpp).
// Dekker, Numer. Math. 18 (1971) 224; Joldes, Muller, Popescu, ACM TOMS 44 (2017) 15:2 (algorithm numbers below).
#pragma once

#include <cmath>

#include "../base/lanes.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class F>
struct DoubleDouble {
  F high, low;
};

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
/// a · b = high + low, unless that is below 1e-291, where low may lose digits.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> two_product(F a, F b) {
  const F product = a * b;
  return {product, multiply_add(a, b, -product)};
}

/// sum + a · b = high + low, but for 2⁻⁵³ of low, where sum and high lie between the same two powers of two.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> plus_product(F sum, F a, F b) {
  const F grown = multiply_add(a, b, sum);
  return {grown, multiply_add(a, b, -(grown - sum))};
}
#else
/// Without a fused instruction each factor is cut in halves of 26 bits, whose products are exact (Dekker, 5.7; for |a| < 2⁹⁹⁶).
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> two_product(F a, F b) {
  const F splitter = 0x1p27 + 1;
  const F a_shifted = a * splitter, b_shifted = b * splitter;
  const F a_high = a_shifted - (a_shifted - a), b_high = b_shifted - (b_shifted - b);
  const F a_low = a - a_high, b_low = b - b_high;
  const F product = a * b;
  const F rest = a_high * b_high - product;
  return {product, ((rest + a_high * b_low) + a_low * b_high) + a_low * b_low};
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
  return quick_two_sum(product.high, product.low + a.low * b);
}

/// Algorithm 11.
template <class F>
[[gnu::always_inline]] inline DoubleDouble<F> operator*(DoubleDouble<F> a, DoubleDouble<F> b) {
  const DoubleDouble<F> product = two_product(a.high, b.high);
  const F crossed = a.high * b.low + a.low * b.high;
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
