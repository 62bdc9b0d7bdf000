// program: records a function, one call an operation. Comes in: operations on values. Goes out: a Program.
//
// The same operation on the same operands is recorded once (hash-consing), so common subexpressions are shared by
// construction. A Value is a node seen through a view.
#pragma once

#include <span>
#include <string>
#include <unordered_map>

#include "program.hpp"

namespace fastcalc {

struct Value {
  std::int32_t node;
  View view;
};

class Builder {
 public:
  Value input(const std::string& name, const Extents& shape, bool seed);
  Value constant(std::span<const double> values, const Extents& shape);
  Value constant(double value) { return constant({&value, 1}, {}); }

  /// An operation element by element, its operands broadcast against each other.
  Value apply(Op op, std::span<const Value> operands);

  /// A reduction over `axes` (each in 0 … rank − 1, in rising order); the others are kept.
  Value fold(Op op, const Value& x, std::span<const int> axes);

  /// result[i] = x[index[i]], x counted in C order; `index` has the result's shape.
  Value gather(const Value& x, std::span<const std::int64_t> index, const Extents& shape);

  /// `base` with `value` written (place) or added (scatter) where `target` says, a view of a C-ordered array of the base's shape.
  Value place(const Value& base, const Value& value, const View& target);
  Value scatter(const Value& base, const Value& value, const View& target);

  /// `base` with each value[i] added to element index[i], counted in C order; `index` has the value's shape.
  Value scatter(const Value& base, const Value& value, std::span<const std::int64_t> index);

  /// Σ x y over `axes` of the two broadcast against each other (each in 0 … rank − 1, in rising order); the others are kept.
  Value contract(const Value& x, const Value& y, std::span<const int> axes);

  /// An operation of linear algebra: see matrices.hpp. lu_… takes what lu made.
  Value matrix(Op op, std::span<const Value> operands);

  /// What a function of the outside makes of an array. The same function of the same array is called once.
  Value call(std::shared_ptr<const OutsideFunction> function, const Value& x);

  /// A copy that is one with no other node, whatever is recorded.
  Value independent(const Value& x);

  /// The value as the whole of a node, in C order.
  Value whole_of(const Value& x);

  /// The run stops where `condition` (one element) does not come out as `expected`.
  void guard(const Value& condition, bool expected);

  /// The value as all of a node of its shape.
  Value array_of(const Value& x);

  /// The value as a C-ordered array of its own.
  Value contiguous(const Value& x);

  /// What is recorded so far, with this result. Recording may go on: one trace can give several programs.
  Program finish(const Value& result, const std::string& name);

  const Program& so_far() const { return program_; }

 private:
  Value emit(Instruction instruction, const Extents& shape, std::span<const View> views);
  std::int32_t pool(const Extents& numbers);
  std::int32_t pool_index(std::span<const std::int64_t> index);
  Value write_part(Op op, const Value& base, const Value& value, const View* target, std::span<const std::int64_t> index);

  Program program_;
  std::unordered_map<std::string, std::int32_t> known_;    // an instruction's bytes → its node
  std::unordered_map<std::string, std::int32_t> pooled_;   // a list of extents → its place in the pool
  std::unordered_map<std::string, std::int32_t> indexed_;  // the same for indices
};

}  // namespace fastcalc
