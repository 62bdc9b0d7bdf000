// solve: a root of a system = Powell's dogleg × a trust region, in the loop that fits and minimisation have too.
#include "root.hpp"

#include <algorithm>

#include "descent/dogleg.hpp"
#include "loop.hpp"
#include "search/trust_region.hpp"

namespace fastcalc {
namespace {

/// When to stop. Each status has its formula beside it.
class RootStop {
 public:
  explicit RootStop(const Dogleg& descent) : descent_(descent) {}

  Status at(const RootPoint& point, const Dogleg&) const { return point.norm == 0 ? Status::root_found : Status::running; }
  bool may_be_last(const Trial&, const RootPoint&) const { return false; }

  Status after(const Trial& trial, const RootPoint&, const Reach& reach, const Dogleg&) const {
    // |D p| ≤ xtol |D x| for Newton's step p: F at its end is rounding, and may be no smaller.
    if (descent_.is_last()) return Status::root_found;
    // radius ≤ ε |D x|
    return !trial.accepted && reach.length <= descent_.rounding() ? without_reduction() : Status::running;
  }

  Status without_motion(const Trial&, const RootPoint&) const { return descent_.is_last() ? Status::root_found : without_reduction(); }

 private:
  // The region has shrunk to nothing. Where F is all but orthogonal to every column of J, |F| has a minimum that is not zero.
  Status without_reduction() const { return descent_.steepest() <= 1e-3 ? Status::no_root_nearby : Status::stalled; }

  const Dogleg& descent_;
};

Status begin(SystemOfEquations& system, RootPoint& point) {
  const Status status = system.evaluate(point, false);
  if (status != Status::running) return status;
  if (!std::isfinite(point.norm)) return Status::not_finite_at_start;
  return system.finite(point) ? Status::running : Status::jacobian_not_finite;
}

}  // namespace

RootResult find_root(Equations& equations, JacobianAlgebra& algebra, std::span<const double> start, const RootOptions& options,
                     Interrupt* interrupt) {
  const int n = equations.size();
  const std::size_t entries = algebra.entries();
  Memory memory(2 * RootPoint::size(n, entries) + Dogleg::size(n));
  RootPoint current(memory, n, entries), next(memory, n, entries);
  std::copy_n(start.begin(), n, current.x);
  SystemOfEquations system(equations, entries);
  const std::int64_t most = options.max_iterations > 0 ? options.max_iterations : std::min(200 * (std::int64_t{n} + 1), std::int64_t{2000});
  Watch watch({.iterations = most, .seconds = options.max_time}, interrupt, nullptr);
  RootResult result;
  result.status = begin(system, current);
  if (result.status == Status::running) {
    Dogleg descent(memory, n, algebra, options.xtol);
    TrustRegion search;
    RootStop stop(descent);
    result.status = loop(system, current, next, descent, search, stop, watch);
  }
  result.x.assign(current.x, current.x + n);
  result.values.assign(current.values, current.values + n);
  result.jacobian.assign(current.jacobian, current.jacobian + entries);
  result.iterations = watch.iterations();
  result.evaluations = system.evaluations;
  return result;
}

}  // namespace fastcalc
