// src: what a loop in the kernel may ask of Python. Comes in: functions of the border, which take the interpreter's lock, and the
// Python object that they work for. Goes out: the kernel's own callables.
#pragma once

#include <algorithm>
#include <chrono>

#include <fastcalc/fastcalc.hpp>

namespace fastcalc::border {

template <class Result, class... Arguments>
auto callable(Result (*function)(void*, Arguments...), void* object) {
  return [=](Arguments... arguments) { return function(object, arguments...); };
}

/// A Python function that sees each iterate.
class Watcher final : public Observer {
 public:
  Watcher(Status (*asked)(void*, const Sight&, std::int64_t), void* object) : asked_(asked), object_(object) {}
  Status iterated(const Sight& sight, std::int64_t iteration) override {
    return iteration > 0 ? asked_(object_, sight, iteration) : Status::running;
  }

 private:
  Status (*asked_)(void*, const Sight&, std::int64_t);
  void* object_;
};

/// Ctrl-C: looks at the clock each time it is asked, and at Python's signals every 20 ms.
class Signals final : public Interrupt {
 public:
  Signals(bool (*raised)(void*), void* object) : raised_(raised), object_(object) {}
  bool requested() override {
    const auto now = Clock::now();
    if (now < next_look_) return false;
    next_look_ = now + interval;
    return raised_(object_);
  }

 private:
  static constexpr std::chrono::milliseconds interval{20};
  bool (*raised_)(void*);
  void* object_;
  Clock::time_point next_look_ = Clock::now() + interval;
};

}  // namespace fastcalc::border
