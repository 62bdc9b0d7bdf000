// passes: fuse. Comes in: a program. Goes out: a level for each instruction; instructions of one level and one shape form a step.
//
// An element-wise instruction can run in its operand's step, block by block, if it reads that operand element for element.
// Otherwise (another shape, a slice, the result of a reduction) it must wait for the next level. Levels are first the lowest
// possible; then each array instruction is moved up to its consumers, so that what only later steps need is not stored.
#include <algorithm>
#include <limits>

#include "passes.hpp"

namespace fastcalc {
namespace {

// Levels that must lie between an operand's step and its reader's.
int distance(const Program& program, const Instruction& in, int operand) {
  const Instruction& from = program.code[in.operand[operand].node];
  if (info(from.op).kind == OpKind::fold) return 1;
  if (from.op == Op::input || from.op == Op::constant || is_scalar(program, from)) return 0;
  const bool element_for_element =
      program.shape(in) == program.shape(from) && is_whole(program.view(in, operand), count(program.shape(from)));
  const bool by_axis = info(in.op).kind == OpKind::fold && count(program.result_shape(in)) != 1;
  return element_for_element && !by_axis ? 0 : 1;
}

}  // namespace

std::vector<std::int32_t> fuse(const Program& program) {
  const std::size_t size = program.code.size();
  std::vector<std::int32_t> level(size, 0);
  for (std::size_t node = 0; node < size; ++node)
    for (int i = 0; i < program.code[node].arity; ++i)
      level[node] = std::max(level[node], level[program.code[node].operand[i].node] + distance(program, program.code[node], i));

  constexpr auto unbound = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int32_t> latest(size, unbound);
  latest[program.output] = level[program.output];
  for (std::size_t node = size; node-- > 0;) {
    const Instruction& in = program.code[node];
    const bool movable = !is_scalar(program, in) && info(in.op).kind != OpKind::fold && latest[node] != unbound;
    if (movable) level[node] = latest[node];
    for (int i = 0; i < in.arity; ++i) {
      std::int32_t& bound = latest[in.operand[i].node];
      bound = std::min(bound, level[node] - distance(program, in, i));
    }
  }
  return level;
}

}  // namespace fastcalc
