// program: a traced function as data. Comes in: what the builder recorded. Goes out: instructions in an order in which
// every operand precedes its use; a node's number is its instruction's index.
//
// An instruction runs over an iteration space (its shape). The first `kept` extents are its result's shape; a reduction
// folds over the rest. Each operand is read through a view of that same iteration space, so broadcasting, slicing and
// transposing are strides. Shapes and strides live in one pool, which keeps an instruction at 64 bytes.
//
// Four structural operations move elements or contract arrays:
//   gather    result[i] = x[index[i]] for any constant index; the iteration space is the index's.
//   place     a copy of a base with a value written into a part of it; the iteration space is the value's.
//   scatter   the same with the value added (it may meet an element more than once): the adjoint of reading through a view.
//   contract  Σ x y over the axes that are not kept: products of matrices and all their relatives.
// Operations of linear algebra take whole arrays (matrices.hpp): the iteration space is the result's, the operands' views mean nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../base/status.hpp"
#include "../ops/op.hpp"
#include "matrices.hpp"
#include "schedule.hpp"
#include "view.hpp"

namespace fastcalc {

/// For place and scatter the third operand is no operand: its strides and offset say where in the result the value goes, and
/// its node is −1, or the place in Program::indices where the index begins that says it instead.
struct Operand {
  std::int32_t node;
  std::int32_t strides;  ///< index into Program::extents of `rank` numbers
  std::int64_t offset;
};

struct Instruction {
  Op op;
  std::uint8_t arity;
  std::uint8_t rank;     ///< of the iteration space
  std::uint8_t kept;     ///< leading extents that the result keeps; rank unless a fold
  bool expected;         ///< a guard's outcome
  std::int32_t shape;    ///< index into Program::extents of `rank` numbers
  std::int32_t payload;  ///< input: its number; constant: index into Program::constants; gather: into Program::indices;
                         ///< place, scatter: index into Program::extents of the result's rank and extents; call: into Program::functions
  Operand operand[3];
};
static_assert(sizeof(Instruction) == 64);

/// A function that a program calls and knows nothing of: it makes an array of an array, the same one of the same. `run` answers
/// `callback_failed` where it could not.
struct OutsideFunction {
  Extents shape;  ///< of what it makes
  std::function<Status(const double* x, double* result)> run;
};

struct Input {
  std::string name;
  std::int32_t node;
  std::int32_t seed;  ///< the tangent that this input starts, or −1 when it is not differentiated
};

struct Program {
  std::string name;
  std::vector<Instruction> code;
  Extents extents;
  std::vector<double> constants;
  std::vector<std::int64_t> indices;
  std::vector<std::shared_ptr<const OutsideFunction>> functions;  ///< that it calls
  std::vector<Input> inputs;
  std::int32_t output = -1;
  int seeds = 0;
  Schedule schedule;  ///< how the engine runs it; written by the last passes

  Extents shape(const Instruction& in) const;         ///< of the iteration space
  Extents result_shape(const Instruction& in) const;  ///< of what it makes
  View view(const Instruction& in, int operand) const;
};

/// Elements of the program's result.
std::int64_t result_size(const Program& program);

/// Whether an argument of this shape is what the input was recorded with.
bool has_shape(const Program& program, const Input& input, std::span<const std::int64_t> shape);

/// Place and scatter: the value is the first operand, the base the second; views of the base mean nothing.
inline bool writes_part(const Instruction& in) { return in.op == Op::place || in.op == Op::scatter; }

/// Whether linalg makes the result at once from arrays in memory.
inline bool takes_arrays(const Instruction& in) { return in.op == Op::contract || is_matrix(in.op); }

/// Whether the result is an array that other instructions find in memory only, once the step that makes it is over.
inline bool makes_memory(const Instruction& in) { return info(in.op).kind == OpKind::fold || writes_part(in) || takes_arrays(in); }

/// Whether a scheduled program makes its result in one step, each row without the others, so that some rows can be had alone.
bool is_by_row(const Program& program);

/// A readable listing, one instruction a line.
std::string listing(const Program& program);

/// Throws std::logic_error naming the instruction that breaks a rule of programs (order, arity, rank, bounds of views).
void verify(const Program& program);

}  // namespace fastcalc
