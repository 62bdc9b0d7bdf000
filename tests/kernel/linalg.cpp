// kernel tests: linalg. Sums are checked against long double, factorisations against their definitions.
#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/cholesky.hpp"
#include "fastcalc/linalg/gram.hpp"
#include "fastcalc/linalg/pivoted_qr.hpp"
#include "fastcalc/linalg/triangle.hpp"
#include "fastcalc/linalg/triangular.hpp"

using namespace fastcalc;

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr int widths[] = {1, 2, 3, 4, 5, 7, 8, 9, 13, 30};
constexpr int heights[] = {0, 1, 3, 8, 50, 255, 256, 257, 1000, 20 * 256 + 5};

// A tall matrix by columns, and its way through an accumulator: whatever lies beyond a block's last row is NaN.
struct Tall {
  Tall(int q, int m) : columns(q), rows(m), entry(static_cast<std::size_t>(q) * m) {}
  double& operator()(int i, int j) { return entry[static_cast<std::size_t>(j) * rows + i]; }

  static Tall random(int q, int m, int seed) {
    Tall tall(q, m);
    std::mt19937 generator(seed);
    std::normal_distribution<double> normal;
    for (double& value : tall.entry) value = normal(generator);
    return tall;
  }

  template <class Accumulator>
  void feed(Accumulator& accumulator) const {
    AlignedBuffer block(static_cast<std::size_t>(columns) * block_rows);
    std::vector<const double*> column(columns);
    const std::vector<std::uint8_t> step(columns, 1);
    for (int first = 0; first < rows; first += block_rows) {
      const int count = std::min(block_rows, rows - first);
      std::fill_n(block.data(), block.size(), not_a_number);
      for (int j = 0; j < columns; ++j) {
        column[j] = block.data() + static_cast<std::size_t>(j) * block_rows;
        std::copy_n(&entry[static_cast<std::size_t>(j) * rows + first], count, block.data() + static_cast<std::size_t>(j) * block_rows);
      }
      accumulator.add(column.data(), step.data(), count);
    }
  }

  template <class Accumulator>
  std::vector<double> through() const {
    Accumulator accumulator(columns);
    feed(accumulator);
    std::vector<double> matrix(static_cast<std::size_t>(columns) * columns);
    accumulator.finish(matrix.data());
    return matrix;
  }

  double product(int a, int b) const {
    long double sum = 0;
    for (int i = 0; i < rows; ++i)
      sum += static_cast<long double>(entry[static_cast<std::size_t>(a) * rows + i]) * entry[static_cast<std::size_t>(b) * rows + i];
    return static_cast<double>(sum);
  }

  int columns, rows;
  std::vector<double> entry;
};

// RᵀR = CᵀC entry by entry, relative to the lengths of the two columns; R is upper triangular with a diagonal ≥ 0.
void check_triangle(const Tall& tall, double tolerance) {
  const int q = tall.columns;
  const std::vector<double> r = tall.through<TriangleAccumulator>();
  for (int a = 0; a < q; ++a) {
    CHECK(r[a * q + a] >= 0);
    for (int b = 0; b < a; ++b) CHECK(r[a * q + b] == 0);
    for (int b = a; b < q; ++b) {
      long double sum = 0;
      for (int k = 0; k <= a; ++k) sum += static_cast<long double>(r[k * q + a]) * r[k * q + b];
      const double lengths = std::sqrt(tall.product(a, a)) * std::sqrt(tall.product(b, b));
      CHECK_NEAR(static_cast<double>(sum), tall.product(a, b), tolerance * lengths);
    }
  }
}

}  // namespace

TEST(gram_is_the_matrix_of_inner_products) {
  for (int q : widths)
    for (int m : heights) {
      const Tall tall = Tall::random(q, m, q + m);
      const std::vector<double> gram = tall.through<GramAccumulator>();
      for (int a = 0; a < q; ++a)
        for (int b = 0; b < q; ++b) {
          CHECK(gram[a * q + b] == gram[b * q + a]);
          // Rounding of a random sign in sums of at most 16 · 256 / lane_width: √2048 · ε/2 at the most, and a margin of two.
          CHECK_NEAR(gram[a * q + b], tall.product(a, b), 45 * epsilon * std::sqrt(tall.product(a, a) * tall.product(b, b)));
        }
    }
}

TEST(gram_error_does_not_grow_with_the_rows) {
  Tall tall(1, 4000 * block_rows + 3);
  std::fill(tall.entry.begin(), tall.entry.end(), 0.1);  // every rounding in the same direction
  const double gram = tall.through<GramAccumulator>()[0];
  CHECK_NEAR(gram / tall.product(0, 0), 1, 16 * block_rows / lane_width * epsilon / 2);
}

TEST(gram_takes_a_constant_column_from_one_splat_slot) {
  for (int q : {1, 3, 4, 6}) {
    Tall tall = Tall::random(q, block_rows, q);
    GramAccumulator constants(q), columns(q);
    std::vector<double> got(q * q), wanted(q * q);
    for (double value : {1.5, 1.5, -2.0, 0.0, 3.0}) {  // the same accumulator, another value
      std::vector<AlignedBuffer> blocks;
      std::vector<const double*> split(q), whole(q);
      std::vector<std::uint8_t> step(q, 1), ones(q, 1);
      for (int j = 0; j < q; ++j) {
        blocks.emplace_back(block_rows);
        if (j % 2 == 0) std::fill_n(&tall(0, j), block_rows, value);
        std::copy_n(&tall(0, j), block_rows, blocks.back().data());
        whole[j] = blocks.back().data();
        split[j] = blocks.back().data();  // its first eight numbers are a splat slot
        step[j] = j % 2;
      }
      constants.add(split.data(), step.data(), 77);
      columns.add(whole.data(), ones.data(), 77);
      constants.finish(got.data());
      columns.finish(wanted.data());
      for (int k = 0; k < q * q; ++k) CHECK(got[k] == wanted[k]);
    }
  }
}

TEST(gram_keeps_what_is_not_finite) {
  Tall tall = Tall::random(3, 600, 1);
  tall(300, 1) = 1e200;
  CHECK(tall.through<GramAccumulator>()[1 * 3 + 1] == infinity);
  CHECK(std::isfinite(tall.through<GramAccumulator>()[0]));
  tall(300, 1) = not_a_number;
  CHECK(std::isnan(tall.through<GramAccumulator>()[1 * 3 + 1]));
}

TEST(accumulators_start_afresh_and_repeat_every_bit) {
  const Tall tall = Tall::random(5, 3000, 2), other = Tall::random(5, 700, 3);
  std::vector<double> again(25);
  GramAccumulator gram(5);
  TriangleAccumulator triangle(5);
  for (const Tall* each : {&other, &tall}) {
    each->feed(gram);
    gram.finish(again.data());
  }
  CHECK(again == tall.through<GramAccumulator>());
  for (const Tall* each : {&other, &tall}) {
    each->feed(triangle);
    triangle.finish(again.data());
  }
  CHECK(again == tall.through<TriangleAccumulator>());
}

// Householder's backward error is a small multiple of ε a column and a block: 1e-13 leaves it a factor of ten at 21 blocks.
TEST(triangle_has_the_gram_matrix) {
  for (int q : widths)
    for (int m : heights) check_triangle(Tall::random(q, m, q + m), 1e-13);
}

TEST(triangle_accepts_zero_and_equal_columns) {
  Tall tall = Tall::random(6, 900, 4);
  for (int i = 0; i < 900; ++i) {
    tall(i, 0) = tall(i, 3) = 0;
    tall(i, 4) = tall(i, 1);
  }
  check_triangle(tall, 1e-13);
}

TEST(triangle_takes_a_constant_column_from_one_splat_slot) {
  Tall tall = Tall::random(2, 100, 5);
  std::fill_n(&tall(0, 0), 100, -0.3);
  AlignedBuffer splat(splat_width), column(block_rows);
  std::fill_n(splat.data(), splat_width, -0.3);
  std::copy_n(&tall(0, 1), 100, column.data());
  const double* columns[] = {splat.data(), column.data()};
  const std::uint8_t step[] = {0, 1};
  TriangleAccumulator triangle(2);
  triangle.add(columns, step, 100);
  std::vector<double> got(4);
  triangle.finish(got.data());
  CHECK(got == tall.through<TriangleAccumulator>());
}

TEST(triangle_survives_columns_whose_squares_do_not) {
  for (const double size : {1e-300, 1e-200, 1e-150, 1e150, 1e200, 1e300}) {
    const Tall plain = Tall::random(4, 1500, 6);
    Tall scaled = plain;
    const double factor = std::ldexp(1.0, std::ilogb(size));
    for (int i = 0; i < 1500; ++i) scaled(i, 2) *= factor;
    const std::vector<double> wanted = plain.through<TriangleAccumulator>(), got = scaled.through<TriangleAccumulator>();
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 4; ++j)  // a power of two changes no bit, but for entries of R that are themselves subnormal
        CHECK_NEAR(got[i * 4 + j], j == 2 ? wanted[i * 4 + j] * factor : wanted[i * 4 + j], size < 1e-290 ? 1e-320 : 0);
  }
}

TEST(triangle_rescales_when_a_later_block_is_much_larger) {
  Tall tall(2, 5000);
  for (int i = 0; i < 5000; ++i) {
    tall(i, 0) = i < 4000 ? 1e-170 : 1e160;
    tall(i, 1) = i < 4000 ? 1e160 : 1e-170;
  }
  const std::vector<double> r = tall.through<TriangleAccumulator>();
  // 30: the additions of 1000 equal squares, each rounded.
  CHECK_NEAR(r[0] / 1e160, std::sqrt(1000.0), 30 * epsilon * std::sqrt(1000.0));
  CHECK_NEAR(r[3] / 1e160, std::sqrt(4000.0), 30 * epsilon * std::sqrt(4000.0));
}

TEST(triangle_resolves_what_the_gram_matrix_cannot) {
  // Läuchli's matrix (1 1; e 0; 0 e): R_11² = e² (2 + e²) / (1 + e²), but fl(1 + e²) = 1.
  const double e = 1e-9;
  Tall tall(2, 3);
  tall(0, 0) = tall(0, 1) = 1;
  tall(1, 0) = tall(2, 1) = e;
  CHECK_NEAR(tall.through<TriangleAccumulator>()[3], e * std::sqrt(2), 4 * epsilon);  // an absolute error of ε |C|
  const std::vector<double> gram = tall.through<GramAccumulator>();
  CHECK(gram[0] * gram[3] - gram[1] * gram[2] == 0);
}

TEST(triangle_passes_on_what_is_not_finite) {
  for (double bad : {infinity, not_a_number}) {
    Tall tall = Tall::random(3, 600, 7);
    tall(300, 1) = bad;
    const std::vector<double> r = tall.through<TriangleAccumulator>();
    CHECK(!std::isfinite(r[1]) || !std::isfinite(r[4]));
  }
}

TEST(cholesky_and_solves_invert_one_another) {
  for (int n : {1, 2, 3, 8, 40}) {
    const Tall tall = Tall::random(n + 1, 3 * n + 5, n);
    std::vector<double> gram = tall.through<GramAccumulator>(), factor = gram;
    const MatrixView a{gram.data(), n + 1}, r{factor.data(), n + 1};
    CHECK(cholesky(r, n, n + 1));
    std::vector<double> x(n), y(n);
    for (int i = 0; i < n; ++i) x[i] = y[i] = a(i, n);
    solve_upper_transposed(r, n, y.data());  // R⁻ᵀ b, which the factorisation has carried along
    for (int i = 0; i < n; ++i) CHECK_NEAR(r(i, n), y[i], 1e-13 * norm(y.data(), n));
    solve_upper_transposed(r, n, x.data());
    solve_upper(r, n, x.data());
    const double size = norm(x.data(), n);
    for (int i = 0; i < n; ++i)  // A x = b; these random matrices have a condition below 1e3
      CHECK_NEAR(dot(a.row(i), x.data(), n), a(i, n), 1e-13 * norm(a.row(i), n) * size * n);

    std::vector<double> inverse = factor;
    invert_upper({inverse.data(), n + 1}, n);
    for (int i = 0; i < n; ++i)
      for (int j = i; j < n; ++j) {
        double sum = 0;
        for (int k = i; k <= j; ++k) sum += r(i, k) * inverse[k * (n + 1) + j];
        CHECK_NEAR(sum, i == j, 1e-12);
      }
  }
}

TEST(cholesky_refuses_a_matrix_that_is_not_positive_definite) {
  double indefinite[] = {1, 2, 2, 1};
  CHECK(!cholesky({indefinite, 2}, 2, 2));
  double singular[] = {1, 1, 1, 1};
  CHECK(!cholesky({singular, 2}, 2, 2));
  double undefined[] = {not_a_number};
  CHECK(!cholesky({undefined, 1}, 1, 1));
}

TEST(the_norm_of_the_inverse_is_estimated_within_a_factor_of_ten) {
  std::vector<double> work(12);
  for (int n = 1; n <= 12; ++n)
    for (int kind = 0; kind < 2; ++kind) {
      std::vector<double> r(n * n), inverse;
      std::mt19937 generator(n);
      std::normal_distribution<double> normal;
      for (int i = 0; i < n; ++i)
        for (int j = i; j < n; ++j) r[i * n + j] = kind == 0 ? normal(generator) : i == j ? 1 : -0.9;  // the latter grows like 1.9^n
      inverse = r;
      invert_upper({inverse.data(), n}, n);
      double square = 0;
      for (int i = 0; i < n; ++i)
        for (int j = i; j < n; ++j) square += inverse[i * n + j] * inverse[i * n + j];
      const double frobenius = std::sqrt(square), estimate = inverse_norm_estimate({r.data(), n}, n, work.data());
      CHECK(estimate <= frobenius * 1.001);
      CHECK(estimate >= frobenius / std::sqrt(n) / 10);
    }
}

TEST(pivoted_qr_keeps_inner_products_and_orders_the_diagonal) {
  for (int n : {1, 2, 5, 20}) {
    const int rows = n + 3;
    Tall tall = Tall::random(n + 1, rows, n);
    std::vector<double> a(rows * (n + 1)), work(n + 1);
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j <= n; ++j) a[i * (n + 1) + j] = tall(i, j);
    const MatrixView r{a.data(), n + 1};
    std::vector<int> pivot(n);
    pivoted_qr(r, rows, n, 1, pivot.data(), work.data());
    for (int j = 0; j < n; ++j) {
      CHECK(j == 0 || std::abs(r(j, j)) <= std::abs(r(j - 1, j - 1)) * (1 + 8 * epsilon));
      for (int k = j; k <= n; ++k) {
        double sum = 0;
        for (int i = 0; i <= j; ++i) sum += r(i, j) * r(i, k);
        CHECK_NEAR(sum, tall.product(pivot[j], k == n ? n : pivot[k]), 1e-13 * rows * n);
      }
    }
    CHECK(rank(r, n, 1e-12) == n);
  }
}

TEST(pivoted_qr_reveals_the_rank) {
  for (int true_rank : {0, 1, 2, 4}) {
    const int n = 5, rows = 6;
    Tall left = Tall::random(true_rank + 1, rows, 8), right = Tall::random(true_rank + 1, n, 9);
    std::vector<double> a(rows * n), work(n);
    for (int i = 0; i < rows; ++i)
      for (int j = 0; j < n; ++j)
        for (int k = 0; k < true_rank; ++k) a[i * n + j] += left(i, k) * right(j, k);
    std::vector<int> pivot(n);
    pivoted_qr({a.data(), n}, rows, n, 0, pivot.data(), work.data());
    CHECK(rank({a.data(), n}, n, 20 * epsilon) == true_rank);
  }
}

TEST(solve_lower_whitens) {
  // V = (4 2; 2 5) = L Lᵀ with L = (2 0; 1 2), and bᵀ V⁻¹ b = (5 b₀² − 4 b₀ b₁ + 4 b₁²) / 16.
  double l[] = {2, not_a_number, 1, 2}, b[] = {3, 7};
  solve_lower({l, 2}, 2, b);
  CHECK_NEAR(b[0] * b[0] + b[1] * b[1], (5 * 9 - 4 * 21 + 4 * 49) / 16.0, 4 * epsilon * 10);
}

TEST(norm_neither_overflows_nor_vanishes) {
  for (double size : {1e-310, 1e-200, 1.0, 1e200, 1e307}) {
    const double v[] = {3 * size, -1, 4 * size};  // every second one counts
    CHECK_NEAR(norm(v, 2, 2) / size, 5, 1e-13);   // 1e-310 is subnormal: 14 digits
  }
  const double bad[] = {1, infinity}, worse[] = {not_a_number, 1}, none[] = {0, 0};
  CHECK(norm(bad, 2) == infinity);
  CHECK(std::isnan(norm(worse, 2)));
  CHECK(norm(none, 2) == 0);
}
