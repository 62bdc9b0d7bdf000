// execute: THE switch over operations. Comes in: one instruction, and a number type that knows the slots it works on. Goes out: the
// result's slots. Every number type runs through it; generated from ops.def.
#pragma once

#include "../base/isa.hpp"
#include "../program/schedule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class Number>
void execute(Number& number, const Code& code) {
  switch (code.op) {
#define UNARY(NAME, ...) \
  case Op::NAME:         \
    return number.template unary<Op::NAME>(code.out, code.arg);
#define BINARY(NAME, ...) \
  case Op::NAME:          \
    return number.template binary<Op::NAME>(code.out, code.arg);
#define TEST(NAME, ...) \
  case Op::NAME:        \
    return number.template test<Op::NAME>(code.out, code.arg);
#define FOLD(NAME, ...) \
  case Op::NAME:        \
    return;
#define MATRIX(NAME, ...) \
  case Op::NAME:          \
    return;
#include "../ops/ops.def"
    case Op::where:
      return number.where(code.out, code.arg);
    case Op::copy:
      return number.copy(code.out, code.arg);
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
