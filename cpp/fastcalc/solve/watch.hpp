// solve: who watches a loop. Comes in: limits, an interrupt, an observer. Goes out: why the loop must end, if it must.
//
// A step of a small problem takes 50 ns, so the clock is looked at every 16th time, and every time once a look shows that steps are long.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "../base/clock.hpp"
#include "../base/interrupt.hpp"
#include "../base/status.hpp"

namespace fastcalc {

struct Limits {
  std::int64_t iterations = std::numeric_limits<std::int64_t>::max();
  std::int64_t evaluations = std::numeric_limits<std::int64_t>::max();
  double seconds = std::numeric_limits<double>::infinity();
};

/// What is seen of a point.
struct Sight {
  const double* x;
  int size;
  double value;
  const double* gradient;  // null where the problem has none
};

class Observer {
 public:
  virtual ~Observer() = default;
  /// At the start, which is iteration 0, and after each accepted step. A status other than `running` ends the loop.
  virtual Status iterated(const Sight& sight, std::int64_t iteration) = 0;
};

/// Keeps all that it sees, and passes it on.
class Trail final : public Observer {
 public:
  explicit Trail(Observer* next) : next_(next) {}
  Status iterated(const Sight& sight, std::int64_t iteration) override {
    points.insert(points.end(), sight.x, sight.x + sight.size);
    values.push_back(sight.value);
    return next_ ? next_->iterated(sight, iteration) : Status::running;
  }

  std::vector<double> points, values;

 private:
  Observer* next_;
};

class Watch {
 public:
  Watch(const Limits& limits, Interrupt* interrupt, Observer* observer) : limits_(limits), interrupt_(interrupt), observer_(observer) {}

  void start(const Sight& sight) {
    if (observer_) observer_->iterated(sight, 0);
  }

  /// Before each step.
  Status look(std::int64_t evaluations) {
    if (evaluations >= limits_.evaluations) return Status::max_evaluations;
    if (++asked_ < next_look_) return Status::running;
    const Clock::time_point now = Clock::now();
    const bool slow = now - last_look_ > std::chrono::milliseconds(1);
    last_look_ = now;
    next_look_ = asked_ + (slow || asked_ < 2 ? 1 : 16);
    if (interrupt_ && interrupt_->requested()) return Status::interrupted;
    if (std::chrono::duration<double>(now - began_).count() >= limits_.seconds) return Status::max_time;
    return Status::running;
  }

  Status begin_iteration() { return iterations_ >= limits_.iterations ? Status::max_iterations : (++iterations_, Status::running); }
  Status end_iteration(const Sight& sight) { return observer_ ? observer_->iterated(sight, iterations_) : Status::running; }
  std::int64_t iterations() const { return iterations_; }

 private:
  Limits limits_;
  Interrupt* interrupt_;
  Observer* observer_;
  std::int64_t iterations_ = 0, asked_ = 0, next_look_ = 1;
  Clock::time_point began_ = Clock::now(), last_look_ = began_;
};

}  // namespace fastcalc
