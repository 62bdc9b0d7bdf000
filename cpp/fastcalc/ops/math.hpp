// ops: the vocabulary that the rules are written in, for both fields.
//
// Comes in: a double, or a register of doubles (Lanes). Goes out: the same. Every function of vector_math.def is here
// twice under one name, so that a rule over a field F says `exp(x)` and means libm's exp or libmvec's: glibc's vector
// functions are called by their own names (_ZGVeN8v_exp is exp of 8 doubles), without any fast-math. Where the C library
// has none, each lane is a scalar call.
#pragma once

#include <cmath>

#include "../base/lanes.hpp"

/// Which vector functions the C library has: 0 none, 1 glibc 2.22's five, 2 glibc 2.35's full set.
#ifndef FASTCALC_LIBMVEC
#if defined(__x86_64__) && defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
#define FASTCALC_LIBMVEC 2
#elif __GLIBC_PREREQ(2, 22)
#define FASTCALC_LIBMVEC 1
#endif
#endif
#endif
#ifndef FASTCALC_LIBMVEC
#define FASTCALC_LIBMVEC 0
#endif

// The x86-64 vector ABI: _ZGV, the instruction set (b SSE, d AVX2, e AVX-512), N (no mask), lanes, v an argument, the name.
#if FASTCALC_LANES == 8
#define VECTOR_NAME(arguments, name) _ZGVeN8##arguments##_##name
#elif FASTCALC_LANES == 4
#define VECTOR_NAME(arguments, name) _ZGVdN4##arguments##_##name
#else
#define VECTOR_NAME(arguments, name) _ZGVbN2##arguments##_##name
#endif

namespace fastcalc::inline FASTCALC_ISA {

namespace libmvec {
enum Since { FIRST = 1, FULL = 2, NEVER = 3 };
}

template <class Function>
inline Lanes each_lane(Function function, Lanes x) {
  for (int i = 0; i < lane_width; ++i) x.r[i] = function(x.r[i]);
  return x;
}

template <class Function>
inline Lanes each_lane(Function function, Lanes x, Lanes y) {
  for (int i = 0; i < lane_width; ++i) x.r[i] = function(x.r[i], y.r[i]);
  return x;
}

// `const` lets the compiler share two equal calls in one rule.
#define ONE(NAME, SINCE, ...)                                                              \
  using std::NAME;                                                                         \
  extern "C" __attribute__((const)) Lanes::Register VECTOR_NAME(v, NAME)(Lanes::Register); \
  inline Lanes NAME(Lanes x) {                                                             \
    if constexpr (libmvec::SINCE <= FASTCALC_LIBMVEC) {                                    \
      return VECTOR_NAME(v, NAME)(x.r);                                                    \
    } else {                                                                               \
      return each_lane([](double lane) { return std::NAME(lane); }, x);                    \
    }                                                                                      \
  }
#define TWO(NAME, SINCE, ...)                                                                                \
  using std::NAME;                                                                                           \
  extern "C" __attribute__((const)) Lanes::Register VECTOR_NAME(vv, NAME)(Lanes::Register, Lanes::Register); \
  inline Lanes NAME(Lanes x, Lanes y) {                                                                      \
    if constexpr (libmvec::SINCE <= FASTCALC_LIBMVEC) {                                                      \
      return VECTOR_NAME(vv, NAME)(x.r, y.r);                                                                \
    } else {                                                                                                 \
      return each_lane([](double lane, double other) { return std::NAME(lane, other); }, x, y);              \
    }                                                                                                        \
  }
#include "vector_math.def"
#undef ONE
#undef TWO
#undef VECTOR_NAME

/// np.sign: ±0 gives 0 and NaN stays NaN.
template <class F>
inline F sign(F x) {
  return select(x > 0, F(1), select(x < 0, F(-1), select(x == 0, F(0), x)));
}

/// Σ cₖ zᵏ by Horner's rule.
template <class F, std::size_t n>
inline F polynomial(F z, const double (&c)[n]) {
  F sum = c[n - 1];
  for (std::size_t k = n - 1; k > 0; --k) sum = sum * z + c[k - 1];
  return sum;
}

/// np.remainder: like Python's %, the result has the sign of y.
inline double remainder(double x, double y) {
  const double rest = std::fmod(x, y);
  if (y == 0 || rest != rest) return rest;
  if (rest == 0) return std::copysign(0.0, y);
  return (y < 0) == (rest < 0) ? rest : rest + y;
}

/// np.floor_divide: the whole number n in x = y n + remainder(x, y). floor(x / y) is not it: 1 / 0.1 rounds up to 10,
/// but ten times the double nearest to 0.1 is more than 1, so n = 9. x − fmod(x, y) is a multiple of y, and the quotient
/// is snapped to the whole number that rounding may have missed.
inline double floor_divide(double x, double y) {
  if (y == 0) return x / y;
  const double rest = std::fmod(x, y);
  const double step = rest != 0 && (y < 0) != (rest < 0) ? 1 : 0;
  const double quotient = (x - rest) / y - step;
  return quotient == 0 ? std::copysign(0.0, x / y) : std::rint(quotient);
}

inline Lanes remainder(Lanes x, Lanes y) {
  return each_lane([](double lane, double other) { return remainder(lane, other); }, x, y);
}
inline Lanes floor_divide(Lanes x, Lanes y) {
  return each_lane([](double lane, double other) { return floor_divide(lane, other); }, x, y);
}

/// The truth value that a comparison of F made, also after & and |, which make an int of two bools.
inline bool truth(int value) { return value != 0; }
inline Mask truth(Mask value) { return value; }

}  // namespace fastcalc::inline FASTCALC_ISA
