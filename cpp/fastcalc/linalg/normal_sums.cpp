// linalg: see normal_sums.hpp.
#include "normal_sums.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "double_double.hpp"

namespace fastcalc {

NormalSums::NormalSums(int predictors, int targets)
    : predictors(predictors),
      targets(targets),
      exponent(columns()),
      high(place(columns() - 1, columns() - 1) + 1),
      low(high.size()),
      constant(columns(), std::numeric_limits<double>::quiet_NaN()) {}

void NormalSums::merge(const NormalSums& other, int sign) {
  // Of two units the larger: what vanishes in it is below 2⁻⁴⁰⁰ of what the column holds. A column of zeros has no unit.
  std::vector<int> unit(columns());
  for (int j = 0; j < columns(); ++j) {
    const bool empty = high[place(j, j)] == 0, others_empty = other.high[place(j, j)] == 0;
    unit[j] = empty ? other.exponent[j] : others_empty ? exponent[j] : std::max(exponent[j], other.exponent[j]);
  }
  for (int i = 0; i < columns(); ++i)
    for (int j = i; j < columns(); ++j) {
      const std::size_t at = place(i, j);
      const int mine = exponent[i] + exponent[j] - unit[i] - unit[j], theirs = other.exponent[i] + other.exponent[j] - unit[i] - unit[j];
      const auto scaled = [](double a, double b, int by) {
        return by == 0 ? DoubleDouble<double>{a, b} : DoubleDouble<double>{std::ldexp(a, by), std::ldexp(b, by)};
      };
      const DoubleDouble<double> part = scaled(other.high[at], other.low[at], theirs);
      const DoubleDouble<double> sum = scaled(high[at], low[at], mine) + (sign < 0 ? -part : part);
      high[at] = sum.high;
      low[at] = sum.low;
    }
  exponent = unit;

  const DoubleDouble<double> part{other.weight_high, other.weight_low};
  const DoubleDouble<double> weight = DoubleDouble<double>{weight_high, weight_low} + (sign < 0 ? -part : part);
  weight_high = weight.high;
  weight_low = weight.low;

  for (int j = 0; j < columns(); ++j) {
    if (rows == 0) constant[j] = other.constant[j];
    if (other.rows != 0 && constant[j] != other.constant[j]) constant[j] = std::numeric_limits<double>::quiet_NaN();
  }
  rows += sign * other.rows;
}

void Remainder::merge(const Remainder& other) {
  for (std::size_t k = 0; k < high.size(); ++k) {
    const DoubleDouble<double> sum = DoubleDouble<double>{high[k], low[k]} + DoubleDouble<double>{other.high[k], other.low[k]};
    high[k] = sum.high;
    low[k] = sum.low;
  }
}

}  // namespace fastcalc
