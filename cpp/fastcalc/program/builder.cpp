// program: see builder.hpp.
#include "builder.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "../base/tuning.hpp"

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

// The axes that a reduction drops, behind those that it keeps.
View reduced_last(const View& view, std::span<const int> axes) {
  View out{{}, {}, view.offset};
  for (const bool dropped : {false, true})
    for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
      if (dropped != (std::find(axes.begin(), axes.end(), static_cast<int>(axis)) != axes.end())) continue;
      out.shape.push_back(view.shape[axis]);
      out.strides.push_back(view.strides[axis]);
    }
  return out;
}

}  // namespace

std::int32_t Builder::pool(const Extents& numbers) {
  const auto [place, is_new] =
      pooled_.try_emplace(bytes_of(numbers.data(), numbers.size()), static_cast<std::int32_t>(program_.extents.size()));
  if (is_new) program_.extents.insert(program_.extents.end(), numbers.begin(), numbers.end());
  return place->second;
}

std::int32_t Builder::pool_index(std::span<const std::int64_t> index) {
  const auto [place, is_new] =
      indexed_.try_emplace(bytes_of(index.data(), index.size()), static_cast<std::int32_t>(program_.indices.size()));
  if (is_new) program_.indices.insert(program_.indices.end(), index.begin(), index.end());
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
  View view = reduced_last(x.view, axes);
  Instruction in = blank(op);
  in.kept = static_cast<std::uint8_t>(view.shape.size() - axes.size());
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

Value Builder::gather(const Value& x, std::span<const std::int64_t> index, const Extents& shape) {
  const std::int64_t elements = count(x.view.shape);
  for (const std::int64_t place : index)
    if (place < 0 || place >= elements)
      throw std::out_of_range("index " + std::to_string(place) + " of an array of " + std::to_string(elements) + " elements");
  const Value source = whole_of(x);
  if (index.size() == 1) return {source.node, {shape, Extents(shape.size(), 0), source.view.offset + index[0]}};
  if (index.empty()) return {constant(0).node, broadcast_to({{}, {}, 0}, shape)};
  if (elements == 1) return {source.node, {shape, Extents(shape.size(), 0), source.view.offset}};
  Instruction in = blank(Op::gather);
  in.arity = 1;
  in.kept = static_cast<std::uint8_t>(shape.size());
  in.operand[0].node = source.node;
  in.payload = pool_index(index);
  const View element{shape, Extents(shape.size(), 0), 0};
  return emit(in, shape, {&element, 1});
}

Value Builder::write_part(Op op, const Value& base, const Value& value, const View* target, std::span<const std::int64_t> index) {
  const Extents& shape = base.view.shape;
  if (count(value.view.shape) == 0) return base;
  if (count(shape) == 1) {  // all of it, so that no array need be made
    const Value all{value.node, {shape, Extents(shape.size(), 0), value.view.offset}};
    if (op == Op::place) return all;
    const Value both[] = {base, all};
    return apply(Op::add, both);
  }
  // One number repeated stays one; anything else must lie in memory as the result will.
  const bool repeated = std::all_of(base.view.strides.begin(), base.view.strides.end(), [](std::int64_t stride) { return stride == 0; });
  const bool one = repeated && count(program_.result_shape(program_.code[base.node])) == 1;
  Instruction in = blank(op);
  in.arity = 2;
  in.kept = static_cast<std::uint8_t>(value.view.shape.size());
  in.operand[0].node = value.node;
  in.operand[1].node = one ? base.node : whole_of(base).node;
  Extents result{static_cast<std::int64_t>(shape.size())};
  result.insert(result.end(), shape.begin(), shape.end());
  in.payload = pool(result);
  in.operand[2].node = target ? -1 : pool_index(index);
  const View nothing{value.view.shape, Extents(value.view.shape.size(), 0), 0};
  const View views[] = {value.view, nothing, target ? *target : nothing};
  const Value written = emit(in, value.view.shape, views);
  return {written.node, whole(shape)};
}

Value Builder::place(const Value& base, const Value& value, const View& target) {
  return write_part(Op::place, base, {value.node, broadcast_to(value.view, target.shape)}, &target, {});
}

Value Builder::scatter(const Value& base, const Value& value, const View& target) {
  return write_part(Op::scatter, base, {value.node, broadcast_to(value.view, target.shape)}, &target, {});
}

Value Builder::scatter(const Value& base, const Value& value, std::span<const std::int64_t> index) {
  return write_part(Op::scatter, base, value, nullptr, index);
}

Value Builder::contract(const Value& x, const Value& y, std::span<const int> axes) {
  const Extents shape = broadcast(x.view.shape, y.view.shape);
  const View views[] = {reduced_last(broadcast_to(x.view, shape), axes), reduced_last(broadcast_to(y.view, shape), axes)};
  const Extents kept(views[0].shape.begin(), views[0].shape.end() - axes.size());
  const auto splat = [&](const Value& value) { return count(program_.result_shape(program_.code[value.node])) == 1; };
  // One number, or a factor that is one: a reduction, which runs block by block.
  if (axes.empty() || count(kept) == 1 || count(shape) == 0 || splat(x) || splat(y)) {
    const Value both[] = {x, y};
    return axes.empty() ? apply(Op::multiply, both) : fold(Op::sum, apply(Op::multiply, both), axes);
  }
  if (shape.size() > most_axes) throw std::invalid_argument("a contraction over more than " + std::to_string(most_axes) + " axes");
  Instruction in = blank(Op::contract);
  in.arity = 2;
  in.kept = static_cast<std::uint8_t>(kept.size());
  in.operand[0].node = x.node;
  in.operand[1].node = y.node;
  return emit(in, views[0].shape, views);
}

Value Builder::call(std::shared_ptr<const OutsideFunction> function, const Value& x) {
  const Extents& shape = function->shape;
  auto& known = program_.functions;
  auto place = std::find(known.begin(), known.end(), function);
  if (place == known.end()) place = known.insert(known.end(), function);
  Instruction in = blank(Op::call);
  in.arity = 1;
  in.kept = static_cast<std::uint8_t>(shape.size());
  in.operand[0].node = array_of(x).node;
  in.payload = static_cast<std::int32_t>(place - known.begin());
  const View view{shape, Extents(shape.size(), 0), 0};
  return emit(in, shape, {&view, 1});
}

Value Builder::matrix(Op op, std::span<const Value> operands) {
  if (!is_matrix(op) || op == Op::call || static_cast<int>(operands.size()) != info(op).arity)
    throw std::invalid_argument(std::string(info(op).name) + " is not an operation on " + std::to_string(operands.size()) + " matrices");
  const Extents &first = operands[0].view.shape, second = operands.size() == 2 ? operands[1].view.shape : Extents{};
  const Extents shape = matrix_result(op, first, second);
  const MatrixSizes sizes = matrix_sizes(op, first, second);
  if (count(shape) == 0 || sizes.rows == 0 || sizes.columns == 0) {  // of a matrix without elements: det = 1, log|det| = 0, rank 0
    Value empty = constant(op == Op::lu_det ? 1 : 0);
    if (op == Op::lu_slogdet) empty = constant(std::vector<double>{1, 0}, {2});
    return {empty.node, broadcast_to(empty.view, shape)};
  }
  Instruction in = blank(op);
  in.arity = static_cast<std::uint8_t>(operands.size());
  in.kept = static_cast<std::uint8_t>(shape.size());
  View views[2];
  for (std::size_t i = 0; i < operands.size(); ++i) {
    in.operand[i].node = array_of(operands[i]).node;
    views[i] = {shape, Extents(shape.size(), 0), 0};
  }
  const Op made_by = program_.code[in.operand[0].node].op;
  if (reads_lu(op) != (made_by == Op::lu))
    throw std::invalid_argument(std::string(info(op).name) + " takes what lu made, and nothing else does");
  return emit(in, shape, {views, operands.size()});
}

Value Builder::independent(const Value& x) {
  Instruction in = blank(Op::copy);
  in.arity = 1;
  in.kept = static_cast<std::uint8_t>(x.view.shape.size());
  in.operand[0].node = x.node;
  in.payload = static_cast<std::int32_t>(program_.code.size());  // makes its bytes unlike any other copy's
  return emit(in, x.view.shape, {&x.view, 1});
}

Value Builder::whole_of(const Value& x) {
  const Extents shape = program_.result_shape(program_.code[x.node]);
  return is_whole(x.view, count(shape)) ? x : apply(Op::copy, {&x, 1});
}

Value Builder::array_of(const Value& x) {
  const Extents shape = program_.result_shape(program_.code[x.node]);
  return x.view.shape == shape && is_whole(x.view, count(shape)) ? x : apply(Op::copy, {&x, 1});
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
  const Op made_by = program_.code[x.node].op;
  return made_by == Op::input || made_by == Op::constant ? apply(Op::copy, {&x, 1}) : array_of(x);
}

Program Builder::finish(const Value& result, const std::string& name) {
  const bool streamed = !makes_memory(program_.code[result.node]);  // what is made in memory is not made block by block
  const Value whole = streamed ? contiguous(result) : apply(Op::copy, {&result, 1});
  Program program = program_;
  program.output = whole.node;
  program.name = name;
  return program;
}

}  // namespace fastcalc
