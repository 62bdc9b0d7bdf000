// solve: a point of the search for a root, and what the equations say there.
//
// Comes in: x. Goes out: F, J and |F|.
#pragma once

#include <cmath>
#include <cstdint>

#include "../base/finite.hpp"
#include "../linalg/matrix.hpp"
#include "jacobian.hpp"
#include "memory.hpp"
#include "problem.hpp"
#include "trial.hpp"
#include "watch.hpp"

namespace fastcalc {

struct RootPoint {
  RootPoint(Memory& memory, std::size_t n, std::size_t entries)
      : x(memory.take(n)), values(memory.take(n + entries)), jacobian(values + n) {}
  static std::size_t size(std::size_t n, std::size_t entries) { return 2 * n + entries; }

  double* x;
  double* values;
  double* jacobian;  // right behind the values
  double norm = 0;   // |F|
};

class SystemOfEquations {
 public:
  SystemOfEquations(Equations& equations, std::size_t entries) : equations_(equations), n_(equations.size()), entries_(entries) {}

  Status evaluate(RootPoint& point, bool) {
    ++evaluations;
    const Status status = equations_.jacobian(point.x, point.values, point.jacobian);
    point.norm = norm(point.values, n_);
    return status;
  }

  bool finite(const RootPoint& point) const { return all_finite({point.jacobian, entries_}); }

  /// What a trial step brought, of |F|².
  void judge(Trial& trial, const RootPoint& current, const RootPoint& next, bool) const {
    const double growth = next.norm / current.norm;
    trial.actual = growth < 10 && finite(next) ? 1 - growth * growth : -1;
    trial.hopeless = trial.actual <= -1;
    trial.ratio = trial.predicted > 0 ? trial.actual / trial.predicted : 0;
  }

  Sight sight(const RootPoint& point) const { return {point.x, n_, point.norm, nullptr}; }

  std::int64_t evaluations = 0;

 private:
  Equations& equations_;
  int n_;
  std::size_t entries_;
};

}  // namespace fastcalc
