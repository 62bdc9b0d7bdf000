// numbers: truncated power series a(t) = a₀ + a₁ t + … + aₙ tⁿ, that is, derivatives of any order: aₖ = a⁽ᵏ⁾(0) / k!.
//
// Comes in: the coefficients of the arguments, to an order that the caller chooses. Goes out: those of the result, to the
// same order. The idea: a composition f(a(t)) obeys a differential equation in t, which turns into a recurrence for its
// coefficients (ops/series.def); a whole operation costs O(n²), while nested dual numbers would cost O(2ⁿ).
//
//   const double t[] = {x, 1, 0, 0};               // x + t, to order 3
//   double f[4];
//   Taylor<double>(3).apply<Op::tan>(t, nullptr, f);   // f = tan x, tan′ x, tan″ x / 2, tan‴ x / 6
#pragma once

#include <vector>

#include "../ops/rule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// The words of series.def at step k. A step reads coefficients below k, and the k-th of what is already known.
template <class F>
struct Recurrence {
  const int k;

  F product(const F* a, const F* b) const {
    F sum = 0;
    for (int j = 0; j <= k; ++j) sum = sum + a[j] * b[k - j];
    return sum;
  }
  F primitive(const F* g, const F* a) const {
    F sum = 0;
    for (int j = 1; j <= k; ++j) sum = sum + j * a[j] * g[k - j];
    return sum / k;
  }
  F quotient(F p, const F* f, const F* b) const {
    for (int j = 0; j < k; ++j) p = p - f[j] * b[k - j];
    return p / b[0];
  }
  F slope(F p, const F* f, const F* g) const {
    F sum = 0;
    for (int j = 1; j < k; ++j) sum = sum + j * f[j] * g[k - j];
    return (p - sum / k) / g[0];
  }
  F root(F p, const F* f) const {
    for (int j = 1; j < k; ++j) p = p - f[j] * f[k - j];
    return p / (2 * f[0]);
  }

  bool constant(const F* b) const {
    for (int j = 1; j <= k; ++j)
      if (b[j] != 0) return false;
    return true;
  }
  // f = aⁿ for a constant n (J.C.P. Miller; Knuth, The Art of Computer Programming 2, 4.7, eq. 9). With a = tᵐ (aₘ + …), aₘ ≠ 0,
  // f starts at tⁿᵐ, and comparing coefficients in a f′ = n f a′ gives, with i = k − n m,
  //   fₖ = Σ (n j − (i − j)) aₘ₊ⱼ fₖ₋ⱼ / (i aₘ),  j = 1 … i.
  // A zero base (m > 0) has a series for whole n ≥ 0 only; for any other n the coefficients are NaN.
  F miller(const F* f, const F* a, F n) const {
    if (n == 0) return 0;
    int m = 0;
    while (m <= k && a[m] == 0) ++m;
    if (m > 0 && !(n > 0 && n == rint(n))) return NAN;
    const F shift = m == 0 ? F(0) : n * m;
    if (shift > k) return 0;
    const int i = k - static_cast<int>(shift);
    if (i == 0) return pow(a[m], n);
    F sum = 0;
    for (int j = 1; j <= i; ++j) sum = sum + (n * j - (i - j)) * a[m + j] * f[k - j];
    return sum / (i * a[m]);
  }
};

template <Op>
struct Series;

// NOLINTBEGIN: a line uses the words and helper series that its law needs.
#define SERIES(NAME, ARITY, START, STEP)                                                                                            \
  template <>                                                                                                                       \
  struct Series<Op::NAME> {                                                                                                         \
    static constexpr int arity = ARITY;                                                                                             \
    template <class F>                                                                                                              \
    static void start([[maybe_unused]] const F* a, [[maybe_unused]] const F* b, [[maybe_unused]] F* f, [[maybe_unused]] F* g,       \
                      [[maybe_unused]] F* h, [[maybe_unused]] F* s) {                                                               \
      START;                                                                                                                        \
    }                                                                                                                               \
    template <class F>                                                                                                              \
    struct Step : Recurrence<F> {                                                                                                   \
      using Recurrence<F>::k, Recurrence<F>::product, Recurrence<F>::primitive, Recurrence<F>::quotient, Recurrence<F>::slope,      \
          Recurrence<F>::root, Recurrence<F>::constant, Recurrence<F>::miller;                                                      \
      void operator()([[maybe_unused]] const F* a, [[maybe_unused]] const F* b, F* f, [[maybe_unused]] F* g, [[maybe_unused]] F* h, \
                      [[maybe_unused]] F* s) const {                                                                                \
        STEP;                                                                                                                       \
      }                                                                                                                             \
    };                                                                                                                              \
  };
#define UNARY(NAME, START, STEP) SERIES(NAME, 1, START, STEP)
#define BINARY(NAME, START, STEP) SERIES(NAME, 2, START, STEP)
#include "../ops/series.def"
#undef UNARY
#undef BINARY
#undef SERIES
// NOLINTEND

// Every operation has a line in both tables, of the same arity.
#define UNARY(NAME, ...) static_assert(Series<Op::NAME>::arity == Rule<Op::NAME>::arity);
#define BINARY(NAME, ...) UNARY(NAME)
#define TEST(...)
#define FOLD(...)
#define STRUCTURE(...)
#include "../ops/ops.def"
#undef UNARY
#undef BINARY
#undef TEST
#undef FOLD
#undef STRUCTURE

/// Arithmetic on series of one order. It owns the memory for the helper series, so that an operation allocates nothing.
template <class F>
class Taylor {
 public:
  explicit Taylor(int order) : order_(order), helpers_(3 * (order + 1)) {}

  /// f = op(a) or op(a, b). Each array holds order + 1 coefficients, constant term first; a unary operation ignores b.
  template <Op op>
  void apply(const F* a, const F* b, F* f) {
    F *g = helpers_.data(), *h = g + order_ + 1, *s = h + order_ + 1;
    if constexpr (Rule<op>::arity == 1)
      f[0] = Rule<op>::value(a[0]);
    else
      f[0] = Rule<op>::value(a[0], b[0]);
    Series<op>::start(a, b, f, g, h, s);
    for (int k = 1; k <= order_; ++k) typename Series<op>::template Step<F>{k}(a, b, f, g, h, s);
  }

 private:
  int order_;
  std::vector<F> helpers_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
