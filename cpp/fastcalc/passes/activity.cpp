// passes: activity. Comes in: a program with seeds. Goes out: for each instruction the seeds whose tangent can be other than zero.
//
// A tangent that is zero by structure is never multiplied: 0 · inf would make it NaN, and most of the work would be for nothing.
#include <algorithm>
#include <iterator>

#include "passes.hpp"

namespace fastcalc {

Partial partial(const Instruction& in, int operand) {
  if (in.op == Op::copy || in.op == Op::gather || writes_part(in)) return Partial::one;
  if (takes_arrays(in)) return Partial::number;
  if (in.op == Op::where) return operand == 0 ? Partial::zero : Partial::number;
  if (info(in.op).kind == OpKind::fold) return info(in.op).truth ? Partial::zero : Partial::number;
  return info(in.op).partial[operand];
}

bool is_scalar(const Program& program, const Instruction& in) { return count(program.shape(in)) == 1; }

std::vector<std::vector<std::int32_t>> activity(const Program& program) {
  std::vector<std::vector<std::int32_t>> active(program.code.size());
  for (const Input& input : program.inputs)
    if (input.seed >= 0) active[input.node] = {input.seed};
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    const Instruction& in = program.code[node];
    for (int i = 0; i < in.arity; ++i) {
      if (in.op == Op::guard || partial(in, i) == Partial::zero) continue;
      const auto& from = active[in.operand[i].node];
      std::vector<std::int32_t> merged;
      std::set_union(active[node].begin(), active[node].end(), from.begin(), from.end(), std::back_inserter(merged));
      active[node] = std::move(merged);
    }
  }
  return active;
}

}  // namespace fastcalc
