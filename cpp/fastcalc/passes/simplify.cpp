// passes: simplify. Comes in: a program. Goes out: the same function with fewer instructions.
//
// The program is recorded again, instruction by instruction, into a fresh builder; on the way an instruction may be replaced
// by a constant (all operands are), by one of its parts or by a cheaper operation (identities.def). What has become equal is
// shared by the builder's hash-consing.
#include <cmath>
#include <limits>
#include <optional>

#include "../program/builder.hpp"
#include "passes.hpp"

namespace fastcalc {
namespace {

enum class Match { any, is, negated, power_of_two, same, absent };
enum class Part { left, right, left_of, right_of, reciprocal, nothing };

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

constexpr Pattern ANY{Match::any}, NEGATED{Match::negated}, POWER_OF_TWO{Match::power_of_two}, SAME{Match::same}, ABSENT{Match::absent};
constexpr Pattern IS(double number) { return {Match::is, number}; }
constexpr Part LEFT = Part::left, RIGHT = Part::right, LEFT_OF = Part::left_of, RIGHT_OF = Part::right_of, RECIPROCAL = Part::reciprocal,
               NOTHING = Part::nothing;

constexpr Identity identities[] = {
#define IDENTITY(OP, LHS, RHS, MAKE, FIRST, SECOND, LAW) {Op::OP, LHS, RHS, Op::MAKE, FIRST, SECOND},
#include "../ops/identities.def"
#undef IDENTITY
};

class Rewriter {
 public:
  explicit Rewriter(const Program& program) : old_(program) {}

  Program run() {
    for (const Instruction& in : old_.code) fresh_.push_back(record(in));
    return builder_.finish(fresh_[old_.output], old_.name);
  }

 private:
  const Instruction& made(const Value& value) const { return builder_.so_far().code[value.node]; }

  std::optional<double> number(const Value& value) const {
    const Instruction& in = made(value);
    if (in.op != Op::constant || !is_scalar(builder_.so_far(), in)) return std::nullopt;
    return builder_.so_far().constants[in.payload];
  }

  // The u of −u, seen as −u is seen. Only where −u is read whole (or is one number), so that no views need composing.
  std::optional<Value> negated(const Value& value) const {
    const Instruction& in = made(value);
    const Program& program = builder_.so_far();
    if (in.op != Op::negative) return std::nullopt;
    const bool element_for_element = value.view.shape == program.shape(in) && is_whole(value.view, count(value.view.shape));
    if (!is_scalar(program, in) && !element_for_element) return std::nullopt;
    return Value{in.operand[0].node, broadcast_to(program.view(in, 0), value.view.shape)};
  }

  bool matches(const Pattern& pattern, const Value& value, const Value& left) const {
    switch (pattern.match) {
      case Match::any:
        return true;
      case Match::is: {
        const auto c = number(value);
        return c && *c == pattern.number && std::signbit(*c) == std::signbit(pattern.number);
      }
      case Match::negated:
        return negated(value).has_value();
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
        return *negated(operands[0]);
      case Part::right_of:
        return *negated(operands[1]);
      case Part::reciprocal:
        return builder_.constant(1 / *number(operands[1]));
      default:
        return operands[1];
    }
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

  std::optional<Value> constant_of(const Instruction& in, std::span<const Value> operands) {
    if (!info(in.op).value || !is_scalar(old_, in)) return std::nullopt;
    double x[2] = {0, 0};
    for (std::size_t i = 0; i < operands.size(); ++i) {
      const auto c = number(operands[i]);
      if (!c) return std::nullopt;
      x[i] = *c;
    }
    const double value = info(in.op).value(x[0], x[1]);
    return builder_.constant({&value, 1}, old_.shape(in));
  }

  Value record(const Instruction& in) {
    const Extents shape = old_.shape(in);
    if (in.op == Op::input) return builder_.input(old_.inputs[in.payload].name, shape, old_.inputs[in.payload].seed >= 0);
    if (in.op == Op::constant)
      return builder_.constant({old_.constants.data() + in.payload, static_cast<std::size_t>(count(shape))}, shape);
    Value operands[3];
    for (int i = 0; i < in.arity; ++i) operands[i] = {fresh_[in.operand[i].node].node, old_.view(in, i)};
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
    if (is_matrix(in.op)) {
      for (int i = 0; i < in.arity; ++i) operands[i] = fresh_[in.operand[i].node];
      return builder_.matrix(in.op, span);
    }
    // A copy of the whole of a result says nothing new.
    if (in.op == Op::copy && stands_alone(operands[0], shape)) return operands[0];
    if (const auto constant = constant_of(in, span)) return *constant;
    if (const auto better = rewrite(in, span)) return *better;
    return builder_.apply(in.op, span);
  }

  const Program& old_;
  Builder builder_;
  std::vector<Value> fresh_;  // each old instruction's result: the whole of a node of the same shape
};

}  // namespace

Program simplify(const Program& program) { return Rewriter(program).run(); }

}  // namespace fastcalc
