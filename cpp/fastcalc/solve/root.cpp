// solve: a root of a system = Powell's dogleg × a trust region.
#include "root.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "../base/finite.hpp"
#include "../linalg/matrix.hpp"
#include "descent/dogleg.hpp"
#include "search/trust_region.hpp"

namespace fastcalc {
namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

class RootLoop {
 public:
  RootLoop(Equations& equations, JacobianAlgebra& algebra, std::span<const double> start, const RootOptions& options, Interrupt* interrupt)
      : n_(equations.size()),
        equations_(equations),
        options_(options),
        interrupt_(interrupt),
        memory_(2 * RootPoint::size(n_, algebra.entries()) + Dogleg::size(n_)),
        current_(memory_, n_, algebra.entries()),
        next_(memory_, n_, algebra.entries()),
        entries_(algebra.entries()),
        descent_(memory_, n_, algebra) {
    std::copy_n(start.begin(), n_, current_.x);
  }

  RootResult run() {
    RootResult result;
    result.status = evaluate(current_);
    if (result.status == Status::running && !std::isfinite(current_.norm)) result.status = Status::not_finite_at_start;
    if (result.status == Status::running && !all_finite({current_.jacobian, entries_})) result.status = Status::jacobian_not_finite;
    if (result.status == Status::running) result.status = iterate();
    result.x.assign(current_.x, current_.x + n_);
    result.values.assign(current_.values, current_.values + n_);
    result.jacobian.assign(current_.jacobian, current_.jacobian + entries_);
    result.iterations = iterations_;
    result.evaluations = evaluations_;
    return result;
  }

 private:
  Status evaluate(RootPoint& point) {
    ++evaluations_;
    const Status status = equations_.jacobian(point.x, point.values, point.jacobian);
    point.norm = norm(point.values, n_);
    return status;
  }

  Status iterate() {
    double least = 0;  // a step as short as this is rounding at the start's size
    for (;;) {
      if (current_.norm == 0) return Status::root_found;
      if (iterations_ == options_.max_iterations) return Status::max_iterations;
      descent_.linearize(current_);
      const double size = descent_.scaled_norm(current_.x);
      if (iterations_++ == 0) least = 4 * epsilon * size;
      search_.begin(descent_, current_);
      const bool last = descent_.newton_length() <= std::max(options_.xtol * size, least);
      Trial trial;
      do {
        if (interrupt_ && interrupt_->requested()) return Status::interrupted;
        trial = descent_.step(current_, last ? descent_.newton_length() : search_.reach.length, next_.x);
        if (!trial.moved) return last ? Status::root_found : without_reduction();
        search_.proposed(trial);
        if (const Status status = evaluate(next_); status != Status::running) return status;
        if (last) {  // quadratic convergence: F at its end is rounding, and may be no smaller
          if (next_.norm <= current_.norm) std::swap(current_, next_);
          return Status::root_found;
        }
        judge(trial);
        search_.update(trial);
        trial.accepted = search_.accepts(trial);
        if (!trial.accepted && search_.reach.length <= epsilon * std::max(size, least)) return without_reduction();
      } while (!trial.accepted);
      std::swap(current_, next_);
    }
  }

  void judge(Trial& trial) const {
    const double growth = next_.norm / current_.norm;
    const bool hopeful = growth < 10 && all_finite({next_.jacobian, entries_});
    trial.actual = hopeful ? 1 - growth * growth : -1;
    trial.hopeless = trial.actual <= -1;
    trial.ratio = trial.predicted > 0 ? trial.actual / trial.predicted : 0;
  }

  // The region has shrunk to nothing. Where F is all but orthogonal to every column of J, |F| has a minimum that is not zero.
  Status without_reduction() const { return descent_.steepest() <= 1e-3 ? Status::no_root_nearby : Status::stalled; }

  int n_;
  Equations& equations_;
  const RootOptions& options_;
  Interrupt* interrupt_;
  Memory memory_;
  RootPoint current_, next_;
  std::size_t entries_;
  Dogleg descent_;
  TrustRegion search_;
  std::int64_t iterations_ = 0, evaluations_ = 0;
};

}  // namespace

RootResult find_root(Equations& equations, JacobianAlgebra& algebra, std::span<const double> start, const RootOptions& options,
                     Interrupt* interrupt) {
  return RootLoop(equations, algebra, start, options, interrupt).run();
}

}  // namespace fastcalc
