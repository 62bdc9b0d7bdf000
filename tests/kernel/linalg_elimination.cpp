// kernel tests: linalg, elimination with row exchanges: full matrices, bands, and what has no solution.
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/elimination.hpp"

using namespace fastcalc;

namespace {

using Vector = std::vector<double>;
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// |A x − b| ≤ 3 n ε |L| |U| |x| (Higham 2002, theorem 9.4), and |L| |U| exceeds |A| by the growth of the pivots: seldom 1,000 times.
void solved(int n, const Vector& a, const Vector& b) {
  Elimination elimination(n);
  Vector x = b;
  CHECK(elimination.factor(a.data()));
  elimination.solve(x.data());
  for (int i = 0; i < n; ++i) {
    double residual = -b[i], size = 0;
    for (int j = 0; j < n; ++j) {
      residual += a[i * n + j] * x[j];
      size += std::abs(a[i * n + j] * x[j]);
    }
    CHECK_NEAR(residual, 0, 3 * n * epsilon * 1e3 * (size + std::abs(b[i])));
  }
}

Vector by_full(int n, const Vector& a, Vector b) {
  Elimination elimination(n);
  elimination.factor(a.data());
  elimination.solve(b.data());
  return b;
}

/// Twice, as one object for one matrix after the other.
Vector by_band(int n, int lower, int upper, const Vector& a, Vector b) {
  Elimination elimination(n, lower, upper);
  for (const double factor : {3.0, 1.0}) {
    const MatrixView matrix = elimination.cleared();
    for (int i = 0; i < n; ++i)
      for (int j = std::max(0, i - lower); j <= std::min(n - 1, i + upper); ++j) matrix(i, j) = factor * a[i * n + j];
    CHECK(elimination.factor());
  }
  elimination.solve(b.data());
  return b;
}

}  // namespace

TEST(full_matrices_and_bands) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  for (const int n : {1, 2, 3, 7, 20, 60})
    for (const auto& [lower, upper] : {std::pair{0, 0}, {1, 1}, {3, 1}, {2, 3}, {n - 1, n - 1}}) {
      Vector a(n * n), b(n);
      for (int i = 0; i < n; ++i) {
        b[i] = normal(random);
        // the diagonal is small, so that rows are exchanged
        for (int j = 0; j < n; ++j)
          if (i - j <= lower && j - i <= upper) a[i * n + j] = normal(random) * (i == j && lower > 0 ? 0.1 : 1.0);
      }
      solved(n, a, b);
      CHECK(by_band(n, lower, upper, a, b) == by_full(n, a, b));
    }
}

TEST(a_permutation_is_exchanges_alone) {
  const int n = 5;
  Vector a(n * n), b{1, 2, 3, 4, 5};
  for (int i = 0; i < n; ++i) a[i * n + (i + 1) % n] = 1;
  Elimination elimination(n);
  CHECK(elimination.factor(a.data()));
  elimination.solve(b.data());
  for (int i = 0; i < n; ++i) CHECK(b[(i + 1) % n] == i + 1);
}

TEST(one_object_solves_one_matrix_after_the_other) {
  Elimination elimination(2);
  for (const Vector& a : {Vector{2, 0, 0, 4}, Vector{1, 2, 3, 4}, Vector{2, 0, 0, 4}}) {
    CHECK(elimination.factor(a.data()));
    Vector x{1, 1};
    elimination.solve(x.data());
    CHECK_NEAR(a[0] * x[0] + a[1] * x[1], 1, 4 * epsilon);
    CHECK_NEAR(a[2] * x[0] + a[3] * x[1], 1, 4 * epsilon);
  }
}

TEST(a_pivot_without_an_inverse_divides) {  // 1 / 2⁻¹⁰⁷⁰ is inf, 2⁻¹⁰⁷⁰ / 2⁻¹⁰⁷⁰ is not
  const double tiny = std::ldexp(1.0, -1070);
  Elimination elimination(2);
  CHECK(elimination.factor(Vector{tiny, 0, 0, 2 * tiny}.data()));
  Vector x{3 * tiny, tiny};
  elimination.solve(x.data());
  CHECK(x[0] == 3 && x[1] == 0.5);
}

TEST(what_has_no_solution_is_told) {
  Elimination elimination(2);
  CHECK(!elimination.factor(Vector{1, 2, 2, 4}.data()));
  CHECK(!elimination.factor(Vector{0, 0, 0, 0}.data()));
  CHECK(!elimination.factor(Vector{NAN, 1, 1, 1}.data()));
  CHECK(!elimination.factor(Vector{INFINITY, 1, 1, 1}.data()));
}
