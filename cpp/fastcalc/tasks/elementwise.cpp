// tasks: see elementwise.hpp.
#include "elementwise.hpp"

#include <algorithm>
#include <span>

#include "../base/threads.hpp"
#include "../execute/engine.hpp"

namespace fastcalc {
namespace {

/// Elements that a thread takes at a time, if they are more than the lanes: a fraction of a ms, of which the last ones, when lanes stand
/// idle, are some %.
constexpr std::int64_t piece_of_work = 1 << 14;

/// The elements from `first` on.
class TracedElementwise final : public ElementwiseEquation {
 public:
  TracedElementwise(const ElementwiseFunction& function, std::int64_t first, Interrupt* interrupt)
      : lanes_(function.lanes),
        rows_(function.arguments.size() * static_cast<std::size_t>(lanes_)),
        function_(function.program, function.retrace, pointers(function.arguments), interrupt) {
    double* row = rows_.data();
    for (const ElementwiseArgument& argument : function.arguments) {
      if (argument.by_element) by_element_.push_back({argument.data + first, row});
      row += lanes_;
    }
  }

  int lanes() const override { return lanes_; }
  void load(std::span<const int> lanes, std::int64_t first) override {
    for (const auto& [from, to] : by_element_)
      for (std::size_t i = 0; i < lanes.size(); ++i) to[lanes[i]] = from[first + static_cast<std::int64_t>(i)];
  }
  Status evaluate(const double* x, double* pair) override { return function_(x, nullptr, pair); }

 private:
  std::vector<const double*> pointers(const std::vector<ElementwiseArgument>& arguments) {
    std::vector<const double*> found;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      found.push_back(arguments[i].by_element ? rows_.data() + i * static_cast<std::size_t>(lanes_) : arguments[i].data);
    return found;
  }

  struct Copied {
    const double* from;
    double* to;
  };
  int lanes_;
  std::vector<double> rows_;  // one for each argument, behind each other; read where it is by element
  std::vector<Copied> by_element_;
  TracedFunction function_;
};

struct Piece {
  Status status;
  std::vector<FailedElement> failed;
};

}  // namespace

Status find_roots(const ElementwiseFunction& function, const ElementwiseRoots& roots, const NewtonOptions& options, int threads,
                  Interrupt* interrupt, std::vector<FailedElement>& failed) {
  const auto elements = static_cast<std::int64_t>(roots.x.size()), at_a_time = std::max<std::int64_t>(piece_of_work, function.lanes);
  Status failure = Status::running;
  const auto make = [&](std::int64_t k, Interrupt& asked) {
    const std::int64_t first = k * at_a_time, count = std::min(at_a_time, elements - first);
    const auto part = [&](auto all) { return all.empty() ? all : all.subspan(first, count); };
    TracedElementwise equation(function, first, &asked);
    Piece piece;
    piece.status =
        elementwise_roots(equation, {part(roots.x), part(roots.iterations)}, options, engine().newton_steps, &asked, piece.failed);
    for (FailedElement& element : piece.failed) element.element += first;
    return piece;
  };
  const auto take = [&](std::int64_t, const Piece& piece) {
    failed.insert(failed.end(), piece.failed.begin(), piece.failed.end());
    if (piece.status != Status::running) failure = piece.status;
    return piece.status == Status::running;
  };
  if (in_order((elements + at_a_time - 1) / at_a_time, thread_count(threads), interrupt, make, take)) return Status::running;
  return failure == Status::running ? Status::interrupted : failure;
}

}  // namespace fastcalc
