// passes: simplify. Comes in: a program. Goes out: the same function with fewer instructions.
//
// The program is recorded again, instruction by instruction, into a fresh builder; on the way an instruction may be replaced
// by a constant (all operands are), by one of its parts or by a cheaper operation (identities.def). What has become equal is
// shared by the builder's hash-consing. A sum that is only copied into a part of a larger array is made there (destinations.cpp).
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "../program/builder.hpp"
#include "passes.hpp"

namespace fastcalc {
namespace {

enum class Match { any, is, number, negated, scaled, scaled_up, power_of_two, same, absent };
enum class Part { left, right, left_of, right_of, reciprocal, minus_left, minus_right, minus_left_by, product, nothing };

struct Pattern {
  Match match;
  double number = 0;
};

struct Identity {
  Op op;
  Pattern left, right;
  Op make;
  Part first, second;
};

constexpr Pattern ANY{Match::any}, NUMBER{Match::number}, NEGATED{Match::negated}, SCALED{Match::scaled}, SCALED_UP{Match::scaled_up},
    POWER_OF_TWO{Match::power_of_two}, SAME{Match::same}, ABSENT{Match::absent};
constexpr Pattern IS(double number) { return {Match::is, number}; }
constexpr Part LEFT = Part::left, RIGHT = Part::right, LEFT_OF = Part::left_of, RIGHT_OF = Part::right_of, RECIPROCAL = Part::reciprocal,
               MINUS_LEFT = Part::minus_left, MINUS_RIGHT = Part::minus_right, MINUS_LEFT_BY = Part::minus_left_by, PRODUCT = Part::product,
               NOTHING = Part::nothing;

constexpr std::int64_t longest_folded = 1024;

constexpr Identity identities[] = {
#define IDENTITY(OP, LHS, RHS, MAKE, FIRST, SECOND, LAW) {Op::OP, LHS, RHS, Op::MAKE, FIRST, SECOND},
#include "../ops/identities.def"
#undef IDENTITY
};

class Rewriter {
 public:
  explicit Rewriter(const Program& program) : old_(program), destinations_(destinations(program)) {}

  Program run() {
    for (std::size_t node = 0; node < old_.code.size(); ++node)
      fresh_.push_back(destinations_[node] >= 0 ? Value{} : record(static_cast<std::int32_t>(node)));  // else by its destination
    return builder_.finish(fresh_[old_.output], old_.name);
  }

 private:
  const Instruction& made(const Value& value) const { return builder_.so_far().code[value.node]; }

  std::optional<double> number(const Value& value) const {
    const Instruction& in = made(value);
    if (in.op != Op::constant || !is_scalar(builder_.so_far(), in)) return std::nullopt;
    return builder_.so_far().constants[in.payload];
  }

  // What is inside of −u or of c u: the factor, −1 or c, and u seen as the whole is seen. Only where the whole is read element for element
  // (or is one number), so that no views need composing.
  struct Inside {
    double factor;
    Value u;
  };
  std::optional<Inside> inside(const Value& value, Op op) const {
    const Instruction& in = made(value);
    const Program& program = builder_.so_far();
    if (in.op != op) return std::nullopt;
    const bool element_for_element = value.view.shape == program.shape(in) && is_whole(value.view, count(value.view.shape));
    if (!is_scalar(program, in) && !element_for_element) return std::nullopt;
    const auto operand = [&](int i) { return Value{in.operand[i].node, broadcast_to(program.view(in, i), value.view.shape)}; };
    if (op == Op::negative) return Inside{-1, operand(0)};
    for (const int i : {0, 1})
      if (const auto c = number(operand(i))) return Inside{*c, operand(1 - i)};
    return std::nullopt;
  }
  std::optional<Inside> negated(const Value& value) const { return inside(value, Op::negative); }
  std::optional<Inside> scaled(const Value& value) const { return inside(value, Op::multiply); }

  bool matches(const Pattern& pattern, const Value& value, const Value& left) const {
    switch (pattern.match) {
      case Match::any:
        return true;
      case Match::is: {
        const auto c = number(value);
        return c && *c == pattern.number && std::signbit(*c) == std::signbit(pattern.number);
      }
      case Match::number:
        return number(value).has_value();
      case Match::negated:
        return negated(value).has_value();
      case Match::scaled:
        return scaled(value).has_value();
      case Match::scaled_up: {
        const auto found = scaled(value);
        int exponent;
        return found && std::abs(found->factor) >= 1 && std::abs(std::frexp(found->factor, &exponent)) == 0.5;
      }
      case Match::power_of_two: {
        const auto c = number(value);
        int exponent;
        return c && std::abs(std::frexp(*c, &exponent)) == 0.5 && std::isnormal(1 / *c);
      }
      case Match::same:
        return value.node == left.node && value.view.strides == left.view.strides && value.view.offset == left.view.offset;
      case Match::absent:
        return true;
    }
    return false;
  }

  Value part(Part which, std::span<const Value> operands) {
    switch (which) {
      case Part::left:
        return operands[0];
      case Part::left_of:
      case Part::right_of: {
        const Value& whole = operands[which == Part::left_of ? 0 : 1];
        return negated(whole) ? negated(whole)->u : scaled(whole)->u;
      }
      case Part::reciprocal:
        return builder_.constant(1 / *number(operands[1]));
      case Part::minus_left:
        return builder_.constant(-*number(operands[0]));
      case Part::minus_right:
        return builder_.constant(-*number(operands[1]));
      case Part::minus_left_by:
        return builder_.constant(-scaled(operands[0])->factor);
      case Part::product:
        return builder_.constant(number(operands[0]) ? *number(operands[0]) * scaled(operands[1])->factor
                                                     : *number(operands[1]) * scaled(operands[0])->factor);
      default:
        return operands[1];
    }
  }

  // c (2ⁿ u) = (c 2ⁿ) u where |c| ≥ 1: then what overflows on the one side does so on the other. The product must be a number, too.
  bool may_scale(std::span<const Value> operands) const {
    const int side = number(operands[0]) ? 0 : 1;
    const double c = *number(operands[side]);
    return std::abs(c) >= 1 && std::isfinite(c * scaled(operands[1 - side])->factor);
  }

  // A value may stand for an instruction's result only as the whole of a node of that shape: later views refer to it so.
  bool stands_alone(const Value& value, const Extents& shape) const {
    return builder_.so_far().result_shape(made(value)) == shape && is_whole(value.view, count(shape));
  }

  std::optional<Value> rewrite(const Instruction& in, std::span<const Value> operands) {
    const Extents shape = old_.shape(in);
    for (const Identity& law : identities) {
      if (law.op != in.op || !matches(law.left, operands[0], operands[0])) continue;
      if (operands.size() == 2 && !matches(law.right, operands[1], operands[0])) continue;
      if (law.first == Part::product && !may_scale(operands)) continue;
      const Value first = part(law.first, operands);
      if (law.make == Op::copy) {
        if (stands_alone(first, shape)) return first;
        continue;
      }
      if (law.second == Part::nothing) return builder_.apply(law.make, {&first, 1});
      const Value both[] = {first, part(law.second, operands)};
      return builder_.apply(law.make, both);
    }
    return std::nullopt;
  }

  // Of arrays only short ones: a long one is read from memory more slowly than it is computed.
  std::optional<Value> constant_of(const Instruction& in, std::span<const Value> operands) {
    const Extents shape = old_.shape(in);
    const std::int64_t size = count(shape);
    if (!info(in.op).value || !(is_scalar(old_, in) || (is_exact(in.op) && size <= longest_folded))) return std::nullopt;
    std::vector<double> x[2];
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (made(operands[i]).op != Op::constant) return std::nullopt;
      x[i] = elements_of(operands[i], shape);
    }
    std::vector<double> values;
    for (std::int64_t i = 0; i < size; ++i) values.push_back(info(in.op).value(x[0][i], operands.size() == 2 ? x[1][i] : 0));
    return builder_.constant(values, shape);
  }

  // The numbers that a constant's view shows, in C order.
  std::vector<double> elements_of(const Value& value, const Extents& shape) const {
    std::vector<double> out;
    for (const std::int64_t place : places_of(broadcast_to(value.view, shape)))
      out.push_back(builder_.so_far().constants[made(value).payload + place]);
    return out;
  }

  // A short constant array that is read out of order becomes one that is read in order.
  Value in_order(const Value& value, const Extents& shape) {
    const bool repeated =
        std::any_of(value.view.strides.begin(), value.view.strides.end(), [](std::int64_t stride) { return stride == 0; });
    if (made(value).op != Op::constant || repeated || count(shape) > longest_folded || is_whole(value.view, count(shape))) return value;
    return builder_.constant(elements_of(value, shape), shape);
  }

  // A place or scatter of constants.
  std::optional<Value> constant_part(const Instruction& in, std::span<const Value> operands) {
    const Extents shape = old_.shape(in), result = old_.result_shape(in);
    if (made(operands[0]).op != Op::constant || made(operands[1]).op != Op::constant || count(result) > longest_folded) return std::nullopt;
    const std::vector<double> values = elements_of(operands[0], shape);
    std::vector<double> out = elements_of(operands[1], result);
    std::vector<std::int64_t> target;
    if (in.operand[2].node >= 0)
      target.assign(old_.indices.begin() + in.operand[2].node, old_.indices.begin() + in.operand[2].node + count(shape));
    else
      target = places_of(old_.view(in, 2));
    for (std::size_t i = 0; i < values.size(); ++i) out[target[i]] = in.op == Op::scatter ? out[target[i]] + values[i] : values[i];
    return builder_.constant(out, result);
  }

  // `base` with the sums made in it that this place would copy there.
  Value summed_in(Value base, std::int32_t node) {
    const std::int64_t first = old_.view(old_.code[node], 2).offset;
    for (std::int32_t sum = 0; sum < node; ++sum) {
      if (destinations_[sum] != node) continue;
      const Instruction& in = old_.code[sum];
      const Value value{fresh_[in.operand[0].node].node, old_.view(in, 0)};
      if (in.operand[2].node >= 0) {
        const auto begin = old_.indices.begin() + in.operand[2].node;
        std::vector<std::int64_t> index(begin, begin + count(old_.shape(in)));
        for (std::int64_t& place : index) place += first;
        base = builder_.scatter(base, value, index);
      } else {
        View target = old_.view(in, 2);
        target.offset += first;
        base = builder_.scatter(base, value, target);
      }
    }
    return base;
  }

  Value record(std::int32_t node) {
    const Instruction& in = old_.code[node];
    const Extents shape = old_.shape(in);
    if (in.op == Op::input) return builder_.input(old_.inputs[in.payload].name, shape, old_.inputs[in.payload].seed >= 0);
    if (in.op == Op::constant)
      return builder_.constant({old_.constants.data() + in.payload, static_cast<std::size_t>(count(shape))}, shape);
    Value operands[3];
    const bool sums = in.op == Op::place && destinations_[in.operand[0].node] == node;
    for (int i = sums ? 1 : 0; i < in.arity; ++i) operands[i] = {fresh_[in.operand[i].node].node, old_.view(in, i)};
    if (in.op == Op::guard) return builder_.guard(operands[0], in.expected), operands[0];
    if (info(in.op).kind == OpKind::fold) {
      std::vector<int> axes;
      for (int axis = in.kept; axis < in.rank; ++axis) axes.push_back(axis);
      return builder_.fold(in.op, operands[0], axes);
    }
    if (in.op == Op::gather) {
      const Value source = fresh_[in.operand[0].node];
      return builder_.gather(source, {old_.indices.data() + in.payload, static_cast<std::size_t>(count(shape))}, shape);
    }
    if (writes_part(in)) {
      const Extents result = old_.result_shape(in);
      const Value& base = fresh_[in.operand[1].node];
      const bool whole_base = count(base.view.shape) == count(result);
      operands[1] = {base.node, whole_base ? whole(result) : View{result, Extents(result.size(), 0), 0}};
      if (sums) return summed_in(operands[1], node);
      if (const auto constant = constant_part(in, operands)) return *constant;
      if (in.operand[2].node >= 0)
        return builder_.scatter(operands[1], operands[0],
                                {old_.indices.data() + in.operand[2].node, static_cast<std::size_t>(count(shape))});
      return in.op == Op::place ? builder_.place(operands[1], operands[0], old_.view(in, 2))
                                : builder_.scatter(operands[1], operands[0], old_.view(in, 2));
    }
    if (in.op == Op::contract) {
      std::vector<int> axes;
      for (int axis = in.kept; axis < in.rank; ++axis) axes.push_back(axis);
      return builder_.contract(operands[0], operands[1], axes);
    }
    const std::span<const Value> span{operands, in.arity};
    if (!is_matrix(in.op))
      for (int i = 0; i < in.arity; ++i) operands[i] = in_order(operands[i], shape);
    if (is_matrix(in.op)) {
      for (int i = 0; i < in.arity; ++i) operands[i] = fresh_[in.operand[i].node];
      return in.op == Op::call ? builder_.call(old_.functions[in.payload], operands[0]) : builder_.matrix(in.op, span);
    }
    // A copy of the whole of a result says nothing new.
    if (in.op == Op::copy && stands_alone(operands[0], shape)) return operands[0];
    if (const auto constant = constant_of(in, span)) return *constant;
    if (const auto better = rewrite(in, span)) return *better;
    return builder_.apply(in.op, span);
  }

  const Program& old_;
  const std::vector<std::int32_t> destinations_;
  Builder builder_;
  std::vector<Value> fresh_;  // each old instruction's result: the whole of a node of the same shape
};

}  // namespace

bool is_exact(Op op) {
  switch (op) {
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::chain:
    case Op::divide:
    case Op::negative:
    case Op::square:
    case Op::absolute:
    case Op::sqrt:
    case Op::reciprocal:
    case Op::maximum:
    case Op::minimum:
      return true;
    default:
      return info(op).kind == OpKind::test;
  }
}

Program simplify(const Program& program) { return Rewriter(program).run(); }

}  // namespace fastcalc
