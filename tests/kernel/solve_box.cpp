// kernel tests: solve, what bounds allow and what the data determine. Solutions are known by the conditions that define them.
#include "fastcalc/linalg/matrix.hpp"
#include "problems.hpp"

using namespace fastcalc;

// ---- bounds --------------------------------------------------------------------------------------------------------------------

TEST(bounds_that_are_never_met_change_no_bit) {
  LambdaProblem problem(3, 60, decay<60>());
  const auto free = solve(problem, {1, 1, 1});
  problem.calls = 0;
  problem.lower = {-100, -100, -infinity};
  problem.upper = {100, infinity, 100};
  const auto bounded = solve(problem, {1, 1, 1});
  CHECK(bounded.x == free.x);
  CHECK(bounded.evaluations == free.evaluations);
  CHECK(bounded.active == std::vector<int>({0, 0, 0}));
}

TEST(an_active_bound_is_met_exactly) {
  LambdaProblem problem(2, 2, rosenbrock);
  problem.lower = {-infinity, -infinity};
  problem.upper = {0.3, infinity};
  const auto result = solve(problem, {-1.2, 1});
  CHECK(succeeded(result.status));
  CHECK(result.x[0] == 0.3);
  CHECK_NEAR(result.x[1], 0.09, 1e-15);
  CHECK(result.active == std::vector<int>({1, 0}));
}

TEST(a_start_on_a_bound_or_beyond_it_moves_inside) {
  for (double start : {-3.0, 0.0, 9.0, 20.0}) {
    LambdaProblem problem(3, 60, decay<60>());
    problem.lower = {0, 0, 0};
    problem.upper = {9, 9, 9};
    const auto result = solve(problem, {start, start, start});
    const auto free = solve(3, 60, {1, 1, 1}, decay<60>());
    if (start <= 0) {  // a = 0 hides b: the slope of b is zero there, and a must go first
      CHECK(result.active[0] == 0);
    }
    CHECK(succeeded(result.status));
    for (int j = 0; j < 3; ++j) CHECK_NEAR(result.x[j], free.x[j], 1e-9);
  }
}

TEST(a_box_constrained_linear_problem_satisfies_the_kuhn_tucker_conditions) {
  for (int seed = 0; seed < 200; ++seed) {
    const int n = 1 + seed % 6, m = n + 1 + seed % 9;
    const Linear linear(n, m, seed);
    LambdaProblem problem(n, m, linear);
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(-1, 1);
    Vector start(n);
    for (int j = 0; j < n; ++j) {
      const double a = uniform(generator) * 0.5, b = uniform(generator) * 0.5;
      problem.lower.push_back(seed % 5 == 0 && j == 0 ? -infinity : std::min(a, b));
      problem.upper.push_back(std::max(a, b));
      start[j] = uniform(generator);
    }
    const auto result = solve(problem, start);
    CHECK(succeeded(result.status));
    CHECK(result.evaluations <= 10 + 3 * n);
    Vector r(m);
    linear(result.x.data(), r.data());
    for (int j = 0; j < n; ++j) {
      double gradient = 0, square = 0;
      for (int i = 0; i < m; ++i) {
        gradient += linear.a[i * n + j] * r[i];
        square += linear.a[i * n + j] * linear.a[i * n + j];
      }
      const double cosine = gradient / std::sqrt(square) / norm(r.data(), m);
      // ftol = 1e-20 leaves a slope of 1e-10 of |r|.
      if (result.active[j] < 0)
        CHECK(result.x[j] == problem.lower[j] && cosine >= -1e-9);
      else if (result.active[j] > 0)
        CHECK(result.x[j] == problem.upper[j] && cosine <= 1e-9);
      else
        CHECK_NEAR(cosine, 0, 1e-9);
    }
  }
}

TEST(equal_bounds_fix_a_parameter) {
  LambdaProblem problem(3, 60, decay<60>());
  problem.lower = {-infinity, 1.25, -infinity};
  problem.upper = {infinity, 1.25, infinity};
  const auto result = solve(problem, {1, 1, 1});
  const auto reduced = solve(2, 60, {1, 1}, [](const auto* x, auto* r) {
    using Number = std::decay_t<decltype(x[0])>;
    const Number y[] = {x[0], 1.25, x[1]};
    decay<60>()(y, r);
  });
  CHECK(succeeded(result.status));
  CHECK(result.rank == 2);
  CHECK(result.x[1] == 1.25);
  CHECK(result.active == std::vector<int>({0, 0, 0}));
  const int place[] = {0, 2};
  for (int j = 0; j < 2; ++j) {
    CHECK_NEAR(result.x[place[j]], reduced.x[j], 1e-13);
    for (int k = 0; k < 2; ++k) CHECK_NEAR(result.covariance[place[j] * 3 + place[k]], reduced.covariance[j * 2 + k], 1e-12);
  }
  for (int k = 0; k < 3; ++k) CHECK(result.covariance[3 + k] == 0 && result.covariance[3 * k + 1] == 0);
}

TEST(with_all_parameters_fixed_there_is_nothing_to_do) {
  LambdaProblem problem(3, 60, decay<60>());
  problem.lower = problem.upper = {1, 2, 3};
  const auto result = solve(problem, {7, 7, 7});
  CHECK(result.status == Status::gradient_small);
  CHECK(result.x == Vector({1, 2, 3}));
  CHECK(result.rank == 0);
  CHECK(result.covariance == Vector(9, 0.0));
  CHECK(result.undetermined.empty());
}

// ---- what the data cannot determine --------------------------------------------------------------------------------------------

TEST(a_product_of_two_parameters_names_the_direction) {
  const auto result = solve(3, 60, {2, 3, 1}, [](const auto* x, auto* r) {
    for (int i = 0; i < 60; ++i) r[i] = x[0] * x[1] * (0.1 * i) + x[2] - (1.7 * 0.1 * i + 0.4 + 0.1 * std::sin(37.0 * i));
  });
  CHECK(succeeded(result.status));
  CHECK(result.rank == 2);
  CHECK(result.undetermined.size() == 3);
  const double size = std::hypot(result.x[0], result.x[1]);
  CHECK_NEAR(result.undetermined[0], result.x[0] / size, 1e-14);
  CHECK_NEAR(result.undetermined[1], -result.x[1] / size, 1e-14);
  CHECK(result.undetermined[2] == 0);
  for (double c : result.covariance) CHECK(c == infinity);
}

TEST(a_sum_of_two_parameters_names_the_direction) {
  const auto result = solve(3, 60, {1, 1, 1}, [](const auto* x, auto* r) {
    for (int i = 0; i < 60; ++i) r[i] = (x[0] + x[2]) * exp(-x[1] * (0.1 * i)) - (2.5 * std::exp(-0.13 * i) + 0.02 * std::sin(37.0 * i));
  });
  CHECK(succeeded(result.status));
  CHECK(result.rank == 2);
  CHECK(result.undetermined.size() == 3);
  CHECK_NEAR(result.undetermined[0], std::sqrt(0.5), 1e-14);
  CHECK(result.undetermined[1] == 0);
  CHECK_NEAR(result.undetermined[2], -std::sqrt(0.5), 1e-14);
}

TEST(a_parameter_that_nothing_depends_on_does_not_move) {
  const auto result = solve(3, 60, {1, 0.75, 1}, [](const auto* x, auto* r) {
    for (int i = 0; i < 60; ++i)
      r[i] = x[0] * exp(-x[2] * (0.1 * i)) + 0.0 * x[1] - (2.5 * std::exp(-0.13 * i) + 0.02 * std::sin(37.0 * i));
  });
  CHECK(succeeded(result.status));
  CHECK(result.x[1] == 0.75);
  CHECK_NEAR(result.x[0], 2.5, 0.1);
  CHECK(result.rank == 2);
  CHECK(result.undetermined == Vector({0, 1, 0}));
}

TEST(fewer_residuals_than_parameters_leave_directions_that_do_not_change_them) {
  const Linear linear(5, 3, 11);
  LambdaProblem problem(5, 3, linear);
  const auto result = solve(problem, Vector(5, 1.0));
  CHECK(succeeded(result.status));
  CHECK(result.sum_of_squares < 1e-28);
  CHECK(result.rank == 3);
  CHECK(result.undetermined.size() == 10);
  for (int k = 0; k < 2; ++k) {
    CHECK_NEAR(norm(&result.undetermined[5 * k], 5), 1, 4 * epsilon);
    for (int i = 0; i < 3; ++i) CHECK_NEAR(dot(&linear.a[5 * i], &result.undetermined[5 * k], 5), 0, 1e-14);
  }
}

TEST(the_covariance_of_an_ill_conditioned_linear_problem) {
  // Powers 0 … 6 of 1 + i/20, i = 0 … 20. From (XᵀX)⁻¹ in exact rational arithmetic (Python's fractions).
  const Vector diagonal = {34628809.13269562,  615936882.0574934,  1860198048.9528577, 1563402978.8789222,
                           406928969.51824176, 29505253.723856498, 363976.04686043883};
  const Vector first_row = {34628809.13269562,  -145978624.24954885, 253345469.85741493, -231742650.270622,
                            117872729.06861115, -31619954.067738697, 3496312.249791857};
  const auto result = solve(7, 21, Vector(7, 0.0), [](const auto* x, auto* r) {
    for (int i = 0; i < 21; ++i) {
      const double t = 1 + i / 20.0;
      r[i] = -1.0 / t;
      for (int k = 0; k < 7; ++k) r[i] += x[k] * std::pow(t, k);
    }
  });
  CHECK(result.rank == 7);
  // The condition of X with columns of unit length is 3.2e6: 2 κ ε. (Through XᵀX it would be κ² ε = 2e-3.)
  for (int j = 0; j < 7; ++j) {
    CHECK_NEAR(result.covariance[j * 8] / diagonal[j], 1, 1.4e-9);
    CHECK_NEAR(result.covariance[j] / first_row[j], 1, 1.4e-9);
  }
}

TEST(the_triangle_is_that_of_the_jacobian_and_the_residuals) {
  const Linear linear(3, 30, 5);
  LambdaProblem problem(3, 30, linear);
  const auto result = solve(problem, {0, 0, 0});
  const MatrixView r{const_cast<double*>(result.triangle.data()), 4};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      double jacobian = 0, triangle = 0;
      for (int i = 0; i < 30; ++i) jacobian += linear.a[i * 3 + a] * linear.a[i * 3 + b];
      for (int k = 0; k < 3; ++k) triangle += r(k, a) * r(k, b);
      CHECK_NEAR(triangle, jacobian, 1e-12);
    }
    CHECK_NEAR(r(a, 3), 0, 1e-13);  // at the solution, r is orthogonal to J
  }
  CHECK_NEAR(r(3, 3) * r(3, 3), result.sum_of_squares, 1e-12);
}
