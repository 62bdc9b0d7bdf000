// base: the time that loops look at. Comes in: nothing. Goes out: a point of time that never goes back.
//
// To the tick of the system's timer, 1 to 10 ms: a look takes 5 ns then, and 25 to the nanosecond, a tenth of a step of a small problem.
#pragma once

#include <chrono>
#include <ctime>

namespace fastcalc {

struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;

  static time_point now() {
#ifdef CLOCK_MONOTONIC_COARSE
    timespec time;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
#else
    return time_point(std::chrono::steady_clock::now().time_since_epoch());
#endif
  }
};

}  // namespace fastcalc
