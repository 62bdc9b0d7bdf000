// tasks: many problems of one function, that differ in their start and in its other arguments. Comes in: the programs of one, where the
// numbers of each lie. Goes out: a result and a status each, the same to the last bit for any number of threads: each problem is solved
// from the programs that were given, alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "../execute/runnable.hpp"
#include "../solve/minimize.hpp"
#include "../solve/root.hpp"

namespace fastcalc {

/// An argument beside x: `stride` numbers from one problem to the next, 0 where all read the same.
struct ArgumentOfMany {
  const double* data;
  std::int64_t stride;
};

/// The program of the path that a problem's function takes at x. Called from any thread.
using RetraceOfMany = std::function<std::shared_ptr<const Runnable>(std::int64_t problem, const double* x)>;

/// A function of each problem: the program that all begin with, null where each asks for its own.
struct FunctionOfMany {
  std::shared_ptr<const Runnable> program;
  RetraceOfMany retrace;
};

/// Where the problems are and where what is found goes, one behind the other.
struct ManyProblems {
  std::int64_t problems;
  int size;   // of each
  double* x;  // the starts; then the solutions
  Status* status;
  std::int64_t* iterations;
  std::int64_t* evaluations;
};

/// Each as `find_root` finds it; `values` gets F there. Returns `running`, or why all of it ended before: interrupted, or a callback
/// failed.
Status find_roots(const FunctionOfMany& values_and_jacobian, const std::vector<ArgumentOfMany>& arguments, const ManyProblems& many,
                  double* values, const RootOptions& options, int threads, Interrupt* interrupt);

/// The objectives: f and, behind it, its gradient; and its second derivatives in the form that the method asks for.
struct ManyObjectives {
  FunctionOfMany value_and_gradient, hessian, product;
};

/// Each as `minimize` finds it, all in the same box; `values` gets f there, `gradients` its gradient.
Status find_minima(Method method, const ManyObjectives& objectives, const std::vector<ArgumentOfMany>& arguments, const ManyProblems& many,
                   std::span<const double> lower, std::span<const double> upper, double* values, double* gradients,
                   const MinimizeOptions& options, int threads, Interrupt* interrupt);

}  // namespace fastcalc
