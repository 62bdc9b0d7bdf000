// base: work in numbered pieces, on several threads, with a result that does not depend on how many there are.
//
// Comes in: what makes a piece, and what takes it. Goes out: pieces made side by side, taken one at a time in the order of their numbers:
// so what is summed up is summed in one order. Threads live for one call: a process that forks afterwards finds none missing (after
// OpenMP, whose threads outlive the call, the child would wait for them for ever), and to begin one costs about 20 µs.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "interrupt.hpp"

namespace fastcalc {

/// How many threads to use where the caller asks for `wanted` (0: all): OMP_NUM_THREADS in the environment, else the processor's.
inline int thread_count(int wanted) {
  if (wanted > 0) return wanted;
  const char* limit = std::getenv("OMP_NUM_THREADS");
  const int named = limit ? std::atoi(limit) : 0;
  return named > 0 ? named : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/// Ends the work of all threads. The caller's thread asks the interrupt, the others hear of it.
class SharedInterrupt final : public Interrupt {
 public:
  SharedInterrupt(Interrupt* asked, std::atomic<bool>& stop) : asked_(asked), stop_(stop) {}
  bool requested() override {
    if (asked_ && asked_->requested()) stop_ = true;
    return stop_;
  }

 private:
  Interrupt* asked_;  // null in the other threads
  std::atomic<bool>& stop_;
};

/// Calls make(k, interrupt) for k = 0 … count − 1 on up to `threads` threads, and take(k, piece) in the order of k, never two at once.
/// False as soon as take returns false or the caller, one of the threads, is interrupted: a long `make` asks the interrupt that it gets.
/// What make or take throws is thrown here.
template <class Make, class Take>
bool in_order(std::int64_t count, int threads, Interrupt* interrupt, const Make& make, const Take& take) {
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex lock;
  std::condition_variable turn_passed;
  std::int64_t turn = 0;
  std::exception_ptr thrown;

  const auto end = [&](std::exception_ptr error) {
    const std::scoped_lock held(lock);
    if (!thrown) thrown = error;
    stop = true;
    turn_passed.notify_all();
  };
  // Until it is piece k's turn, or all ends.
  const auto wait = [&](std::int64_t k, SharedInterrupt& asked) {
    std::unique_lock held(lock);
    while (turn != k && !stop) {
      turn_passed.wait_for(held, std::chrono::milliseconds(20));
      held.unlock();
      asked.requested();
      held.lock();
    }
    return held;
  };
  const auto work = [&](Interrupt* interrupt_of_caller) {
    SharedInterrupt asked(interrupt_of_caller, stop);
    try {
      while (!asked.requested()) {
        const std::int64_t k = next++;
        if (k >= count) {
          if (interrupt_of_caller) wait(count, asked);  // it alone hears Ctrl-C
          return;
        }
        auto piece = make(k, asked);
        const std::unique_lock held = wait(k, asked);
        if (stop) break;
        if (take(k, piece))
          ++turn;
        else
          stop = true;
        turn_passed.notify_all();
      }
      turn_passed.notify_all();
    } catch (...) {
      end(std::current_exception());
    }
  };

  std::vector<std::thread> others;
  for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) {
    try {
      others.emplace_back(work, nullptr);
    } catch (const std::system_error&) {
      break;  // the system gives no more: those that run do it all
    }
  }
  work(interrupt);
  for (std::thread& other : others) other.join();
  if (thrown) std::rethrow_exception(thrown);
  return turn == count;
}

}  // namespace fastcalc
