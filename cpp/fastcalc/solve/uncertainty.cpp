#include "uncertainty.hpp"

#include <algorithm>
#include <limits>

#include "../linalg/pivoted_qr.hpp"
#include "../linalg/triangular.hpp"

namespace fastcalc {

namespace {

// A direction's share in a parameter below this is rounding: the null vector of a triangle is known to ε times its condition.
constexpr double negligible_share = 1e-8;

// J S P = Q [R₁₁ R₁₂; 0 0], S making columns of unit length: S P [−R₁₁⁻¹R₁₂; I] spans the null space, one direction a surplus
// column, which it writes in terms of the columns that determine it.
void find_undetermined(MatrixView r, int k, const int* variable, const double* length, LeastSquaresResult& result) {
  const int n = static_cast<int>(result.x.size());
  std::vector<double> share(k);
  for (int surplus = result.rank; surplus < k; ++surplus) {
    std::fill(share.begin(), share.end(), 0.0);
    share[surplus] = 1;
    for (int i = 0; i < result.rank; ++i) share[i] = -r(i, surplus);
    solve_upper(r, result.rank, share.data());
    std::vector<double> direction(n);
    for (int c = 0; c < k; ++c)
      if (std::abs(share[c]) > negligible_share) direction[variable[c]] = share[c] / length[c];
    const double size = norm(direction.data(), n);
    const auto first = std::find_if(direction.begin(), direction.end(), [](double d) { return d != 0; });
    for (double d : direction) result.undetermined.push_back(d == 0 ? 0 : d / std::copysign(size, *first));
  }
}

}  // namespace

double rank_tolerance(std::int64_t m, int n) {
  return static_cast<double>(std::max<std::int64_t>(m, n)) * std::numeric_limits<double>::epsilon();
}

void find_uncertainty(const Box& box, double tolerance, LeastSquaresResult& result) {
  const int n = static_cast<int>(result.x.size());
  const MatrixView triangle{result.triangle.data(), n + 1};
  std::vector<int> free;
  for (int i = 0; i < n; ++i)
    if (!box.fixed(i)) free.push_back(i);
  const int k = static_cast<int>(free.size());

  std::vector<double> storage(static_cast<std::size_t>(n) * k + 1), work(k + 1), column_length(k), length(k);
  std::vector<int> pivot(k), variable(k);
  const MatrixView r{storage.data(), k};
  for (int c = 0; c < k; ++c) {
    column_length[c] = norm(&triangle(0, free[c]), free[c] + 1, n + 1);
    // A column of zeros stays one: its parameter is surplus, in the user's units.
    if (column_length[c] == 0) column_length[c] = 1;
    for (int i = 0; i <= free[c]; ++i) r(i, c) = triangle(i, free[c]) / column_length[c];
  }
  pivoted_qr(r, n, k, 0, pivot.data(), work.data());
  for (int c = 0; c < k; ++c) {
    variable[c] = free[pivot[c]];
    length[c] = column_length[pivot[c]];
  }
  result.rank = rank(r, k, tolerance);
  if (result.rank < k) return find_undetermined(r, k, variable.data(), length.data(), result);

  // (JᵀJ)⁻¹ = S P R⁻¹ R⁻ᵀ Pᵀ S
  invert_upper(r, k);
  for (int a = 0; a < k; ++a)
    for (int b = a; b < k; ++b) {
      const double value = dot(r.row(a) + b, r.row(b) + b, k - b) / length[a] / length[b];
      result.covariance[variable[a] * n + variable[b]] = result.covariance[variable[b] * n + variable[a]] = value;
    }
}

}  // namespace fastcalc
