// tasks: many problems of one function, that differ in their start and in its other arguments. Comes in: the program of one, where the
// numbers of each lie. Goes out: a result and a status each, the same to the last bit for any number of threads: each problem is solved
// from the program that was given, alone.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "../base/interrupt.hpp"
#include "../execute/runnable.hpp"
#include "../solve/root.hpp"

namespace fastcalc {

/// An argument beside x: `stride` numbers from one problem to the next, 0 where all read the same.
struct ArgumentOfMany {
  const double* data;
  std::int64_t stride;
};

/// The program of the path that a problem's function takes at x. Called from any thread.
using RetraceOfMany = std::function<std::shared_ptr<const Runnable>(std::int64_t problem, const double* x)>;

/// Where the problems are and where what is found goes, one behind the other.
struct ManyRoots {
  std::int64_t problems;
  int size;   // of each
  double* x;  // the starts; then the roots
  double* values;
  Status* status;
  std::int64_t* iterations;
  std::int64_t* evaluations;
};

/// Each as `find_root` finds it. Returns `running`, or why all of it ended before: interrupted, or a callback failed.
Status find_roots(const std::shared_ptr<const Runnable>& program, const RetraceOfMany& retrace,
                  const std::vector<ArgumentOfMany>& arguments, const ManyRoots& many, const RootOptions& options, int threads,
                  Interrupt* interrupt);

}  // namespace fastcalc
