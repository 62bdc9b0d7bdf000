// kernel tests: linalg. Symmetric matrices that need not be definite, against their definitions.
#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/least_eigenvalue.hpp"
#include "fastcalc/linalg/symmetric_indefinite.hpp"

using namespace fastcalc;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

struct Symmetric {
  explicit Symmetric(int n) : size(n), entry(static_cast<std::size_t>(n) * n) {}
  double& operator()(int i, int j) { return entry[static_cast<std::size_t>(i) * size + j]; }
  MatrixView view() { return {entry.data(), size}; }

  /// Q diag(values) Qᵀ with Q = a product of reflections: the eigenvalues are known.
  static Symmetric with(const std::vector<double>& values, int seed) {
    const int n = static_cast<int>(values.size());
    Symmetric a(n);
    for (int i = 0; i < n; ++i) a(i, i) = values[i];
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    std::vector<double> v(n), av(n);
    for (int round = 0; round < 3; ++round) {
      double square = 0;
      for (double& each : v) {
        each = normal(generator);
        square += each * each;
      }
      for (double& each : v) each /= std::sqrt(square);
      double vav = 0;
      for (int i = 0; i < n; ++i) vav += v[i] * (av[i] = dot(&a(i, 0), v.data(), n));
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j) a(i, j) += 4 * vav * v[i] * v[j] - 2 * (v[i] * av[j] + av[i] * v[j]);
    }
    return a;
  }
  int size;
  std::vector<double> entry;
};

}  // namespace

TEST(the_inertia_is_that_of_the_eigenvalues) {
  for (int seed = 0; seed < 200; ++seed) {
    const int n = 1 + seed % 12, negative = seed % (n + 1);
    std::vector<double> values(n);
    for (int i = 0; i < n; ++i) values[i] = (i < negative ? -1 : 1) * (1.0 + i);
    Symmetric a = Symmetric::with(values, seed);
    SymmetricIndefinite solver(12);
    const Inertia inertia = solver.factor(a.view(), n);
    CHECK(inertia.negative == negative);
    CHECK(inertia.positive == n - negative);
    CHECK(inertia.zero == 0);
  }
}

TEST(a_solution_satisfies_its_equations) {
  for (int seed = 0; seed < 200; ++seed) {
    const int n = 1 + seed % 12;
    std::vector<double> values(n), b(n), x(n);
    for (int i = 0; i < n; ++i) {
      values[i] = (i % 3 == 1 ? -1 : 1) * std::pow(10.0, i % 4);
      x[i] = std::sin(1.0 + i);
    }
    Symmetric a = Symmetric::with(values, seed);
    for (int i = 0; i < n; ++i) b[i] = dot(&a(i, 0), x.data(), n);
    SymmetricIndefinite solver(n);
    solver.factor(a.view(), n);
    solver.solve(b.data());
    for (int i = 0; i < n; ++i) CHECK_NEAR(b[i], x[i], 1e3 * 100 * epsilon);  // condition 1e3
  }
}

TEST(a_zero_diagonal_needs_pivots_of_two_rows) {
  Symmetric a(4);  // a saddle of two constraints: no 1 × 1 pivot to begin with
  a(2, 0) = a(0, 2) = 1;
  a(3, 1) = a(1, 3) = 2;
  SymmetricIndefinite solver(4);
  const Inertia inertia = solver.factor(a.view(), 4);
  CHECK(inertia.positive == 2 && inertia.negative == 2);
  double b[] = {1, 2, 3, 4};
  solver.solve(b);
  CHECK_NEAR(b[0], 3, 4 * epsilon);
  CHECK_NEAR(b[1], 2, 4 * epsilon);
  CHECK_NEAR(b[2], 1, 4 * epsilon);
  CHECK_NEAR(b[3], 1, 4 * epsilon);
}

TEST(inertia_does_not_depend_on_units) {
  for (int seed = 0; seed < 50; ++seed) {
    const int n = 6;
    Symmetric a = Symmetric::with({-3, -2, -1, 1, 2, 3}, seed);
    std::mt19937 generator(seed);
    std::vector<double> unit(n);
    for (double& each : unit) each = std::ldexp(1.0, static_cast<int>(generator() % 80) - 40);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) a(i, j) *= unit[i] * unit[j];
    SymmetricIndefinite solver(n);
    const Inertia inertia = solver.factor(a.view(), n);
    CHECK(inertia.positive == 3 && inertia.negative == 3);
  }
}

TEST(dependent_rows_are_zero_eigenvalues_and_get_no_solution_of_their_own) {
  // [I Aᵀ; A 0] with the second row of A twice the first.
  Symmetric a(4);
  a(0, 0) = a(1, 1) = 1;
  for (int i = 0; i < 2; ++i) {
    a(2, i) = a(i, 2) = 1;
    a(3, i) = a(i, 3) = 2;
  }
  SymmetricIndefinite solver(4);
  const Inertia inertia = solver.factor(a.view(), 4);
  CHECK(inertia.positive == 2 && inertia.negative == 1 && inertia.zero == 1);
  double b[] = {0, 0, 1, 2};
  solver.solve(b);
  CHECK_NEAR(b[0], 0.5, 8 * epsilon);  // consistent, so it is solved all the same
  CHECK_NEAR(b[1], 0.5, 8 * epsilon);
  Symmetric nothing(3);
  CHECK(solver.factor(nothing.view(), 3).zero == 3);
}

TEST(the_least_eigenvalue_is_found_with_its_direction) {
  for (int seed = 0; seed < 60; ++seed) {
    const int n = 1 + seed % 9;
    std::vector<double> values(n), v;
    for (int i = 0; i < n; ++i) values[i] = seed % 3 == 0 ? 1.0 + i : seed % 3 == 1 ? i - 2.5 : -10.0 - 3 * i;
    Symmetric a = Symmetric::with(values, seed);
    const double least = *std::min_element(values.begin(), values.end());
    const double found = least_eigenvalue(a.view(), n, v);
    // Inverse iteration stops where the quotient, which is stationary there, no longer changes.
    CHECK_NEAR(found, least, 1e-6 * std::abs(least));
    CHECK((found > 0) == (least > 0));
    double length = 0;
    for (double each : v) length += each * each;
    CHECK_NEAR(length, 1, 1e-12);
  }
}

TEST(a_matrix_of_zeros_has_no_curvature) {
  std::vector<double> v;
  Symmetric nothing(3);
  CHECK(least_eigenvalue(nothing.view(), 3, v) == 0);
  CHECK(least_eigenvalue(nothing.view(), 0, v) == std::numeric_limits<double>::infinity());
  Symmetric flat = Symmetric::with({0, 1, 2}, 4);  // singular up to rounding: not called positive by more than that
  CHECK(least_eigenvalue(flat.view(), 3, v) <= 1e-14);
}
