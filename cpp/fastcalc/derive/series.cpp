// derive: see series.hpp.
#include "series.hpp"

#include <stdexcept>
#include <string>
#include <utility>

namespace fastcalc {

Status expand(const Runnable& runnable, const SeriesTask& task, Interrupt* interrupt) {
  for (const Instruction& in : runnable.program.code) {
    if (in.op == Op::call)
      throw std::invalid_argument("a function of fc.call has no power series: fc.grad and fc.hessian take differences");
    if (is_matrix(in.op)) throw std::invalid_argument(std::string(info(in.op).name) + " has no rule for Taylor series");
  }
  std::unique_ptr<Workspace> workspace = runnable.take();
  const Status status = engine().series(runnable.program, *workspace, task, interrupt);
  runnable.give_back(std::move(workspace));
  return status;
}

}  // namespace fastcalc
