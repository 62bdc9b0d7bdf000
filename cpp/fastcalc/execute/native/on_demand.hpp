// execute/native: when a program becomes machine code: once the interpreter has spent on it what that costs. Comes in: the runs of a
// program. Goes out: its code, or nothing yet. Safe for threads.
//
// FASTCALC_NATIVE in the environment: `never`, or `always` from the first run on (a run that meets another thread at the making is
// interpreted). Both engines give the same bits.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "compile.hpp"

namespace fastcalc::native {

class OnDemand {
 public:
  explicit OnDemand(const Program& program);

  /// For one more run: a function for each step, null where it has none; or null.
  const StepCode* steps(const Target& target, bool tangents) {
    Made& made = made_[tangents];
    const StepCode* const steps = made.steps.load(std::memory_order_acquire);
    return steps || made.is_settled.load(std::memory_order_relaxed) ? steps : asked(target, tangents);
  }

  /// What there is by now, without a run.
  const StepCode* made(bool tangents) const { return made_[tangents].steps.load(std::memory_order_acquire); }

  bool is_made() const { return made_[0].steps || made_[1].steps; }

 private:
  struct Made {
    std::atomic<const StepCode*> steps = nullptr;
    std::atomic<bool> is_settled = false;
    std::atomic<std::int64_t> spent = 0;  // ns, about
    std::unique_ptr<const Code> code;
  };

  const StepCode* asked(const Target& target, bool tangents);

  const Program& program_;
  std::int64_t cost_;   // of a run by the interpreter, ns, about
  std::int64_t price_;  // of making the code
  std::mutex mutex_;
  Made made_[2];
};

}  // namespace fastcalc::native
