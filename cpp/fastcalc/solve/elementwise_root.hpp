// solve: many equations for one number each, that differ in their start and in what f reads besides.
//
// Comes in: f and f′ at many points in one run, a *lane* for each. Goes out: a root, a status and a count for each element. A lane whose
// element has found its root takes the next one, so that no lane ever waits for a slower one.
//
// As long as Newton's whole steps lead on, all lanes take them together, in registers (linalg/newton_steps.hpp). A lane whose step does
// not is a NewtonRaphson by itself until its steps are whole again; both compute the same bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "../base/interrupt.hpp"
#include "../linalg/newton_lanes.hpp"
#include "newton_raphson.hpp"

namespace fastcalc {

/// f, applied to each lane on its own.
class ElementwiseEquation {
 public:
  virtual ~ElementwiseEquation() = default;
  virtual int lanes() const = 0;
  /// Until the next call, these lanes are the elements from `first` on: each reads its element's arguments.
  virtual void load(std::span<const int> lanes, std::int64_t first) = 0;
  /// f of all lanes and, behind it, f′.
  virtual Status evaluate(const double* x, double* pair) = 0;
};

struct ElementwiseRoots {
  std::span<double> x;                 // the starts; then the roots
  std::span<std::int64_t> iterations;  // evaluations of each; empty where nobody asks
};

/// An element whose x is no root.
struct FailedElement {
  std::int64_t element, iterations;
  Status status;
};

/// Each element as `root_from` would find it, to the last bit. `steps`: `newton_steps` as it is compiled for this machine. Those that
/// fail are added to `failed`. Returns `running`, or why all of it ended before.
Status elementwise_roots(ElementwiseEquation& equation, const ElementwiseRoots& roots, const NewtonOptions& options, NewtonSteps steps,
                         Interrupt* interrupt, std::vector<FailedElement>& failed);

}  // namespace fastcalc
