// solve: the one loop. It knows neither how a step is made nor how far it may go: a method is a descent and a search.
//
// Comes in: an evaluated, finite point, and a spare one. Goes out: why it ended, with the best point in `current`.
//
//     linearise at x ──▶ step within reach ──▶ evaluate x + p ──▶ judge ──▶ take it, or a shorter one
#pragma once

#include <utility>

#include "trial.hpp"
#include "watch.hpp"

namespace fastcalc {

template <class Function, class Point, class Descent, class Search, class Stop>
Status loop(Function& function, Point& current, Point& next, Descent& descent, Search& search, Stop& stop, Watch& watch) {
  for (;;) {
    if (const Status status = descent.linearize(function, current); status != Status::running) return status;
    if (const Status status = stop.at(current, descent); status != Status::running) return status;
    if (const Status status = watch.begin_iteration(); status != Status::running) return status;
    search.begin(descent, current);
    bool is_taken = false;
    while (!is_taken) {
      Trial trial = descent.step(function, current, search.reach, next.x);
      if (trial.failure != Status::running) return trial.failure;
      if (!trial.moved || !(search.reach.length > 0)) {  // nothing is left to shorten: a reach of 0, or of NaN where slopes overflow
        if (descent.restart() || search.restart()) break;
        return stop.without_motion(trial, current);
      }
      if (const Status status = watch.look(function.evaluations); status != Status::running) return status;
      search.proposed(trial);
      if (const Status status = function.evaluate(next, stop.may_be_last(trial, current)); status != Status::running) return status;
      function.judge(trial, current, next, Search::asks_for_slope);
      search.reach.damping = trial.damping;
      search.update(trial);
      trial.accepted = search.accepts(trial);
      if (trial.accepted) std::swap(current, next);
      const Status status = stop.after(trial, current, search.reach, descent);
      if (status != Status::running) return status;
      is_taken = trial.accepted;
    }
    if (!is_taken) continue;
    search.taken(next, current);
    descent.taken(next, current);
    if (const Status status = watch.end_iteration(function.sight(current)); status != Status::running) return status;
  }
}

}  // namespace fastcalc
