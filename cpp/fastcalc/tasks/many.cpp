// tasks: see many.hpp.
#include "many.hpp"

#include <algorithm>
#include <atomic>

#include "../base/threads.hpp"
#include "traced.hpp"

namespace fastcalc {
namespace {

/// Problems that a thread takes at a time: enough to hide what that costs, few enough that Ctrl-C is heard.
constexpr std::int64_t problems_at_a_time = 16;

/// Calls solve(k) for each problem, on several threads, until one answers something else than `running`.
template <class Solve>
Status each_problem(std::int64_t problems, int threads, Interrupt* interrupt, const Solve& solve) {
  std::atomic<Status> failure{Status::running};
  const std::int64_t pieces = (problems + problems_at_a_time - 1) / problems_at_a_time;
  const auto make = [&](std::int64_t piece) {
    const std::int64_t last = std::min(problems, (piece + 1) * problems_at_a_time);
    Status status = Status::running;
    for (std::int64_t k = piece * problems_at_a_time; k < last && status == Status::running; ++k) status = solve(k);
    return status;
  };
  const auto take = [&](std::int64_t, Status status) {
    if (status == Status::running) return true;
    failure = status;
    return false;
  };
  if (in_order(pieces, thread_count(threads), interrupt, make, take)) return Status::running;
  return failure == Status::running ? Status::interrupted : failure.load();
}

}  // namespace

Status find_roots(const std::shared_ptr<const Runnable>& program, const RetraceOfMany& retrace,
                  const std::vector<ArgumentOfMany>& arguments, const ManyRoots& many, const RootOptions& options, int threads,
                  Interrupt* interrupt) {
  const int n = many.size;
  return each_problem(many.problems, threads, interrupt, [&](std::int64_t k) {
    std::vector<const double*> fixed;
    for (const ArgumentOfMany& argument : arguments) fixed.push_back(argument.data + k * argument.stride);
    const auto function =
        std::make_shared<TracedFunction>(program, [&, k](const double* x) { return retrace(k, x); }, std::move(fixed), nullptr);
    ComposedEquations equations(n, n, {}, at_point(function));
    DenseAlgebra algebra(n);
    double* x = many.x + k * n;
    const RootResult found = find_root(equations, algebra, {x, static_cast<std::size_t>(n)}, options, nullptr);
    std::copy(found.x.begin(), found.x.end(), x);
    std::copy(found.values.begin(), found.values.end(), many.values + k * n);
    many.status[k] = found.status;
    many.iterations[k] = found.iterations;
    many.evaluations[k] = found.evaluations;
    return found.status == Status::callback_failed ? found.status : Status::running;
  });
}

}  // namespace fastcalc
