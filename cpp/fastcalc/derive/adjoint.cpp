// derive: see adjoint.hpp.
#include "adjoint.hpp"

#include <algorithm>
#include <stdexcept>

#include "linear_algebra.hpp"
#include "tangent.hpp"

namespace fastcalc {
namespace {

// Adjoints of one node as they come in: of all of it, or of the part that a reader saw.
struct Part {
  Value value;
  View target;                      // in the batch of arrays
  std::vector<std::int64_t> index;  // used instead where it is not empty
};
struct Incoming {
  std::vector<Value> wholes;
  std::vector<Part> parts;
};

class Reverse {
 public:
  Reverse(Builder& builder, const Value& result, std::span<const Value> wrt, const Value& adjoint)
      : builder_(builder),
        batch_(static_cast<int>(adjoint.view.shape.size() - result.view.shape.size())),
        batches_(batch_ ? adjoint.view.shape[0] : 1),
        active_(dependents(builder.so_far(), result.node, wrt)),
        incoming_(result.node + 1),
        is_wrt_(result.node + 1, false) {
    for (const Value& value : wrt)
      if (value.node <= result.node) is_wrt_[value.node] = true;
    read(result, adjoint);
    for (std::int32_t number = result.node; number >= 0; --number) {
      if (!active_[number] || is_wrt_[number]) continue;
      if (const auto adjoint_of_node = total(number)) send(node_of(builder_.so_far(), number), *adjoint_of_node);
    }
  }

  std::optional<Value> total(std::int32_t number) {
    if (number >= static_cast<std::int32_t>(incoming_.size())) return std::nullopt;
    const Incoming& incoming = incoming_[number];
    std::optional<Value> sum;
    for (const Value& value : incoming.wholes) {
      const Value both[] = {sum.value_or(value), value};
      sum = sum ? builder_.apply(Op::add, both) : value;
    }
    if (incoming.parts.empty()) return sum;
    Value out = sum ? *sum : zeros(batched(shape_of(number)));
    for (const Part& part : incoming.parts)
      out = part.index.empty() ? builder_.scatter(out, part.value, part.target) : builder_.scatter(out, part.value, part.index);
    return out;
  }

  Extents batched(const Extents& shape) const {
    Extents out = shape;
    if (batch_) out.insert(out.begin(), batches_);
    return out;
  }

  Value zeros(const Extents& shape) { return {builder_.constant(0).node, broadcast_to({{}, {}, 0}, shape)}; }

 private:
  Extents shape_of(std::int32_t number) const {
    const Program& program = builder_.so_far();
    return program.result_shape(program.code[number]);
  }

  // A reader saw `value.node` through `value.view`; what it saw has this adjoint. An element seen many times gets the sum.
  void read(const Value& value, const Value& adjoint) {
    if (!active_[value.node]) return;
    std::vector<int> again;
    View once{{}, {}, value.view.offset};
    for (std::size_t axis = 0; axis < value.view.shape.size(); ++axis) {
      const bool repeats = value.view.strides[axis] == 0 && value.view.shape[axis] != 1;
      if (repeats) {
        again.push_back(batch_ + static_cast<int>(axis));
      } else {
        once.shape.push_back(value.view.shape[axis]);
        once.strides.push_back(value.view.strides[axis]);
      }
    }
    const Value whole_space{adjoint.node, broadcast_to(adjoint.view, batched(value.view.shape))};
    arrive(value.node, once, again.empty() ? whole_space : builder_.fold(Op::sum, whole_space, again));
  }

  // The same where no element is seen twice through a zero stride.
  void arrive(std::int32_t number, View once, const Value& adjoint) {
    const Extents shape = shape_of(number);
    if (is_whole(once, count(shape))) {
      const Value contiguous = once.shape == shape ? adjoint : builder_.whole_of(adjoint);
      incoming_[number].wholes.push_back(once.shape == shape ? adjoint : Value{contiguous.node, whole(batched(shape))});
      return;
    }
    if (batch_) {
      once.shape.insert(once.shape.begin(), batches_);
      once.strides.insert(once.strides.begin(), count(shape));
    }
    incoming_[number].parts.push_back({adjoint, std::move(once), {}});
  }

  void send(const Node& node, const Value& adjoint) {
    const Op op = node.in.op;
    if (info(op).kind == OpKind::fold) return send_fold(node, adjoint);
    if (op == Op::contract) return send_contraction(node, adjoint);
    if (is_matrix(op))
      return send_matrix(
          builder_, node, adjoint, batch_, [&](std::int32_t operand) { return active_[operand]; },
          [&](const Value& operand, const Value& share) { read(operand, share); });
    if (writes_part(node.in)) return send_part(node, adjoint);
    if (op == Op::gather) return send_gather(node, adjoint);
    for (int i = 0; i < node.in.arity; ++i) {
      if (!active_[node.operand[i].node]) continue;
      if (const auto term = pushed(builder_, node, i, adjoint)) read(node.operand[i], *term);
    }
  }

  void send_fold(const Node& node, const Value& adjoint) {
    const Value all = repeated(adjoint, node);
    if (node.in.op == Op::sum) return read(node.operand[0], all);
    if (node.in.op == Op::prod) {
      const Value factors = builder_.independent(node.operand[0]);
      return read(node.operand[0], gradient(builder_, product_by_pairs(builder_, node, factors), {&factors, 1}, adjoint)[0]);
    }
    const Value both[] = {extreme_weight(builder_, node), all};
    read(node.operand[0], builder_.apply(Op::chain, both));
  }

  // f = Σ x y: x̄ = Σ f̄ y over the axes that x does not have.
  void send_contraction(const Node& node, const Value& adjoint) {
    for (int i = 0; i < 2; ++i) {
      const Value& x = node.operand[i];
      if (!active_[x.node]) continue;
      std::vector<int> lacking;
      View once{{}, {}, x.view.offset};
      for (std::size_t axis = 0; axis < node.shape.size(); ++axis) {
        if (x.view.strides[axis] == 0 && node.shape[axis] != 1) {
          lacking.push_back(batch_ + static_cast<int>(axis));
        } else {
          once.shape.push_back(node.shape[axis]);
          once.strides.push_back(x.view.strides[axis]);
        }
      }
      arrive(x.node, once, builder_.contract(repeated(adjoint, node), node.operand[1 - i], lacking));
    }
  }

  void send_part(const Node& node, const Value& adjoint) {
    const Program& program = builder_.so_far();
    const Extents shape = program.result_shape(node.in);
    const std::int64_t elements = count(shape);
    const std::int32_t first = node.in.operand[2].node, base = node.in.operand[1].node;
    const View target = program.view(node.in, 2);
    const bool repeated_base = count(shape_of(base)) == 1;
    if (first >= 0) {
      const auto index = batched_index({program.indices.data() + first, static_cast<std::size_t>(count(node.shape))}, elements, batches_);
      if (active_[node.operand[0].node]) read(node.operand[0], builder_.gather(adjoint, index, batched(node.shape)));
    } else if (active_[node.operand[0].node]) {
      read(node.operand[0], seen_through(builder_, adjoint, target, elements, batch_));
    }
    if (!active_[base]) return;
    Value rest = adjoint;
    if (node.in.op == Op::place) {
      View part{batched(node.shape), target.strides, target.offset};
      if (batch_) part.strides.insert(part.strides.begin(), elements);
      rest = builder_.place(adjoint, zeros(part.shape), part);
    }
    read({base, repeated_base ? View{shape, Extents(shape.size(), 0), 0} : whole(shape)}, rest);
  }

  void send_gather(const Node& node, const Value& adjoint) {
    const std::int32_t source = node.in.operand[0].node;
    if (!active_[source]) return;
    const Program& program = builder_.so_far();
    incoming_[source].parts.push_back(
        {adjoint,
         {},
         batched_index({program.indices.data() + node.in.payload, static_cast<std::size_t>(count(node.shape))}, count(shape_of(source)),
                       batches_)});
  }

  Builder& builder_;
  const int batch_;
  const std::int64_t batches_;
  const std::vector<bool> active_;
  std::vector<Incoming> incoming_;
  std::vector<bool> is_wrt_;
};

}  // namespace

std::vector<Value> gradient(Builder& builder, const Value& result, std::span<const Value> wrt, const std::optional<Value>& adjoint) {
  const Extents& shape = result.view.shape;
  for (const Value& value : wrt) {
    const Program& program = builder.so_far();
    if (!is_whole(value.view, count(program.result_shape(program.code[value.node]))))
      throw std::invalid_argument("differentiate by a whole array, not by a part of it");
  }
  const Value ones{builder.constant(1).node, broadcast_to({{}, {}, 0}, shape)};
  const Value start = adjoint.value_or(ones);
  const std::size_t batch = start.view.shape.size() - shape.size();
  if (batch > 1 || !std::equal(shape.begin(), shape.end(), start.view.shape.begin() + batch))
    throw std::invalid_argument("an adjoint has the shape of the result, or one leading axis more");
  Reverse reverse(builder, result, wrt, start);
  std::vector<Value> out;
  for (const Value& value : wrt) {
    const Extents of_value = reverse.batched(value.view.shape);
    const auto total = reverse.total(value.node);
    if (!total) {
      out.push_back(reverse.zeros(of_value));
      continue;
    }
    const Value all = builder.whole_of(*total);
    out.push_back({all.node, whole(of_value)});
  }
  return out;
}

}  // namespace fastcalc
