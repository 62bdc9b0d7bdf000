// execute: a program together with workspaces that wait for its next run. Comes in: a scheduled program. Goes out: a workspace on
// loan. A small run takes less than a µs, and to allocate its memory anew would take as long. Safe for threads: each has its own.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "../base/status.hpp"
#include "workspace.hpp"

namespace fastcalc {

class Runnable : public std::enable_shared_from_this<Runnable> {
 public:
  explicit Runnable(Program made);
  ~Runnable();

  const Program program;
  const bool is_long;       ///< so that it pays to let other threads of an interpreter run meanwhile
  const bool is_large;      ///< its workspace: too large to wait from one fit to the next
  const std::int64_t size;  ///< elements of its result

  bool is_native() const { return native_.is_made(); }  ///< whether it runs as machine code by now

  std::unique_ptr<Workspace> take() const;
  void give_back(std::unique_ptr<Workspace> workspace) const;

 private:
  mutable native::OnDemand native_;
  mutable std::atomic<Workspace*> spare_ = nullptr;  // one is enough for one thread, and needs no lock
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Workspace>> idle_;
};

/// Run once. `arguments`: a C-ordered array, or one number, for each input; `result`: as many doubles as the program makes.
Status evaluate(const Runnable& runnable, const double* const* arguments, double* result);

/// A workspace for as long as this object lives: for a fit, which runs the program many times.
class Loan {
 public:
  explicit Loan(std::shared_ptr<const Runnable> runnable) : runnable_(std::move(runnable)), workspace_(runnable_->take()) {}
  ~Loan() {
    if (!runnable_->is_large) runnable_->give_back(std::move(workspace_));
  }
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;

  /// All arguments: the parameters (the seeds) in one array, the others in the order of the program's inputs.
  void bind(const double* const* data, const double* parameters) const;

  const Program& program() const { return runnable_->program; }
  std::int64_t size() const { return runnable_->size; }
  Workspace& workspace() const { return *workspace_; }

 private:
  std::shared_ptr<const Runnable> runnable_;
  std::unique_ptr<Workspace> workspace_;
};

}  // namespace fastcalc
