// derive: the field of symbols. A Term is a number or a value of a program that is being recorded, and arithmetic on Terms records
// instructions: so the rules of ops.def, written over any field F, write down their own derivatives.
//
// Comes in: operands of an instruction. Goes out: its partial derivatives, as values of the same program. What is known is computed
// at once: a Term made of numbers alone is a number.
#pragma once

#include "../ops/rule.hpp"
#include "../program/builder.hpp"

namespace fastcalc {

class Term {
 public:
  Term() : Term(0.0) {}
  Term(double number) : number_(number) {}
  /// A value; if it is one number repeated, and known, that number.
  Term(Builder& builder, Value value) {
    const Program& program = builder.so_far();
    const Instruction& made = program.code[value.node];
    if (made.op == Op::constant && count(program.result_shape(made)) == 1) {
      number_ = program.constants[made.payload];
    } else {
      builder_ = &builder;
      value_ = std::move(value);
    }
  }

  bool is_number() const { return builder_ == nullptr; }
  double number() const { return number_; }
  Value value(Builder& builder) const { return builder_ ? value_ : builder.constant(number_); }

  static Term apply(Op op, const Term& x) {
    if (x.is_number()) return info(op).value(x.number_, 0);
    const Value operand = x.value_;
    return {*x.builder_, x.builder_->apply(op, {&operand, 1})};
  }
  static Term apply(Op op, const Term& x, const Term& y) {
    if (x.is_number() && y.is_number()) return info(op).value(x.number_, y.number_);
    Builder& builder = x.builder_ ? *x.builder_ : *y.builder_;
    const Value operands[] = {x.value(builder), y.value(builder)};
    return {builder, builder.apply(op, operands)};
  }
  static Term choose(const Term& condition, const Term& x, const Term& y) {
    if (condition.is_number()) return condition.number_ != 0 ? x : y;
    Builder& builder = *condition.builder_;
    const Value operands[] = {condition.value_, x.value(builder), y.value(builder)};
    return {builder, builder.apply(Op::where, operands)};
  }

 private:
  Builder* builder_ = nullptr;
  double number_ = 0;
  Value value_{};
};

/// A truth value of this field.
struct TermTruth {
  Term term;
};

inline Term operator+(const Term& x, const Term& y) { return Term::apply(Op::add, x, y); }
inline Term operator-(const Term& x, const Term& y) { return Term::apply(Op::subtract, x, y); }
inline Term operator*(const Term& x, const Term& y) { return Term::apply(Op::multiply, x, y); }
inline Term operator/(const Term& x, const Term& y) { return Term::apply(Op::divide, x, y); }
inline Term operator-(const Term& x) { return Term::apply(Op::negative, x); }

inline TermTruth operator<(const Term& x, const Term& y) { return {Term::apply(Op::less, x, y)}; }
inline TermTruth operator<=(const Term& x, const Term& y) { return {Term::apply(Op::less_equal, x, y)}; }
inline TermTruth operator>(const Term& x, const Term& y) { return {Term::apply(Op::greater, x, y)}; }
inline TermTruth operator>=(const Term& x, const Term& y) { return {Term::apply(Op::greater_equal, x, y)}; }
inline TermTruth operator==(const Term& x, const Term& y) { return {Term::apply(Op::equal, x, y)}; }
inline TermTruth operator!=(const Term& x, const Term& y) { return {Term::apply(Op::not_equal, x, y)}; }
inline TermTruth operator&(const TermTruth& x, const TermTruth& y) { return {Term::apply(Op::logical_and, x.term, y.term)}; }
inline TermTruth operator|(const TermTruth& x, const TermTruth& y) { return {Term::apply(Op::logical_or, x.term, y.term)}; }
inline TermTruth operator!(const TermTruth& x) { return {Term::apply(Op::logical_not, x.term)}; }
inline TermTruth truth(const TermTruth& x) { return x; }
inline Term select(const TermTruth& condition, const Term& x, const Term& y) { return Term::choose(condition.term, x, y); }

// Every operation of the table under its own name …
#define UNARY(NAME, ...) \
  inline Term NAME(const Term& x) { return Term::apply(Op::NAME, x); }
#define BINARY(NAME, ...) \
  inline Term NAME(const Term& x, const Term& y) { return Term::apply(Op::NAME, x, y); }
#include "../ops/ops.def"

// … and under the C library's, where rules use that.
inline Term abs(const Term& x) { return absolute(x); }
inline Term asin(const Term& x) { return arcsin(x); }
inline Term acos(const Term& x) { return arccos(x); }
inline Term atan(const Term& x) { return arctan(x); }
inline Term asinh(const Term& x) { return arcsinh(x); }
inline Term acosh(const Term& x) { return arccosh(x); }
inline Term atanh(const Term& x) { return arctanh(x); }
inline Term pow(const Term& x, const Term& y) { return y.is_number() && y.number() == 1 ? x : power(x, y); }
inline Term atan2(const Term& x, const Term& y) { return arctan2(x, y); }

}  // namespace fastcalc
