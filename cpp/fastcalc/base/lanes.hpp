// base: one SIMD register of doubles, and the same vocabulary for a plain double.
//
// Comes in: aligned or unaligned memory. Goes out: `Lanes` (FASTCALC_LANES doubles) and `Mask` (a truth value each), with
// arithmetic, comparison and `select`. A rule of calculus is written once over a field F; F is `double` for a single
// number and `Lanes` for a block, and both answer to the functions below. Nothing here knows any mathematics.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "isa.hpp"
#include "tuning.hpp"

namespace fastcalc::inline FASTCALC_ISA {

inline constexpr int lane_width = FASTCALC_LANES;

struct Mask {
  typedef std::int64_t Register __attribute__((vector_size(8 * FASTCALC_LANES)));
  Register r;
};

struct Lanes {
  typedef double Register __attribute__((vector_size(8 * FASTCALC_LANES)));
  typedef double Unaligned __attribute__((vector_size(8 * FASTCALC_LANES), aligned(8)));
  Register r;

  Lanes() = default;
  Lanes(Register v) : r(v) {}
  Lanes(double v) : r(v - Register{}) {}  // scalar op vector broadcasts; v − 0 keeps the sign of −0
};

inline Lanes operator+(Lanes a, Lanes b) { return a.r + b.r; }
inline Lanes operator-(Lanes a, Lanes b) { return a.r - b.r; }
inline Lanes operator*(Lanes a, Lanes b) { return a.r * b.r; }
inline Lanes operator/(Lanes a, Lanes b) { return a.r / b.r; }
inline Lanes operator-(Lanes a) { return -a.r; }

/// a · b + c, rounded once where the processor does it in one instruction. Nowhere else is a product joined with a sum
/// (-ffp-contract=off), so that an operation of a program gives the same bits in every engine.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
inline double multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }
inline Lanes multiply_add(Lanes a, Lanes b, Lanes c) {
  for (int i = 0; i < lane_width; ++i) c.r[i] = __builtin_fma(a.r[i], b.r[i], c.r[i]);  // one instruction
  return c;
}
#else
inline double multiply_add(double a, double b, double c) { return a * b + c; }
inline Lanes multiply_add(Lanes a, Lanes b, Lanes c) { return a * b + c; }
#endif

inline Mask operator<(Lanes a, Lanes b) { return {a.r < b.r}; }
inline Mask operator<=(Lanes a, Lanes b) { return {a.r <= b.r}; }
inline Mask operator>(Lanes a, Lanes b) { return {a.r > b.r}; }
inline Mask operator>=(Lanes a, Lanes b) { return {a.r >= b.r}; }
inline Mask operator==(Lanes a, Lanes b) { return {a.r == b.r}; }
inline Mask operator!=(Lanes a, Lanes b) { return {a.r != b.r}; }
inline Mask operator&(Mask a, Mask b) { return {a.r & b.r}; }
inline Mask operator|(Mask a, Mask b) { return {a.r | b.r}; }
inline Mask operator^(Mask a, Mask b) { return {a.r ^ b.r}; }
inline Mask operator!(Mask a) { return {~a.r}; }

inline Lanes select(Mask m, Lanes a, Lanes b) { return m.r ? a.r : b.r; }
inline double select(bool m, double a, double b) { return m ? a : b; }

inline bool all(Mask m) {
  for (int i = 0; i < lane_width; ++i)
    if (m.r[i] == 0) return false;
  return true;
}
inline bool all(bool m) { return m; }

/// A bit for each lane, the lowest for the first.
inline std::uint64_t bits(Mask m) {
#if FASTCALC_LANES == 8
  typedef long long Signs __attribute__((vector_size(sizeof m.r)));
  return __builtin_ia32_cvtq2mask512(reinterpret_cast<Signs>(m.r));
#elif FASTCALC_LANES == 4
  return static_cast<std::uint64_t>(__builtin_ia32_movmskpd256(reinterpret_cast<Lanes::Register>(m.r)));
#else
  return static_cast<std::uint64_t>((m.r[0] & 1) | (m.r[1] & 2));
#endif
}

// Across the lanes of one register.
#if FASTCALC_LANES == 8
inline Lanes ramp() { return Lanes::Register{0, 1, 2, 3, 4, 5, 6, 7}; }
inline Lanes reversed(Lanes a) { return __builtin_shufflevector(a.r, a.r, 7, 6, 5, 4, 3, 2, 1, 0); }
#elif FASTCALC_LANES == 4
inline Lanes ramp() { return Lanes::Register{0, 1, 2, 3}; }
inline Lanes reversed(Lanes a) { return __builtin_shufflevector(a.r, a.r, 3, 2, 1, 0); }
#else
inline Lanes ramp() { return Lanes::Register{0, 1}; }
inline Lanes reversed(Lanes a) { return __builtin_shufflevector(a.r, a.r, 1, 0); }
#endif
inline double total(Lanes a) {
  double sum = 0;
  for (int i = 0; i < lane_width; ++i) sum += a.r[i];
  return sum;
}

/// What a kernel does with memory, for either field: a slot is read and written one register at a time.
/// `splat`-ting store of a double fills a whole splat slot, so that array kernels can read a scalar as a register.
template <class F>
struct Field;

template <>
struct Field<Lanes> {
  static constexpr int width = lane_width;
  using Truth = Mask;
  static Lanes load(const double* p) { return *reinterpret_cast<const Lanes::Unaligned*>(p); }
  static void store(double* p, Lanes v) { *reinterpret_cast<Lanes::Unaligned*>(p) = v.r; }
};

template <>
struct Field<double> {
  static constexpr int width = 1;
  using Truth = bool;
  static double load(const double* p) { return *p; }
  static void store(double* p, double v) {
    for (int i = 0; i < splat_width; ++i) p[i] = v;
  }
};

}  // namespace fastcalc::inline FASTCALC_ISA
