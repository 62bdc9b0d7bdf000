// tasks: see lstsq_refine.hpp.
#include "lstsq_refine.hpp"

#include <algorithm>
#include <limits>

namespace fastcalc {

void store(const PreciseMatrix& b, Coefficients& to) {
  to.high.clear();
  to.low.clear();
  for (const Precise& each : b.entry) {
    to.high.push_back(each.high);
    to.low.push_back(each.low);
  }
}

Status improve(const RemainderOf& remainder, const Improvement& of, LinearSolution& found) {
  constexpr int most = 8;
  const int n = static_cast<int>(found.length.size()), targets = static_cast<int>(found.residual_norm.size());
  const std::vector<int>&exponent = of.exponent, &unit = of.unit;
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
    Remainder left(n, targets);
    const Status status = remainder(of.exponent, coefficients, left);
    if (status != Status::running) return status;
    const auto total = [&](int j, int t) {
      const std::size_t k = static_cast<std::size_t>(j) * targets + t;
      return Precise{left.high[k], left.low[k]};
    };
    for (int t = 0; t < targets; ++t) found.residual_norm[t] = std::ldexp(std::sqrt(total(n, t).high), exponent[n + t]);

    PreciseMatrix change(n, targets);
    each([&](int j, int t) {
      change(j, t) = scaled(total(j, t), exponent[j] + exponent[n + t] - unit[j] - unit[n + t]);
      if (j >= of.options.intercept) change(j, t) = change(j, t) - scaled(b(j, t) * of.options.ridge, -unit[j] - unit[n + t]);
    });
    change = of.solve(change);
    each([&](int j, int t) { change(j, t) = scaled(change(j, t), unit[n + t] - unit[j]); });
    double largest = 0;  // of the coefficients, relative
    each([&](int j, int t) {
      if (b(j, t).high != 0) largest = std::max(largest, std::abs(change(j, t).high / b(j, t).high));
    });
    if (!(largest < before / 2)) break;  // it no longer converges: what is left is rounding
    each([&](int j, int t) { b(j, t) = b(j, t) + change(j, t); });
    const Status settled = of.settle(b);
    if (settled != Status::running) return settled;
    store(b, found.coefficients);
    ++found.refinements;
    // The first error is what the factor lacks, and each pass multiplies by that: below 2⁻³² the next change is below 2⁻⁶⁴.
    if (largest < (std::isinf(before) ? 0x1p-32 : 0x1p-56)) break;
    before = largest;
  }
  return Status::running;
}

}  // namespace fastcalc
