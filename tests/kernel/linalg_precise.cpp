// kernel tests: linalg. Double-double arithmetic, the Gram matrix in it, and its solution, against 113-bit floats.
#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "check.hpp"
#include "fastcalc/linalg/add_multiple.hpp"
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

// What a sum of products lacks, as a part of |a| |b|: so much of it reaches the solution.
double error_over_lengths(const double* a, const double* b, int rows, Precise sum) {
  Quad expected = 0, left = 0, right = 0;
  for (int k = 0; k < rows; ++k) {
    expected += static_cast<Quad>(a[k]) * b[k];
    left += static_cast<Quad>(a[k]) * a[k];
    right += static_cast<Quad>(b[k]) * b[k];
  }
  return size(quad(sum) - expected) / std::sqrt(static_cast<double>(left)) / std::sqrt(static_cast<double>(right));
}

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

TEST(a_multiple_of_a_row_is_added_as_number_by_number) {
  Numbers number(7);
  for (const int count : {1, 3, 8, 21}) {
    std::vector<Precise> to(count), from(count);
    for (int k = 0; k < count; ++k) to[k] = number.precise(20), from[k] = number.precise(20);
    const Precise multiple = number.precise(20);
    std::vector<Precise> expected = to;
    for (int k = 0; k < count; ++k) expected[k] = to[k] + multiple * from[k];
    add_multiple(&to.data()->high, &from.data()->high, multiple.high, multiple.low, count);
    for (int k = 0; k < count; ++k) CHECK(to[k].high == expected[k].high && to[k].low == expected[k].low);
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

TEST(a_gram_matrix_is_right_to_2_to_the_minus_102_of_the_lengths) {
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
      for (int first = 0; first < rows; first += block_rows) {
        const int count = std::min(block_rows, rows - first);
        for (int j = 0; j < columns; ++j) column[j] = at(j) + first;
        gram.add(column.data(), count);
      }
      gram.finish([&](int i, int j, Precise sum) { CHECK(error_over_lengths(at(i), at(j), rows, sum) <= 0x1p-102); });
    }
}

TEST(entries_that_differ_by_any_power_of_two_cost_at_most_9_bits) {
  // The bound that the head of precise_gram.hpp states: 2⁻⁹⁵ of the columns' lengths, whatever is in them.
  Numbers number(9);
  for (int scale = 0; scale < 200; scale += 10) {
    AlignedBuffer memory(2 * block_rows);
    double *a = memory.data(), *b = a + block_rows;
    for (int i = 0; i < block_rows; ++i) a[i] = number(0), b[i] = number(0);
    a[17] = std::ldexp(1.5, scale);
    b[90] = std::ldexp(-1.25, scale);
    const double* const column[] = {a, b};
    PreciseGramAccumulator gram(2, 1);
    gram.add(column, block_rows);
    gram.finish([&](int i, int j, Precise sum) { CHECK(error_over_lengths(column[i], column[j], block_rows, sum) <= 0x1p-95); });
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
  PreciseCholesky factor(a, 1e-14, add_multiple);
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

TEST(a_square_of_registers_is_transposed) {
  Lanes row[lane_width];
  for (int k = 0; k < lane_width; ++k)
    for (int lane = 0; lane < lane_width; ++lane) row[k].r[lane] = 10 * k + lane;
  transpose(row);
  for (int k = 0; k < lane_width; ++k)
    for (int lane = 0; lane < lane_width; ++lane) CHECK(row[k].r[lane] == 10 * lane + k);
}

// Rows side by side are read in squares, others number by number: the blocks are the same, and so is what is refused.
TEST(an_array_in_c_order_is_packed_as_its_columns_are) {
  Numbers number(6);
  for (const int columns : {8, 9, 17})
    for (const int rows : {1, 3, 8, 21, 256}) {
      std::vector<double> by_rows(static_cast<std::size_t>(rows) * columns), by_columns(by_rows.size());
      for (int i = 0; i < rows; ++i)
        for (int j = 0; j < columns; ++j) by_rows[i * columns + j] = by_columns[j * rows + i] = number(3);
      const auto pack = [&](const std::vector<double>& data, int row_step, int column_step, const auto& look) {
        Observations from{{}, 1, {nullptr, 0, Number::float64}, Weighting::none, nullptr, false, false, rows};
        const char* bytes = reinterpret_cast<const char*>(data.data());
        for (int j = 0; j < columns; ++j) from.columns.push_back({bytes + 8 * j * column_step, 8 * row_step, Number::float64});
        Packer packer(from);
        look(packer, packer.fill(0, rows));
      };
      pack(by_rows, columns, 1, [&](const Packer& one, bool) {
        pack(by_columns, 1, rows, [&](const Packer& other, bool) {
          for (int j = 0; j < columns; ++j) {
            CHECK(std::equal(one.columns()[j], one.columns()[j] + one.padded(), other.columns()[j]));
            CHECK(one.exponent(j) == other.exponent(j));
          }
        });
      });
      for (const double bad : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                               std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::quiet_NaN()}) {
        by_rows[(rows - 1) * columns + columns - 1] = bad;
        pack(by_rows, columns, 1, [&](const Packer& one, bool filled) {
          CHECK(!filled && one.refusal().row == rows - 1 && one.refusal().column == columns - 1);
        });
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
