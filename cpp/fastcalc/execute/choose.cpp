// execute: which engine runs. Comes in: what the processor can do, and FASTCALC_ISA (x86-64-v2, x86-64-v3, x86-64-v4) where a
// person wants an older one. Goes out: one engine, chosen once.
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "engine.hpp"

namespace fastcalc {

#if defined(FASTCALC_ENGINES_X86)
namespace x86_64_v2 {
extern const Engine interpreter;
}
namespace x86_64_v3 {
extern const Engine interpreter;
}
namespace x86_64_v4 {
extern const Engine interpreter;
}

namespace {

const Engine& choose() {
  __builtin_cpu_init();
  const Engine* const oldest_first[] = {&x86_64_v2::interpreter, &x86_64_v3::interpreter, &x86_64_v4::interpreter};
  const bool runs[] = {true, __builtin_cpu_supports("x86-64-v3") != 0, __builtin_cpu_supports("x86-64-v4") != 0};
  const char* wanted = std::getenv("FASTCALC_ISA");
  const Engine* best = oldest_first[0];
  for (std::size_t i = 0; i < std::size(oldest_first); ++i) {
    if (!runs[i]) break;
    best = oldest_first[i];
    if (wanted && std::strcmp(wanted, best->isa) == 0) break;
  }
  return *best;
}

}  // namespace

#else
namespace portable {
extern const Engine interpreter;
}

namespace {

const Engine& choose() { return portable::interpreter; }

}  // namespace
#endif

const Engine& engine() {
  static const Engine& chosen = choose();
  return chosen;
}

}  // namespace fastcalc
