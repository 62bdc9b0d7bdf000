// derive: see tangent.hpp.
#include "tangent.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "linear_algebra.hpp"

namespace fastcalc {
namespace {

bool never_carries(const Instruction& in, int operand) {
  if (in.op == Op::guard) return true;
  if (in.op == Op::where) return operand == 0;
  const OpInfo& row = info(in.op);
  if (row.kind == OpKind::fold) return row.truth;
  if (row.kind == OpKind::matrix) return in.op == Op::pinv && operand == 1;  // rcond
  return row.kind == OpKind::structure ? false : row.partial[operand] == Partial::zero;
}

class Forward {
 public:
  Forward(Builder& builder, const Value& result, std::span<const Value> wrt, std::span<const Value> directions)
      : builder_(builder), tangents_(result.node + 1) {
    batch_ = static_cast<int>(directions[0].view.shape.size() - wrt[0].view.shape.size());
    batches_ = batch_ ? directions[0].view.shape[0] : 1;
    for (std::size_t i = 0; i < wrt.size(); ++i)
      if (wrt[i].node <= result.node) tangents_[wrt[i].node] = directions[i];
    const std::vector<bool> active = dependents(builder.so_far(), result.node, wrt);
    for (std::int32_t number = 0; number <= result.node; ++number)
      if (active[number] && !tangents_[number]) tangents_[number] = of(node_of(builder_.so_far(), number));
  }

  std::optional<Value> seen(const Value& value) {
    const std::optional<Value>& t = tangents_[value.node];
    if (!t) return std::nullopt;
    const Program& program = builder_.so_far();
    return seen_through(builder_, *t, value.view, count(program.result_shape(program.code[value.node])), batch_);
  }

  Extents batched(const Extents& shape) const {
    Extents out = shape;
    if (batch_) out.insert(out.begin(), batches_);
    return out;
  }

 private:
  std::optional<Value> plus(const std::optional<Value>& a, const std::optional<Value>& b) {
    if (!a || !b) return a ? a : b;
    const Value both[] = {*a, *b};
    return builder_.apply(Op::add, both);
  }

  Value product(const Value& x, const Value& y) {
    const Value both[] = {x, y};
    return builder_.apply(Op::chain, both);
  }

  Value zeros(const Extents& shape) { return {builder_.constant(0).node, broadcast_to({{}, {}, 0}, shape)}; }

  std::optional<Value> of(const Node& node) {
    const Op op = node.in.op;
    if (info(op).kind == OpKind::fold) return of_fold(node);
    if (op == Op::contract) return of_contraction(node);
    if (is_matrix(op)) return tangent_of_matrix(builder_, node, batch_, [&](const Value& operand) { return seen(operand); });
    if (writes_part(node.in)) return of_part(node);
    if (op == Op::gather) return of_gather(node);
    std::optional<Value> sum;
    for (int i = 0; i < node.in.arity; ++i) {
      if (never_carries(node.in, i)) continue;
      if (const auto t = seen(node.operand[i])) sum = plus(sum, pushed(builder_, node, i, *t));
    }
    return sum;
  }

  std::optional<Value> of_fold(const Node& node) {
    const auto t = seen(node.operand[0]);
    if (!t || info(node.in.op).truth) return std::nullopt;
    const std::vector<int> axes = summed_axes(node, batch_);
    if (node.in.op == Op::sum) return builder_.fold(Op::sum, *t, axes);
    if (node.in.op == Op::prod) {
      const Value factors = builder_.independent(node.operand[0]);
      return fastcalc::tangent(builder_, product_by_pairs(builder_, node, factors), {&factors, 1}, {&*t, 1});
    }
    return builder_.fold(Op::sum, product(extreme_weight(builder_, node), *t), axes);
  }

  // (Σ x y)˙ = Σ ẋ y + Σ x ẏ
  std::optional<Value> of_contraction(const Node& node) {
    const std::vector<int> axes = summed_axes(node, batch_);
    std::optional<Value> sum;
    for (int i = 0; i < 2; ++i)
      if (const auto t = seen(node.operand[i])) sum = plus(sum, builder_.contract(*t, node.operand[1 - i], axes));
    return sum;
  }

  std::optional<Value> of_part(const Node& node) {
    const Program& program = builder_.so_far();
    const Extents shape = program.result_shape(node.in), full = batched(shape);
    const std::int64_t elements = count(shape);
    const std::int32_t base_node = node.in.operand[1].node;
    const bool repeated_base = count(program.result_shape(program.code[base_node])) == 1;
    const View target = program.view(node.in, 2);
    const std::int32_t first = node.in.operand[2].node;
    const std::vector<std::int64_t> index =
        first < 0 ? std::vector<std::int64_t>{}
                  : batched_index({program.indices.data() + first, static_cast<std::size_t>(count(node.shape))}, elements, batches_);
    const View base_view = repeated_base ? View{shape, Extents(shape.size(), 0), 0} : whole(shape);
    const auto base = seen({base_node, base_view}), value = seen(node.operand[0]);
    if (!value && node.in.op == Op::scatter) return base;
    const Value under = base ? *base : zeros(full), over = value ? *value : zeros(batched(node.shape));
    if (first >= 0) return builder_.scatter(under, over, index);
    View part{batched(node.shape), target.strides, target.offset};
    if (batch_) part.strides.insert(part.strides.begin(), elements);
    return node.in.op == Op::place ? builder_.place(under, over, part) : builder_.scatter(under, over, part);
  }

  std::optional<Value> of_gather(const Node& node) {
    const Program& program = builder_.so_far();
    const std::optional<Value>& t = tangents_[node.in.operand[0].node];
    if (!t) return std::nullopt;
    const std::int64_t elements = count(program.result_shape(program.code[node.in.operand[0].node]));
    const auto index =
        batched_index({program.indices.data() + node.in.payload, static_cast<std::size_t>(count(node.shape))}, elements, batches_);
    return builder_.gather(*t, index, batched(node.shape));
  }

  Builder& builder_;
  int batch_;
  std::int64_t batches_;
  std::vector<std::optional<Value>> tangents_;
};

}  // namespace

std::vector<bool> dependents(const Program& program, std::int32_t result, std::span<const Value> wrt) {
  std::vector<bool> of_wrt(result + 1, false), is_wrt, read(result + 1, false);
  for (const Value& value : wrt)
    if (value.node <= result) of_wrt[value.node] = true;
  is_wrt = of_wrt;
  for (std::int32_t node = 0; node <= result; ++node) {
    const Instruction& in = program.code[node];
    for (int i = 0; i < in.arity && !of_wrt[node]; ++i) of_wrt[node] = !never_carries(in, i) && of_wrt[in.operand[i].node];
  }
  read[result] = true;
  for (std::int32_t node = result; node >= 0; --node) {
    const Instruction& in = program.code[node];
    read[node] = read[node] && of_wrt[node];
    for (int i = 0; i < in.arity && read[node] && !is_wrt[node]; ++i)
      if (!never_carries(in, i)) read[in.operand[i].node] = true;
  }
  return read;
}

Value tangent(Builder& builder, const Value& result, std::span<const Value> wrt, std::span<const Value> directions) {
  if (wrt.empty() || wrt.size() != directions.size()) throw std::invalid_argument("one direction for each value to differentiate by");
  const std::size_t batch = directions[0].view.shape.size() - wrt[0].view.shape.size();
  for (std::size_t i = 0; i < wrt.size(); ++i) {
    const Extents &shape = wrt[i].view.shape, &direction = directions[i].view.shape;
    const bool same = batch <= 1 && direction.size() == shape.size() + batch &&
                      std::equal(shape.begin(), shape.end(), direction.begin() + batch) &&
                      (batch == 0 || direction[0] == directions[0].view.shape[0]);
    if (!same) throw std::invalid_argument("a direction has the shape of what it belongs to, or one leading axis more, the same for all");
    const Program& program = builder.so_far();
    if (!is_whole(wrt[i].view, count(program.result_shape(program.code[wrt[i].node]))))
      throw std::invalid_argument("differentiate by a whole array, not by a part of it");
  }
  Forward forward(builder, result, wrt, directions);
  const Extents shape = forward.batched(result.view.shape);
  if (const auto t = forward.seen(result)) return {t->node, broadcast_to(t->view, shape)};
  return {builder.constant(0).node, broadcast_to({{}, {}, 0}, shape)};
}

}  // namespace fastcalc
