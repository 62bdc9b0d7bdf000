// execute: reductions. Comes in: blocks of a value and its tangents. Goes out: their fold, one number a component.
//
// A block of running totals takes each incoming block with one ordinary element-wise instruction; at the end it is halved until
// one row is left. So any binary operation folds, its tangents by its own chain rule; the order of a sum is fixed, and pairwise
// where it matters.
#pragma once

#include <bit>

#include "../numbers/dual.hpp"
#include "execute.hpp"
#include "workspace.hpp"

namespace fastcalc::inline FASTCALC_ISA {

// The operation of a fold, looked up once for all of a loop: loop.operator()<op>().
template <class Loop>
struct OfOperation {
  const Loop& loop;

  template <Op op>
  void binary(std::int32_t, const std::int32_t*) const {
    loop.template operator()<op>();
  }
  template <Op op>
  void test(std::int32_t, const std::int32_t*) const {
    if constexpr (Rule<op>::arity == 2) loop.template operator()<op>();
  }
  template <Op>
  void unary(std::int32_t, const std::int32_t*) const {}
  void where(std::int32_t, const std::int32_t*) const {}
  void copy(std::int32_t, const std::int32_t*) const {}
};

class Fold {
 public:
  Fold(const FoldCode& code, const FoldComponent* parts, int components, Workspace& workspace)
      : code_(code), parts_(parts), components_(components), workspace_(workspace) {}

  void begin(std::int64_t extent) const {
    for (int c = 0; c < components_; ++c) std::fill_n(workspace_.slot(parts_[c].running), width(extent), c == 0 ? code_.start : 0.0);
  }

  /// running[i] = step(running[i], from[i]) for the rows of a block.
  void add(int rows) const {
    const Slots slots = workspace_.slots();
    const int whole = rows / lane_width * lane_width;
    if (components_ == 1) return add_values(slots.at[parts_->from], slots.step[parts_->from], whole, rows);
    if (whole > 0) {
      for (int c = 0; c < components_; ++c) operand(c, slots.at[parts_[c].from], slots.step[parts_[c].from]);
      combine(0, whole);
    }
    if (whole == rows) return;
    // The last register is filled up with what changes nothing: the start value, without tangent.
    for (int c = 0; c < components_; ++c) {
      double* tail = workspace_.fold_tail(c);
      std::fill_n(tail, lane_width, c == 0 ? code_.start : 0.0);
      for (int row = whole; row < rows; ++row) tail[row - whole] = slots.at[parts_[c].from][row * slots.step[parts_[c].from]];
      operand(c, tail, 1);
    }
    combine(whole, lane_width);
  }

  /// Machine code folds whole registers by itself. What it makes of the totals of rows that a block does not have is undone: they wait
  /// before the slot meanwhile.
  void keep_tail(int rows) const { std::copy_n(running() + rows, tail_rows(rows), running() - splat_width); }
  void restore_tail(int rows) const { std::copy_n(running() - splat_width, tail_rows(rows), running() + rows); }

  void end(std::int64_t extent) const {
    if (components_ == 1) return halve_values(width(extent));
    for (int half = width(extent) / 2; half > 0; half /= 2) {
      for (int c = 0; c < components_; ++c) operand(c, workspace_.slot(parts_[c].running) + half, 1);
      combine(0, std::max(half, lane_width));
    }
  }

  double total(int component) const { return *workspace_.slot(parts_[component].running); }

 private:
  // A power of two, so that halving meets no odd row, and at least a register.
  static int width(std::int64_t extent) {
    const auto rows = static_cast<unsigned>(std::min<std::int64_t>(block_rows, extent));
    return std::max<int>(static_cast<int>(std::bit_ceil(rows)), lane_width);
  }

  static int tail_rows(int rows) { return (lane_width - rows % lane_width) % lane_width; }
  double* running() const { return workspace_.slot(parts_->running); }

  // Values alone, as most reductions are.
  template <class Loop>
  void look_up(const Loop& loop) const {
    const OfOperation<Loop> number{loop};
    execute(number, Code{code_.op, 0, {0, 0, 0}, {}});
  }

  template <Op op>
  static void join(double* running, const double* from, std::ptrdiff_t step, int rows) {
    for (int row = 0; row < rows; row += lane_width)
      Field<Lanes>::store(running + row, Rule<op>::value(Field<Lanes>::load(running + row), Field<Lanes>::load(from + row * step)));
  }

  void add_values(const double* from, std::ptrdiff_t step, int whole, int rows) const {
    double* const running = workspace_.slot(parts_->running);
    double tail[lane_width];
    std::fill_n(tail, lane_width, code_.start);
    for (int row = whole; row < rows; ++row) tail[row - whole] = from[row * step];
    look_up([&]<Op op>() {
      join<op>(running, from, step, whole);
      if (whole < rows) join<op>(running + whole, tail, 1, lane_width);
    });
  }

  void halve_values(int width) const {
    double* const running = workspace_.slot(parts_->running);
    look_up([&]<Op op>() {
      for (int half = width / 2; half > 0; half /= 2) join<op>(running, running + half, 1, std::max(half, lane_width));
    });
  }

  void operand(int component, double* at, std::uint8_t step) const {
    workspace_.fold_at()[components_ + component] = at;
    workspace_.fold_step()[components_ + component] = step;
  }

  // A table of slots of its own: first the running totals, then what joins them. An argument that is a partial derivative itself (of
  // a product) is kept aside, since the result takes its place.
  void combine(int offset, int rows) const {
    double kept[2][block_rows];
    std::int32_t arguments[2] = {0, components_};
    for (int c = 0; c < components_; ++c) {
      workspace_.fold_at()[c] = workspace_.slot(parts_[c].running) + offset;
      workspace_.fold_step()[c] = 1;
      workspace_.fold_pushes()[c] = {c + 1, c + 1, components_ + c + 1};
    }
    const Partial(&partial)[2] = info(code_.op).partial;
    for (int i = 0; i < 2 && components_ > 1; ++i) {
      const Partial argument = i == 0 ? Partial::x : Partial::y;
      if (partial[0] != argument && partial[1] != argument) continue;
      const std::int32_t place = 2 * components_ + i;
      for (int row = 0; row < rows; ++row) kept[i][row] = workspace_.fold_at()[arguments[i]][row * workspace_.fold_step()[arguments[i]]];
      workspace_.fold_at()[place] = kept[i];
      workspace_.fold_step()[place] = 1;
      arguments[i] = place;
    }
    const Code step{code_.op, 0, {arguments[0], arguments[1], 0}, {}};
    Dual<Lanes> number{{workspace_.fold_at(), workspace_.fold_step()}, workspace_.fold_pushes(), {0, components_ - 1, 0, 0}, rows};
    execute(number, step);
  }

  const FoldCode& code_;
  const FoldComponent* parts_;
  int components_;
  Workspace& workspace_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
