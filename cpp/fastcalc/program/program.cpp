// program: shapes and views out of the pool, and the rules that every program keeps. See program.hpp.
#include "program.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <stdexcept>

namespace fastcalc {

Extents Program::shape(const Instruction& in) const { return Extents(extents.begin() + in.shape, extents.begin() + in.shape + in.rank); }

Extents Program::result_shape(const Instruction& in) const {
  if (writes_part(in)) {
    const std::int64_t* target = extents.data() + in.payload;
    return Extents(target + 1, target + 1 + *target);
  }
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
  const bool in_order = std::none_of(schedule.loads.begin(), schedule.loads.end(),
                                     [](const Load& load) { return load.kind == LoadKind::gathered || load.kind == LoadKind::indexed; });
  return arrays == 1 && schedule.steps.back().output && schedule.folds.empty() && schedule.stores.empty() && schedule.arrays.empty() &&
         in_order;
}

namespace {

bool within(const View& view, std::int64_t elements) {
  std::int64_t low = view.offset, high = view.offset;
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
    if (view.shape[axis] == 0) return true;
    const std::int64_t reach = (view.shape[axis] - 1) * view.strides[axis];
    (reach < 0 ? low : high) += reach;
  }
  return low >= 0 && high < elements;
}

bool within(const Program& program, std::int32_t first, std::int64_t size, const Instruction& array) {
  const std::int64_t elements = count(program.result_shape(array));
  const auto begin = program.indices.begin() + first;
  return std::all_of(begin, begin + size, [&](std::int64_t place) { return 0 <= place && place < elements; });
}

}  // namespace

void verify(const Program& program) {
  const auto fail = [&](std::size_t node, const char* rule) {
    throw std::logic_error("program " + program.name + ", instruction v" + std::to_string(node) + " (" + info(program.code[node].op).name +
                           "): " + rule);
  };
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    const Instruction& in = program.code[node];
    if (in.kept > in.rank) fail(node, "keeps more axes than it has");
    if (in.kept < in.rank && info(in.op).kind != OpKind::fold && in.op != Op::contract) fail(node, "only a reduction may drop axes");
    for (int i = 0; i < in.arity; ++i) {
      if (in.operand[i].node < 0 || in.operand[i].node >= static_cast<std::int32_t>(node))
        fail(node, "reads a node that does not precede it");
      if (writes_part(in) && i == 1) {
        const std::int64_t elements = count(program.result_shape(program.code[in.operand[1].node]));
        if (elements != 1 && elements != count(program.result_shape(in))) fail(node, "has a base of another size than its result");
        continue;
      }
      if (is_matrix(in.op)) continue;
      if (!within(program.view(in, i), count(program.result_shape(program.code[in.operand[i].node]))))
        fail(node, "reads outside its operand");
    }
    if (in.op == Op::call) {
      if (program.functions.at(in.payload)->shape != program.shape(in)) fail(node, "makes another array than its function");
    } else if (is_matrix(in.op)) {
      const auto shape = [&](int i) { return i < in.arity ? program.result_shape(program.code[in.operand[i].node]) : Extents{}; };
      if (matrix_result(in.op, shape(0), shape(1)) != program.shape(in)) fail(node, "makes another array than its operands give");
    }
    if (in.op == Op::gather && !within(program, in.payload, count(program.shape(in)), program.code[in.operand[0].node]))
      fail(node, "reads outside its operand");
    if (writes_part(in) && in.operand[2].node >= 0 && !within(program, in.operand[2].node, count(program.shape(in)), in))
      fail(node, "writes outside its result");
    if (writes_part(in) && in.operand[2].node < 0 && !within(program.view(in, 2), count(program.result_shape(in))))
      fail(node, "writes outside its result");
  }
  if (program.output < 0 || program.output >= static_cast<std::int32_t>(program.code.size()))
    throw std::logic_error("program " + program.name + " has no result");
}

}  // namespace fastcalc
