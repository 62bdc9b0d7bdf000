// program: shapes and views out of the pool, and the rules that every program keeps. See program.hpp.
#include "program.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace fastcalc {

Extents Program::shape(const Instruction& in) const { return Extents(extents.begin() + in.shape, extents.begin() + in.shape + in.rank); }

Extents Program::result_shape(const Instruction& in) const {
  return Extents(extents.begin() + in.shape, extents.begin() + in.shape + in.kept);
}

View Program::view(const Instruction& in, int operand) const {
  const Operand& read = in.operand[operand];
  return {shape(in), Extents(extents.begin() + read.strides, extents.begin() + read.strides + in.rank), read.offset};
}

std::int64_t result_size(const Program& program) {
  const Instruction& in = program.code[program.output];
  const auto extent = program.extents.begin() + in.shape;
  return std::accumulate(extent, extent + in.kept, std::int64_t{1}, std::multiplies<>());
}

bool has_shape(const Program& program, const Input& input, std::span<const std::int64_t> shape) {
  const Instruction& in = program.code[input.node];
  const auto extent = program.extents.begin() + in.shape;
  return std::equal(shape.begin(), shape.end(), extent, extent + in.rank);
}

bool is_by_row(const Program& program) {
  const Schedule& schedule = program.schedule;
  const auto arrays =
      std::count_if(schedule.steps.begin(), schedule.steps.end(), [](const Step& step) { return step.kind != StepKind::scalar; });
  const bool in_order =
      std::none_of(schedule.loads.begin(), schedule.loads.end(), [](const Load& load) { return load.kind == LoadKind::gathered; });
  return arrays == 1 && schedule.steps.back().output && schedule.folds.empty() && schedule.stores.empty() && in_order;
}

void verify(const Program& program) {
  const auto fail = [&](std::size_t node, const char* rule) {
    throw std::logic_error("program " + program.name + ", instruction v" + std::to_string(node) + " (" + info(program.code[node].op).name +
                           "): " + rule);
  };
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    const Instruction& in = program.code[node];
    if (in.kept > in.rank) fail(node, "keeps more axes than it has");
    if (in.kept < in.rank && info(in.op).kind != OpKind::fold) fail(node, "only a reduction may drop axes");
    for (int i = 0; i < in.arity; ++i) {
      if (in.operand[i].node < 0 || in.operand[i].node >= static_cast<std::int32_t>(node))
        fail(node, "reads a node that does not precede it");
      const View view = program.view(in, i);
      std::int64_t low = view.offset, high = view.offset;
      bool empty = false;
      for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
        empty = empty || view.shape[axis] == 0;
        const std::int64_t reach = (view.shape[axis] - 1) * view.strides[axis];
        (reach < 0 ? low : high) += reach;
      }
      if (!empty && (low < 0 || high >= count(program.result_shape(program.code[in.operand[i].node]))))
        fail(node, "reads outside its operand");
    }
  }
  if (program.output < 0 || program.output >= static_cast<std::int32_t>(program.code.size()))
    throw std::logic_error("program " + program.name + " has no result");
}

}  // namespace fastcalc
