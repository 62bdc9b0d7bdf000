// passes: prune. Comes in: a program. Goes out: what its result and its guards need; every input stays, since it is an argument.
#include "passes.hpp"

namespace fastcalc {

Program prune(const Program& program) {
  std::vector<bool> needed(program.code.size(), false);
  needed[program.output] = true;
  for (std::size_t node = program.code.size(); node-- > 0;) {
    const Instruction& in = program.code[node];
    needed[node] = needed[node] || in.op == Op::guard || in.op == Op::input;
    if (needed[node])
      for (int i = 0; i < in.arity; ++i) needed[in.operand[i].node] = true;
  }
  Program out = program;
  out.code.clear();
  std::vector<std::int32_t> place(program.code.size(), -1);
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    if (!needed[node]) continue;
    place[node] = static_cast<std::int32_t>(out.code.size());
    out.code.push_back(program.code[node]);
    for (int i = 0; i < out.code.back().arity; ++i) out.code.back().operand[i].node = place[out.code.back().operand[i].node];
  }
  for (Input& input : out.inputs) input.node = place[input.node];
  out.output = place[program.output];
  return out;
}

Program unguarded(Program program) {
  for (Instruction& in : program.code)
    if (in.op == Op::guard) in.op = Op::copy;  // which nothing reads
  program.schedule = {};
  return pipeline(std::move(program), false);
}

}  // namespace fastcalc
