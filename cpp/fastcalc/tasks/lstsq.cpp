// tasks: see lstsq.hpp.
#include "lstsq.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "../execute/engine.hpp"
#include "../linalg/precise_cholesky.hpp"
#include "lstsq_refine.hpp"

namespace fastcalc {
namespace {

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

PreciseCholesky factorise(const Scaled& of, int predictors, const LinearOptions& options, Interrupt* interrupt) {
  PreciseMatrix a(predictors, of.gram.columns);
  for (int i = 0; i < predictors; ++i)
    for (int j = i; j < a.columns; ++j) a(i, j) = of.gram(i, j);
  for (int i = options.intercept; i < predictors; ++i) a(i, i) = a(i, i) + std::ldexp(options.ridge, -2 * of.unit[i]);
  return PreciseCholesky(a, options.tolerance, engine().add_multiple, interrupt);
}

// b − N (NᵀMN)⁻¹ NᵀM b, M = 1 but 0 for the intercept: the shortest of all b + N z. N in the user's units, by rows.
Status shorten(PreciseMatrix& b, const PreciseMatrix& null_space, bool intercept, Interrupt* interrupt) {
  const int count = null_space.rows, targets = b.columns;
  PreciseMatrix system(count, count + targets);
  for (int j = intercept; j < b.rows; ++j) {
    if (interrupt && interrupt->requested()) return Status::interrupted;
    for (int r = 0; r < count; ++r) {
      for (int s = r; s < count; ++s) system(r, s) = system(r, s) + null_space(r, j) * null_space(s, j);
      for (int t = 0; t < targets; ++t) system(r, count + t) = system(r, count + t) + null_space(r, j) * b(j, t);
    }
  }
  // Where the intercept alone can make up for a column, M leaves nothing of it to shorten: then NᵀMN is singular, and z is 0.
  const PreciseCholesky factor(system, 0x1p-50, engine().add_multiple, interrupt);
  if (factor.interrupted()) return Status::interrupted;
  const PreciseMatrix z = factor.solution();
  for (int j = 0; j < b.rows; ++j)
    for (int t = 0; t < targets; ++t)
      for (int r = 0; r < count; ++r) b(j, t) = b(j, t) - null_space(r, j) * z(r, t);
  return Status::running;
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

}  // namespace

Status solve(const NormalSums& sums, const LinearOptions& options, Interrupt* interrupt, LinearSolution& found) {
  const int n = sums.predictors, targets = sums.targets;
  const Scaled normal(sums);
  PreciseCholesky factor = factorise(normal, n, options, interrupt);
  if (factor.interrupted()) return Status::interrupted;

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

  const PreciseMatrix inverse = factor.inverse(), directions = factor.null_space();
  if (factor.interrupted()) return Status::interrupted;
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

  const PreciseMatrix null_space = in_users_units(directions, normal.unit);
  for (const Precise& each : null_space.entry) found.null_space.push_back(value(each));
  Status status = Status::running;
  if (options.minimum_norm && null_space.rows > 0) status = shorten(b, null_space, options.intercept, interrupt);
  store(b, found.coefficients);
  return status;
}

Status refine(const RemainderOf& remainder, const NormalSums& sums, const LinearOptions& options, Interrupt* interrupt,
              LinearSolution& found) {
  const Scaled normal(sums);
  PreciseCholesky factor = factorise(normal, sums.predictors, options, interrupt);
  const PreciseMatrix null_space = in_users_units(factor.null_space(), normal.unit);
  if (factor.interrupted()) return Status::interrupted;
  const Improvement improvement{sums.exponent, normal.unit, options,
                                [&](const PreciseMatrix& gradient) { return factor.solution(gradient); },
                                [&](PreciseMatrix& b) {
                                  if (!options.minimum_norm || null_space.rows == 0) return Status::running;
                                  return shorten(b, null_space, options.intercept, interrupt);
                                }};
  return improve(remainder, improvement, found);
}

}  // namespace fastcalc
