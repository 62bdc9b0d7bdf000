// kernel tests: linalg. Double-double arithmetic, the Gram matrix in it, and its solution, against 113-bit floats.
#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/normal_accumulator.hpp"
#include "fastcalc/linalg/precise_cholesky.hpp"
#include "fastcalc/linalg/precise_gram.hpp"

using namespace fastcalc;

namespace {

using Quad = __float128;

Quad quad(Precise a) { return static_cast<Quad>(a.high) + a.low; }
double size(Quad a) { return static_cast<double>(a < 0 ? -a : a); }

// Numbers whose exponents differ, so that every branch of rounding is met.
struct Numbers {
  explicit Numbers(int seed) : generator(seed) {}
  double operator()(int range) { return std::ldexp(normal(generator), static_cast<int>(generator() % (2 * range + 1)) - range); }
  Precise precise(int range) {
    const double high = (*this)(range);
    return two_sum(high, high * 0x1p-54 * normal(generator));
  }
  std::mt19937 generator;
  std::normal_distribution<double> normal;
};

}  // namespace

TEST(sums_and_products_have_no_error) {
  Numbers number(1);
  for (int i = 0; i < 100000; ++i) {
    const double a = number(40), b = number(40);
    const Precise sum = two_sum(a, b), product = two_product(a, b);
    CHECK(sum.high == a + b);
    CHECK(quad(product) == static_cast<Quad>(a) * b);
    if (std::abs(a) >= std::abs(b)) CHECK(quick_two_sum(a, b).low == sum.low);
    // 40 bits apart and 53 of their own fit into 113.
    if (std::abs(a) < 0x1p55 * std::abs(b) && std::abs(b) < 0x1p55 * std::abs(a)) CHECK(quad(sum) == static_cast<Quad>(a) + b);
  }
}

TEST(registers_do_as_numbers_do) {
  Numbers number(2);
  for (int i = 0; i < 1000; ++i) {
    double a[lane_width], b[lane_width], high[lane_width], low[lane_width];
    for (int lane = 0; lane < lane_width; ++lane) a[lane] = number(30), b[lane] = number(30);
    const DoubleDouble<Lanes> product = two_product(Field<Lanes>::load(a), Field<Lanes>::load(b));
    Field<Lanes>::store(high, product.high);
    Field<Lanes>::store(low, product.low);
    for (int lane = 0; lane < lane_width; ++lane) {
      const Precise alone = two_product(a[lane], b[lane]);
      CHECK(high[lane] == alone.high && low[lane] == alone.low);
    }
  }
}

TEST(arithmetic_is_right_to_2_to_the_minus_102) {
  Numbers number(3);
  constexpr double bound = 0x1p-102;  // a few of 2⁻¹⁰⁶ each
  for (int i = 0; i < 20000; ++i) {
    const Precise a = number.precise(20), b = number.precise(20);
    const Quad x = quad(a), y = quad(b);
    CHECK(size(quad(a + b) - (x + y)) <= bound * size(x + y) + 0x1p-112 * (size(x) + size(y)));  // the quad rounds, too
    CHECK(size(quad(a * b) - x * y) <= bound * size(x * y));
    CHECK(size(quad(a / b) - x / y) <= bound * size(x / y));
    const Precise positive = a.high < 0 ? -a : a, root = square_root(positive);
    CHECK(size(quad(root) * quad(root) - quad(positive)) <= 2 * bound * size(x));
  }
}

TEST(a_gram_matrix_is_right_to_2_to_the_minus_102) {
  for (const int columns : {1, 2, 3, 5, 8, 11})
    for (const int rows : {1, 7, 255, 256, 1000}) {
      Numbers number(columns * 1000 + rows);
      const int stride = (rows + 7) / 8 * 8;
      AlignedBuffer memory(static_cast<std::size_t>(columns) * stride);
      PreciseGramAccumulator gram(columns, 1);
      const auto at = [&](int j) { return memory.data() + static_cast<std::size_t>(j) * stride; };
      for (int j = 0; j < columns; ++j)
        for (int i = 0; i < rows; ++i) at(j)[i] = number(0);
      std::vector<const double*> column(columns);
      std::vector<double> bound(columns);
      for (int first = 0; first < rows; first += block_rows) {
        const int count = std::min(block_rows, rows - first);
        for (int j = 0; j < columns; ++j) {
          column[j] = at(j) + first;
          double most = 0;
          for (int i = 0; i < count; ++i) most = std::max(most, std::abs(column[j][i]));
          bound[j] = std::ldexp(1.0, std::ilogb(most) + 1);
        }
        gram.add(column.data(), bound.data(), count);
      }
      gram.finish([&](int i, int j, Precise sum) {
        Quad expected = 0, magnitude = 0;
        for (int k = 0; k < rows; ++k) {
          const Quad product = static_cast<Quad>(at(i)[k]) * at(j)[k];
          expected += product;
          magnitude += product < 0 ? -product : product;
        }
        CHECK(size(quad(sum) - expected) <= 0x1p-102 * static_cast<double>(magnitude));
      });
    }
}

TEST(entries_that_differ_by_any_power_of_two_cost_at_most_14_bits) {
  // The bound that the head of precise_gram.hpp states: 2⁻⁹⁰ of the columns' lengths, whatever is in them.
  Numbers number(9);
  for (int scale = 0; scale < 200; scale += 10) {
    AlignedBuffer memory(2 * block_rows);
    double *a = memory.data(), *b = a + block_rows;
    for (int i = 0; i < block_rows; ++i) a[i] = number(0), b[i] = number(0);
    a[17] = std::ldexp(1.5, scale);
    b[90] = std::ldexp(-1.25, scale);
    const double* const column[] = {a, b};
    const double bound[] = {std::ldexp(4.0, std::max(scale, 2)), std::ldexp(4.0, std::max(scale, 2))};
    PreciseGramAccumulator gram(2, 1);
    gram.add(column, bound, block_rows);
    gram.finish([&](int i, int j, Precise sum) {
      Quad expected = 0, left = 0, right = 0;
      for (int k = 0; k < block_rows; ++k) {
        expected += static_cast<Quad>(column[i][k]) * column[j][k];
        left += static_cast<Quad>(column[i][k]) * column[i][k];
        right += static_cast<Quad>(column[j][k]) * column[j][k];
      }
      CHECK(size(quad(sum) - expected) <= 0x1p-90 * std::sqrt(static_cast<double>(left)) * std::sqrt(static_cast<double>(right)));
    });
  }
}

TEST(a_factor_solves_inverts_and_finds_what_depends) {
  const int n = 6;
  Numbers number(4);
  PreciseMatrix rows(20, n), a(n, n + 1);
  for (int k = 0; k < 20; ++k) {
    for (int j = 0; j < n; ++j) rows(k, j) = {number(0), 0};
    rows(k, 4) = rows(k, 0) + rows(k, 2) * 2.0;  // column 4 = column 0 + 2 column 2, exactly
  }
  for (int i = 0; i < n; ++i) {
    for (int j = i; j < n; ++j)
      for (int k = 0; k < 20; ++k) a(i, j) = a(i, j) + rows(k, i) * rows(k, j);
    a(i, n) = {1.0 + i, 0};
  }
  const PreciseCholesky factor(a, 1e-14);
  CHECK(factor.rank() == n - 1);
  CHECK(factor.is_dependent(4));
  const PreciseMatrix direction = factor.null_space();
  CHECK(direction.rows == 1);
  const double expected[] = {-1, 0, -2, 0, 1, 0};
  for (int j = 0; j < n; ++j) CHECK_NEAR(direction(0, j).high, expected[j], 1e-28);

  const PreciseMatrix inverse = factor.inverse(), x = factor.solution();
  for (int i = 0; i < n; ++i) {
    if (i == 4) continue;
    Precise left{0, 0};
    for (int j = 0; j < n; ++j) left = left + a(std::min(i, j), std::max(i, j)) * x(j, 0);
    CHECK_NEAR(left.high, 1.0 + i, 1e-28);
    for (int j = 0; j < n; ++j) {
      if (j == 4) continue;
      Precise product{0, 0};
      for (int k = 0; k < n; ++k) product = product + a(std::min(i, k), std::max(i, k)) * inverse(k, j);
      CHECK_NEAR(product.high, i == j ? 1.0 : 0.0, 1e-28);
    }
  }
}

TEST(rows_that_do_not_count_are_as_if_they_were_not_there) {
  const int rows = 600;
  std::vector<double> data(static_cast<std::size_t>(rows) * 3);
  std::vector<std::uint8_t> keep(rows);
  Numbers number(5);
  for (double& value : data) value = number(3);
  for (int i = 0; i < rows; ++i) keep[i] = i % 3 != 0;
  for (int i = 0; i < rows; i += 3) data[3 * i] = std::numeric_limits<double>::quiet_NaN();
  const char* bytes = reinterpret_cast<const char*>(data.data());
  const Observations all{{{bytes, 24, Number::float64}, {bytes + 8, 24, Number::float64}, {bytes + 16, 24, Number::float64}},
                         1,
                         {nullptr, 0, Number::float64},
                         Weighting::none,
                         keep.data(),
                         true,
                         false,
                         rows};
  std::vector<double> kept;
  for (int i = 0; i < rows; ++i)
    if (keep[i]) kept.insert(kept.end(), &data[3 * i], &data[3 * i] + 3);
  bytes = reinterpret_cast<const char*>(kept.data());
  const Observations some{{{bytes, 24, Number::float64}, {bytes + 8, 24, Number::float64}, {bytes + 16, 24, Number::float64}},
                          1,
                          {nullptr, 0, Number::float64},
                          Weighting::none,
                          nullptr,
                          true,
                          false,
                          static_cast<int>(kept.size() / 3)};
  NormalSums left(3, 1), right(3, 1);
  CHECK(accumulate_normal(all, 0, rows, left).reason == Refusal::none);
  CHECK(accumulate_normal(some, 0, some.rows, right).reason == Refusal::none);
  CHECK(left.rows == right.rows);
  for (std::size_t k = 0; k < left.high.size(); ++k) CHECK_NEAR((left.high[k] - right.high[k]) + (left.low[k] - right.low[k]), 0, 1e-27);

  Observations refused = all;
  refused.keep = nullptr;
  NormalSums nothing(3, 1);
  const Refusal found = accumulate_normal(refused, 0, rows, nothing);
  CHECK(found.reason == Refusal::not_finite && found.row == 0 && found.column == 0);
  refused.omit_missing = true;
  NormalSums omitted(3, 1);
  CHECK(accumulate_normal(refused, 0, rows, omitted).reason == Refusal::none);
  CHECK(omitted.rows == left.rows && omitted.high == left.high && omitted.low == left.low);
}
