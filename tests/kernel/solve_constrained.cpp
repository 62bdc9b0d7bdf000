// kernel tests: solve. Minimisation under constraints: closed forms, properties that a minimum has, and what can go wrong.
#include "constrained_problems.hpp"

using namespace fastcalc;

namespace {

using Vector = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

struct Bounds {
  Vector lower, upper, constraint_lower, constraint_upper;
};

ConstrainedResult solve(ConstrainedProblem& problem, const Vector& start, const Bounds& bounds, const ConstrainedOptions& options = {},
                        Interrupt* interrupt = nullptr, Observer* observer = nullptr) {
  return minimize_constrained(problem, problem, problem, start, bounds.lower, bounds.upper, bounds.constraint_lower,
                              bounds.constraint_upper, options, interrupt, observer);
}

const auto sum_of_squares = [](const auto* x) { return x[0] * x[0] + x[1] * x[1]; };
const auto line = [](const auto* x, auto* c) { c[0] = x[0] + x[1]; };
const auto circle = [](const auto* x, auto* c) { c[0] = x[0] * x[0] + x[1] * x[1]; };
const auto first = [](const auto* x) { return x[0]; };

}  // namespace

TEST(lagranges_equations_of_a_quadratic_take_one_step) {
  ConstrainedProblem problem(2, 1, sum_of_squares, line);
  const auto found = solve(problem, {3, -7}, {{}, {}, {1}, {1}});
  CHECK(found.status == Status::kkt_satisfied);
  CHECK(found.iterations == 1);
  CHECK_NEAR(found.x[0], 0.5, 1e-15);
  CHECK_NEAR(found.x[1], 0.5, 1e-15);
  CHECK_NEAR(found.multipliers[0], 1, 1e-15);  // f* = b²/2, so ∂f*/∂b = b
  CHECK_NEAR(found.curvature, 2, 1e-14);
  CHECK(found.violation <= 1e-15);
  CHECK(found.residual <= 1e-15);
}

TEST(a_multiplier_is_what_the_minimum_rises_by) {
  // On every kind of constraint and on a bound: f*(b + h) − f*(b − h) = 2 h y + O(h³).
  struct Case {
    double lower, upper;
    int sign;
  };
  const auto f = [](const auto* x) { return exp(x[0]) + x[0] * x[0] + x[1] * x[1] - x[0] * x[1]; };
  const auto c = [](const auto* x, auto* out) { out[0] = x[0] * x[0] + x[1]; };
  for (const Case& each : {Case{2, 2, 0}, Case{2, infinity, 1}, Case{-infinity, -1, -1}}) {
    const auto at = [&](double shift) {
      ConstrainedProblem problem(2, 1, f, c);
      return solve(problem, {0.3, 0.4}, {{}, {}, {each.lower + shift}, {each.upper + shift}});
    };
    const auto found = at(0);
    CHECK(found.status == Status::kkt_satisfied);
    CHECK(each.sign * found.multipliers[0] >= 0);
    CHECK(std::abs(found.multipliers[0]) > 1e-3);
    CHECK_NEAR((at(1e-4).f - at(-1e-4).f) / 2e-4, found.multipliers[0], 1e-7);
    CHECK(found.active[0] == -each.sign);
  }
  const auto bounded = [&](double bound) {
    ConstrainedProblem problem(2, 0, f, [](const auto*, auto*) {});
    return solve(problem, {2, 0.4}, {{bound, -infinity}, {}, {}, {}});
  };
  const auto found = bounded(1);
  CHECK(found.x[0] == 1);
  CHECK(found.active[0] == -1);
  CHECK_NEAR((bounded(1 + 1e-4).f - bounded(1 - 1e-4).f) / 2e-4, found.bound_multipliers[0], 1e-7);
}

TEST(an_inactive_constraint_has_no_multiplier) {
  ConstrainedProblem problem(2, 1, [](const auto* x) { return (x[0] - 1.0) * (x[0] - 1.0) + x[1] * x[1]; }, line);
  const auto found = solve(problem, {5, 5}, {{-4, -4}, {9, 9}, {-8}, {8}});
  CHECK(succeeded(found.status));
  CHECK_NEAR(found.x[0], 1, 1e-14);
  CHECK(found.multipliers[0] == 0);
  CHECK(found.bound_multipliers[0] == 0 && found.bound_multipliers[1] == 0);
  CHECK(found.active[0] == 0);
}

TEST(a_solution_at_bounds_lies_exactly_on_them) {
  ConstrainedProblem problem(2, 1, [](const auto* x) { return -(x[0] + 2.0 * x[1]); }, line);
  const auto found = solve(problem, {0.1, 0.1}, {{0, 0}, {0.3, 0.6}, {-infinity}, {1}});
  CHECK(succeeded(found.status));
  CHECK(found.x[0] == 0.3);
  CHECK(found.x[1] == 0.6);
  CHECK(found.curvature == infinity);  // a corner: no direction is left
  CHECK_NEAR(found.bound_multipliers[1], -2, 1e-12);
}

TEST(a_variable_that_is_merely_small_is_not_held_by_its_bound) {
  // p ∝ exp(−cost): the first is 2e-9, where the barrier of the bound 0 pushes with a twentieth of the gradient.
  const auto f = [](const auto* p) { return p[0] * log(p[0]) + p[1] * log(p[1]) + 20.0 * p[0]; };
  ConstrainedProblem problem(2, 1, f, line);
  const auto found = solve(problem, {0.5, 0.5}, {{0, 0}, {}, {1}, {1}});
  CHECK(found.status == Status::kkt_satisfied);
  CHECK_NEAR(found.x[0] * (1 + std::exp(20.0)), 1, 1e-9);  // the step that rounding leaves, relative to 2e-9
  CHECK(found.active[1] == 0);
  CHECK(found.bound_multipliers[0] == 0);
}

TEST(no_point_outside_the_box_is_evaluated) {
  bool outside = false;
  ConstrainedProblem problem(
      2, 1,
      [&](const auto* x) {
        outside |= HyperDual(x[0]).v < 0 || HyperDual(x[1]).v < 0;
        return x[0] * log(x[0]) + x[1] * x[1] - x[1];
      },
      line);
  const auto found = solve(problem, {3, 3}, {{0, 0}, {}, {0.4}, {0.4}});
  CHECK(succeeded(found.status));
  CHECK(!outside);
}

TEST(a_fixed_variable_stays_and_its_multiplier_tells_what_it_costs) {
  ConstrainedProblem problem(2, 1, sum_of_squares, line);
  const auto found = solve(problem, {0, 0}, {{2, -infinity}, {2, infinity}, {1}, {1}});
  CHECK(found.x[0] == 2);
  CHECK_NEAR(found.x[1], -1, 1e-15);
  CHECK_NEAR(found.multipliers[0], -2, 1e-15);
  CHECK_NEAR(found.bound_multipliers[0], 6, 1e-14);  // f* = a² + (1 − a)², at a = 2
}

TEST(a_maximum_or_a_saddle_at_the_start_is_left) {
  ConstrainedProblem linear(2, 1, [](const auto* x) { return x[0] + x[1]; }, circle);
  const auto least = solve(linear, {std::sqrt(0.5), std::sqrt(0.5)}, {{}, {}, {1}, {1}});
  CHECK(succeeded(least.status));
  CHECK_NEAR(least.f, -std::sqrt(2.0), 1e-14);
  CHECK(least.curvature > 0);
  const auto saddle = [](const auto* x) { return x[0] * x[0] - x[1] * x[1]; };
  ConstrainedProblem inside(2, 1, saddle, circle);
  CHECK_NEAR(solve(inside, {0, 0}, {{}, {}, {-infinity}, {1}}).f, -1, 1e-14);
  ConstrainedProblem boxed(2, 0, saddle, [](const auto*, auto*) {});
  CHECK_NEAR(solve(boxed, {0, 0}, {{-1, -1}, {1, 1}, {}, {}}).f, -1, 1e-14);
}

TEST(a_flat_saddle_that_cannot_be_left_is_no_minimum) {
  // f = −x₁² to second order where it stands, but rises everywhere else: nothing lower is within reach.
  ConstrainedProblem problem(
      2, 1, [](const auto* x) { return -1e-3 * x[1] * x[1] + 1e9 * x[1] * x[1] * x[1] * x[1]; },
      [](const auto* x, auto* c) { c[0] = x[0]; });
  const auto found = solve(problem, {0, 0}, {{}, {}, {0}, {0}});
  CHECK(found.status == Status::saddle || found.f < 0);
  CHECK(found.status != Status::kkt_satisfied || found.curvature >= 0);
}

TEST(dependent_constraints_are_named_and_harmless) {
  ConstrainedProblem problem(2, 2, sum_of_squares, [](const auto* x, auto* c) {
    c[0] = x[0] + x[1];
    c[1] = 3.0 * x[0] + 3.0 * x[1];
  });
  const auto found = solve(problem, {5, 1}, {{}, {}, {1, 3}, {1, 3}});
  CHECK(succeeded(found.status));
  CHECK_NEAR(found.f, 0.5, 1e-14);
  CHECK(found.dependent.size() == 1);
  CHECK_NEAR(found.multipliers[0] + 3 * found.multipliers[1], 1, 1e-12);
}

TEST(an_equation_written_as_two_inequalities_is_solved) {
  ConstrainedProblem problem(
      2, 2, [](const auto* x) { return x[0] + x[1]; },
      [](const auto* x, auto* c) {
        c[0] = x[0] * x[0] + x[1] * x[1];
        c[1] = c[0];
      });
  const auto found = solve(problem, {2, 1}, {{}, {}, {1, -infinity}, {infinity, 1}});
  CHECK(succeeded(found.status));
  CHECK_NEAR(found.f, -std::sqrt(2.0), 1e-8);  // the inner points that the barrier needs are 1e-8 wide
  CHECK_NEAR(found.multipliers[0] + found.multipliers[1], -std::sqrt(0.5), 1e-6);
}

TEST(contradictions_end_at_the_point_of_least_violation) {
  ConstrainedProblem lines(2, 3, sum_of_squares, [](const auto* x, auto* c) {
    c[0] = x[0] + x[1];
    c[1] = x[0] + x[1];
    c[2] = x[0] - x[1];
  });
  const auto parallel = solve(lines, {5, 1}, {{}, {}, {1, 2, 0}, {1, 2, 0}});
  CHECK(parallel.status == Status::infeasible);
  CHECK_NEAR(parallel.violation, 0.5, 1e-9);  // half way between both
  CHECK(parallel.violated == std::vector<int>({0, 1}));
  CHECK(std::isnan(parallel.multipliers[0]));
  ConstrainedProblem ends(1, 2, first, [](const auto* x, auto* c) { c[0] = c[1] = x[0]; });
  const auto inequalities = solve(ends, {0}, {{}, {}, {2, -infinity}, {infinity, 1}});
  CHECK(inequalities.status == Status::infeasible);
  CHECK_NEAR(inequalities.violation, 0.5, 1e-6);
  ConstrainedProblem boxed(2, 1, sum_of_squares, line);
  const auto out_of_reach = solve(boxed, {0.5, 0.5}, {{0, 0}, {1, 1}, {3}, {3}});
  CHECK(out_of_reach.status == Status::infeasible);
  CHECK_NEAR(out_of_reach.violation, 1, 1e-6);
}

TEST(waechter_and_bieglers_trap_for_interior_points_is_left) {
  // 2000, IMA Preprint 1707: every step of a method without a restoration is cut short by the bounds.
  ConstrainedProblem problem(3, 2, first, [](const auto* x, auto* c) {
    c[0] = x[0] * x[0] - x[1];
    c[1] = x[0] - x[2];
  });
  const auto found = solve(problem, {-2, 3, 1}, {{-infinity, 0, 0}, {}, {1, 0.5}, {1, 0.5}});
  CHECK(succeeded(found.status));
  CHECK_NEAR(found.x[0], 1, 1e-9);
}

TEST(a_function_that_falls_for_ever_is_told) {
  ConstrainedProblem linear(2, 1, [](const auto* x) { return x[0] + x[1]; }, [](const auto* x, auto* c) { c[0] = x[0] - x[1]; });
  CHECK(solve(linear, {0.5, 1}, {{}, {}, {0}, {0}}).status == Status::unbounded);
  ConstrainedProblem concave(1, 1, [](const auto* x) { return -(x[0] * x[0]); }, [](const auto* x, auto* c) { c[0] = x[0]; });
  CHECK(solve(concave, {0.5}, {{}, {}, {0}, {infinity}}).status == Status::unbounded);
}

TEST(units_of_function_and_constraints_do_not_matter) {
  for (double size : {1e-8, 1e-3, 1e3, 1e8}) {
    ConstrainedProblem problem(
        2, 1, [size](const auto* x) { return size * ((x[0] - 1.0) * (x[0] - 1.0) + x[1] * x[1]); },
        [size](const auto* x, auto* c) { c[0] = (x[0] - x[1] * x[1] - 3.0) * (1 / size); });
    const auto found = solve(problem, {5, 7}, {{}, {}, {0}, {0}});
    CHECK(succeeded(found.status));
    CHECK_NEAR(found.x[0], 3, 1e-5);  // at 1e-8 the tolerance, which is absolute, is as large as f
    CHECK_NEAR(found.multipliers[0], 4 * size * size, 1e-3 * size * size);
  }
}

TEST(a_region_without_values_is_avoided) {
  ConstrainedProblem problem(
      2, 1, [](const auto* x) { return x[0] - log(x[0] - 1.0) + x[1] * x[1]; }, [](const auto* x, auto* c) { c[0] = sqrt(x[0]) + x[1]; });
  const auto found = solve(problem, {9, 0}, {{}, {}, {std::sqrt(2.0)}, {std::sqrt(2.0)}});
  CHECK(succeeded(found.status));
  CHECK(found.x[0] > 1);
}

TEST(a_start_without_values_says_so) {
  ConstrainedProblem problem(1, 1, [](const auto* x) { return sqrt(x[0]); }, [](const auto* x, auto* c) { c[0] = x[0]; });
  CHECK(solve(problem, {-1}, {{}, {}, {1}, {1}}).status == Status::problem_not_finite);
}

TEST(limits_and_callbacks_end_the_run) {
  ConstrainedProblem problem(2, 1, [](const auto* x) { return exp(x[0]) + x[1] * x[1]; }, circle);
  ConstrainedOptions options;
  options.limits.iterations = 2;
  const auto few = solve(problem, {2, 1}, {{}, {}, {1}, {1}}, options);
  CHECK(few.status == Status::max_iterations);
  CHECK(few.iterations == 2);
  options = {};
  options.limits.seconds = 0;
  CHECK(solve(problem, {2, 1}, {{}, {}, {1}, {1}}, options).status == Status::max_time);
  struct Third : Observer {
    Status iterated(const Sight& sight, std::int64_t iteration) override {
      seen.push_back(sight.value);
      return iteration == 3 ? Status::callback_failed : Status::running;
    }
    std::vector<double> seen;
  } third;
  CHECK(solve(problem, {2, 1}, {{}, {}, {1}, {1}}, {}, nullptr, &third).status == Status::callback_failed);
  CHECK(third.seen.size() == 4);
  problem.answer = Status::guard_failed;
  problem.calls_before_answer = problem.calls + 5;
  CHECK(solve(problem, {2, 1}, {{}, {}, {1}, {1}}).status == Status::guard_failed);
}

TEST(an_interrupt_ends_the_run) {
  struct Third : Interrupt {
    bool requested() override { return ++polls == 3; }
    int polls = 0;
  } third;
  ConstrainedProblem problem(2, 1, [](const auto* x) { return exp(x[0]) + x[1] * x[1]; }, circle);
  CHECK(solve(problem, {2, 1}, {{}, {}, {1}, {1}}, {}, &third).status == Status::interrupted);
}
