// solve: the one loop. It knows neither how a step is made nor how far it may go: a method is a descent and a search.
//
// Comes in: an evaluated, finite point, and a spare one. Goes out: why it ended, with the best point in `current`.
//
//     linearise at x ──▶ step within the radius ──▶ evaluate x + p ──▶ judge ──▶ take it, or a shorter one
#pragma once

#include <utility>

#include "../base/interrupt.hpp"
#include "stop.hpp"

namespace fastcalc {

inline void judge(Trial& trial, const Point& current, const Point& next, bool finite) {
  const double growth = next.norm / current.norm;
  trial.actual = finite && growth < 10 ? 1 - growth * growth : -1;
  const double resolution = Stop::resolution(current);
  trial.unresolved = trial.damping == 0 && trial.predicted <= resolution && std::abs(trial.actual) <= resolution;
  if (trial.unresolved) trial.actual = trial.predicted;
  trial.ratio = trial.predicted > 0 ? trial.actual / trial.predicted : 0;
}

template <class Descent, class Search>
Status loop(Evaluator& evaluator, Point& current, Point& next, Descent& descent, Search& search, const LeastSquaresOptions& options,
            Interrupt* interrupt, std::int64_t& iterations) {
  Stop stop(options);
  for (;;) {
    evaluator.measure(current);
    if (!descent.linearize(current, evaluator.unit)) {
      if (const Status status = evaluator.evaluate(current, true); status != Status::running) return status;
      evaluator.measure(current);
      descent.linearize(current, evaluator.unit);
    }
    if (const Status status = stop.at(current, descent.steepest(), descent.offset()); status != Status::running) return status;
    if (iterations++ == 0) search.start(descent.scaled_norm(current.x), current.norm);
    Trial trial;
    do {
      if (interrupt && interrupt->requested()) return Status::interrupted;
      trial = descent.step(current, search.radius, search.damping, next.x);
      if (!trial.moved) return stop.without_motion(trial, current);
      if (evaluator.evaluations >= options.max_evaluations) return Status::max_evaluations;
      if (iterations == 1) search.first_step(trial.length);
      // What is expected to be the last point is evaluated as the covariance will want it.
      const bool triangular = current.triangular || trial.predicted <= options.ftol;
      if (const Status status = evaluator.evaluate(next, triangular); status != Status::running) return status;
      judge(trial, current, next, evaluator.finite(next));
      search.damping = trial.damping;
      search.update(trial);
      trial.accepted = search.accepts(trial);
      if (trial.accepted) std::swap(current, next);
      const Status status = stop.after(trial, current, search.radius, descent.scaled_norm(current.x));
      if (status != Status::running) return status;
    } while (!trial.accepted);
  }
}

}  // namespace fastcalc
