// passes: destinations. Comes in: a program. Goes out: for each scatter the place that copies what it makes, whole, into a part of a
// larger array, if nothing else reads it: then the sum can be made there, and is never copied.
//
// So a gradient that is returned beside the value is added up where it is returned. The part must be 0 before: that is what the sum
// begins with.
#include <algorithm>
#include <cmath>

#include "passes.hpp"

namespace fastcalc {
namespace {

// The elements that a place or scatter may write: from the first to behind the last.
std::pair<std::int64_t, std::int64_t> written(const Program& program, const Instruction& in) {
  if (in.operand[2].node >= 0) {
    const auto first = program.indices.begin() + in.operand[2].node;
    const auto [low, high] = std::minmax_element(first, first + count(program.shape(in)));
    return {*low, *high + 1};
  }
  const View target = program.view(in, 2);
  std::int64_t low = target.offset, high = target.offset;
  for (std::size_t axis = 0; axis < target.shape.size(); ++axis) {
    const std::int64_t reach = (target.shape[axis] - 1) * target.strides[axis];
    (reach < 0 ? low : high) += reach;
  }
  return {low, high + 1};
}

bool is_zero_between(const Program& program, std::int32_t node, std::int64_t first, std::int64_t last) {
  for (; writes_part(program.code[node]); node = program.code[node].operand[1].node) {
    const auto [low, high] = written(program, program.code[node]);
    if (low < last && first < high) return false;
  }
  return is_zero(program, program.code[node]);
}

}  // namespace

bool is_zero(const Program& program, const Instruction& in) {
  return in.op == Op::constant && is_scalar(program, in) && program.constants[in.payload] == 0 &&
         !std::signbit(program.constants[in.payload]);
}

std::vector<std::int32_t> destinations(const Program& program) {
  const std::vector<int> readers = readers_of(program);
  std::vector<std::int32_t> out(program.code.size(), -1);
  for (std::size_t number = 0; number < program.code.size(); ++number) {
    const Instruction& place = program.code[number];
    if (place.op != Op::place || place.operand[2].node >= 0) continue;
    std::int32_t node = place.operand[0].node;
    const View target = program.view(place, 2);
    const std::int64_t size = count(target.shape);
    if (!is_whole(program.view(place, 0), count(program.result_shape(program.code[node])))) continue;
    if (!is_whole({target.shape, target.strides, 0}, size)) continue;
    if (!is_zero_between(program, place.operand[1].node, target.offset, target.offset + size)) continue;
    std::vector<std::int32_t> sums;
    for (; program.code[node].op == Op::scatter && readers[node] == 1; node = program.code[node].operand[1].node) sums.push_back(node);
    if (!is_zero(program, program.code[node])) continue;
    for (const std::int32_t sum : sums) out[sum] = static_cast<std::int32_t>(number);
  }
  return out;
}

}  // namespace fastcalc
