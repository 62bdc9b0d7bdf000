// ops: special functions, by SciPy's own inner loops. The kernel knows no Python: it has a table of loops, which the border fills
// when a program first records an operation of scipy.special (`OpInfo::special`).
//
// Comes in: numbers of a field F. Goes out: the ufunc's values, to the bit, a register by one call of its loop. Before the table is
// filled every value is NaN.
#pragma once

#include <cstddef>
#include <span>

#include "../base/lanes.hpp"

namespace fastcalc {

enum class Special : int {
#define ONE(NAME, UFUNC) NAME,
#define TWO(NAME, UFUNC) NAME,
#define THREE(NAME, UFUNC) NAME,
#include "special.def"
#undef ONE
#undef TWO
#undef THREE
};

/// A ufunc's inner loop, as NumPy defines it: length[0] times, operand i (the result last) at at[i] and every step[i] bytes.
using Loop = void (*)(char** at, const std::ptrdiff_t* length, const std::ptrdiff_t* step, void* data);

struct SpecialFunction {
  const char* ufunc;  ///< its path from scipy on
  int arity;
  Loop loop;
  void* data;
};

std::span<SpecialFunction> special_functions();

}  // namespace fastcalc

namespace fastcalc::inline FASTCALC_ISA {

template <Special which, class F, class... Others>
inline F loop_of(F x, Others... others) {
  const SpecialFunction& function = special_functions()[static_cast<int>(which)];
  F result;
  char* at[] = {reinterpret_cast<char*>(&x), reinterpret_cast<char*>(&others)..., reinterpret_cast<char*>(&result)};
  const std::ptrdiff_t length = Field<F>::width, step[] = {8, (static_cast<void>(others), 8)..., 8};
  function.loop(at, &length, step, function.data);
  return result;
}

#define ONE(NAME, UFUNC)                                             \
  inline double NAME(double x) { return loop_of<Special::NAME>(x); } \
  inline Lanes NAME(Lanes x) { return loop_of<Special::NAME>(x); }
#define TWO(NAME, UFUNC)                                                          \
  inline double NAME(double x, double y) { return loop_of<Special::NAME>(x, y); } \
  inline Lanes NAME(Lanes x, Lanes y) { return loop_of<Special::NAME>(x, y); }
#define THREE(NAME, UFUNC)                                                                     \
  inline double NAME(double x, double y, double z) { return loop_of<Special::NAME>(x, y, z); } \
  inline Lanes NAME(Lanes x, Lanes y, Lanes z) { return loop_of<Special::NAME>(x, y, z); }
#include "special.def"
#undef ONE
#undef TWO
#undef THREE

/// Hurwitz's ζ(s, x). Below 0 SciPy's loop counts up to 0 term by term, which takes for ever far out: NaN below −1000.
template <class F>
inline F zeta(F s, F x) {
  return hurwitz(s, select(x < -1000, F(NAN), x));
}

/// ∫₀¹ tⁿ e^(xt) dt = ₁F₁(n + 1; n + 2; x) / (n + 1): the n-th derivative of exprel(x) = (eˣ − 1)/x, without its cancellation at 0.
/// It is inf long before x = 1000, where SciPy's loop begins to take its time.
template <class F>
inline F exp_moment(F n, F x) {
  return hyp1f1(n + 1, n + 2, select(x > 1000, F(1000), x)) / (n + 1);
}

/// SciPy's loops truncate an order to an int and call the interpreter to warn when that changes it, which a run without the interpreter
/// must not do: the order is truncated here. Beyond an int there is no order: NaN.
template <class F>
inline F whole_order(F n) {
  return select(abs(n) < 2147483648.0, trunc(n), F(NAN));
}
template <class F>
inline F yn(F n, F x) {
  return yn_whole(whole_order(n), x);
}
template <class F>
inline F kn(F n, F x) {
  return kn_whole(whole_order(n), x);
}

}  // namespace fastcalc::inline FASTCALC_ISA
