// numbers: truncated power series a(t) = a₀ + a₁ t + … + aₙ tⁿ, that is, derivatives of any order: aₖ = a⁽ᵏ⁾(0) / k!.
//
// Comes in: the coefficients of the arguments, to an order that the caller chooses. Goes out: those of the result, to the
// same order. The idea: a composition f(a(t)) obeys a differential equation in t, which turns into a recurrence for its
// coefficients (ops/series.def); a whole operation costs O(n²), while nested dual numbers would cost O(2ⁿ).
//
//   const double t[] = {x, 1, 0, 0};                        // x + t, to order 3, of degree 1
//   double f[4];
//   Taylor<double>(3).apply<Op::tan>({t, 1}, {t, 1}, f);   // f = tan x, tan′ x, tan″ x / 2, tan‴ x / 6
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "../ops/expansions.hpp"
#include "../ops/rule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// A series that is known to the end: its coefficients, of which those above `degree` are 0. Degree 0 is a constant.
template <class F>
struct Known {
  const F* at;
  int degree;
  F operator[](int k) const { return at[k]; }
};

// Σ w up[j] down[−j], j = 0 … count − 1, with the weight w = weight + step · j, or 1 if step is 0: what all the words below are
// made of.
template <int step>
Lanes convolution(const Lanes* up, const Lanes* down, int weight, int count) {
  Lanes sum = 0;
  for (int j = 0; j < count; ++j) sum = multiply_add(step == 0 ? up[j] : Lanes(weight + step * j) * up[j], down[-j], sum);
  return sum;
}
// In plain numbers the newest coefficient has to come last: the sum over all others can then run ahead, while that one is still
// being made. Whole registers stay away from the newest, since they would have to wait until they are stored.
template <int step>
double convolution(const double* up, const double* down, int weight, int count) {
  constexpr int newest = 8;
  double sum = 0, w = weight;
  if (count >= newest + 2 * lane_width) {
    Lanes sums = 0, weights = Lanes(w) + Lanes(step) * ramp();
    const double* const end = up + (count - newest) / lane_width * lane_width;
    count -= static_cast<int>(end - up);
    w += step * (end - up);
    for (; up != end; up += lane_width, down -= lane_width) {
      const Lanes left = Field<Lanes>::load(up), right = reversed(Field<Lanes>::load(down - lane_width + 1));
      sums = multiply_add(step == 0 ? left : weights * left, right, sums);
      weights = weights + step * lane_width;
    }
    sum = total(sums);
  }
  for (int j = 0; j < count; ++j, w += step) sum = multiply_add(step == 0 ? up[j] : w * up[j], down[-j], sum);
  return sum;
}

/// The words of series.def at step k. A step reads coefficients below k, and the k-th of what is already known.
template <class F>
struct Recurrence {
  using Truth = typename Field<F>::Truth;
  const int k;

  template <class A, class B>
  F product(A a, B b) const {
    return start(a) == start(b) ? square(a, 0) : sum<0>(a, b, 0, k);
  }
  template <class G, class A>
  F primitive(G g, A a) const {
    return sum<-1>(g, a, 0, k - 1) / k;
  }
  template <class B>
  F quotient(F p, const F* f, B b) const {
    return (p - sum<0>(f, b, 0, k - 1)) / b[0];
  }
  template <class G>
  F slope(F p, const F* f, G g) const {
    return (p - sum<1>(f, g, 1, k - 1) / k) / g[0];
  }
  F root(F p, const F* f) const { return (p - square(f, 1)) / (2 * f[0]); }
  template <class Coefficients, class A>
  F compose(const Coefficients& c, A a, F* r) const {
    for (int m = 0; m <= k; ++m) r[m] = 0;
    for (int j = k; j >= 1; --j) {  // Horner: r = cⱼ + r (a − a₀), of which only what can still reach tᵏ
      r[0] = c(j);
      for (int m = k - j + 1; m >= 1; --m) {
        r[m] = 0;
        for (int i = 1; i <= std::min(m, last(a)); ++i) r[m] = multiply_add(a[i], r[m - i], r[m]);
      }
    }
    return r[k];
  }

  Truth constant(Known<F> b) const {
    Truth every = b[0] == b[0];
    for (int j = 1; j <= last(b); ++j) every = truth(every & (b[j] == 0));
    return every;
  }
  // f = aⁿ for a constant n. At k = 0, where the value is known, it starts the helper series.
  F fixed_power(const F* f, Known<F> a, F n, F* g, F* h, F* s) const {
    double whole;
    if constexpr (std::is_same_v<F, double>)
      whole = n;
    else
      whole = all(n == n.r[0]) ? n.r[0] : NAN;
    if (few_products(whole)) return whole_power(a, static_cast<unsigned>(whole), g, h, s);
    return k == 0 ? f[0] : miller(f, a, n);
  }
  // By squaring, through the helper series. Miller's recurrence would do, but it divides by a₀: near a zero of a, where a whole
  // power is as smooth as anywhere, it loses all digits of the high coefficients.
  static bool few_products(double n) {
    if (!(n >= 1 && n <= 16 && n == rint(n))) return false;
    const auto whole = static_cast<unsigned>(n);
    return std::bit_width(whole) + std::popcount(whole) - 2 <= 4;  // one product more than there are helpers
  }
  F whole_power(Known<F> a, unsigned n, F* g, F* h, F* s) const {
    F* const helpers[] = {g, h, s};
    int used = 0;
    Known<F> power = a;
    F coefficient = a[k];
    const auto times = [&](Known<F> factor) {
      coefficient = product(power, factor);
      if (used == 3) return;
      helpers[used][k] = coefficient;
      power = {helpers[used++], k};
    };
    for (int bit = std::bit_width(n) - 2; bit >= 0; --bit) {
      times(power);
      if (n >> bit & 1) times(a);
    }
    return coefficient;
  }
  // For any n (J.C.P. Miller; Knuth, The Art of Computer Programming 2, 4.7, eq. 9). With a = tᵐ (aₘ + …), aₘ ≠ 0,
  // f starts at tⁿᵐ, and comparing coefficients in a f′ = n f a′ gives, with i = k − n m,
  //   fₖ = Σ (n j − (i − j)) aₘ₊ⱼ fₖ₋ⱼ / (i aₘ),  j = 1 … i.
  // A zero base (m > 0) has a series for whole n ≥ 0 only; for any other n the coefficients are NaN.
  F miller(const F* f, Known<F> a, F n) const {
    if constexpr (std::is_same_v<F, double>) {
      return miller_at(f, a, n);
    } else {
      F out = 0;
      for (int j = 1; j <= last(a); ++j) out = multiply_add((n * j - (k - j)) * a[j], f[k - j], out);
      out = out / (k * a[0]);
      for (int lane = 0; lane < lane_width; ++lane)
        if (a[0].r[lane] == 0) out.r[lane] = Recurrence<double>{k}.miller_at(Lane{f, lane}, Lane{a.at, lane, a.degree}, n.r[lane]);
      return out;
    }
  }
  template <class Coefficients, class Base>
  double miller_at(Coefficients f, Base a, double n) const {
    if (n == 0) return 0;
    int m = 0;
    while (m <= k && a[m] == 0) ++m;
    if (m > 0 && !(n > 0 && n == rint(n))) return NAN;
    const double shift = m == 0 ? 0 : n * m;
    if (shift > k) return 0;
    const int i = k - static_cast<int>(shift);
    if (i == 0) return pow(a[m], n);
    double sum = 0;
    for (int j = 1; j <= std::min(i, a.degree - m); ++j) sum = multiply_add((n * j - (i - j)) * a[m + j], f[k - j], sum);
    return sum / (i * a[m]);
  }

 private:
  struct Lane {
    const Lanes* at;
    int lane;
    int degree = 0;
    double operator[](int i) const { return at[i].r[lane]; }
  };

  // The last coefficient, up to the k-th, that can be other than 0.
  int last(const F*) const { return k; }
  int last(Known<F> a) const { return std::min(a.degree, k); }
  static const F* start(const F* a) { return a; }
  static const F* start(Known<F> a) { return a.at; }

  // Σ a[j] b[k − j] over j = from … to, as far as neither factor is 0 by its degree; weighted by j (step 1), or by k − j (step −1).
  template <int step, class A, class B>
  F sum(A a, B b, int from, int to) const {
    from = std::max(from, k - last(b));
    to = std::min(to, last(a));
    return convolution<step>(start(a) + from, start(b) + k - from, step < 0 ? k - from : from, to - from + 1);
  }
  // Σ a[j] a[k − j] over j = from … k − from: each product once.
  template <class A>
  F square(A a, int from) const {
    const int half = k / 2 + 1;
    const F sum = 2 * convolution<0>(start(a) + half, start(a) + k - half, 0, std::min(k - from, last(a)) - half + 1);
    return k % 2 == 0 && k >= 2 * from && k / 2 <= last(a) ? sum + a[k / 2] * a[k / 2] : sum;
  }
};

template <Op>
struct Series;

// NOLINTBEGIN: a line uses the words and helper series that its law needs.
#define SERIES(NAME, ARITY, START, STEP)                                                                                           \
  template <>                                                                                                                      \
  struct Series<Op::NAME> {                                                                                                        \
    static constexpr int arity = ARITY;                                                                                            \
    template <class F>                                                                                                             \
    struct Step : Recurrence<F> {                                                                                                  \
      using Recurrence<F>::k, Recurrence<F>::product, Recurrence<F>::primitive, Recurrence<F>::quotient, Recurrence<F>::slope,     \
          Recurrence<F>::root, Recurrence<F>::compose, Recurrence<F>::constant, Recurrence<F>::fixed_power, Recurrence<F>::miller; \
      void start([[maybe_unused]] Known<F> a, [[maybe_unused]] Known<F> b, [[maybe_unused]] F* f, [[maybe_unused]] F* g,           \
                 [[maybe_unused]] F* h, [[maybe_unused]] F* s) const {                                                             \
        START;                                                                                                                     \
      }                                                                                                                            \
      void next([[maybe_unused]] Known<F> a, [[maybe_unused]] Known<F> b, F* f, [[maybe_unused]] F* g, [[maybe_unused]] F* h,      \
                [[maybe_unused]] F* s) const {                                                                                     \
        STEP;                                                                                                                      \
      }                                                                                                                            \
    };                                                                                                                             \
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
#include "../ops/ops.def"

/// Arithmetic on series of one order, element by element of an array: one number of F, or several behind each other, for each.
/// It owns the memory for the helper series, so that an operation allocates nothing.
template <class F>
class Taylor {
 public:
  /// The series of one element: order + 1 coefficients for each number, one series behind the other.
  struct Slot {
    F* at;
    int degree;   ///< the highest of them all; what lies above it is 0
    bool shared;  ///< one series for all numbers: a constant
  };

  explicit Taylor(int order, int numbers = 1) : order_(order), numbers_(numbers), helpers_(3 * (order + 1)) {}

  Slot slot[4];  ///< what an instruction works on

  /// f = op(a) or op(a, b), order + 1 coefficients, constant term first; a unary operation ignores b. Returns the degree of f.
  template <Op op>
  int apply(Known<F> a, Known<F> b, F* f) {
    F *g = helpers_.data(), *h = g + order_ + 1, *s = h + order_ + 1;
    if constexpr (Rule<op>::arity == 1)
      f[0] = Rule<op>::value(a[0]);
    else
      f[0] = Rule<op>::value(a[0], b[0]);
    if (!varies<op>(a, b)) return constant(f[0], f);
    using Step = typename Series<op>::template Step<F>;
    Step{0}.start(a, b, f, g, h, s);
    for (int k = 1; k <= order_; ++k) Step{k}.next(a, b, f, g, h, s);
    return degree(f);
  }

  // What the switch over operations asks of a number type. --------------------------------------------------------------

  template <Op op>
  void unary(std::int32_t out, const std::int32_t* arg) {
    each<1>(out, arg, [this](Known<F> a, F* f) { return apply<op>(a, a, f); });
  }
  template <Op op>
  void binary(std::int32_t out, const std::int32_t* arg) {
    each<2>(out, arg, [this](Known<F> a, Known<F> b, F* f) { return apply<op>(a, b, f); });
  }
  template <Op op>
  void test(std::int32_t out, const std::int32_t* arg) {
    if constexpr (Rule<op>::arity == 1)
      each<1>(out, arg, [this](Known<F> a, F* f) { return constant(Rule<op>::value(a[0]), f); });
    else
      each<2>(out, arg, [this](Known<F> a, Known<F> b, F* f) { return constant(Rule<op>::value(a[0], b[0]), f); });
  }
  /// where(c, a, b): the series of the side that is chosen.
  void where(std::int32_t out, const std::int32_t* arg) {
    each<3>(out, arg, [this](Known<F> c, Known<F> a, Known<F> b, F* f) {
      const auto chosen = c[0] != F(0);
      for (int k = 0; k <= order_; ++k) f[k] = select(chosen, a[k], b[k]);
      return std::max(a.degree, b.degree);
    });
  }
  void copy(std::int32_t out, const std::int32_t* arg) {
    each<1>(out, arg, [this](Known<F> a, F* f) {
      std::copy_n(a.at, order_ + 1, f);
      return a.degree;
    });
  }

 private:
  // Whether the result moves: where a partial derivative is Zero by the table, it does not move with that argument.
  template <Op op>
  static bool varies(Known<F> a, Known<F> b) {
    using R = Rule<op>;
    if constexpr (R::arity == 1) {
      return a.degree > 0 && !std::is_same_v<decltype(R::first(F(0), F(0))), Zero>;
    } else {
      return (a.degree > 0 && !std::is_same_v<decltype(R::dx(F(0), F(0), F(0))), Zero>) ||
             (b.degree > 0 && !std::is_same_v<decltype(R::dy(F(0), F(0), F(0))), Zero>);
    }
  }

  // Of a series that varies at least 1, even if its coefficients vanish: √(t⁴) is no constant to order 2.
  int degree(const F* f) const {
    int top = order_;
    while (top > 1 && all(f[top] == F(0))) --top;
    return top;
  }

  int constant(F value, F* f) const {
    f[0] = value;
    std::fill_n(f + 1, order_, F(0));
    return 0;
  }

  /// result = work(arguments …, where it goes), for each number; `work` returns the degree.
  template <int arity, class Work>
  void each(std::int32_t out, const std::int32_t* arg, const Work& work) {
    int degree = 0;
    for (int number = 0; number < numbers_; ++number) {
      const auto argument = [&](int i) {
        const Slot& from = slot[arg[i]];
        return Known<F>{from.at + (from.shared ? 0 : number * (order_ + 1)), from.degree};
      };
      F* f = slot[out].at + number * (order_ + 1);
      if constexpr (arity == 1)
        degree = std::max(degree, work(argument(0), f));
      else if constexpr (arity == 2)
        degree = std::max(degree, work(argument(0), argument(1), f));
      else
        degree = std::max(degree, work(argument(0), argument(1), argument(2), f));
    }
    slot[out].degree = degree;
  }

  int order_, numbers_;
  std::vector<F> helpers_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
