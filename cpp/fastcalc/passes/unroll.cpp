// passes: unroll. Comes in: a program of a few short arrays. Goes out: the same numbers, each an instruction of its own; or nothing,
// where that would not be faster.
//
// A step over an array costs some 25 ns before it computes anything, an instruction on a plain number about half a ns. Among plain numbers
// gathers, slices and what is placed into parts of arrays cost nothing, and neither do the zeros and ones of a small Jacobian. The result
// has the same bits: only what is exactly rounded is unrolled, and a reduction is halved as the engine halves it (execute/fold.hpp).
#include <bit>
#include <cmath>
#include <set>
#include <utility>

#include "../program/builder.hpp"
#include "passes.hpp"

namespace fastcalc {
namespace {

/// Instructions on numbers that are as cheap as one step over an array (measured: Rosenbrock's gradient of 16 variables, Broyden's Jacobian
/// of 20).
constexpr std::size_t worth_a_step = 80;

/// Elements of one array: a longer one is better in registers.
constexpr std::int64_t longest = 256;

/// One element of an array: a number that is known, or an element of a node of the new program.
struct Element {
  double number = 0;
  std::int32_t node = -1;         // −1: it is known
  std::int64_t place = 0;         // in the node
  bool is_added_to_zero = false;  // what is meant is it + 0, which is the same but for −0

  bool is_known() const { return node < 0; }
};

class Unroller {
 public:
  /// `most`: instructions that may be recorded, before simplify sees them.
  Unroller(const Program& program, std::size_t most) : old_(program), most_(most) {}

  std::optional<Program> run() {
    for (std::size_t node = 0; node < old_.code.size(); ++node) {
      const Instruction& in = old_.code[node];
      if (!record(in) || builder_.so_far().code.size() > most_) return std::nullopt;
    }
    return builder_.finish(result(), old_.name);
  }

 private:
  static Element known(double number) { return {.number = number}; }
  static Element made(const Value& value) { return {.node = value.node, .place = value.view.offset}; }
  static bool is_zero(const Element& element) { return element.is_known() && element.number == 0 && !std::signbit(element.number); }

  Value value_of(const Element& element) {
    if (element.is_known()) return builder_.constant(element.number);
    const Value value{element.node, {{}, {}, element.place}};
    if (!element.is_added_to_zero) return value;
    const Value both[] = {value, builder_.constant(0)};
    return builder_.apply(Op::add, both);
  }

  // The elements that an operand shows, in C order of the iteration space.
  std::vector<Element> shown(const Instruction& in, int operand) const {
    const std::vector<Element>& all = elements_[in.operand[operand].node];
    std::vector<Element> out;
    for (const std::int64_t place : places_of(old_.view(in, operand))) out.push_back(all[place]);
    return out;
  }

  bool record(const Instruction& in) {
    const std::int64_t size = count(old_.shape(in));
    std::vector<Element> elements;
    if (in.op == Op::input) {
      const Value input = builder_.input(old_.inputs[in.payload].name, old_.shape(in), false);
      for (std::int64_t i = 0; i < size; ++i) elements.push_back(made({input.node, {{}, {}, i}}));
    } else if (in.op == Op::constant) {
      for (std::int64_t i = 0; i < size; ++i) elements.push_back(known(old_.constants[in.payload + i]));
    } else if (in.op == Op::guard) {
      builder_.guard(value_of(shown(in, 0)[0]), in.expected);
    } else if (in.op == Op::gather) {
      for (std::int64_t i = 0; i < size; ++i) elements.push_back(elements_[in.operand[0].node][old_.indices[in.payload + i]]);
    } else if (writes_part(in)) {
      elements = written(in);
    } else if (info(in.op).kind == OpKind::fold) {
      if (!is_exact(info(in.op).step)) return false;
      elements = reduced(in);
    } else {
      // A function of a library may round an array otherwise than a number.
      const bool structure = in.op == Op::copy || in.op == Op::where;
      if (takes_arrays(in) || (info(in.op).kind == OpKind::structure && !structure)) return false;
      if (!structure && !is_exact(in.op) && !is_scalar(old_, in)) return false;
      elements = each(in, size);
    }
    elements_.push_back(std::move(elements));
    return true;
  }

  std::vector<Element> each(const Instruction& in, std::int64_t size) {
    std::vector<Element> operands[3], out;
    for (int i = 0; i < in.arity; ++i) operands[i] = shown(in, i);
    for (std::int64_t k = 0; k < size; ++k) {
      if (in.op == Op::copy)
        out.push_back(operands[0][k]);
      else if (in.op == Op::where)
        out.push_back(chosen(operands[0][k], operands[1][k], operands[2][k]));
      else
        out.push_back(applied(in.op, operands[0][k], in.arity == 2 ? operands[1][k] : known(0), in.arity));
    }
    return out;
  }

  Element chosen(const Element& condition, const Element& first, const Element& second) {
    if (condition.is_known()) return condition.number != 0 ? first : second;
    const Value all[] = {value_of(condition), value_of(first), value_of(second)};
    return made(builder_.apply(Op::where, all));
  }

  Element applied(Op op, const Element& x, const Element& y, int arity = 2) {
    if (x.is_known() && y.is_known() && is_exact(op)) return known(info(op).value(x.number, y.number));
    if (op == Op::chain && y.is_known() && y.number == 0) return y;  // as the chain rule's product is defined
    const Value both[] = {value_of(x), arity == 2 ? value_of(y) : Value{}};
    return made(builder_.apply(op, {both, static_cast<std::size_t>(arity)}));
  }

  // A place or scatter: a sum of addends is begun from 0 only once somebody reads it, since 0 + (x + y) is (0 + x) + y to the last bit.
  std::vector<Element> written(const Instruction& in) {
    const std::vector<Element>& base = elements_[in.operand[1].node];
    const std::int64_t result = count(old_.result_shape(in));
    std::vector<Element> out(result), values = shown(in, 0);
    for (std::int64_t i = 0; i < result; ++i) out[i] = base[base.size() == 1 ? 0 : i];
    std::vector<std::int64_t> target;
    if (in.operand[2].node >= 0)
      target.assign(old_.indices.begin() + in.operand[2].node, old_.indices.begin() + in.operand[2].node + values.size());
    else
      target = places_of(old_.view(in, 2));
    for (std::size_t k = 0; k < values.size(); ++k) {
      Element& place = out[target[k]];
      if (in.op == Op::place)
        place = values[k];
      else if (is_zero(place) && !values[k].is_known())
        place = values[k], place.is_added_to_zero = true;
      else if (place.is_added_to_zero)
        place.is_added_to_zero = false, place = applied(Op::add, place, values[k]), place.is_added_to_zero = true;
      else
        place = applied(Op::add, place, values[k]);
    }
    return out;
  }

  // The rows of each kept index, filled up to a power of two with the start, which changes nothing, and halved.
  std::vector<Element> reduced(const Instruction& in) {
    const std::vector<Element> all = shown(in, 0);
    const std::int64_t kept = count(old_.result_shape(in)), rows = kept == 0 ? 0 : static_cast<std::int64_t>(all.size()) / kept;
    std::vector<Element> out;
    for (std::int64_t first = 0; first < kept * rows; first += rows) {
      std::vector<Element> running(all.begin() + first, all.begin() + first + rows);
      for (std::int64_t half = std::bit_ceil(static_cast<std::uint64_t>(rows)) / 2; half > 0; half /= 2) {
        for (std::int64_t i = half; i < static_cast<std::int64_t>(running.size()); ++i)
          running[i - half] = applied(info(in.op).step, running[i - half], running[i]);
        running.resize(std::min<std::int64_t>(half, running.size()));
      }
      out.push_back(applied(info(in.op).step, running[0], known(info(in.op).start)));
    }
    if (rows == 0) out.assign(kept, known(info(in.op).start));
    return out;
  }

  Value result() {
    const Extents shape = old_.result_shape(old_.code[old_.output]);
    const std::vector<Element>& elements = elements_[old_.output];
    if (shape.empty()) return value_of(elements[0]);
    Value array{builder_.constant(0).node, broadcast_to({}, shape)};  // which machine code fills by whole registers
    for (std::size_t i = 0; i < elements.size(); ++i)
      if (!is_zero(elements[i])) array = builder_.place(array, value_of(elements[i]), {{}, {}, static_cast<std::int64_t>(i)});
    return array;
  }

  const Program& old_;
  std::size_t most_;
  Builder builder_;
  std::vector<std::vector<Element>> elements_;  // of each old instruction's result
};

/// Steps of the program as it is.
std::size_t steps_of(const Program& program) {
  const std::vector<std::int32_t> levels = fuse(program);
  std::set<std::pair<std::int32_t, Extents>> steps;
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    const Instruction& in = program.code[node];
    if (in.op != Op::input && in.op != Op::constant) steps.emplace(levels[node], is_scalar(program, in) ? Extents{} : program.shape(in));
  }
  return steps.size();
}

}  // namespace

std::optional<Program> unroll(const Program& program) {
  // With tangents the rows are data; a single step may run over more rows than it was recorded with.
  if (program.seeds > 0) return std::nullopt;
  for (const Instruction& in : program.code)
    if (count(program.shape(in)) > longest || count(program.result_shape(in)) > longest) return std::nullopt;
  const std::size_t steps = steps_of(program);
  if (steps < 2) return std::nullopt;
  const std::optional<Program> recorded = Unroller(program, 3 * worth_a_step * steps).run();
  if (!recorded) return std::nullopt;
  Program numbers = prune(simplify(*recorded));
  if (numbers.code.size() > worth_a_step * steps) return std::nullopt;
  return numbers;
}

}  // namespace fastcalc
