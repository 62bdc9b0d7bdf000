// execute: see runnable.hpp.
#include "runnable.hpp"

#include <numeric>

#include "../base/tuning.hpp"
#include "engine.hpp"

namespace fastcalc {
namespace {

// Elements that pass through instructions: about 1 ns each at worst.
std::int64_t work(const Schedule& schedule) {
  std::int64_t total = 0;
  for (const Step& step : schedule.steps) total += step.extent * (1 + step.codes.last - step.codes.first);
  for (const ArrayCode& code : schedule.arrays) total += code.sizes.batches * code.sizes.rows * code.sizes.rows * code.sizes.columns;
  return total;
}

}  // namespace

Runnable::Runnable(Program made)
    : program(std::move(made)),
      is_long(work(program.schedule) > long_run),
      is_large(std::accumulate(program.schedule.buffers.begin(), program.schedule.buffers.end(), std::int64_t{0}) > most_kept),
      size(result_size(program)),
      native_(program) {}

Runnable::~Runnable() { delete spare_.load(); }

std::unique_ptr<Workspace> Runnable::take() const {
  if (Workspace* spare = spare_.exchange(nullptr)) return std::unique_ptr<Workspace>(spare);
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<Workspace> workspace = std::move(idle_.back());
      idle_.pop_back();
      return workspace;
    }
  }
  return std::make_unique<Workspace>(program, &native_);
}

void Runnable::give_back(std::unique_ptr<Workspace> workspace) const {
  Workspace* none = nullptr;
  if (spare_.compare_exchange_strong(none, workspace.get())) {
    workspace.release();
    return;
  }
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(workspace));
}

void Loan::bind(const double* const* data, const double* parameters) const {
  const std::vector<Input>& inputs = program().inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    workspace_->bind(static_cast<int>(i), inputs[i].seed >= 0 ? parameters + inputs[i].seed : *data++);
}

Status evaluate(const Runnable& runnable, const double* const* arguments, double* result) {
  const Program& program = runnable.program;
  std::unique_ptr<Workspace> workspace = runnable.take();
  for (std::size_t i = 0; i < program.inputs.size(); ++i) workspace->bind(static_cast<int>(i), arguments[i]);
  const Status status = engine().values(program, *workspace, {0, runnable.size}, result, nullptr);
  runnable.give_back(std::move(workspace));
  return status;
}

}  // namespace fastcalc
