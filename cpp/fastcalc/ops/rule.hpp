// ops: each line of ops.def as C++: Rule<Op::x>::value, first, second, dx, dy, ... over any field F.
//
// Comes in: numbers of a field F (double, Lanes, or later a symbolic one). Goes out: numbers of F, tags or truth values.
// A rule knows no number type: it never sees a tangent. Derivatives receive the computed f, so nothing is done twice.
#pragma once

#include <limits>
#include <type_traits>

#include "math.hpp"
#include "op.hpp"
#include "special.hpp"
#include "tags.hpp"

namespace fastcalc::inline FASTCALC_ISA {

namespace constants {
inline constexpr double INF = std::numeric_limits<double>::infinity();
inline constexpr double PI = 3.14159265358979323846;
inline constexpr double HALF_PI = 1.57079632679489661923;
inline constexpr double DEGREE = PI / 180;
inline constexpr double LN2 = 0.693147180559945309417;
inline constexpr double LN10 = 2.30258509299404568402;
inline constexpr double TWO_OVER_ROOT_PI = 1.12837916709551257390;
inline constexpr double ONE_OVER_ROOT_TWO_PI = 0.398942280401432677940;
inline constexpr double ROOT_HALF = 0.707106781186547524401;
}  // namespace constants

using namespace constants;

template <Op>
struct Rule;

// NOLINTBEGIN: an unused argument is a fact of calculus (f″ of exp needs only f), not an oversight.
#define ARGUMENT [[maybe_unused]]
#define UNARY(NAME, NUMPY, VALUE, FIRST, SECOND, ...)              \
  template <>                                                      \
  struct Rule<Op::NAME> {                                          \
    static constexpr int arity = 1;                                \
    template <class F>                                             \
    static auto value(ARGUMENT F x) {                              \
      return VALUE;                                                \
    }                                                              \
    template <class F>                                             \
    static auto first(ARGUMENT F x, ARGUMENT F f) {                \
      return FIRST;                                                \
    }                                                              \
    template <class F, class D>                                    \
    static auto second(ARGUMENT F x, ARGUMENT F f, ARGUMENT D d) { \
      return SECOND;                                               \
    }                                                              \
  };
#define BINARY(NAME, NUMPY, VALUE, DX, DY, DXX, DXY, DYY, ...)                                    \
  template <>                                                                                     \
  struct Rule<Op::NAME> {                                                                         \
    static constexpr int arity = 2;                                                               \
    template <class F>                                                                            \
    static auto value(ARGUMENT F x, ARGUMENT F y) {                                               \
      return VALUE;                                                                               \
    }                                                                                             \
    template <class F>                                                                            \
    static auto dx(ARGUMENT F x, ARGUMENT F y, ARGUMENT F f) {                                    \
      return DX;                                                                                  \
    }                                                                                             \
    template <class F>                                                                            \
    static auto dy(ARGUMENT F x, ARGUMENT F y, ARGUMENT F f) {                                    \
      return DY;                                                                                  \
    }                                                                                             \
    template <class F, class DX_, class DY_>                                                      \
    static auto dxx(ARGUMENT F x, ARGUMENT F y, ARGUMENT F f, ARGUMENT DX_ dx, ARGUMENT DY_ dy) { \
      return DXX;                                                                                 \
    }                                                                                             \
    template <class F, class DX_, class DY_>                                                      \
    static auto dxy(ARGUMENT F x, ARGUMENT F y, ARGUMENT F f, ARGUMENT DX_ dx, ARGUMENT DY_ dy) { \
      return DXY;                                                                                 \
    }                                                                                             \
    template <class F, class DX_, class DY_>                                                      \
    static auto dyy(ARGUMENT F x, ARGUMENT F y, ARGUMENT F f, ARGUMENT DX_ dx, ARGUMENT DY_ dy) { \
      return DYY;                                                                                 \
    }                                                                                             \
  };
// A truth value leaves a rule as 1 or 0, so that a mask can be summed, multiplied and stored like any number.
#define TEST(NAME, NUMPY, ARITY, VALUE)                 \
  template <>                                           \
  struct Rule<Op::NAME> {                               \
    static constexpr int arity = ARITY;                 \
    template <class F>                                  \
    static F value(ARGUMENT F x, ARGUMENT F y = F(0)) { \
      return select(truth(VALUE), F(1), F(0));          \
    }                                                   \
  };
#include "ops.def"
#undef ARGUMENT
// NOLINTEND

}  // namespace fastcalc::inline FASTCALC_ISA
