// kernel tests: solve, roots of one equation: where the iteration goes, what it survives, and what it says of what it does not.
#include <functional>
#include <numbers>
#include <vector>

#include "check.hpp"
#include "fastcalc/solve/elementwise_root.hpp"
#include "fastcalc/solve/scalar_root.hpp"

using namespace fastcalc;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon(), infinity = std::numeric_limits<double>::infinity();

using Function = std::function<double(double)>;

class Lambda final : public Equations {
 public:
  Lambda(Function f, Function slope) : f_(std::move(f)), slope_(std::move(slope)) {}
  int size() const override { return 1; }
  int equations() const override { return 1; }
  Status values(const double* x, double* values) override { return values[0] = f_(*x), Status::running; }
  Status jacobian(const double* x, double* values, double* jacobian) override {
    jacobian[0] = slope_(*x);
    return this->values(x, values);
  }

 private:
  Function f_, slope_;
};

const NewtonOptions safe, bare{.safeguarded = false};

RootOfOne from(double start, const NewtonOptions& options, Function f, Function slope) {
  Lambda equation(std::move(f), std::move(slope));
  return root_from(equation, start, options, nullptr);
}

RootOfOne between(double a, double b, Function f, Function slope) {
  Lambda equation(std::move(f), std::move(slope));
  return root_between(equation, a, b, safe, nullptr);
}

double cubic(double x) { return x * x * x - 2 * x + 2; }  // Newton's iteration from 0: 1, 0, 1, …
double cubic_slope(double x) { return 3 * x * x - 2; }
double atan_slope(double x) { return 1 / (1 + x * x); }
double atan_of(double x) { return std::atan(x); }

}  // namespace

TEST(newtons_own_equation_in_five_steps) {
  for (const NewtonOptions& options : {safe, bare}) {
    const auto root = from(2, options, [](double x) { return x * x * x - 2 * x - 5; }, [](double x) { return 3 * x * x - 2; });
    CHECK(root.status == Status::root_found);
    CHECK_NEAR(root.x, 2.0945514815423265, 2 * epsilon);  // the real root, by Cardano's formula in 30 digits
    CHECK(root.evaluations <= 5);
  }
}

TEST(a_cycle_is_named_and_survived) {
  const auto round = from(0, bare, cubic, cubic_slope);
  CHECK(round.status == Status::newton_cycle);
  CHECK(round.period == 2);
  const auto root = from(0, safe, cubic, cubic_slope);
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, -1.7692923542386314, 4 * epsilon);
}

TEST(a_cycle_that_attracts_is_named) {
  const auto round = from(0.05, bare, cubic, cubic_slope);  // into the same two points
  CHECK(round.status == Status::newton_cycle);
  CHECK(round.period == 2);
}

TEST(a_zero_derivative_is_named_and_survived) {
  const auto f = [](double x) { return x * x - 4; };
  const auto slope = [](double x) { return 2 * x; };
  CHECK(from(0, bare, f, slope).status == Status::derivative_zero);
  const auto root = from(0, safe, f, slope);
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(std::abs(root.x), 2, 2 * epsilon);
}

TEST(divergence_is_named_and_survived) {
  CHECK(from(2, bare, atan_of, atan_slope).status == Status::newton_diverged);  // beyond 1.39 each step is longer than the last
  for (const double start : {2.0, -1e3, 1e6, 1e150}) {
    const auto root = from(start, safe, atan_of, atan_slope);
    CHECK(root.status == Status::root_found);
    CHECK_NEAR(root.x, 0, 1e-15 * std::abs(start));
  }
}

TEST(a_flight_that_stays_finite_is_named) {
  // x e⁻ˣ from 2: x + 2, x + 1.33, …, for ever, with f → 0
  const auto f = [](double x) { return x * std::exp(-x); };
  CHECK(from(2, bare, f, [](double x) { return (1 - x) * std::exp(-x); }).status == Status::newton_diverged);
}

TEST(a_minimum_that_is_not_zero_is_no_root) {
  const auto f = [](double x) { return x * x + 1; };
  const auto slope = [](double x) { return 2 * x; };
  for (const double start : {0.0, 1.0, -30.0}) {
    CHECK(from(start, safe, f, slope).status == Status::no_root_nearby);
    CHECK(!succeeded(from(start, bare, f, slope).status));
  }
}

TEST(a_root_beyond_a_minimum_is_found) {
  // (x² + 0.1)(x − 30): from 1, |f| has a minimum near 0, and the root is far away on the other side
  const auto root =
      from(1, safe, [](double x) { return (x * x + 0.1) * (x - 30); }, [](double x) { return 2 * x * (x - 30) + x * x + 0.1; });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 30, 30 * epsilon);
}

TEST(a_double_root_converges_linearly) {
  const auto root = from(3, safe, [](double x) { return (x - 1) * (x - 1); }, [](double x) { return 2 * (x - 1); });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 1, 1.5e-8);  // a half each step: the last step is as large as the error
}

TEST(a_root_at_zero_is_one) {
  const auto root = from(1, safe, [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 0, epsilon);
}

TEST(tiny_and_huge_units_change_nothing) {
  for (const double unit : {1e-150, 1e-12, 1.0, 1e12, 1e150}) {
    const auto f = [=](double x) { return std::exp(x / unit) - 3; };
    const auto root = from(2 * unit, safe, f, [=](double x) { return std::exp(x / unit) / unit; });
    CHECK(root.status == Status::root_found);
    CHECK_NEAR(root.x / unit, std::log(3.0), 4 * epsilon);
  }
}

TEST(a_start_that_is_no_number_is_named) {
  for (const NewtonOptions& options : {safe, bare}) {
    const auto root = from(-1, options, [](double x) { return std::log(x); }, [](double x) { return 1 / x; });
    CHECK(root.status == Status::not_finite_at_start);
    CHECK(root.evaluations == 1);
  }
}

TEST(a_step_out_of_the_domain_is_shortened) {
  // log x from 3: Newton's first step ends at −0.3
  const auto root = from(3, safe, [](double x) { return std::log(x); }, [](double x) { return 1 / x; });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 1, 2 * epsilon);
  CHECK(from(3, bare, [](double x) { return std::log(x); }, [](double x) { return 1 / x; }).status == Status::newton_diverged);
}

TEST(a_vertical_tangent_is_no_root) {
  const auto f = [](double x) { return std::sqrt(x) - 1; };
  const auto slope = [](double x) { return 0.5 / std::sqrt(x); };
  const auto root = from(0, safe, f, slope);
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 1, 2 * epsilon);
  CHECK(from(0, bare, f, slope).status == Status::slope_not_finite);
}

TEST(between_two_ends_a_root_is_found_whatever_newton_would_do) {
  CHECK_NEAR(between(-50, 1e3, atan_of, atan_slope).x, 0, 1e-15);
  CHECK_NEAR(between(-3, 2, cubic, cubic_slope).x, -1.7692923542386314, 4 * epsilon);
  const auto flat = between(0, 10, [](double x) { return std::pow(x - 1, 9); }, [](double x) { return 9 * std::pow(x - 1, 8); });
  CHECK(flat.status == Status::root_found);
  CHECK_NEAR(flat.x, 1, 1.5e-8 * 9);  // Newton's steps near a root of multiplicity 9 are a ninth of the error
  CHECK(flat.evaluations < 100);
}

TEST(between_ends_of_very_different_size) {
  const auto root = between(0, 1e300, [](double x) { return std::log1p(x) - 1e-3; }, [](double x) { return 1 / (1 + x); });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, std::expm1(1e-3), 4 * epsilon * 1e-3);
  CHECK(root.evaluations < 60);
}

TEST(a_derivative_that_is_wrong_costs_halves_only) {
  for (const double wrong : {-1.0, 0.0, 1e300, std::numeric_limits<double>::quiet_NaN()}) {
    const auto root = between(0, 3, [](double x) { return x * x - 2; }, [=](double) { return wrong; });
    CHECK(root.status == Status::root_found);
    CHECK_NEAR(root.x, std::numbers::sqrt2, 8 * epsilon);
  }
}

TEST(a_jump_is_where_the_sign_changes) {
  const auto root = between(-1, 2, [](double x) { return x < 0.3 ? -1.0 : 1.0; }, [](double) { return 0.0; });
  CHECK(root.status == Status::root_found);
  CHECK_NEAR(root.x, 0.3, 2 * epsilon);
}

TEST(a_pole_is_no_root) {
  const auto root = between(-1, 2, [](double x) { return 1 / (x - 0.3); }, [](double x) { return -1 / ((x - 0.3) * (x - 0.3)); });
  CHECK(root.status == Status::pole);
}

TEST(ends_are_looked_at_first) {
  const auto line = [](double x) { return x - 1; };
  const auto one = [](double) { return 1.0; };
  CHECK(between(2, 3, line, one).status == Status::no_change_of_sign);
  CHECK(between(1, 3, line, one).x == 1);
  CHECK(between(-4, 1, line, one).x == 1);
  CHECK(between(-4, 3, line, one).x == 1);
  CHECK(between(3, -4, line, one).x == 1);
  CHECK(between(-1, 3, [](double x) { return std::log(x); }, [](double x) { return 1 / x; }).status == Status::not_finite_at_start);
}

TEST(no_loop_runs_for_ever) {
  const NewtonOptions few{.max_iterations = 3}, no_tolerance{.relative = 0, .absolute = 0.0};
  const auto root = from(1e6, few, [](double x) { return x * x - 2; }, [](double x) { return 2 * x; });
  CHECK(root.status == Status::max_iterations);
  CHECK(root.evaluations == 3);
  const auto exact = from(1, no_tolerance, [](double x) { return x * x - 2; }, [](double x) { return 2 * x; });
  CHECK(exact.status == Status::root_found);
  CHECK_NEAR(exact.x, std::numbers::sqrt2, 2 * epsilon);
  // a derivative of the wrong sign: no step makes |f| smaller, and the search finds the root
  CHECK(from(1, safe, [](double x) { return x - 3; }, [](double) { return -1.0; }).evaluations <= 100);
}

// ---- many at once ---------------------------------------------------------------------------------------------------------------

namespace {

class Kepler final : public ElementwiseEquation {
 public:
  Kepler(int lanes, const std::vector<double>& e, const std::vector<double>& m) : e_(e), m_(m), element_(lanes) {}
  int lanes() const override { return static_cast<int>(element_.size()); }
  void load(std::span<const int> lanes, std::int64_t first) override {
    for (std::size_t i = 0; i < lanes.size(); ++i) element_[lanes[i]] = first + static_cast<std::int64_t>(i);
  }
  Status evaluate(const double* x, double* pair) override {
    ++runs;
    double *f = pair, *slope = pair + lanes();
    for (int i = 0; i < lanes(); ++i) {
      f[i] = x[i] - e_[element_[i]] * std::sin(x[i]) - m_[element_[i]];
      slope[i] = 1 - e_[element_[i]] * std::cos(x[i]);
    }
    return Status::running;
  }
  int runs = 0;

 private:
  const std::vector<double>&e_, &m_;
  std::vector<std::int64_t> element_;
};

}  // namespace

TEST(each_element_is_found_as_it_is_alone) {
  constexpr int elements = 1000;
  std::vector<double> e(elements), m(elements), first;
  for (int i = 0; i < elements; ++i) {
    e[i] = 0.999 * i / elements;
    m[i] = 2 * std::numbers::pi * std::fmod(i * 0.618034, 1.0);
  }
  for (const int lanes : {1, 7, 64, 1000, 1024}) {
    Kepler kepler(lanes, e, m);
    std::vector<double> x = m;
    std::vector<std::int64_t> iterations(elements);
    std::vector<FailedElement> failed;
    CHECK(elementwise_roots(kepler, {x, iterations}, safe, newton_steps, nullptr, failed) == Status::running);
    CHECK(failed.empty());
    std::int64_t total = 0;
    for (int i = 0; i < elements; ++i) {
      CHECK_NEAR(x[i] - e[i] * std::sin(x[i]), m[i], 8 * epsilon * 7);
      const auto alone =
          from(m[i], safe, [&](double at) { return at - e[i] * std::sin(at) - m[i]; }, [&](double at) { return 1 - e[i] * std::cos(at); });
      CHECK(alone.x == x[i]);
      CHECK(alone.iterations == iterations[i]);
      total += iterations[i];
    }
    // no lane waits: but for the last elements, every lane works in every run
    CHECK(kepler.runs <= total / lanes + 100);
    if (first.empty()) first = x;
    CHECK(x == first);
  }
}

TEST(one_element_that_fails_stops_no_other) {
  std::vector<double> e(3, 0.5), m{1.0, std::numeric_limits<double>::quiet_NaN(), 2.0}, x = m;
  std::vector<FailedElement> failed;
  Kepler kepler(2, e, m);
  CHECK(elementwise_roots(kepler, {x, {}}, safe, newton_steps, nullptr, failed) == Status::running);
  CHECK(failed.size() == 1 && failed[0].element == 1);
  CHECK(failed[0].status == Status::not_finite_at_start && failed[0].iterations == 1);
  for (const int i : {0, 2}) CHECK_NEAR(x[i] - e[i] * std::sin(x[i]), m[i], 4 * epsilon);
}

namespace {

/// A lane's function depends on its element: what Newton's whole steps find, overshoot, leave the domain of, fly from, or stand still at.
class Mixed final : public ElementwiseEquation {
 public:
  explicit Mixed(int lanes) : element_(lanes) {}
  int lanes() const override { return static_cast<int>(element_.size()); }
  void load(std::span<const int> lanes, std::int64_t first) override {
    for (std::size_t i = 0; i < lanes.size(); ++i) element_[lanes[i]] = first + static_cast<std::int64_t>(i);
  }
  Status evaluate(const double* x, double* pair) override {
    for (int i = 0; i < lanes(); ++i) pair[i] = f(element_[i], x[i]), pair[lanes() + i] = slope(element_[i], x[i]);
    return Status::running;
  }

  static double f(std::int64_t element, double x) {
    const double shift = 0.01 * static_cast<double>(element);
    switch (element % 7) {
      case 0:
        return x * x - 2 - shift;
      case 1:
        return std::atan(x - shift);
      case 2:
        return std::log(x + shift);
      case 3:
        return cubic(x);
      case 4:
        return x * x + 1;
      case 5:
        return std::sqrt(x) - 1;
      default:
        return std::exp(x) - 1 - shift;
    }
  }
  static double slope(std::int64_t element, double x) {
    const double shift = 0.01 * static_cast<double>(element);
    switch (element % 7) {
      case 0:
        return 2 * x;
      case 1:
        return atan_slope(x - shift);
      case 2:
        return 1 / (x + shift);
      case 3:
        return cubic_slope(x);
      case 4:
        return 2 * x;
      case 5:
        return 0.5 / std::sqrt(x);
      default:
        return std::exp(x);
    }
  }

 private:
  std::vector<std::int64_t> element_;
};

}  // namespace

TEST(a_lane_goes_where_one_number_alone_goes_whatever_becomes_of_it) {
  constexpr int elements = 700;
  for (const NewtonOptions& options : {safe, bare, NewtonOptions{.max_iterations = 4}, NewtonOptions{.absolute = 1e-3}}) {
    for (const int lanes : {1, 13, 64}) {
      std::vector<double> x(elements);
      for (int i = 0; i < elements; ++i) x[i] = std::fmod(i * 0.618034, 6.0) - (i % 5 == 0 ? 2 : 0);
      const std::vector<double> starts = x;
      std::vector<std::int64_t> iterations(elements);
      std::vector<FailedElement> failed;
      Mixed mixed(lanes);
      CHECK(elementwise_roots(mixed, {x, iterations}, options, newton_steps, nullptr, failed) == Status::running);
      std::vector<Status> status(elements, Status::root_found);
      for (const FailedElement& element : failed) status[element.element] = element.status;
      for (int i = 0; i < elements; ++i) {
        const auto alone =
            from(starts[i], options, [=](double at) { return Mixed::f(i, at); }, [=](double at) { return Mixed::slope(i, at); });
        CHECK(alone.status == status[i]);
        CHECK(alone.iterations == iterations[i]);
        CHECK(alone.x == x[i] || (std::isnan(alone.x) && std::isnan(x[i])));
      }
      CHECK(!failed.empty());
    }
  }
}
