// numbers: real numbers: a value and nothing else. Comes in: a rule and the slots of its arguments. Goes out: the slot of its result.
//
// It is a Dual number without tangents, and as lean as a call can be: small programs are most of what is run for values alone.
#pragma once

#include "../base/lanes.hpp"
#include "../base/slots.hpp"
#include "../ops/rule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

template <class F>
struct Real {
  Slots slots;
  int rows;

  static constexpr int width = Field<F>::width;

  // One loop for every operation: what it computes of the rows of up to three slots.
  template <class Compute>
  void each(std::int32_t out, const Compute& compute) const {
    double* to = slots.at[out];
    if constexpr (width == 1) {
      Field<F>::store(to, compute(0));
    } else {
      for (int row = 0; row < rows; row += width) Field<F>::store(to + row, compute(row));
    }
  }

  struct Component {
    const double* at;
    std::ptrdiff_t step;
    F operator[](int row) const { return Field<F>::load(at + row * step); }
  };
  Component component(std::int32_t slot) const { return {slots.at[slot], slots.step[slot]}; }

  template <Op op>
  [[gnu::noinline]] void unary(std::int32_t out, const std::int32_t* arg) const {
    const Component x = component(arg[0]);
    each(out, [&](int row) { return Rule<op>::value(x[row]); });
  }

  template <Op op>
  [[gnu::noinline]] void binary(std::int32_t out, const std::int32_t* arg) const {
    const Component x = component(arg[0]), y = component(arg[1]);
    each(out, [&](int row) { return Rule<op>::value(x[row], y[row]); });
  }

  template <Op op>
  [[gnu::noinline]] void test(std::int32_t out, const std::int32_t* arg) const {
    if constexpr (Rule<op>::arity == 1)
      unary<op>(out, arg);
    else
      binary<op>(out, arg);
  }

  [[gnu::noinline]] void where(std::int32_t out, const std::int32_t* arg) const {
    const Component condition = component(arg[0]), x = component(arg[1]), y = component(arg[2]);
    each(out, [&](int row) { return select(condition[row] != F(0), x[row], y[row]); });
  }

  [[gnu::noinline]] void copy(std::int32_t out, const std::int32_t* arg) const {
    const Component x = component(arg[0]);
    each(out, [&](int row) { return x[row]; });
  }
};

}  // namespace fastcalc::inline FASTCALC_ISA
