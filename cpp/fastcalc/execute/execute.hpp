// execute: THE switch over operations. Comes in: one instruction on slots. Goes out: its result's slots. Templated over the number
// type, so that every number type runs through it; generated from ops.def.
#pragma once

#include "../numbers/dual.hpp"
#include "../program/schedule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class Number>
void execute(const Code& code, const Push* pushes, const Pushes& count, Slots slots, int rows) {
  switch (code.op) {
#define UNARY(NAME, ...) \
  case Op::NAME:         \
    return Number::template unary<Rule<Op::NAME>>(slots, code.out, code.arg, pushes, count, rows);
#define BINARY(NAME, ...) \
  case Op::NAME:          \
    return Number::template binary<Rule<Op::NAME>>(slots, code.out, code.arg, pushes, count, rows);
#define TEST(NAME, ...) \
  case Op::NAME:        \
    return Number::template test<Rule<Op::NAME>>(slots, code.out, code.arg, rows);
#define FOLD(NAME, ...) \
  case Op::NAME:        \
    return;
#define STRUCTURE(NAME)
#include "../ops/ops.def"
#undef UNARY
#undef BINARY
#undef TEST
#undef FOLD
#undef STRUCTURE
    case Op::where:
      return Number::where(slots, code.out, code.arg, pushes, count, rows);
    case Op::copy:
      return Number::copy(slots, code.out, code.arg, rows);
    case Op::input:
    case Op::constant:
    case Op::guard:
    case Op::gather:
    case Op::place:
    case Op::scatter:
    case Op::contract:
      return;
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
