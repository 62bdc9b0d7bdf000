// program: see builder.hpp.
#include "builder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace fastcalc {
namespace {

template <class T>
std::string bytes_of(const T* data, std::size_t n) {
  return std::string(reinterpret_cast<const char*>(data), n * sizeof(T));
}

Instruction blank(Op op) {
  Instruction in;
  std::memset(&in, 0, sizeof in);  // padding too: the bytes are the key of hash-consing
  in.op = op;
  return in;
}

}  // namespace

std::int32_t Builder::pool(const Extents& numbers) {
  const auto [place, is_new] =
      pooled_.try_emplace(bytes_of(numbers.data(), numbers.size()), static_cast<std::int32_t>(program_.extents.size()));
  if (is_new) program_.extents.insert(program_.extents.end(), numbers.begin(), numbers.end());
  return place->second;
}

Value Builder::emit(Instruction in, const Extents& shape, std::span<const View> views) {
  if (shape.size() > std::numeric_limits<std::uint8_t>::max()) throw std::invalid_argument("an array of more than 255 dimensions");
  in.rank = static_cast<std::uint8_t>(shape.size());
  in.shape = pool(shape);
  for (std::size_t i = 0; i < views.size(); ++i) {
    in.operand[i].strides = pool(views[i].strides);
    in.operand[i].offset = views[i].offset;
  }
  const Extents result(shape.begin(), shape.begin() + in.kept);
  const auto [known, is_new] = known_.try_emplace(bytes_of(&in, 1), static_cast<std::int32_t>(program_.code.size()));
  if (is_new) program_.code.push_back(in);
  return {known->second, whole(result)};
}

Value Builder::input(const std::string& name, const Extents& shape, bool seed) {
  if (seed && count(shape) != 1) throw std::invalid_argument(name + " is an array: only a single number can be a seed");
  Instruction in = blank(Op::input);
  in.kept = static_cast<std::uint8_t>(shape.size());
  in.payload = static_cast<std::int32_t>(program_.inputs.size());
  const Value value = emit(in, shape, {});
  program_.inputs.push_back({name, value.node, seed ? program_.seeds++ : -1});
  return value;
}

Value Builder::constant(std::span<const double> values, const Extents& shape) {
  const std::string key =
      "constant of rank " + std::to_string(shape.size()) + bytes_of(shape.data(), shape.size()) + bytes_of(values.data(), values.size());
  const auto known = known_.find(key);
  if (known != known_.end()) return {known->second, whole(shape)};
  Instruction in = blank(Op::constant);
  in.kept = static_cast<std::uint8_t>(shape.size());
  in.payload = static_cast<std::int32_t>(program_.constants.size());
  program_.constants.insert(program_.constants.end(), values.begin(), values.end());
  const Value value = emit(in, shape, {});
  known_.emplace(key, value.node);
  return value;
}

Value Builder::apply(Op op, std::span<const Value> operands) {
  const std::size_t arity = op == Op::where ? 3 : op == Op::copy ? 1 : info(op).kind == OpKind::fold ? 0 : info(op).arity;
  if (arity == 0 || operands.size() != arity)
    throw std::invalid_argument(std::string(info(op).name) + " is not an operation on " + std::to_string(operands.size()) + " arrays");
  Extents shape;
  for (const Value& operand : operands) shape = broadcast(shape, operand.view.shape);
  Instruction in = blank(op);
  in.arity = static_cast<std::uint8_t>(operands.size());
  in.kept = static_cast<std::uint8_t>(shape.size());
  View views[3];
  for (std::size_t i = 0; i < operands.size(); ++i) {
    in.operand[i].node = operands[i].node;
    views[i] = broadcast_to(operands[i].view, shape);
  }
  return emit(in, shape, {views, operands.size()});
}

Value Builder::fold(Op op, const Value& x, std::span<const int> axes) {
  if (info(op).kind != OpKind::fold) throw std::invalid_argument(std::string(info(op).name) + " is not a reduction");
  View view{{}, {}, x.view.offset};
  const auto take = [&](std::size_t axis) {
    view.shape.push_back(x.view.shape[axis]);
    view.strides.push_back(x.view.strides[axis]);
  };
  const auto reduced = [&](std::size_t axis) { return std::find(axes.begin(), axes.end(), static_cast<int>(axis)) != axes.end(); };
  for (std::size_t axis = 0; axis < x.view.shape.size(); ++axis)
    if (!reduced(axis)) take(axis);
  Instruction in = blank(op);
  in.kept = static_cast<std::uint8_t>(view.shape.size());
  for (std::size_t axis = 0; axis < x.view.shape.size(); ++axis)
    if (reduced(axis)) take(axis);
  if (count(view.shape) == 1) {  // one element is its own reduction; any and all make a truth value of it
    view.shape.resize(in.kept);
    view.strides.resize(in.kept);
    const Value one[] = {{x.node, view}, constant(0)};
    return info(op).truth ? apply(Op::not_equal, one) : apply(Op::copy, {one, 1});
  }
  in.arity = 1;
  in.operand[0].node = x.node;
  return emit(in, view.shape, {&view, 1});
}

void Builder::guard(const Value& condition, bool expected) {
  if (count(condition.view.shape) != 1) throw std::invalid_argument("a guard needs one truth value");
  Instruction in = blank(Op::guard);
  in.arity = 1;
  in.expected = expected;
  in.operand[0].node = condition.node;
  const View scalar{{}, {}, condition.view.offset};
  emit(in, {}, {&scalar, 1});
}

Value Builder::contiguous(const Value& x) {
  const Instruction& made = program_.code[x.node];
  const bool computed = info(made.op).kind != OpKind::structure || made.op == Op::copy || made.op == Op::where;
  const Extents shape = program_.result_shape(made);
  if (computed && x.view.shape == shape && is_whole(x.view, count(shape))) return x;
  return apply(Op::copy, {&x, 1});
}

Program Builder::finish(const Value& result, const std::string& name) {
  const bool streamed = info(program_.code[result.node].op).kind != OpKind::fold;  // a reduction's result is not made block by block
  const Value whole = streamed ? contiguous(result) : apply(Op::copy, {&result, 1});
  Program program = program_;
  program.output = whole.node;
  program.name = name;
  return program;
}

}  // namespace fastcalc
