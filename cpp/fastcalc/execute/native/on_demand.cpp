// execute/native: see on_demand.hpp.
#include "on_demand.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

namespace fastcalc::native {
namespace {

// Each step is asked which slots it leaves behind.
std::int64_t price_of(const Schedule& schedule) {
  const char* wanted = std::getenv("FASTCALC_NATIVE");
  if (wanted && std::strcmp(wanted, "never") == 0) return std::numeric_limits<std::int64_t>::max();
  if (wanted && std::strcmp(wanted, "always") == 0) return 0;
  const auto codes = static_cast<std::int64_t>(schedule.codes.size()), steps = static_cast<std::int64_t>(schedule.steps.size());
  return 50'000 + 2'000 * codes + 70 * steps * (schedule.splat_slots + schedule.block_slots);
}

}  // namespace

OnDemand::OnDemand(const Program& program) : program_(program), cost_(1), price_(price_of(program.schedule)) {
  for (const Step& step : program.schedule.steps) cost_ += (step.codes.last - step.codes.first) * (2 + step.extent / 2);
}

const StepCode* OnDemand::asked(const Target& target, bool tangents) {
  Made& made = made_[tangents];
  if (made.spent.fetch_add(cost_, std::memory_order_relaxed) < price_ - cost_) return nullptr;
  // Who meets another thread at the making interprets. (A child of fork may find the lock taken for ever.)
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && !made.is_settled) {
    try {
      made.code = Code::of(program_, target, tangents);
    } catch (const std::bad_alloc&) {
      made.code = nullptr;  // the interpreter needs no more memory
    }
    if (made.code) made.steps.store(made.code->steps(), std::memory_order_release);
    made.is_settled = true;
  }
  return made.steps;
}

}  // namespace fastcalc::native
