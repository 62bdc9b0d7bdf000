// kernel tests: solve, where it converges to and how it ends. Solutions are known from the literature or from NIST.
#include "fastcalc/linalg/matrix.hpp"
#include "problems.hpp"

using namespace fastcalc;

// ---- the problems of Moré, Garbow and Hillstrom 1981, ACM TOMS 7, 17 (numbers as there) ---------------------------------------

TEST(rosenbrock_1) {
  const auto result = solve(2, 2, {-1.2, 1}, rosenbrock);
  CHECK(succeeded(result.status));
  CHECK_NEAR(result.x[0], 1, 4 * epsilon);
  CHECK_NEAR(result.x[1], 1, 4 * epsilon);
  CHECK(result.evaluations <= 25);
}

TEST(freudenstein_and_roth_2_ends_in_its_local_minimum) {
  const auto result = solve(2, 2, {0.5, -2}, [](const auto* x, auto* r) {
    r[0] = -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1];
    r[1] = -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1];
  });
  CHECK(succeeded(result.status));
  // dr/dx is singular there: 12 x₁² − 8 x₁ − 12 + … = 0 gives x₁ = (2 − √22)/3, and then x₀ is linear.
  const double x1 = (2 - std::sqrt(22.0)) / 3;
  const double x0 = (42 - ((5 - x1) * x1 - 2) * x1 - ((x1 + 1) * x1 - 14) * x1) / 2;
  CHECK_NEAR(result.x[1], x1, 1e-8);  // a singular J: the cost, resolved to ε, is flat over √ε along its null direction
  CHECK_NEAR(result.x[0], x0, 1e-7);
  CHECK_NEAR(result.sum_of_squares, 48.98425367924, 1e-10);
}

TEST(brown_badly_scaled_4) {
  const auto result = solve(2, 3, {1, 1}, [](const auto* x, auto* r) {
    r[0] = x[0] - 1e6;
    r[1] = x[1] - 2e-6;
    r[2] = x[0] * x[1] - 2.0;
  });
  CHECK(succeeded(result.status));
  CHECK_NEAR(result.x[0], 1e6, 1e6 * 4 * epsilon);
  CHECK_NEAR(result.x[1], 2e-6, 2e-6 * 4 * epsilon);
}

TEST(beale_5) {
  const auto result = solve(2, 3, {1, 1}, [](const auto* x, auto* r) {
    r[0] = 1.5 - x[0] * (1.0 - x[1]);
    r[1] = 2.25 - x[0] * (1.0 - x[1] * x[1]);
    r[2] = 2.625 - x[0] * (1.0 - x[1] * x[1] * x[1]);
  });
  CHECK(succeeded(result.status));
  CHECK_NEAR(result.x[0], 3, 1e-14);
  CHECK_NEAR(result.x[1], 0.5, 1e-14);
}

TEST(powell_singular_13_converges_although_j_is_singular) {
  const auto result = solve(4, 4, {3, -1, 0, 1}, [](const auto* x, auto* r) {
    r[0] = x[0] + 10.0 * x[1];
    r[1] = std::sqrt(5.0) * (x[2] - x[3]);
    r[2] = (x[1] - 2.0 * x[2]) * (x[1] - 2.0 * x[2]);
    r[3] = std::sqrt(10.0) * (x[0] - x[3]) * (x[0] - x[3]);
  });
  CHECK(succeeded(result.status));
  for (double x : result.x) CHECK_NEAR(x, 0, 1e-12);
}

TEST(bard_8_from_far_away) {
  constexpr double y[] = {0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39};
  const auto bard = [&](const auto* x, auto* r) {
    for (int i = 0; i < 15; ++i) {
      const double u = i + 1, v = 15 - i, w = std::min(u, v);
      r[i] = y[i] - (x[0] + u / (v * x[1] + w * x[2]));
    }
  };
  for (double factor : {1.0, 10.0}) {
    const auto result = solve(3, 15, {factor, factor, factor}, bard);
    CHECK(succeeded(result.status));
    // From 10 times the start, MINPACK too may end in the valley x₁, x₂ → ∞, whose infimum is 17.4286.
    CHECK(std::abs(result.sum_of_squares - 8.21487730657897e-3) < 1e-14 || std::abs(result.sum_of_squares - 17.4286) < 1e-3);
  }
}

// ---- NIST's Statistical Reference Datasets -------------------------------------------------------------------------------------

// Both starts, default tolerances: nine certified digits at least of the parameters and of their standard deviations.
template <class Model>
static void certified(const char* name, Model model) {
  const Reference set(name);
  const int n = static_cast<int>(set.parameters.size()), m = static_cast<int>(set.y.size());
  CHECK(n > 1 && m > n);
  for (const Vector& start : set.start) {
    LambdaProblem problem(n, m, [&](const auto* b, auto* r) {
      for (int i = 0; i < m; ++i) r[i] = model(set.x[i], b) - set.y[i];
    });
    const auto result = solve(problem, start);
    CHECK(succeeded(result.status));
    CHECK(result.rank == n);
    // The data of Lanczos1 are exact to 14 digits: its residuals are nearly rounding.
    const double rounding = 16 * epsilon * norm(set.y.data(), m);
    CHECK_NEAR(result.sum_of_squares, set.sum_of_squares, 1e-10 * set.sum_of_squares + rounding * rounding);
    for (int j = 0; j < n; ++j) {
      CHECK_NEAR(result.x[j], set.parameters[j], 1e-9 * std::abs(set.parameters[j]));
      const double deviation = std::sqrt(result.covariance[j * n + j] * set.sum_of_squares / (m - n));
      CHECK_NEAR(deviation, set.deviations[j], 1e-9 * set.deviations[j]);
    }
  }
}

TEST(nist_misra1a) {
  certified("Misra1a", [](double x, const auto* b) { return b[0] * (1.0 - exp(-b[1] * x)); });
}
TEST(nist_boxbod) {
  certified("BoxBOD", [](double x, const auto* b) { return b[0] * (1.0 - exp(-b[1] * x)); });
}
TEST(nist_chwirut2) {
  certified("Chwirut2", [](double x, const auto* b) { return exp(-b[0] * x) / (b[1] + b[2] * x); });
}
TEST(nist_gauss1) {
  certified("Gauss1", [](double x, const auto* b) {
    const auto u = (x - b[3]) / b[4], v = (x - b[6]) / b[7];
    return b[0] * exp(-b[1] * x) + b[2] * exp(-u * u) + b[5] * exp(-v * v);
  });
}
TEST(nist_lanczos1) {
  certified("Lanczos1", [](double x, const auto* b) { return b[0] * exp(-b[1] * x) + b[2] * exp(-b[3] * x) + b[4] * exp(-b[5] * x); });
}
TEST(nist_thurber) {
  certified("Thurber", [](double x, const auto* b) {
    return (b[0] + x * (b[1] + x * (b[2] + x * b[3]))) / (1.0 + x * (b[4] + x * (b[5] + x * b[6])));
  });
}
TEST(nist_mgh09) {
  certified("MGH09", [](double x, const auto* b) { return b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3]); });
}
TEST(nist_mgh10) {
  certified("MGH10", [](double x, const auto* b) { return b[0] * exp(b[1] / (x + b[2])); });
}
TEST(nist_mgh17) {
  certified("MGH17", [](double x, const auto* b) { return b[0] + b[1] * exp(-x * b[3]) + b[2] * exp(-x * b[4]); });
}
TEST(nist_bennett5) {
  certified("Bennett5", [](double x, const auto* b) { return b[0] * pow(b[1] + x, -1.0 / b[2]); });
}

TEST(full_accuracy_costs_a_few_evaluations_more_than_minpack) {
  const auto count = [](const char* name, auto model, std::initializer_list<int> minpack) {
    const Reference set(name);
    const int n = static_cast<int>(set.parameters.size()), m = static_cast<int>(set.y.size());
    for (int k = 0; k < 2; ++k) {
      const auto result = solve(n, m, set.start[k], [&](const auto* b, auto* r) {
        for (int i = 0; i < m; ++i) r[i] = model(set.x[i], b) - set.y[i];
      });
      CHECK(result.evaluations <= minpack.begin()[k] + 4);
    }
  };
  // nfev of scipy.optimize.leastsq with exact Jacobians and its default tolerances, 1.49e-8, at which it reaches 6 to 10 digits.
  count("Misra1a", [](double x, const auto* b) { return b[0] * (1.0 - exp(-b[1] * x)); }, {19, 5});
  count("Chwirut2", [](double x, const auto* b) { return exp(-b[0] * x) / (b[1] + b[2] * x); }, {10, 6});
}

// ---- convergence ---------------------------------------------------------------------------------------------------------------

TEST(a_linear_problem_takes_one_step) {
  for (int seed = 0; seed < 20; ++seed) {
    const int n = 1 + seed % 6, m = n + seed;
    LambdaProblem problem(n, m, Linear(n, m, seed));
    const auto result = solve(problem, Vector(n, 0.5));
    CHECK(succeeded(result.status));
    CHECK(result.iterations <= 2 || m == n);  // a square one may be ill conditioned
    CHECK(result.evaluations <= 4 || m == n);
  }
}

TEST(exact_data_end_with_the_exact_parameters) {
  const Vector truth = {2.5, 1.3, 0.5};
  LambdaProblem problem(3, 50, [&](const auto* x, auto* r) {
    for (int i = 0; i < 50; ++i) r[i] = x[0] * exp(-x[1] * (0.1 * i)) + x[2] - (truth[0] * std::exp(-truth[1] * (0.1 * i)) + truth[2]);
  });
  for (const Vector& start : {Vector{1, 1, 1}, Vector{5, 0.3, -2}, truth}) {
    problem.calls = 0;
    const auto result = solve(problem, start);
    CHECK(succeeded(result.status));
    CHECK(result.evaluations <= 20);
    for (int j = 0; j < 3; ++j) CHECK_NEAR(result.x[j], truth[j], 1e-14);
  }
  CHECK(solve(3, 50, truth, [&](const auto* x, auto* r) {
          for (int i = 0; i < 50; ++i) r[i] = (x[0] - truth[0]) * double(i) + (x[1] - truth[1]) + (x[2] - truth[2]) * double(i * i);
        }).status == Status::residual_zero);
}

TEST(as_many_residuals_as_parameters) {
  const auto result = solve(3, 3, {1, 1, 1}, [](const auto* x, auto* r) {
    for (int i = 0; i < 3; ++i) r[i] = x[0] * exp(-x[1] * double(i)) + x[2] - (2.5 * std::exp(-1.3 * i) + 0.5);
  });
  CHECK(succeeded(result.status));
  CHECK_NEAR(result.x[1], 1.3, 1e-13);
  CHECK(result.rank == 3);
}

TEST(tolerances_mean_what_they_mean_in_minpack) {
  LambdaProblem problem(3, 60, decay<60>());
  const Vector start = {1, 1, 1};
  const auto best = solve(problem, start);
  for (int which = 0; which < 3; ++which) {
    LeastSquaresOptions options;
    (which == 0 ? options.ftol : which == 1 ? options.xtol : options.gtol) = 1e-4;
    problem.calls = 0;
    const auto result = solve(problem, start, options);
    CHECK(result.status == (which == 0 ? Status::cost_settled : which == 1 ? Status::step_small : Status::gradient_small));
    CHECK(result.evaluations < best.evaluations);
    CHECK_NEAR(result.sum_of_squares, best.sum_of_squares, 1e-3 * best.sum_of_squares);
  }
}

TEST(the_path_does_not_depend_on_powers_of_two_in_the_parameters_units) {
  const Vector unit = {0x1p20, 0x1p-13, 0x1p3};
  const auto plain = solve(3, 60, {1, 1, 1}, decay<60>());
  const auto scaled = solve(3, 60, {unit[0], unit[1], unit[2]}, [&](const auto* x, auto* r) {
    using Number = std::decay_t<decltype(x[0])>;
    const Number y[] = {x[0] / unit[0], x[1] / unit[1], x[2] / unit[2]};
    decay<60>()(y, r);
  });
  CHECK(scaled.evaluations == plain.evaluations);
  CHECK(scaled.status == plain.status);
  for (int j = 0; j < 3; ++j) {
    CHECK(scaled.x[j] == plain.x[j] * unit[j]);
    for (int k = 0; k < 3; ++k) CHECK(scaled.covariance[j * 3 + k] == plain.covariance[j * 3 + k] * unit[j] * unit[k]);
  }
}

TEST(residuals_may_have_any_size) {
  const auto plain = solve(3, 60, {1, 1, 1}, decay<60>());
  for (double size : {0x1p-100, 0x1p100, 0x1p-680, 0x1p680}) {  // the squares of the latter underflow or overflow
    const auto scaled = solve(3, 60, {1, 1, 1}, decay<60>(size));
    CHECK(succeeded(scaled.status));
    CHECK(scaled.rank == 3);
    const bool squares = std::abs(std::ilogb(size)) < 500;
    // Otherwise triangles are used in place of Gram matrices: another rounding of the last steps, times the condition, below 100.
    for (int j = 0; j < 3; ++j) CHECK_NEAR(scaled.x[j], plain.x[j], squares ? 0 : 1e-13);
    for (int k = 0; k < 16; ++k) CHECK_NEAR(scaled.triangle[k] / size, plain.triangle[k], squares ? 0 : 1e-11);
  }
}

TEST(an_iteration_allocates_nothing) {
  LambdaProblem problem(3, 60, decay<60>());
  LeastSquaresOptions few;
  few.max_evaluations = 2;
  const auto allocations = [&](const LeastSquaresOptions& options) {
    const long before = check::allocations;
    solve(problem, {5, 5, 5}, options);
    problem.calls = 0;
    return check::allocations - before;
  };
  CHECK(allocations(few) == allocations({}));
  CHECK(allocations(few) > 0);
}

// ---- what can go wrong ---------------------------------------------------------------------------------------------------------

TEST(a_step_into_a_region_without_values_is_shortened) {
  // √(x₀ + t) is not a number for x₀ < 0, into which the Gauss–Newton step from 6 leads.
  const auto result = solve(2, 40, {6, 0.2}, [](const auto* x, auto* r) {
    for (int i = 0; i < 40; ++i) r[i] = x[1] * sqrt(x[0] + 0.1 * i) - 3.0 * std::sqrt(0.01 + 0.1 * i);
  });
  CHECK(succeeded(result.status));
  CHECK_NEAR(result.x[0], 0.01, 1e-12);
  CHECK_NEAR(result.x[1], 3, 1e-12);
}

TEST(a_start_without_values_says_so) {
  for (double bad : {not_a_number, infinity}) {
    const auto result = solve(2, 5, {1, 2}, [bad](const auto* x, auto* r) {
      for (int i = 0; i < 5; ++i) r[i] = x[0] + x[1] * double(i) + (i == 3 ? bad : 0.0);
    });
    CHECK(result.status == Status::not_finite_at_start);
    CHECK(result.x == Vector({1, 2}));
  }
}

TEST(a_start_without_a_derivative_says_so) {
  struct Root : LeastSquaresProblem {  // r = √x − 1 at x = 0
    int parameters() const override { return 1; }
    std::int64_t residuals() const override { return 1; }
    Status gram(const double*, double* m) override { return fill(m, 1); }
    Status triangle(const double*, double* m) override { return fill(m, not_a_number); }
    static Status fill(double* m, double corner) {
      m[0] = m[1] = m[2] = infinity;
      m[3] = corner;
      return Status::running;
    }
  } root;
  const Vector start = {0};
  CHECK(levenberg_marquardt(root, start, {}, {}, {}, nullptr).status == Status::jacobian_not_finite);
}

TEST(the_limit_of_evaluations_ends_the_run_with_the_best_point) {
  LambdaProblem problem(2, 2, rosenbrock);
  LeastSquaresOptions options;
  options.max_evaluations = 5;
  const auto result = solve(problem, {-1.2, 1}, options);
  CHECK(result.status == Status::max_evaluations);
  CHECK(result.evaluations == 6);  // and one for the covariance
  CHECK(result.sum_of_squares < 24.2);
  CHECK(std::isfinite(result.covariance[0]));
}

TEST(a_problem_that_gives_up_ends_the_run) {
  for (int before : {0, 1, 5}) {
    LambdaProblem problem(2, 2, rosenbrock);
    problem.answer = Status::callback_failed;
    problem.calls_before_answer = before;
    const auto result = solve(problem, {-1.2, 1});
    CHECK(result.status == Status::callback_failed);
    CHECK(result.evaluations == before + 1);
    CHECK(problem.calls == before + 1);
    CHECK(result.x == Vector({-1.2, 1}) || before == 5);
  }
}

TEST(an_interrupt_ends_the_run) {
  struct Second : Interrupt {
    bool requested() override { return ++polls == 2; }
    int polls = 0;
  } second;
  LambdaProblem problem(2, 2, rosenbrock);
  const Vector start = {-1.2, 1};
  const auto result = levenberg_marquardt(problem, start, {}, {}, {}, &second);
  CHECK(result.status == Status::interrupted);
  CHECK(problem.calls == 2);
}

TEST(a_wrong_derivative_is_not_called_convergence) {
  struct Uphill : LeastSquaresProblem {  // r = (x − 3, 1), but dr/dx = −1
    int parameters() const override { return 1; }
    std::int64_t residuals() const override { return 2; }
    Status gram(const double* x, double* m) override {
      const double r = *x - 3;
      m[0] = 1;
      m[1] = m[2] = -r;
      m[3] = r * r + 1;
      return Status::running;
    }
    Status triangle(const double* x, double* m) override {
      m[0] = 1;
      m[1] = -(*x - 3);
      m[2] = 0;
      m[3] = 1;
      return Status::running;
    }
  } uphill;
  const Vector start = {1};
  CHECK(levenberg_marquardt(uphill, start, {}, {}, {}, nullptr).status == Status::stalled);
}
