// tasks: see lstsq.hpp.
#include "lstsq.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "../base/threads.hpp"
#include "../base/tuning.hpp"
#include "../execute/engine.hpp"
#include "../linalg/pack.hpp"
#include "../linalg/precise_cholesky.hpp"
#include "../linalg/routines.hpp"

namespace fastcalc {
namespace {

// Rows of a piece: some ms of work, so that threads share evenly and an interrupt is heard; of many columns more, since to add up a piece
// takes as long as 500 rows. It depends on the problem alone, and so do the sums.
std::int64_t piece_rows(int columns) {
  const std::uint64_t products = static_cast<std::uint64_t>(columns) * (columns + 1) / 2;
  return std::clamp<std::int64_t>(std::bit_floor((std::uint64_t{1} << 23) / products), 4 * block_rows, 1 << 16);
}

// Calls work(rows, k) for each piece of the observations, and take(piece) in their order.
template <class Piece, class Work, class Take>
Status in_pieces(const Observations& from, int threads, Interrupt* interrupt, Refusal& refusal, const Piece& empty, const Work& work,
                 const Take& take) {
  const std::int64_t length = piece_rows(from.width()), count = (from.rows + length - 1) / length;
  struct Made {
    Piece sums;
    Refusal refusal;
  };
  const auto make = [&](std::int64_t k, Interrupt&) {
    Made made{empty, {}};
    made.refusal = work(Rows{k * length, std::min((k + 1) * length, from.rows)}, made.sums);
    return made;
  };
  const bool whole = in_order(count, thread_count(threads), interrupt, make, [&](std::int64_t, const Made& made) {
    refusal = made.refusal;
    if (refusal.reason == Refusal::none) take(made.sums);
    return refusal.reason == Refusal::none;
  });
  return whole || refusal.reason != Refusal::none ? Status::running : Status::interrupted;
}

double value(Precise a) { return a.high + a.low; }

Precise scaled(Precise a, int exponent) { return {std::ldexp(a.high, exponent), std::ldexp(a.low, exponent)}; }

// The normal equations in units in which every column has a length near 1, and the powers of two that these are.
struct Scaled {
  explicit Scaled(const NormalSums& sums) : gram(sums.columns(), sums.columns()), unit(sums.columns()) {
    for (const double product : sums.high)
      if (!std::isfinite(product)) throw std::overflow_error("the sums of products are beyond 1e308: the weights are too large");
    const auto own = [&](int j) {
      const double square = sums.high[sums.place(j, j)];
      return square > 0 ? (std::ilogb(square) + 1) / 2 : 0;
    };
    for (int j = 0; j < sums.columns(); ++j) unit[j] = sums.exponent[j] + own(j);
    for (int i = 0; i < sums.columns(); ++i)
      for (int j = i; j < sums.columns(); ++j)
        gram(i, j) = scaled({sums.high[sums.place(i, j)], sums.low[sums.place(i, j)]}, -own(i) - own(j));
  }
  PreciseMatrix gram;
  std::vector<int> unit;
};

PreciseCholesky factorise(const Scaled& of, int predictors, const LinearOptions& options) {
  PreciseMatrix a(predictors, of.gram.columns);
  for (int i = 0; i < predictors; ++i)
    for (int j = i; j < a.columns; ++j) a(i, j) = of.gram(i, j);
  for (int i = options.intercept; i < predictors; ++i) a(i, i) = a(i, i) + std::ldexp(options.ridge, -2 * of.unit[i]);
  return PreciseCholesky(a, options.tolerance, engine().add_multiple);
}

// b − N (NᵀMN)⁻¹ NᵀM b, M = 1 but 0 for the intercept: the shortest of all b + N z. N in the user's units, by rows.
void shorten(PreciseMatrix& b, const PreciseMatrix& null_space, bool intercept) {
  const int count = null_space.rows, targets = b.columns;
  PreciseMatrix system(count, count + targets);
  for (int j = intercept; j < b.rows; ++j)
    for (int r = 0; r < count; ++r) {
      for (int s = r; s < count; ++s) system(r, s) = system(r, s) + null_space(r, j) * null_space(s, j);
      for (int t = 0; t < targets; ++t) system(r, count + t) = system(r, count + t) + null_space(r, j) * b(j, t);
    }
  // Where the intercept alone can make up for a column, M leaves nothing of it to shorten: then NᵀMN is singular, and z is 0.
  const PreciseMatrix z = PreciseCholesky(system, 0x1p-50, engine().add_multiple).solution();
  for (int j = 0; j < b.rows; ++j)
    for (int t = 0; t < targets; ++t)
      for (int r = 0; r < count; ++r) b(j, t) = b(j, t) - null_space(r, j) * z(r, t);
}

PreciseMatrix in_users_units(PreciseMatrix rows, const std::vector<int>& unit) {
  for (int r = 0; r < rows.rows; ++r) {
    int own = 0;  // the dependent column's, whose entry is 1 and the last
    for (int j = 0; j < rows.columns; ++j)
      if (rows(r, j).high != 0) own = unit[j];
    for (int j = 0; j < rows.columns; ++j) rows(r, j) = scaled(rows(r, j), own - unit[j]);
  }
  return rows;
}

void store(const PreciseMatrix& b, Coefficients& to) {
  to.high.clear();
  to.low.clear();
  for (const Precise& each : b.entry) {
    to.high.push_back(each.high);
    to.low.push_back(each.low);
  }
}

// Improves b (in the user's units) until its digits settle. `solve`: A⁻¹ of a gradient whose rows and columns are in units of 2^unit.
template <class Solve, class Settle>
Status improve(const Observations& from, const std::vector<int>& exponent, const std::vector<int>& unit, const LinearOptions& options,
               int threads, Interrupt* interrupt, const Solve& solve, const Settle& settle, LinearSolution& found) {
  constexpr int most = 8;
  const int n = from.predictors(), targets = from.targets;
  PreciseMatrix b(n, targets);
  for (std::size_t k = 0; k < b.entry.size(); ++k) b.entry[k] = {found.coefficients.high[k], found.coefficients.low[k]};
  const auto each = [&](const auto& work) {
    for (int j = 0; j < n; ++j)
      for (int t = 0; t < targets; ++t) work(j, t);
  };

  double before = std::numeric_limits<double>::infinity();
  while (found.refinements < most) {
    // The rows are read in the units of the sums, in which nothing overflows.
    PreciseMatrix read = b;
    each([&](int j, int t) { read(j, t) = scaled(b(j, t), exponent[j] - exponent[n + t]); });
    Coefficients coefficients;
    store(read, coefficients);
    PreciseMatrix total(n + 1, targets);
    const Remainder empty{std::vector<double>(total.entry.size()), std::vector<double>(total.entry.size())};
    Refusal refusal;
    const Status status = in_pieces(
        from, threads, interrupt, refusal, empty,
        [&](Rows rows, Remainder& part) { return engine().remainder(from, rows, exponent.data(), coefficients, part); },
        [&](const Remainder& part) {
          for (std::size_t k = 0; k < total.entry.size(); ++k) total.entry[k] = total.entry[k] + Precise{part.high[k], part.low[k]};
        });
    if (status != Status::running) return status;
    for (int t = 0; t < targets; ++t) found.residual_norm[t] = std::ldexp(std::sqrt(total(n, t).high), exponent[n + t]);

    PreciseMatrix change(n, targets);
    each([&](int j, int t) {
      change(j, t) = scaled(total(j, t), exponent[j] + exponent[n + t] - unit[j] - unit[n + t]);
      if (j >= options.intercept) change(j, t) = change(j, t) - scaled(b(j, t) * options.ridge, -unit[j] - unit[n + t]);
    });
    change = solve(change);
    each([&](int j, int t) { change(j, t) = scaled(change(j, t), unit[n + t] - unit[j]); });
    double largest = 0;  // of the coefficients, relative
    each([&](int j, int t) {
      if (b(j, t).high != 0) largest = std::max(largest, std::abs(change(j, t).high / b(j, t).high));
    });
    if (!(largest < before / 2)) break;  // it no longer converges: what is left is rounding
    each([&](int j, int t) { b(j, t) = b(j, t) + change(j, t); });
    settle(b);
    store(b, found.coefficients);
    ++found.refinements;
    // The first error is what the factor lacks, and each pass multiplies by that: below 2⁻³² the next change is below 2⁻⁶⁴.
    if (largest < (std::isinf(before) ? 0x1p-32 : 0x1p-56)) break;
    before = largest;
  }
  return Status::running;
}

}  // namespace

Status add_observations(const Observations& from, int sign, int threads, Interrupt* interrupt, NormalSums& sums, Refusal& refusal) {
  const NormalSums empty(sums.predictors, sums.targets);
  NormalSums total = empty;
  const Status status = in_pieces(
      from, threads, interrupt, refusal, empty, [&](Rows rows, NormalSums& part) { return engine().normal_sums(from, rows, part); },
      [&](const NormalSums& part) { total.merge(part, 1); });
  if (status == Status::running && refusal.reason == Refusal::none) sums.merge(total, sign);
  return status;
}

LinearSolution solve(const NormalSums& sums, const LinearOptions& options) {
  const int n = sums.predictors, targets = sums.targets;
  const Scaled normal(sums);
  const PreciseCholesky factor = factorise(normal, n, options);
  LinearSolution found;

  PreciseMatrix b = factor.solution();
  for (int j = 0; j < n; ++j)
    for (int t = 0; t < targets; ++t) b(j, t) = scaled(b(j, t), normal.unit[n + t] - normal.unit[j]);

  const auto norm = [&](Precise square, int t) { return std::ldexp(std::sqrt(std::max(0.0, value(square))), normal.unit[n + t]); };
  int constant = options.intercept ? 0 : n;
  for (int j = n - 1; j >= 0 && !options.intercept; --j)
    if (std::abs(sums.constant[j]) > 0) constant = j;
  found.has_constant = constant < n;
  for (int t = 0; t < targets; ++t) {
    const Precise square = normal.gram(n + t, n + t);
    // Σ (y − Xb)² + λ|b|² is what the factor leaves of yᵀy.
    Precise left = square;
    for (int i = 0; i < n; ++i) left = left - factor.carried(i, t) * factor.carried(i, t);
    for (int j = options.intercept; j < n && options.ridge > 0; ++j) {
      const Precise coefficient = scaled(b(j, t), -normal.unit[n + t]);
      left = left - coefficient * coefficient * options.ridge;
    }
    found.residual_norm.push_back(norm(left, t));
    // Σ w (y − ȳ)² = yᵀy − (cᵀy)²/cᵀc for a constant column c.
    const Precise product = found.has_constant ? normal.gram(constant, n + t) : Precise{0, 0};
    found.total_norm.push_back(norm(found.has_constant ? square - product * product / normal.gram(constant, constant) : square, t));
  }

  const PreciseMatrix inverse = factor.inverse();
  for (const Precise& each : inverse.entry) found.inverse.push_back(value(each));
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) found.gram.push_back(value(normal.gram(std::min(i, j), std::max(i, j))));
  found.parameters = factor.rank();
  for (int j = options.intercept; j < n && options.ridge > 0; ++j)
    if (!factor.is_dependent(j)) found.parameters -= std::ldexp(options.ridge, -2 * normal.unit[j]) * value(inverse(j, j));
  for (int j = 0; j < n; ++j) {
    found.length.push_back(std::ldexp(1.0, normal.unit[j]));
    found.dependent.push_back(factor.is_dependent(j));
  }

  const PreciseMatrix null_space = in_users_units(factor.null_space(), normal.unit);
  for (const Precise& each : null_space.entry) found.null_space.push_back(value(each));
  if (options.minimum_norm && null_space.rows > 0) shorten(b, null_space, options.intercept);
  store(b, found.coefficients);
  return found;
}

Status refine(const Observations& from, const NormalSums& sums, const LinearOptions& options, int threads, Interrupt* interrupt,
              LinearSolution& found) {
  const Scaled normal(sums);
  const PreciseCholesky factor = factorise(normal, sums.predictors, options);
  const PreciseMatrix null_space = in_users_units(factor.null_space(), normal.unit);
  return improve(
      from, sums.exponent, normal.unit, options, threads, interrupt,
      [&](const PreciseMatrix& gradient) { return factor.solution(gradient); },
      [&](PreciseMatrix& b) {
        if (options.minimum_norm && null_space.rows > 0) shorten(b, null_space, options.intercept);
      },
      found);
}

namespace {

// A square matrix by columns, of which BLAS uses the upper triangle.
struct Upper {
  explicit Upper(int size) : size(size), entry(static_cast<std::size_t>(size) * size) {}
  double& operator()(int i, int j) { return entry[static_cast<std::size_t>(j) * size + i]; }
  int size;
  std::vector<double> entry;
};

// [X R⁻¹, y]ᵀ[X R⁻¹, y] over all rows, R being the leading triangle of `factor`; without it [X y]ᵀ[X y]. Which rows count is written to
// `kept` where it is not null.
struct BlockGram {
  Status sum(const Observations& from, Interrupt* interrupt, Upper* factor, Upper& gram, std::uint8_t* kept = nullptr) {
    const Routines& blas = *routines();
    Packer packer(from);
    int width = from.width(), predictors = from.predictors(), leading = Packer::leading();
    double one = 1;
    char upper = 'U', plain = 'N', transposed = 'T', right = 'R';
    largest.assign(width, std::numeric_limits<int>::min());
    smallest.assign(width, std::numeric_limits<int>::max());
    for (std::int64_t row = 0; row < from.rows; row += block_rows) {
      if (interrupt && interrupt->requested()) return Status::interrupted;
      int rows = static_cast<int>(std::min<std::int64_t>(block_rows, from.rows - row));
      if (!packer.fill(row, rows)) {
        refusal = packer.refusal();
        return Status::running;
      }
      for (int i = 0; kept && i < rows; ++i) kept[row + i] = !packer.weights() || packer.weights()[i] != 0;
      for (int j = 0; j < width; ++j)
        if (packer.exponent(j) != Packer::nothing) {
          largest[j] = std::max(largest[j], packer.exponent(j));
          smallest[j] = std::min(smallest[j], packer.exponent(j));
        }
      double* const block = const_cast<double*>(packer.columns()[0]);
      if (factor)
        blas.dtrsm(&right, &upper, &plain, &plain, &rows, &predictors, &one, factor->entry.data(), &factor->size, block, &leading);
      blas.dsyrk(&upper, &transposed, &width, &rows, &one, block, &leading, &one, gram.entry.data(), &gram.size);
    }
    constant = -1;
    for (int j = predictors - 1; j >= 0; --j)
      if (std::abs(packer.constant(j)) > 0) constant = j;
    return Status::running;
  }
  Refusal refusal;
  std::vector<int> largest, smallest;  // exponents of the columns' blocks
  int constant = -1;                   // the first column that never changes, and is not 0
};

// Whether the leading part of a Gram matrix was positive definite; then R is there.
bool factorise_leading(Upper& a, int n) {
  char upper = 'U';
  int info = 0;
  routines()->dpotrf(&upper, &n, a.entry.data(), &a.size, &info);
  return info == 0;
}

}  // namespace

Status solve_by_blocks(const Observations& given, const LinearOptions& options, int threads, Interrupt* interrupt, Refusal& refusal,
                       BlockSolution& found) {
  // A column's variance inflation factor up to which XᵀX in double is good enough: it leaves standard errors 10 digits.
  constexpr double enough = 1e5;
  // How far from orthogonal X R⁻¹ may be so that its own factor has all digits; and the passes that shifted CholeskyQR needs, and one.
  constexpr double near_enough = 0.1;
  constexpr int most_passes = 4;
  constexpr int most = 200;
  int n = given.predictors(), targets = given.targets, width = given.width();
  if (!routines()) return Status::running;
  char upper = 'U', plain = 'N', left = 'L';
  double one = 1;

  Upper gram(width);
  BlockGram blocks;
  std::vector<std::uint8_t> kept(given.omit_missing ? given.rows : 0);
  Status status = blocks.sum(given, interrupt, nullptr, gram, given.omit_missing ? kept.data() : nullptr);
  refusal = blocks.refusal;
  if (status != Status::running || refusal.reason != Refusal::none) return status;
  found.passes = 1;
  Observations from = given;
  if (given.omit_missing) {  // what a row lacks may be in X while y alone is summed
    from.keep = kept.data();
    from.omit_missing = false;
  }
  for (int j = 0; j < width; ++j)
    if (blocks.largest[j] > most || (blocks.largest[j] != std::numeric_limits<int>::min() && blocks.smallest[j] < -most)) return status;
  for (int j = 0; j < n; ++j)
    if (!(gram(j, j) > 0)) return status;
  const int constant = blocks.constant;

  const auto diagonal_of_inverse = [&](Upper factor) {
    int info = 0;
    routines()->dpotri(&upper, &n, factor.entry.data(), &factor.size, &info);
    return factor;
  };
  const auto inflation = [&](Upper& inverse) {
    double worst = 0;
    for (int j = 0; j < n; ++j) worst = std::max(worst, gram(j, j) * inverse(j, j));
    return worst;
  };
  Upper factor = gram;
  for (int j = options.intercept; j < n; ++j) factor(j, j) += options.ridge;
  bool positive = factorise_leading(factor, n);
  Upper inverse = factor;
  if (positive) inverse = diagonal_of_inverse(factor);
  if (!positive || !(inflation(inverse) < enough)) {
    if (options.ridge > 0) return status;
    if (!positive) {
      // A shift makes XᵀX + s positive definite; X R⁻¹ then has a condition number of at most 10⁸, which two more passes mend.
      factor = gram;
      const double shift = 11 * (static_cast<double>(from.rows) + n + 1) * 0x1p-53;
      for (int j = 0; j < n; ++j) factor(j, j) *= 1 + shift;
      if (!factorise_leading(factor, n)) return status;
    }
    for (double deviation = 1; deviation > near_enough; ++found.passes) {
      if (found.passes == most_passes) return status;
      Upper again(width);
      status = blocks.sum(from, interrupt, &factor, again);
      if (status != Status::running) return status;
      deviation = 0;
      // What remains of a column beside those before it is no longer than what there is of it now.
      const auto is_dependent = [&](int j) {
        return !(factor(j, j) * factor(j, j) * again(j, j) > options.tolerance * options.tolerance * gram(j, j));
      };
      for (int j = 0; j < n; ++j)
        if (is_dependent(j)) return status;
      for (int j = 0; j < n; ++j)
        for (int i = 0; i <= j; ++i) deviation = std::max(deviation, std::abs(again(i, j) - (i == j)));
      if (!factorise_leading(again, n)) return status;
      routines()->dtrmm(&left, &upper, &plain, &plain, &n, &n, &one, again.entry.data(), &again.size, factor.entry.data(), &factor.size);
    }
    for (int j = 0; j < n; ++j)
      if (!(factor(j, j) * factor(j, j) > options.tolerance * options.tolerance * gram(j, j))) return status;  // it depends on others
    inverse = diagonal_of_inverse(factor);
  }

  LinearSolution& solution = found.solution;
  std::vector<int> unit(width), exponent(width, 0);
  for (int j = 0; j < width; ++j) unit[j] = gram(j, j) > 0 ? (std::ilogb(gram(j, j)) + 1) / 2 : 0;
  // In units of the columns' lengths: Rᵀ R x = g by substitution.
  for (int j = 0; j < n; ++j)
    for (int i = 0; i <= j; ++i) factor(i, j) = std::ldexp(factor(i, j), -unit[j]);
  const auto solve = [&](PreciseMatrix b) {
    for (int t = 0; t < targets; ++t) {
      for (int k = 0; k < n; ++k) {
        double sum = value(b(k, t));
        for (int i = 0; i < k; ++i) sum -= factor(i, k) * b(i, t).high;
        b(k, t) = {sum / factor(k, k), 0};
      }
      for (int k = n - 1; k >= 0; --k) {
        const double x = b(k, t).high / factor(k, k);
        b(k, t) = {x, 0};
        for (int i = 0; i < k; ++i) b(i, t).high -= factor(i, k) * x;
      }
    }
    return b;
  };
  PreciseMatrix start(n, targets);
  for (int j = 0; j < n; ++j)
    for (int t = 0; t < targets; ++t) start(j, t) = {std::ldexp(gram(j, n + t), -unit[j] - unit[n + t]), 0};
  start = solve(start);
  for (int j = 0; j < n; ++j)
    for (int t = 0; t < targets; ++t) start(j, t) = scaled(start(j, t), unit[n + t] - unit[j]);
  store(start, solution.coefficients);

  solution.parameters = n;
  for (int j = options.intercept; j < n && options.ridge > 0; ++j) solution.parameters -= options.ridge * inverse(j, j);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const int low = std::min(i, j), high = std::max(i, j);
      solution.inverse.push_back(std::ldexp(inverse(low, high), unit[i] + unit[j]));
      solution.gram.push_back(std::ldexp(gram(low, high), -unit[i] - unit[j]));
    }
  for (int j = 0; j < n; ++j) solution.length.push_back(std::ldexp(1.0, unit[j]));
  solution.dependent.assign(n, 0);
  solution.residual_norm.assign(targets, 0.0);

  // y alone, about its mean where a column is constant.
  Observations of_y = from;
  of_y.columns.assign(from.columns.end() - targets, from.columns.end());
  solution.has_constant = constant >= 0;
  if (solution.has_constant && !from.intercept) of_y.columns.insert(of_y.columns.begin(), from.columns[constant]);
  NormalSums sums(of_y.predictors(), targets);
  status = add_observations(of_y, 1, threads, interrupt, sums, refusal);
  if (status != Status::running) return status;
  for (int t = 0; t < targets; ++t) {
    const auto product = [&](int i, int j) { return Precise{sums.high[sums.place(i, j)], sums.low[sums.place(i, j)]}; };
    const int last = of_y.predictors() + t;
    Precise square = product(last, last);
    if (solution.has_constant) square = square - product(0, last) * product(0, last) / product(0, 0);
    solution.total_norm.push_back(std::sqrt(std::max(0.0, value(square))));
  }
  found.rows = sums.rows;

  status = improve(from, exponent, unit, options, threads, interrupt, solve, [](PreciseMatrix&) {}, solution);
  found.solved = status == Status::running;
  return status;
}

}  // namespace fastcalc
