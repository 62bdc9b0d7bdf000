// ops: the names of the operations, and what a pass may know of one without computing anything. From ops.def alone.
#pragma once

#include <cstdint>
#include <span>

namespace fastcalc {

enum class Op : std::uint16_t {
#define UNARY(name, ...) name,
#define BINARY(name, ...) name,
#define TEST(name, ...) name,
#define FOLD(name, ...) name,
#define STRUCTURE(name) name,
#include "ops.def"
};

enum class OpKind : std::uint8_t { unary, binary, test, fold, structure, matrix };
enum class Kink : std::uint8_t { none, zero, integers, halves, equal, multiples };
enum class Trend : std::int8_t { falls = -1, neither = 0, rises = 1 };

/// How a partial derivative is known: what activity analysis and tangent aliasing need.
enum class Partial : std::uint8_t { zero, one, x, y, f, number, unknown };

/// One row of the table.
struct OpInfo {
  Op op;
  OpKind kind;
  const char* name;
  const char* numpy;
  int arity;
  bool special;        ///< scipy.special's
  bool truth;          ///< the result is a truth value
  Partial partial[2];  ///< d/dx, d/dy
  Op step;             ///< a fold's binary operation
  double start;        ///< a fold's first value
  double domain[4];    ///< x_lo, x_hi, y_lo, y_hi
  Kink kink;
  Trend trend;
  int cost;
  double (*value)(double, double);  ///< on plain numbers (a unary operation ignores the second); null for structure
};

std::span<const OpInfo> op_table();
const OpInfo& info(Op op);

}  // namespace fastcalc
