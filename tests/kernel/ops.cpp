// kernel tests: the tables of ops/ made audible, for tests/ops to compare with each other and with the outside world. A library, not
// a program: special functions are SciPy's, and only Python has them.
//
//   table()      one JSON object a line: the rows of ops.def
//   values()     for each of `count` points (x, y), all as doubles: f, dx, dy, dxx, dxy, dyy by the rule over double, the same six by
//                the rule over Lanes; for a truth value f over double and over Lanes alone
//   series()     for each point, for each path through it, the coefficients 0 … order of the operation's series
//   accuracy()   one JSON object a line: the functions of vector_math.def, the worst error in ulp promised and found
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fastcalc/numbers/taylor.hpp"

using namespace fastcalc;

namespace {

constexpr int max_order = 6;
// Straight paths give f′ and f″ in each direction; on the curved one every coefficient of the arguments is at work.
constexpr double paths[][2][max_order + 1] = {
    {{0, 1}, {0}}, {{0}, {0, 1}}, {{0, 1}, {0, 1}}, {{0, 1}, {0, -1}}, {{0, 1, 0.5, -0.25, 0.125}, {0, -0.5, 1, 0.25, -0.125}}};

template <class F>
F number(Zero, F, F, F) {
  return 0;
}
template <class F>
F number(One, F, F, F) {
  return 1;
}
template <class F>
F number(MinusOne, F, F, F) {
  return -1;
}
template <class F>
F number(Unknown, F, F, F) {
  return NAN;
}
template <class F>
F number(typename Field<F>::Truth chosen, F, F, F) {
  return select(chosen, F(1), F(0));
}
template <class F>
F number(OfX, F x, F, F) {
  return x;
}
template <class F>
F number(OfY, F, F y, F) {
  return y;
}
template <class F>
F number(OfF, F, F, F f) {
  return f;
}
template <class F>
F number(F partial, F, F, F) {
  return partial;
}

template <Op op, class F>
void rule(F x, F y, F* out) {
  using R = Rule<op>;
  if constexpr (R::arity == 1) {
    out[0] = R::value(x);
    const auto d = R::first(x, out[0]);
    out[1] = number<F>(d, x, y, out[0]);
    out[3] = number<F>(R::second(x, out[0], out[1]), x, y, out[0]);
    out[2] = out[4] = out[5] = 0;
  } else {
    out[0] = R::value(x, y);
    const auto dx = R::dx(x, y, out[0]);
    const auto dy = R::dy(x, y, out[0]);
    out[1] = number<F>(dx, x, y, out[0]);
    out[2] = number<F>(dy, x, y, out[0]);
    out[3] = number<F>(R::dxx(x, y, out[0], out[1], out[2]), x, y, out[0]);
    out[4] = number<F>(R::dxy(x, y, out[0], out[1], out[2]), x, y, out[0]);
    out[5] = number<F>(R::dyy(x, y, out[0], out[1], out[2]), x, y, out[0]);
  }
}

// A register holds the point in every lane but one, in turn, so that a lane that spoils its neighbour is seen.
template <Op op>
void over_lanes(double x, double y, int lane, double* out) {
  Lanes a(0.5), b(0.5), found[6];
  a.r[lane] = x;
  b.r[lane] = y;
  rule<op>(a, b, found);
  for (int i = 0; i < 6; ++i) out[i] = found[i].r[lane];
}

int degree(const double* a, int k) {
  while (k > 0 && a[k] == 0) --k;
  return k;
}

// What becomes of points: the doubles are appended to `next`.
struct Points {
  const double* at;
  long count;
  double* next;
  void put(const double* from, int n) { next = std::copy_n(from, n, next); }
};

template <Op op>
void rules(Points points) {
  for (long i = 0; i < points.count; ++i) {
    const double x = points.at[2 * i], y = points.at[2 * i + 1];
    double found[12];
    rule<op>(x, y, found);
    over_lanes<op>(x, y, static_cast<int>(i % lane_width), found + 6);
    points.put(found, 12);
  }
}

template <Op op>
void coefficients(Points points, int order) {
  Taylor<double> taylor(order);
  for (long i = 0; i < points.count; ++i) {
    for (const auto& path : paths) {
      double a[max_order + 1], b[max_order + 1], f[max_order + 1];
      std::copy_n(path[0], max_order + 1, a);
      std::copy_n(path[1], max_order + 1, b);
      a[0] = points.at[2 * i];
      b[0] = points.at[2 * i + 1];
      taylor.apply<op>({a, degree(a, order)}, {b, degree(b, order)}, f);
      points.put(f, order + 1);
    }
  }
}

template <Op op>
void truths(Points points) {
  for (long i = 0; i < points.count; ++i) {
    const double x = points.at[2 * i], y = points.at[2 * i + 1];
    Lanes a(0.5), b(0.5);
    const int lane = static_cast<int>(i % lane_width);
    a.r[lane] = x;
    b.r[lane] = y;
    const double both[] = {Rule<op>::value(x, y), Rule<op>::value(a, b).r[lane]};
    points.put(both, 2);
  }
}

struct Row {
  void (*values)(Points);
  void (*series)(Points, int order);
};

Row row(std::string_view name) {
#define UNARY(NAME, ...) \
  if (name == #NAME) return {rules<Op::NAME>, coefficients<Op::NAME>};
#define BINARY(NAME, ...) UNARY(NAME)
#define TEST(NAME, ...) \
  if (name == #NAME) return {truths<Op::NAME>, nullptr};
#include "fastcalc/ops/ops.def"
  std::abort();
}

std::string text;  // of the last answer

template <class... Arguments>
void print(const char* format, Arguments... arguments) {
  char line[400];
  text.append(line, std::snprintf(line, sizeof line, format, arguments...));
}

void print_table() {
  text.clear();
  const char* kinds[] = {"unary", "binary", "test", "fold", "structure", "matrix"};
  const char* kinks[] = {"none", "zero", "integers", "halves", "equal", "multiples"};
  const auto bound = [](double v) { return std::isinf(v) ? (v > 0 ? "Infinity" : "-Infinity") : std::to_string(v); };
  for (const OpInfo& row : op_table()) {
    print(
        "{\"name\": \"%s\", \"numpy\": \"%s\", \"kind\": \"%s\", \"arity\": %d, \"kink\": \"%s\", \"trend\": %d, \"unknown\": [%d, %d], "
        "\"domain\": [",
        row.name, row.numpy, kinds[static_cast<int>(row.kind)], row.arity, kinks[static_cast<int>(row.kink)], static_cast<int>(row.trend),
        row.partial[0] == Partial::unknown, row.partial[1] == Partial::unknown);
    for (int i = 0; i < 4; ++i) print("%s%s", i ? ", " : "", bound(row.domain[i]).c_str());
    print("]}\n");
  }
}

using Wide = long double;

double error_in_ulp(double found, Wide exact) {
  const double nearest = static_cast<double>(exact);
  if (!std::isfinite(nearest) || !std::isfinite(found))
    return nearest == found || (std::isnan(nearest) && std::isnan(found)) ? 0 : INFINITY;
  const int exponent = std::max(nearest == 0 ? -1073 : std::ilogb(nearest), -1022);
  return static_cast<double>(std::abs(found - exact) / std::ldexp(Wide(1), exponent - 52));
}

// Where a vector function goes wrong is not known beforehand: several scales, close to 0, close to ±1, random bits.
std::vector<double> arguments(unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit(-1, 1);
  std::vector<double> points;
  for (int i = 0; i < 20000; ++i) {
    for (double scale : {1.0, 10.0, 745.0, 1e6}) points.push_back(scale * unit(random));
    const double small = std::pow(10.0, -15 + 15 * unit(random));
    points.push_back(std::copysign(small, unit(random)));
    points.push_back(std::copysign(1, unit(random)) + small * unit(random));
    points.push_back(std::pow(10.0, 300 * unit(random)));
    std::uint64_t bits = random();
    double any;
    std::memcpy(&any, &bits, sizeof any);
    points.push_back(any);
  }
  return points;
}

template <class Vector, class Exact>
double worst(Vector vector, Exact exact) {
  const std::vector<double> x = arguments(1), y = arguments(2);
  double error = 0;
  for (std::size_t i = 0; i + lane_width <= x.size(); i += lane_width) {
    // The pattern of scales in x and y repeats every 8 points: stepping through y at another pace pairs each with each.
    const std::size_t j = i / 7 % (y.size() - lane_width);
    const Lanes found = vector(Field<Lanes>::load(&x[i]), Field<Lanes>::load(&y[j]));
    for (int lane = 0; lane < lane_width; ++lane)
      error = std::max(error, error_in_ulp(found.r[lane], exact(Wide(x[i + lane]), Wide(y[j + lane]))));
  }
  return error;
}

void print_accuracy() {
  text.clear();
  constexpr int column = lane_width == 8 ? 2 : lane_width == 4 ? 1 : 0;
  const auto put = [](const char* name, bool vector, double promised, double found) {
    print("{\"name\": \"%s\", \"vector\": %s, \"promised\": %g, \"found\": %.3f}\n", name, vector ? "true" : "false", promised, found);
  };
#define ONE(NAME, SINCE, V2, V3, V4)                                                                     \
  put(#NAME, libmvec::SINCE <= FASTCALC_LIBMVEC, std::array{double(V2), double(V3), double(V4)}[column], \
      worst([](Lanes x, Lanes) { return NAME(x); }, [](Wide x, Wide) { return std::NAME(x); }));
#define TWO(NAME, SINCE, V2, V3, V4)                                                                     \
  put(#NAME, libmvec::SINCE <= FASTCALC_LIBMVEC, std::array{double(V2), double(V3), double(V4)}[column], \
      worst([](Lanes x, Lanes y) { return NAME(x, y); }, [](Wide x, Wide y) { return std::NAME(x, y); }));
#include "fastcalc/ops/vector_math.def"
#undef ONE
#undef TWO
}

}  // namespace

extern "C" {

const char* table() {
  print_table();
  return text.c_str();
}

const char* accuracy() {
  print_accuracy();
  return text.c_str();
}

void values(const char* name, const double* points, long count, double* results) { row(name).values({points, count, results}); }

void series(const char* name, const double* points, long count, int order, double* results) {
  row(name).series({points, count, results}, order);
}
}
