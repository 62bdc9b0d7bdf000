// solve: what the data say about the solution, to first order.
//
// Comes in: the triangular factor of [J r]. Goes out: the covariance matrix (JᵀJ)⁻¹, the rank, and, where that is short, the
// directions in which the parameters can move without a change of r.
#pragma once

#include "box.hpp"
#include "least_squares.hpp"

namespace fastcalc {

/// The relative rounding error of a column of J with m rows, as the tolerance for its rank: every entry carries a few ε, and a
/// sum of m squares, or max(m, n) steps of elimination, at most that many (NumPy's and LAPACK's customary choice).
double rank_tolerance(std::int64_t m, int n);

/// Sets covariance, rank and undetermined from result.triangle.
void find_uncertainty(const Box& box, double tolerance, LeastSquaresResult& result);

}  // namespace fastcalc
