// linalg: see routines.hpp.
#include "routines.hpp"

#include <atomic>

namespace fastcalc {
namespace {

Routines table;
std::atomic<const Routines*> ready{nullptr};

}  // namespace

void use_routines(const Routines& given) {
  if (ready.load()) return;  // one set for the life of the process: runs may be under way
  table = given;
  ready = &table;
}

const Routines* routines() { return ready.load(std::memory_order_acquire); }

}  // namespace fastcalc
