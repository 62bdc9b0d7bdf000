// derive: see slope.hpp.
#include "slope.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "term.hpp"

namespace fastcalc {
namespace {

enum class Kind { zero, one, minus_one, number, chosen };

struct Slope {
  Kind kind;
  Term term;
};

Slope slope(Zero, const Term*) { return {Kind::zero, {}}; }
Slope slope(One, const Term*) { return {Kind::one, {}}; }
Slope slope(MinusOne, const Term*) { return {Kind::minus_one, {}}; }
Slope slope(OfX, const Term* values) { return {Kind::number, values[0]}; }
Slope slope(OfY, const Term* values) { return {Kind::number, values[1]}; }
Slope slope(OfF, const Term* values) { return {Kind::number, values[2]}; }
Slope slope(Unknown, const Term*) { throw std::invalid_argument("a derivative that has no closed form: make the argument a constant"); }
Slope slope(const Term& number, const Term*) { return {Kind::number, number}; }
Slope slope(const TermTruth& truth, const Term*) { return {Kind::chosen, truth.term}; }

// `values`: x, y, f.
Slope slope_of(Op op, int operand, const Term* values) {
  const Term &x = values[0], &y = values[1], &f = values[2];
  switch (op) {
#define UNARY(NAME, ...) \
  case Op::NAME:         \
    return slope(Rule<Op::NAME>::first(x, f), values);
#define BINARY(NAME, ...) \
  case Op::NAME:          \
    return operand == 0 ? slope(Rule<Op::NAME>::dx(x, y, f), values) : slope(Rule<Op::NAME>::dy(x, y, f), values);
#include "../ops/ops.def"
    default:
      return {Kind::zero, {}};
  }
}

bool is_finite(const Term& term) { return term.is_number() && std::isfinite(term.number()); }

Term times(const Slope& slope, const Term& tangent) {
  switch (slope.kind) {
    case Kind::minus_one:
      return -tangent;
    case Kind::number:
      // 0 · inf must stay 0: a plain product only where the factor is known to be finite.
      return is_finite(slope.term) || is_finite(tangent) ? slope.term * tangent : chain(slope.term, tangent);
    case Kind::chosen:
      return select(TermTruth{slope.term}, tangent, 0.0);
    default:
      return tangent;
  }
}

}  // namespace

Node node_of(const Program& program, std::int32_t number) {
  Node node{program.code[number], program.shape(program.code[number]), {}, {number, whole(program.result_shape(program.code[number]))}};
  for (int i = 0; i < node.in.arity; ++i) node.operand[i] = {node.in.operand[i].node, program.view(node.in, i)};
  return node;
}

std::optional<Value> pushed(Builder& builder, const Node& node, int operand, const Value& t) {
  if (node.in.op == Op::copy) return t;
  const auto as_t = [&](const Term& term) {
    const Value value = term.value(builder);
    return Value{value.node, broadcast_to(value.view, t.view.shape)};
  };
  if (node.in.op == Op::where) {
    if (operand == 0) return std::nullopt;
    const Term condition(builder, node.operand[0]), tangent(builder, t);
    return as_t(operand == 1 ? Term::choose(condition, tangent, 0.0) : Term::choose(condition, 0.0, tangent));
  }
  const Term x(builder, node.operand[0]), f(builder, node.result);
  const Term values[] = {x, node.in.arity == 2 ? Term(builder, node.operand[1]) : x, f};
  const Slope factor = slope_of(node.in.op, operand, values);
  if (factor.kind == Kind::zero) return std::nullopt;
  return factor.kind == Kind::one ? t : as_t(times(factor, Term(builder, t)));
}

Value product_by_pairs(Builder& builder, const Node& fold, const Value& x) {
  Extents kept(fold.shape.begin(), fold.shape.begin() + fold.in.kept);
  std::int64_t numbers = count(fold.shape) / std::max<std::int64_t>(count(kept), 1);
  const auto part = [&](const Value& value, std::int64_t length, std::int64_t first, std::int64_t size) {
    View view = whole(kept);
    for (std::int64_t& stride : view.strides) stride *= length;
    view.offset = first;
    if (size > 1) {
      view.shape.push_back(size);
      view.strides.push_back(1);
    }
    return Value{value.node, view};
  };
  const auto times = [&](const Value& a, const Value& b) {
    const Value both[] = {a, b};
    return builder.apply(Op::multiply, both);
  };
  std::optional<Value> odd;
  Value product = x;
  for (; numbers > 1; numbers /= 2) {
    if (numbers % 2) {
      const Value last = part(product, numbers, numbers - 1, 1);
      odd = odd ? times(*odd, last) : last;
    }
    product = times(part(product, numbers, 0, numbers / 2), part(product, numbers, numbers / 2, numbers / 2));
  }
  const Value all = part(product, 1, 0, 1);
  return odd ? times(all, *odd) : all;
}

Value extreme_weight(Builder& builder, const Node& fold) {
  const std::vector<int> axes = summed_axes(fold, 0);
  const Term is_it = (Term(builder, fold.operand[0]) == Term(builder, repeated(fold.result, fold))).term;
  return (is_it / Term(builder, repeated(builder.fold(Op::sum, is_it.value(builder), axes), fold))).value(builder);
}

Value repeated(const Value& value, const Node& node) {
  Value out = value;
  for (std::size_t axis = node.in.kept; axis < node.shape.size(); ++axis) {
    out.view.shape.push_back(node.shape[axis]);
    out.view.strides.push_back(0);
  }
  return out;
}

std::vector<int> summed_axes(const Node& node, int batch) {
  std::vector<int> axes(node.shape.size() - node.in.kept);
  std::iota(axes.begin(), axes.end(), batch + node.in.kept);
  return axes;
}

Value seen_through(Builder& builder, const Value& value, const View& view, std::int64_t elements, int batch) {
  const Value source = builder.whole_of(value);
  View seen = view;
  if (batch == 1) {
    seen.shape.insert(seen.shape.begin(), value.view.shape.front());
    seen.strides.insert(seen.strides.begin(), elements);
  }
  return {source.node, seen};
}

std::vector<std::int64_t> batched_index(std::span<const std::int64_t> index, std::int64_t elements, std::int64_t batches) {
  std::vector<std::int64_t> out;
  out.reserve(index.size() * batches);
  for (std::int64_t batch = 0; batch < batches; ++batch)
    for (const std::int64_t place : index) out.push_back(batch * elements + place);
  return out;
}

}  // namespace fastcalc
