// tasks: see many.hpp.
#include "many.hpp"

#include <algorithm>
#include <atomic>

#include "../base/threads.hpp"
#include "traced.hpp"

namespace fastcalc {
namespace {

/// Problems that a thread takes at a time: enough to hide what that costs, few enough that all threads have work.
std::int64_t at_a_time(std::int64_t problems, int threads) { return std::clamp<std::int64_t>(problems / (8 * threads), 1, 16); }

/// Calls solve(k, interrupt) for each problem, on several threads, until one answers something else than `running`.
template <class Solve>
Status each_problem(std::int64_t problems, int wanted, Interrupt* interrupt, const Solve& solve) {
  std::atomic<Status> failure{Status::running};
  const int threads = thread_count(wanted);
  const std::int64_t length = at_a_time(problems, threads), pieces = (problems + length - 1) / length;
  const auto make = [&](std::int64_t piece, Interrupt& asked) {
    const std::int64_t last = std::min(problems, (piece + 1) * length);
    Status status = Status::running;
    for (std::int64_t k = piece * length; k < last && status == Status::running; ++k) status = solve(k, asked);
    return status;
  };
  const auto take = [&](std::int64_t, Status status) {
    if (status == Status::running) return true;
    failure = status;
    return false;
  };
  if (in_order(pieces, threads, interrupt, make, take)) return Status::running;
  return failure == Status::running ? Status::interrupted : failure.load();
}

/// The functions of one problem.
class Problem {
 public:
  Problem(std::int64_t number, const std::vector<ArgumentOfMany>& arguments, Interrupt& interrupt)
      : number_(number), interrupt_(interrupt) {
    for (const ArgumentOfMany& argument : arguments) fixed_.push_back(argument.data + number * argument.stride);
  }

  std::shared_ptr<TracedFunction> operator()(const FunctionOfMany& function) const {
    const auto retrace = [&function, number = number_](const double* x) { return function.retrace(number, x); };
    return std::make_shared<TracedFunction>(function.program, retrace, fixed_, &interrupt_);
  }

 private:
  std::int64_t number_;
  Interrupt& interrupt_;
  std::vector<const double*> fixed_;
};

/// Writes what was found of problem k. Returns what ends all of it.
template <class Result>
Status take(const ManyProblems& many, std::int64_t k, const Result& found) {
  std::copy(found.x.begin(), found.x.end(), many.x + k * many.size);
  many.status[k] = found.status;
  many.iterations[k] = found.iterations;
  many.evaluations[k] = found.evaluations;
  return found.status == Status::callback_failed || found.status == Status::interrupted ? found.status : Status::running;
}

}  // namespace

Status find_roots(const FunctionOfMany& values_and_jacobian, const std::vector<ArgumentOfMany>& arguments, const ManyProblems& many,
                  double* values, const RootOptions& options, int threads, Interrupt* interrupt) {
  const int n = many.size;
  return each_problem(many.problems, threads, interrupt, [&](std::int64_t k, Interrupt& asked) {
    const Problem problem(k, arguments, asked);
    ComposedEquations equations(n, n, {}, at_point(problem(values_and_jacobian)));
    DenseAlgebra algebra(n);
    const RootResult found = find_root(equations, algebra, {many.x + k * n, static_cast<std::size_t>(n)}, options, &asked);
    std::copy(found.values.begin(), found.values.end(), values + k * n);
    return take(many, k, found);
  });
}

Status find_minima(Method method, const ManyObjectives& objectives, const std::vector<ArgumentOfMany>& arguments, const ManyProblems& many,
                   std::span<const double> lower, std::span<const double> upper, double* values, double* gradients,
                   const MinimizeOptions& options, int threads, Interrupt* interrupt) {
  const int n = many.size;
  return each_problem(many.problems, threads, interrupt, [&](std::int64_t k, Interrupt& asked) {
    const Problem problem(k, arguments, asked);
    ComposedObjective objective(n, {}, at_point(problem(objectives.value_and_gradient)), at_point(problem(objectives.hessian)),
                                along(problem(objectives.product)));
    const std::span<const double> start{many.x + k * n, static_cast<std::size_t>(n)};
    const MinimizeResult found = minimize(method, objective, start, lower, upper, options, &asked, nullptr);
    values[k] = found.f;
    std::copy(found.gradient.begin(), found.gradient.end(), gradients + k * n);
    return take(many, k, found);
  });
}

}  // namespace fastcalc
