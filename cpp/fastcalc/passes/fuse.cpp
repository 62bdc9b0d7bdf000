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
int distance(const Program& program, const Instruction& in, int operand, bool in_place) {
  const Instruction& from = program.code[in.operand[operand].node];
  // What is added to one array, or written to it number by number, is added and written in one step.
  if (in_place && operand == 1 && from.op == in.op && program.shape(in) == program.shape(from) &&
      (in.op == Op::scatter || is_scalar(program, in)))
    return 0;
  if (makes_memory(from)) return 1;
  if (from.op == Op::input || from.op == Op::constant || is_scalar(program, from)) return 0;
  const bool element_for_element =
      program.shape(in) == program.shape(from) && is_whole(program.view(in, operand), count(program.shape(from)));
  const bool by_axis = info(in.op).kind == OpKind::fold && count(program.result_shape(in)) != 1;
  const bool reads_elsewhere = in.op == Op::gather || takes_arrays(in) || (writes_part(in) && operand == 1);
  return element_for_element && !by_axis && !reads_elsewhere ? 0 : 1;
}

}  // namespace

std::vector<int> readers_of(const Program& program) {
  std::vector<int> readers(program.code.size(), 0);
  readers[program.output] = 1;
  for (const Instruction& in : program.code)
    for (int i = 0; i < in.arity; ++i) ++readers[in.operand[i].node];
  return readers;
}

std::vector<bool> in_place(const Program& program) {
  const std::vector<int> readers = readers_of(program);
  std::vector<bool> out;
  for (const Instruction& in : program.code)
    out.push_back(writes_part(in) && writes_part(program.code[in.operand[1].node]) && readers[in.operand[1].node] == 1);
  return out;
}

std::vector<std::int32_t> fuse(const Program& program) {
  const std::vector<bool> own_memory = in_place(program);
  const std::size_t size = program.code.size();
  std::vector<std::int32_t> level(size, 0);
  for (std::size_t node = 0; node < size; ++node)
    for (int i = 0; i < program.code[node].arity; ++i)
      level[node] =
          std::max(level[node], level[program.code[node].operand[i].node] + distance(program, program.code[node], i, own_memory[node]));

  constexpr auto unbound = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int32_t> latest(size, unbound);
  latest[program.output] = level[program.output];
  for (std::size_t node = size; node-- > 0;) {
    const Instruction& in = program.code[node];
    const bool movable = !is_scalar(program, in) && !makes_memory(in) && latest[node] != unbound;
    if (movable) level[node] = latest[node];
    for (int i = 0; i < in.arity; ++i) {
      std::int32_t& bound = latest[in.operand[i].node];
      bound = std::min(bound, level[node] - distance(program, in, i, own_memory[node]));
    }
  }
  return level;
}

}  // namespace fastcalc
