// derive: see series.hpp.
#include "series.hpp"

#include <utility>

namespace fastcalc {

Status expand(const Runnable& runnable, const SeriesTask& task, Interrupt* interrupt) {
  std::unique_ptr<Workspace> workspace = runnable.take();
  const Status status = engine().series(runnable.program, *workspace, task, interrupt);
  runnable.give_back(std::move(workspace));
  return status;
}

}  // namespace fastcalc
