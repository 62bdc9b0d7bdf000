// solve: see elementwise_root.hpp.
#include "elementwise_root.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <vector>

#include "../base/aligned.hpp"

namespace fastcalc {
namespace {

/// Evaluations are counted in doubles beside the lanes' other numbers; no loop comes near the first whole number that has no double.
constexpr std::int64_t most_evaluations = std::int64_t{1} << 52;

class LanesOfRoots {
 public:
  LanesOfRoots(ElementwiseEquation& equation, const ElementwiseRoots& roots, const NewtonOptions& options,
               std::vector<FailedElement>& failed)
      : equation_(equation),
        roots_(roots),
        options_(options),
        failed_(failed),
        most_(std::min(options.max_iterations, most_evaluations)),
        elements_(static_cast<std::int64_t>(roots.x.size())),
        count_(equation.lanes()),
        length_((count_ / splat_width + 1) * splat_width),
        memory_(static_cast<std::size_t>(length_) * 8),
        pair_(2 * static_cast<std::size_t>(count_)),
        steps_((count_ - 1) / WholeSteps::lanes + 1),
        element_(count_, -1),
        free_(count_),
        alone_(count_) {
    double* at = memory_.data();
    for (double** array : {&lanes_.x, &lanes_.best, &lanes_.f, &lanes_.step, &lanes_.other, &lanes_.f_other, &absolute_, &last_})
      *array = at, at += length_;
    lanes_.lanes = count_, lanes_.absolute = absolute_, lanes_.last = last_;
    std::iota(free_.begin(), free_.end(), 0);
    take_elements(count_);
    for (int lane = working_; lane < count_; ++lane) {  // it computes what the first lane does
      equation.load({&free_[lane], 1}, 0);
      lanes_.x[lane] = lanes_.x[0];
    }
  }

  bool is_working() const { return working_ > 0; }

  /// One evaluation of all lanes, and what follows from it.
  Status advance(NewtonSteps steps) {
    if (const Status status = equation_.evaluate(lanes_.x, pair_.data()); status != Status::running) return status;
    ++evaluation_;
    const double *f = pair_.data(), *slope = f + count_;
    steps(lanes_, f, slope, options_.relative, static_cast<double>(evaluation_), steps_.data());
    int freed = 0;
    for (int first = 0; first < count_; first += WholeSteps::lanes) {
      const auto [found, not_taken] = steps_[first / WholeSteps::lanes];
      for (std::uint64_t ended = found | not_taken; ended != 0; ended &= ended - 1) {  // its lowest bit was looked at
        const int bit = std::countr_zero(ended), lane = first + bit;
        if (found >> bit & 1) [[likely]]
          roots_.x[element_[lane]] = lanes_.x[lane];
        else if (element_[lane] < 0 || !ends_alone(lane, f[lane], slope[lane]))
          continue;
        if (!roots_.iterations.empty()) roots_.iterations[element_[lane]] = evaluations_of(lane);
        free_[freed++] = lane;
      }
    }
    working_ -= freed;
    take_elements(freed);
    return Status::running;
  }

 private:
  /// The lane takes its step by itself. Whether that was the last.
  bool ends_alone(int lane, double f, double slope) {
    NewtonRaphson& alone = alone_[lane];
    const std::int64_t element = element_[lane];
    if (lanes_.f[lane] != 0) alone = NewtonRaphson(roots_.x[element], lanes_, lane, evaluations_of(lane) - 1);
    const Status status = alone.tell(f, slope, options_);
    if (status == Status::running) {
      if (options_.safeguarded && alone.rejoins(lanes_, lane)) return false;
      lanes_.x[lane] = alone.x;
      lanes_.f[lane] = 0;
      return false;
    }
    roots_.x[element] = alone.x;
    if (!succeeded(status)) failed_.push_back({element, alone.iterations, status});
    return true;
  }

  std::int64_t evaluations_of(int lane) const { return most_ + evaluation_ - static_cast<std::int64_t>(last_[lane]); }

  /// The first `count` free lanes take the next elements; those that get none are idle.
  void take_elements(int count) {
    const int taken = static_cast<int>(std::min<std::int64_t>(count, elements_ - next_));
    equation_.load({free_.data(), static_cast<std::size_t>(taken)}, next_);
    const NewtonLanes lanes = lanes_;  // here, and not in *this, the compiler knows that the stores below leave it as it is
    const int* const free = free_.data();
    const double* const starts = roots_.x.data() + next_;
    const double last = static_cast<double>(evaluation_ + most_);
    for (int i = 0; i < taken; ++i) {
      const int lane = free[i];
      const double start = starts[i];
      element_[lane] = next_ + i;
      lanes.x[lane] = start;
      lanes.f[lane] = lanes.f_other[lane] = infinity;
      absolute_[lane] = NewtonRaphson::absolute_tolerance(start, options_);
      last_[lane] = last;
      if (options_.safeguarded) continue;
      alone_[lane] = NewtonRaphson(start, options_);
      lanes.f[lane] = 0;
    }
    next_ += taken;
    working_ += taken;
    for (int i = taken; i < count; ++i) {
      element_[free[i]] = -1;
      lanes.f[free[i]] = 0;
    }
  }

  static constexpr double infinity = std::numeric_limits<double>::infinity();

  ElementwiseEquation& equation_;
  const ElementwiseRoots roots_;
  const NewtonOptions options_;
  std::vector<FailedElement>& failed_;
  const std::int64_t most_, elements_;  // evaluations of one element; elements
  const int count_, length_;            // lanes; numbers of one array of theirs
  AlignedBuffer memory_, pair_;
  NewtonLanes lanes_{};
  double *absolute_, *last_;
  std::vector<WholeSteps> steps_;
  std::vector<std::int64_t> element_;  // by lane: -1 where it is idle
  std::vector<int> free_;
  std::vector<NewtonRaphson> alone_;  // by lane, used where it is not on whole steps
  std::int64_t next_ = 0, evaluation_ = 0;
  int working_ = 0;
};

}  // namespace

Status elementwise_roots(ElementwiseEquation& equation, const ElementwiseRoots& roots, const NewtonOptions& options, NewtonSteps steps,
                         Interrupt* interrupt, std::vector<FailedElement>& failed) {
  if (roots.x.empty()) return Status::running;
  LanesOfRoots lanes(equation, roots, options, failed);
  while (lanes.is_working()) {
    if (interrupt && interrupt->requested()) return Status::interrupted;
    if (const Status status = lanes.advance(steps); status != Status::running) return status;
  }
  return Status::running;
}

}  // namespace fastcalc
