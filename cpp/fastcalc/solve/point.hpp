// solve: a point and what the problem says there.
//
// Comes in: x. Goes out: the Gram matrix or the triangular factor of [J r], and from it |r|, the norms of J's columns and the
// slope of |r| along each. All residuals are measured in a unit, a power of two near |r| at the start, so that the loop's
// own squares stay in range whatever the user's units are, without a change of a single bit otherwise.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "../linalg/matrix.hpp"
#include "memory.hpp"
#include "problem.hpp"
#include "trial.hpp"
#include "watch.hpp"

namespace fastcalc {

struct Point {
  Point(Memory& memory, int n)
      : x(memory.take(n)), column_norm(memory.take(n)), slope(memory.take(n)), matrix{memory.take((n + 1) * (n + 1)), n + 1} {}
  static std::size_t size(std::size_t n) { return 3 * n + (n + 1) * (n + 1); }

  double* x;
  double* column_norm;  // |J_j|
  double* slope;        // J_jᵀ r / |J_j|, zero for a column of zeros
  MatrixView matrix;    // as the problem gave it, in the user's units
  bool triangular = false;
  double norm = 0;    // |r|
  double signal = 0;  // |(x_j |J_j|)_j|: how much r changes when every parameter changes by its own size
  double least = 0;   // min_j |x_j| |J_j|: and how much when only the least effective one does
};

/// Whether a sum of squares is so far from overflow and underflow that its square root, and products with others, are exact.
inline bool in_range(double square) { return square > 1e-280 && square < 1e280; }

class Evaluator {
 public:
  Evaluator(LeastSquaresProblem& problem) : evaluations(0), problem_(problem), n_(problem.parameters()) {}

  /// Asks the problem, and sets `matrix`, `triangular` and `norm`.
  Status evaluate(Point& point, bool triangular) {
    ++evaluations;
    point.triangular = triangular;
    const Status status = triangular ? problem_.triangle(point.x, point.matrix.data) : problem_.gram(point.x, point.matrix.data);
    if (status == Status::running)
      point.norm = (triangular ? norm(&point.matrix(0, n_), n_ + 1, n_ + 1) : std::sqrt(point.matrix(n_, n_))) / unit;
    return status;
  }

  /// Whether all of r and J are finite. (In a Gram matrix, each is a summand of the diagonal.)
  bool finite(const Point& point) const {
    for (int i = 0; i <= n_; ++i)
      for (int j = i; j <= (point.triangular ? n_ : i); ++j)
        if (!std::isfinite(point.matrix(i, j))) return false;
    return true;
  }

  /// Sets the rest. Only for a point that is finite.
  void measure(Point& point) const {
    const MatrixView& m = point.matrix;
    double square = 0;
    point.least = std::numeric_limits<double>::infinity();
    for (int j = 0; j < n_; ++j) {
      const double length = point.triangular ? norm(&m(0, j), j + 1, n_ + 1) : std::sqrt(m(j, j));
      double slope = 0;
      if (length > 0 && point.triangular)
        for (int i = 0; i <= j; ++i) slope += m(i, j) / length * (m(i, n_) / unit);
      else if (length > 0)
        slope = m(j, n_) / length / unit;
      point.column_norm[j] = length / unit;
      point.slope[j] = slope;
      const double effect = std::abs(point.column_norm[j] * point.x[j]);
      square += effect * effect;
      point.least = std::min(point.least, effect);
    }
    point.signal = std::sqrt(square);
  }

  /// What a trial step brought.
  void judge(Trial& trial, const Point& current, const Point& next, bool) const {
    const double growth = next.norm / current.norm;
    trial.actual = finite(next) && growth < 10 ? 1 - growth * growth : -1;
    trial.hopeless = trial.actual <= -1;
    // The change of |r|² that its own rounding can make: of the sum, and of f in r = f − y, where f is of the size of the signal.
    const double resolution = 8 * std::numeric_limits<double>::epsilon() * (1 + current.signal / current.norm);
    trial.unresolved = trial.damping == 0 && trial.predicted <= resolution && std::abs(trial.actual) <= resolution;
    if (trial.unresolved) trial.actual = trial.predicted;
    trial.ratio = trial.predicted > 0 ? trial.actual / trial.predicted : 0;
  }

  Sight sight(const Point& point) const { return {point.x, n_, point.norm * unit * point.norm * unit / 2, nullptr}; }

  double unit = 1;
  std::int64_t evaluations;

 private:
  LeastSquaresProblem& problem_;
  int n_;
};

}  // namespace fastcalc
