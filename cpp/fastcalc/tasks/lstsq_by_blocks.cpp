// tasks: linear least squares of many predictors, by BLAS. See lstsq.hpp.
//
// All calls of BLAS are of blocks whose size does not depend on the machine, and those routines of LAPACK that cut a matrix by the number
// of their threads are not called: the bits are then the same for any number of threads, BLAS's as ours.
#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/tuning.hpp"
#include "../linalg/blocked_cholesky.hpp"
#include "../linalg/pack.hpp"
#include "../linalg/routines.hpp"
#include "lstsq_refine.hpp"

namespace fastcalc {
namespace {

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

  const auto inflation = [&](Upper& inverse) {
    double worst = 0;
    for (int j = 0; j < n; ++j) worst = std::max(worst, gram(j, j) * inverse(j, j));
    return worst;
  };
  Upper factor = gram;
  for (int j = options.intercept; j < n; ++j) factor(j, j) += options.ridge;
  bool positive = true;
  status = factorise_by_blocks(factor, n, interrupt, positive);
  Upper inverse(width);
  if (status == Status::running && positive) status = invert_by_blocks(factor, n, interrupt, inverse);
  if (status != Status::running) return status;
  if (!positive || !(inflation(inverse) < enough)) {
    if (options.ridge > 0) return status;
    if (!positive) {
      // A shift makes XᵀX + s positive definite; X R⁻¹ then has a condition number of at most 10⁸, which two more passes mend.
      factor = gram;
      const double shift = 11 * (static_cast<double>(from.rows) + n + 1) * 0x1p-53;
      for (int j = 0; j < n; ++j) factor(j, j) *= 1 + shift;
      status = factorise_by_blocks(factor, n, interrupt, positive);
      if (status != Status::running || !positive) return status;
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
      status = factorise_by_blocks(again, n, interrupt, positive);
      if (status != Status::running || !positive) return status;
      routines()->dtrmm(&left, &upper, &plain, &plain, &n, &n, &one, again.entry.data(), &again.size, factor.entry.data(), &factor.size);
    }
    for (int j = 0; j < n; ++j)
      if (!(factor(j, j) * factor(j, j) > options.tolerance * options.tolerance * gram(j, j))) return status;  // it depends on others
    inverse = Upper(width);
    status = invert_by_blocks(factor, n, interrupt, inverse);
    if (status != Status::running) return status;
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

  const RemainderOf remainder = [&](const std::vector<int>& units, const Coefficients& coefficients, Remainder& total) {
    return add_remainder(from, units, coefficients, threads, interrupt, total, refusal);
  };
  status = improve(remainder, {exponent, unit, options, solve, [](PreciseMatrix&) { return Status::running; }}, solution);
  found.solved = status == Status::running;
  return status;
}

}  // namespace fastcalc
