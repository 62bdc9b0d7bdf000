// solve: see elementwise_root.hpp.
#include "elementwise_root.hpp"

#include <algorithm>
#include <vector>

namespace fastcalc {

Status elementwise_roots(ElementwiseEquation& equation, const ElementwiseRoots& roots, const NewtonOptions& options, Interrupt* interrupt) {
  const auto elements = static_cast<std::int64_t>(roots.x.size());
  const int lanes = equation.lanes();
  if (elements == 0) return Status::running;
  std::vector<NewtonRaphson> newton(lanes);
  std::vector<std::int64_t> element(lanes);
  std::vector<double> x(lanes), pair(2 * static_cast<std::size_t>(lanes));
  const double *f = pair.data(), *slope = f + lanes;
  std::int64_t next = 0;
  int working = 0;
  const auto take = [&](int lane) {
    element[lane] = next < elements ? next++ : -1;
    if (element[lane] < 0) return false;
    equation.load(lane, element[lane]);
    newton[lane] = NewtonRaphson(roots.x[element[lane]], options);
    x[lane] = newton[lane].x;
    return true;
  };
  for (int lane = 0; lane < lanes; ++lane) {
    if (take(lane)) {
      ++working;
    } else {  // idle from the start: it computes what the first lane does
      equation.load(lane, 0);
      x[lane] = x[0];
    }
  }
  while (working > 0) {
    if (interrupt && interrupt->requested()) return Status::interrupted;
    if (const Status status = equation.evaluate(x.data(), pair.data()); status != Status::running) return status;
    for (int lane = 0; lane < lanes; ++lane) {
      if (element[lane] < 0) continue;
      NewtonRaphson& one = newton[lane];
      const Status status = one.tell(f[lane], slope[lane], options);
      x[lane] = one.x;
      if (status == Status::running) [[likely]]
        continue;
      roots.x[element[lane]] = one.x;
      roots.status[element[lane]] = status;
      roots.iterations[element[lane]] = one.iterations;
      if (!take(lane)) --working;
    }
  }
  return Status::running;
}

}  // namespace fastcalc
