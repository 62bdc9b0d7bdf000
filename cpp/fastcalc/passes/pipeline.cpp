// passes: the order in which they run. Comes in: a recorded program. Goes out: one that an engine can run.
#include "passes.hpp"

namespace fastcalc {

Program pipeline(Program recorded, bool rewrite) {
  verify(recorded);
  Program program = prune(rewrite ? simplify(recorded) : recorded);
  verify(program);
  if (auto numbers = rewrite ? unroll(program) : std::nullopt) {
    program = std::move(*numbers);
    verify(program);
  }
  program.schedule = registers(program, fuse(program), activity(program));
  return program;
}

}  // namespace fastcalc
