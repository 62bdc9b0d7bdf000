// linalg: see least_eigenvalue.hpp.
#include "least_eigenvalue.hpp"

#include <limits>

#include "cholesky.hpp"
#include "triangular.hpp"

namespace fastcalc {

namespace {

double quotient(MatrixView a, int n, const double* v) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += v[i] * (a(i, i) * v[i] + 2 * dot(a.row(i) + i + 1, v + i + 1, n - i - 1));
  return sum;
}

}  // namespace

double least_eigenvalue(MatrixView a, int n, std::vector<double>& direction) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  double size = 0;  // of the largest row: |A|₂ is not above it
  for (int i = 0; i < n; ++i) {
    double row = 0;
    for (int j = 0; j < n; ++j) row += std::abs(i <= j ? a(i, j) : a(j, i));
    size = std::max(size, row);
  }
  direction.assign(n, 1 / std::sqrt(double(n)));
  if (n == 0 || size == 0 || !std::isfinite(size)) return n == 0 ? std::numeric_limits<double>::infinity() : size * 0;

  std::vector<double> memory(static_cast<std::size_t>(n) * n), next(n);
  const MatrixView r{memory.data(), n};
  const auto factor = [&](double shift) {
    for (int i = 0; i < n; ++i) {
      std::copy_n(a.row(i) + i, n - i, r.row(i) + i);
      r(i, i) += shift;
    }
    return cholesky(r, n, n);
  };
  double shift = 0;
  while (!factor(shift)) shift = shift == 0 ? 4 * n * epsilon * size : 4 * shift;
  // A start that is orthogonal to no direction by a symmetry that a person would choose.
  for (int i = 0; i < n; ++i) direction[i] = 1 + std::sin(1.0 + i) / 2;
  double value = std::numeric_limits<double>::infinity();
  for (int round = 0; round < 200; ++round) {
    next = direction;
    solve_upper_transposed(r, n, next.data());
    solve_upper(r, n, next.data());
    const double length = norm(next.data(), n);
    for (int i = 0; i < n; ++i) direction[i] = next[i] / length;
    const double before = value;
    value = quotient(a, n, direction.data());
    if (std::abs(before - value) <= 1e-12 * std::abs(value)) break;
  }
  // Where A has a factor, its least eigenvalue is positive, however the quotient is rounded; where it has none, it is at most rounding.
  return shift == 0 ? std::max(value, std::numeric_limits<double>::min()) : std::min(value, 4 * n * epsilon * size);
}

}  // namespace fastcalc
