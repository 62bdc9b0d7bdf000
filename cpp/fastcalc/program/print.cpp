// program: a listing for people. Comes in: a program. Goes out: text, one instruction a line, operands by name:
//
//   v3 = exp v2                      (14,)
//   v5 = multiply b1 v4[0:14:2]      a view other than the whole is shown by offset and strides
#include "program.hpp"

#include <cstdio>

namespace fastcalc {
namespace {

std::string shape_text(const Extents& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) out += std::to_string(shape[i]) + (shape.size() == 1 || i + 1 < shape.size() ? "," : "");
  return out + ")";
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  double back = 0;
  for (int digits = 1; digits < 17; ++digits) {  // the shortest text that reads back as the same number
    char shorter[32];
    std::snprintf(shorter, sizeof shorter, "%.*g", digits, value);
    std::sscanf(shorter, "%lf", &back);
    if (back == value) return shorter;
  }
  return text;
}

std::string operand_text(const Program& program, const Instruction& in, int operand) {
  const Instruction& made = program.code[in.operand[operand].node];
  const std::int64_t elements = count(program.result_shape(made));
  std::string name = "v" + std::to_string(in.operand[operand].node);
  if (made.op == Op::input) name = program.inputs[made.payload].name;
  if (made.op == Op::constant && elements == 1) return number_text(program.constants[made.payload]);
  const View view = program.view(in, operand);
  if (elements == 1 || is_matrix(in.op) || is_whole(view, elements)) return name;
  return name + "[" + std::to_string(view.offset) + " + " + shape_text(view.strides) + "]";
}

}  // namespace

std::string listing(const Program& program) {
  std::string out = program.name + "(";
  for (std::size_t i = 0; i < program.inputs.size(); ++i) {
    const Input& input = program.inputs[i];
    out += (i ? ", " : "") + input.name + shape_text(program.result_shape(program.code[input.node]));
  }
  out += ")\n";
  for (std::size_t node = 0; node < program.code.size(); ++node) {
    const Instruction& in = program.code[node];
    if (in.op == Op::input || (in.op == Op::constant && count(program.result_shape(in)) == 1)) continue;
    std::string line = in.op == Op::guard ? "  guard" : "  v" + std::to_string(node) + " = " + info(in.op).name;
    for (int i = 0; i < in.arity; ++i) line += " " + operand_text(program, in, i);
    if (in.op == Op::guard) line += in.expected ? " is true" : " is false";
    if (info(in.op).kind == OpKind::fold)
      line += " over " + shape_text(Extents(program.extents.begin() + in.shape + in.kept, program.extents.begin() + in.shape + in.rank));
    if (in.op != Op::guard) {
      if (line.size() < 40) line.resize(40, ' ');
      line += " " + shape_text(program.result_shape(in));
    }
    out += line + "\n";
  }
  return out + "  return v" + std::to_string(program.output) + "\n";
}

}  // namespace fastcalc
