// numbers: dual numbers a + ȧ ε with ε² = 0: f(a + ȧ ε) = f(a) + f′(a) ȧ ε. THE CHAIN RULE OF FORWARD MODE STANDS HERE, ONCE.
//
// Comes in: a rule (value and partial derivatives) and slots that hold the components of the arguments. Goes out: the
// components of the result. A dual number has one value and as many tangents as seeds are active; each component is a slot, so
// the same code serves one number (F = double) and a block of rows (F = Lanes). A rule is evaluated once for all tangents: first
// the value and the partial derivatives of the whole block, then one short loop for each tangent.
//
//   tangent of f(x, y)  =  ∂f/∂x · ẋ + ∂f/∂y · ẏ,  with each term only where it is active: what is zero by structure is not multiplied.
#pragma once

#include <cstddef>
#include <type_traits>

#include "../base/lanes.hpp"
#include "../base/slots.hpp"
#include "../ops/rule.hpp"

namespace fastcalc::inline FASTCALC_ISA {

// One term of the chain rule; the kind of partial derivative decides how (see ops/tags.hpp).
template <class F>
F push(Zero, F) {
  return F(0);
}
template <class F>
F push(One, F tangent) {
  return tangent;
}
template <class F>
F push(MinusOne, F tangent) {
  return -tangent;
}
template <class F>
F push(Unknown, F tangent) {
  return select(tangent == F(0), F(0), F(NAN));
}
template <class F>
F push(typename Field<F>::Truth chosen, F tangent) {
  return select(chosen, tangent, F(0));
}
// sqrt(a·x) at x = 0: the slope of sqrt is inf, but its argument does not move with a. A tangent of 0 stays 0, as the limit does.
template <class F>
F push(F partial, F tangent) {
  return select(tangent == F(0), F(0), partial * tangent);
}

template <class F>
struct Dual {
  // What an instruction works on: the table of slots, its tangents, and how many rows.
  Slots slots;
  const Push* pushes;
  Pushes count;
  int rows;

  static constexpr int width = Field<F>::width;
  static constexpr int capacity = width == 1 ? 1 : block_rows / width;

  // A slot as it is read: kept in registers, since the compiler must assume that every store may change the table of slots.
  struct Component {
    const double* at;
    std::ptrdiff_t step;
    Component(Slots slots, std::int32_t slot) : at(slots.at[slot]), step(slots.step[slot]) {}
    F operator[](int row) const { return Field<F>::load(at + row * step); }
  };

  // A number that all rows have: what a rule makes of it alone leaves the loop over rows, as 1 / y does, the derivative of x / y.
  struct Shared {
    F number;
    F operator[](int) const { return number; }
  };

  // The values of one instruction, where a partial derivative may lie already.
  struct Values {
    Component x, y, f;
  };

  // The partial derivatives of a block, kept between the pass over values and the passes over tangents. A tag keeps nothing: it
  // is known without a number, or is read where it lies.
  template <class Partial, bool tag = std::is_empty_v<Partial>>
  struct Kept {
    Partial at[capacity];
    explicit Kept(const Values&) {
      if constexpr (capacity == 1) at[0] = Partial{};  // the compiler cannot see that one row is always written
    }
    void put(int row, Partial partial) { at[row / width] = partial; }
    Partial get(int row) const { return at[row / width]; }
  };
  template <class Tag>
  struct Kept<Tag, true> {
    const Values& values;
    explicit Kept(const Values& of) : values(of) {}
    void put(int, Tag) {}
    auto get(int row) const {
      if constexpr (std::is_same_v<Tag, OfX>)
        return values.x[row];
      else if constexpr (std::is_same_v<Tag, OfY>)
        return values.y[row];
      else if constexpr (std::is_same_v<Tag, OfF>)
        return values.f[row];
      else
        return Tag{};
    }
  };

  template <class D>
  void push_one(std::int32_t out, std::int32_t in, const Kept<D>& partial) const {
    double* to = slots.at[out];
    const Component tangent(slots, in);
    for (int row = 0; row < rows; row += width) Field<F>::store(to + row, push<F>(partial.get(row), tangent[row]));
  }

  template <class DX, class DY>
  void push_all(const Kept<DX>& dx, const Kept<DY>& dy) const {
    const Push* next = pushes;
    for (std::int32_t j = 0; j < count.both; ++j, ++next) {
      double* to = slots.at[next->out];
      const Component a(slots, next->a), b(slots, next->b);
      for (int row = 0; row < rows; row += width) Field<F>::store(to + row, push<F>(dx.get(row), a[row]) + push<F>(dy.get(row), b[row]));
    }
    for (std::int32_t j = 0; j < count.left; ++j, ++next) push_one(next->out, next->a, dx);
    for (std::int32_t j = 0; j < count.right; ++j, ++next) push_one(next->out, next->b, dy);
  }

  template <Op op>
  void unary(std::int32_t out, const std::int32_t* arg) const {
    using R = Rule<op>;
    const Values values{{slots, arg[0]}, {slots, arg[0]}, {slots, out}};
    double* to = slots.at[out];
    if (count.left == 0) {
      for (int row = 0; row < rows; row += width) Field<F>::store(to + row, R::value(values.x[row]));
      return;
    }
    using D = decltype(R::first(F(0), F(0)));
    Kept<D> dx(values);
    for (int row = 0; row < rows; row += width) {
      const F x = values.x[row], f = R::value(x);
      Field<F>::store(to + row, f);
      dx.put(row, R::first(x, f));
    }
    for (std::int32_t j = 0; j < count.left; ++j) push_one(pushes[j].out, pushes[j].a, dx);
  }

  template <Op op>
  void binary(std::int32_t out, const std::int32_t* arg) const {
    using R = Rule<op>;
    using DX = decltype(R::dx(F(0), F(0), F(0)));
    using DY = decltype(R::dy(F(0), F(0), F(0)));
    const Values values{{slots, arg[0]}, {slots, arg[1]}, {slots, out}};
    Kept<DX> dx(values);
    Kept<DY> dy(values);
    double* to = slots.at[out];
    const auto sweep = [&](auto left, auto right, auto second) {
      for (int row = 0; row < rows; row += width) {
        const F x = values.x[row], y = second[row], f = R::value(x, y);
        Field<F>::store(to + row, f);
        if constexpr (left) dx.put(row, R::dx(x, y, f));
        if constexpr (right) dy.put(row, R::dy(x, y, f));
      }
    };
    const bool left = count.both + count.left > 0, right = count.both + count.right > 0;
    constexpr std::true_type yes;
    constexpr std::false_type no;
    if (!left && !right) return sweep(no, no, values.y);
    if (!std::is_empty_v<DX> && left && values.y.step == 0)
      right ? sweep(yes, yes, Shared{values.y[0]}) : sweep(yes, no, Shared{values.y[0]});
    else
      left&& right ? sweep(yes, yes, values.y) : left ? sweep(yes, no, values.y) : sweep(no, yes, values.y);
    push_all(dx, dy);
  }

  template <Op op>
  void test(std::int32_t out, const std::int32_t* arg) const {
    using R = Rule<op>;
    const Component first(slots, arg[0]), second(slots, arg[R::arity - 1]);
    double* to = slots.at[out];
    for (int row = 0; row < rows; row += width) {
      if constexpr (R::arity == 1)
        Field<F>::store(to + row, R::value(first[row]));
      else
        Field<F>::store(to + row, R::value(first[row], second[row]));
    }
  }

  /// where(c, x, y): the chosen side's value and tangent.
  void where(std::int32_t out, const std::int32_t* arg) const {
    using Truth = typename Field<F>::Truth;
    const Component condition(slots, arg[0]);
    const Values values{{slots, arg[1]}, {slots, arg[2]}, {slots, out}};
    Kept<Truth> chosen(values), other(values);
    double* to = slots.at[out];
    for (int row = 0; row < rows; row += width) {
      const Truth c = condition[row] != F(0);
      chosen.put(row, c);
      other.put(row, !c);
      Field<F>::store(to + row, select(c, values.x[row], values.y[row]));
    }
    push_all(chosen, other);
  }

  void copy(std::int32_t out, const std::int32_t* arg) const {
    const Component x(slots, arg[0]);
    double* to = slots.at[out];
    for (int row = 0; row < rows; row += width) Field<F>::store(to + row, x[row]);
  }
};

}  // namespace fastcalc::inline FASTCALC_ISA
