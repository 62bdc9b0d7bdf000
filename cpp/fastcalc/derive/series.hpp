// derive: derivatives of any order. Comes in: a program, and its arguments as power series in one variable. Goes out: its result as
// such a series: coefficient k is the k-th derivative along the arguments' curve, divided by k!.
#pragma once

#include "../execute/engine.hpp"
#include "../execute/runnable.hpp"

namespace fastcalc {

/// Status::guard_failed where a guard does not hold at some point: task.holds says at which.
Status expand(const Runnable& runnable, const SeriesTask& task, Interrupt* interrupt);

}  // namespace fastcalc
