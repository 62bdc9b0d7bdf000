// tasks: a solution of a linear problem improved on its rows, and the arithmetic of this. Comes in: coefficients, and what solves their
// equations to some digits. Goes out: coefficients whose digits have settled.
#pragma once

#include <cmath>
#include <functional>
#include <vector>

#include "../linalg/precise_cholesky.hpp"
#include "lstsq.hpp"

namespace fastcalc {

inline double value(Precise a) { return a.high + a.low; }

inline Precise scaled(Precise a, int exponent) { return {std::ldexp(a.high, exponent), std::ldexp(a.low, exponent)}; }

void store(const PreciseMatrix& b, Coefficients& to);

struct Improvement {
  const std::vector<int>& exponent;  ///< the units in which the rows are read: in them nothing overflows
  const std::vector<int>& unit;      ///< those of the equations
  const LinearOptions& options;
  std::function<PreciseMatrix(const PreciseMatrix&)> solve;  ///< A⁻¹ of a gradient whose rows and columns are in units of 2^unit
  std::function<Status(PreciseMatrix&)> settle;  ///< takes new coefficients, in the user's units, to the solution that is wanted
};

Status improve(const RemainderOf&, const Improvement&, LinearSolution&);

}  // namespace fastcalc
