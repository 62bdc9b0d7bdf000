// tasks: linear least squares. Comes in: observations, in one part or many. Goes out: their normal equations, the solution of these, and
// that solution improved on the observations themselves.
//
// XᵀX squares the condition number, which is why normal equations have a bad name. In double-double arithmetic there are digits enough:
// what is lost is cond² · 2⁻¹⁰⁴, which stays below the cond · 2⁻⁵³ of orthogonal methods up to a condition number of 10¹⁵. One pass over
// the rows, a state of O(p²) numbers that adds up.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "../base/interrupt.hpp"
#include "../base/status.hpp"
#include "../linalg/normal_sums.hpp"
#include "../linalg/observations.hpp"

namespace fastcalc {

/// Adds `sign` times the sums of the observations to `sums`, or leaves `sums` as it is: where a number cannot be used or the run was
/// interrupted. The same bits for any number of threads (0: all).
Status add_observations(const Observations&, int sign, int threads, Interrupt*, NormalSums& sums, Refusal& refusal);

struct LinearOptions {
  bool intercept;     ///< predictor 0 is a column of ones, free of the penalty and of the norm
  double ridge;       ///< times the sum of the squared coefficients, added to the sum of squares
  double tolerance;   ///< what of a column's length must remain beside the columns before it
  bool minimum_norm;  ///< of all solutions the shortest; or 0 for a dependent column
};

struct LinearSolution {
  Coefficients coefficients;          ///< predictors × targets, row by row
  std::vector<double> inverse;        ///< of the Gram matrix (with the penalty) of the predictors divided by `length`; 0 for dependent ones
  std::vector<double> gram;           ///< that Gram matrix, without the penalty
  std::vector<double> length;         ///< a power of two near the root of the sum of squares of each predictor
  std::vector<double> residual_norm;  ///< of each target: √Σ w (y − X b)²
  std::vector<double> total_norm;     ///< √Σ w (y − ȳ)², ȳ = 0 where no column is constant
  bool has_constant;                  ///< whether one is
  double parameters;                  ///< the rank, less what the penalty takes of it: tr (XᵀX + λ)⁻¹ XᵀX
  std::vector<std::uint8_t> dependent;
  std::vector<double> null_space;  ///< a row for each dependent predictor: directions that change no fitted value
  int refinements = 0;
};

/// Throws std::overflow_error where a sum is beyond the range of double.
Status solve(const NormalSums&, const LinearOptions&, Interrupt*, LinearSolution&);

/// Many predictors, all rows at hand, by BLAS: XᵀX in double, its Cholesky factor R; where that lacks digits X R⁻¹ is orthogonal but for
/// them, so the same again for it, and R R' is a factor as good as QR's (shifted CholeskyQR: Fukaya, Kannan, Nakatsukasa, Yamamoto,
/// Yanagisawa 2020, SIAM J. Sci. Comput. 42, A477). The coefficients are then improved as by `refine`. False where that does not do:
/// columns are dependent, or nearly so with a penalty, or beyond 2^±200; then there are the sums and `solve`.
struct BlockSolution {
  bool solved = false;
  std::int64_t rows = 0;
  int passes = 0;
  LinearSolution solution;
};
Status solve_by_blocks(const Observations&, const LinearOptions&, int threads, Interrupt*, Refusal&, BlockSolution&);

/// Adds what coefficients leave of the observations; the units of 2^exponent are those of `Remainder`.
Status add_remainder(const Observations&, const std::vector<int>& exponent, const Coefficients&, int threads, Interrupt*, Remainder& total,
                     Refusal& refusal);

/// What coefficients leave of all rows, wherever these lie.
using RemainderOf = std::function<Status(const std::vector<int>& exponent, const Coefficients&, Remainder& total)>;

/// Improves a solution until its digits settle, each time by XᵀW(y − X b) of unrounded residuals. What XᵀX lacks then does not matter as
/// long as cond² · 2⁻¹⁰⁴ < 1.
Status refine(const RemainderOf&, const NormalSums&, const LinearOptions&, Interrupt*, LinearSolution&);

}  // namespace fastcalc
