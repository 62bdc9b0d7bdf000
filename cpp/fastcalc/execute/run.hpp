// execute: a program's run. Comes in: a scheduled program, a workspace, a sink. Goes out: the result's slots, handed to the sink
// block by block.
//
// A scalar step runs its instructions once on plain doubles. An array step goes through its iteration space in blocks of
// block_rows: loads, instructions, reductions, stores, and at the program's result the sink.
#pragma once

#include "../base/interrupt.hpp"
#include "../base/status.hpp"
#include "../linalg/contract.hpp"
#include "../numbers/real.hpp"
#include "engine.hpp"
#include "fold.hpp"
#include "matrices.hpp"
#include "memory.hpp"
#include "native/functions.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// Whether a run carries tangents or values alone.
enum class Order { values, tangents };

#if defined(__AVX2__)
const native::Addresses* addresses();  // see native/functions.cpp
inline constexpr native::Target native_target{lane_width, addresses};
#else
inline constexpr native::Target native_target{lane_width, nullptr};  // no machine code for registers of two
#endif

template <Order order>
class Run {
 public:
  /// `rows` of the result; all of them unless the program is by row.
  Run(const Program& program, Workspace& workspace, Rows rows, Interrupt* interrupt)
      : program_(program),
        schedule_(program.schedule),
        workspace_(workspace),
        native_(workspace.native() ? workspace.native()->steps(native_target, order == Order::tangents) : nullptr),
        memory_(program, workspace, native_ == nullptr),
        rows_(rows),
        interrupt_(interrupt) {}

  template <class Sink>
  Status operator()(Sink& sink) {
    return steps(schedule_.steps.size(), sink);
  }

  /// All steps but the last, which would only copy the result from where it was made.
  Status without_last() {
    const auto nowhere = [](auto&&...) {};
    return steps(schedule_.steps.size() - 1, nowhere);
  }

 private:
  template <class Sink>
  Status steps(std::size_t count, Sink& sink) {
    for (std::size_t i = 0; i < count; ++i) {
      workspace_.send_home();  // a slot that pointed into an argument in the last step may be written in this one
      const Status status = run(schedule_.steps[i], sink);
      if (status != Status::running) return status;
    }
    return Status::running;
  }

  template <class Sink>
  Status run(const Step& step, Sink& sink) {
    switch (step.kind) {
      case StepKind::scalar:
        return scalar(step, sink);
      case StepKind::elementwise:
        return elementwise(step, sink);
      case StepKind::reduce:
        return by_axis(step);
      case StepKind::arrays:
        break;
    }
    return arrays(step);
  }

  native::StepCode native(const Step& step) const { return native_ ? native_[&step - schedule_.steps.data()] : native::StepCode{}; }

  template <class F>
  void codes(const Step& step, int rows, const native::StepCode& native) {
    if (native.function)
      return native.function(workspace_.at(), rows, workspace_.inputs(), workspace_.buffers(), workspace_.spilled(native.spilled));
    const Slots slots = workspace_.slots();
    for (std::int32_t i = step.codes.first; i < step.codes.last; ++i) {
      const Code& code = schedule_.codes[i];
      if constexpr (order == Order::values) {
        const Real<F> number{slots, rows};
        execute(number, code);
      } else {
        const Dual<F> number{slots, schedule_.pushes.data() + code.pushes.first, code.pushes, rows};
        execute(number, code);
      }
    }
  }

  template <class Visit>
  void folds(const Step& step, const Visit& visit) {
    for (std::int32_t i = step.folds.first; i < step.folds.last; ++i) {
      const FoldCode& code = schedule_.folds[i];
      const FoldComponent* parts = schedule_.components.data() + code.first;
      const int components = order == Order::tangents ? code.components : 1;
      visit(Fold(code, parts, components, workspace_), parts, components);
    }
  }

  bool interrupted(std::int64_t block) { return block % blocks_per_poll == blocks_per_poll - 1 && interrupt_ && interrupt_->requested(); }

  void load_elements(const Step& step) {
    for (std::int32_t i = step.loads.first; i < step.loads.last; ++i)
      if (schedule_.loads[i].kind == LoadKind::element) memory_.element(schedule_.loads[i]);
  }

  void load_block(const Step& step, std::int64_t row, int rows) {
    for (std::int32_t i = step.loads.first; i < step.loads.last; ++i) memory_.block(schedule_.loads[i], step, row, rows);
  }

  template <class List, class Visit>
  static void each_of(const List& list, Range range, const Visit& visit) {
    for (std::int32_t i = range.first; i < range.last; ++i) visit(list[i]);
  }

  template <class List, class Visit>
  static void each(const List& list, Range range, const Visit& visit) {
    each_of(list, range, [&](const auto& item) {
      if (order == Order::tangents || !item.tangent) visit(item);
    });
  }

  void starts(const Step& step) {
    each(schedule_.starts, step.starts, [&](const Start& start) { memory_.start(start); });
  }

  void stores(const Step& step, std::int64_t row, int rows) {
    each(schedule_.stores, step.stores, [&](const Store& store) { memory_.store(store, step, row, rows); });
  }

  template <class Sink>
  Status scalar(const Step& step, Sink& sink) {
    const native::StepCode native = this->native(step);
    if (!native.function) load_elements(step);  // machine code does so by itself
    codes<double>(step, 1, native);
    for (std::int32_t i = step.guards.first; i < step.guards.last; ++i)
      if ((*workspace_.slot(schedule_.guards[i].slot) != 0) != schedule_.guards[i].expected) return Status::guard_failed;
    if (!native.stores) {
      starts(step);
      stores(step, 0, 1);
    }
    if (step.output) sink(workspace_.slots(), schedule_, 0, 1);
    return Status::running;
  }

  template <class Sink>
  Status elementwise(const Step& step, Sink& sink) {
    const native::StepCode native = this->native(step);
    load_elements(step);
    starts(step);
    folds(step, [&](const Fold& fold, auto...) { fold.begin(step.extent); });
    each_of(schedule_.lags, step.lags, [&](const Lag& lag) { memory_.begin(lag); });
    const Rows range = step.output ? rows_ : Rows{0, step.extent};
    std::int64_t block = 0;
    for (std::int64_t row = range.first; row < range.last; row += block_rows) {
      if (interrupted(block++)) return Status::interrupted;
      const int rows = static_cast<int>(std::min<std::int64_t>(block_rows, range.last - row));
      load_block(step, row, rows);
      each(schedule_.stores, step.stores, [&](const Store& store) { memory_.direct(store, row, rows); });
      const bool folds_natively = native.function && order == Order::values;
      if (folds_natively) folds(step, [&](const Fold& fold, auto...) { fold.keep_tail(rows); });
      codes<Lanes>(step, rows, native);
      folds(step, [&](const Fold& fold, auto...) { folds_natively ? fold.restore_tail(rows) : fold.add(rows); });
      stores(step, row, rows);
      if (step.output) sink(workspace_.slots(), schedule_, row, rows);
      if (row + rows == range.last)
        each_of(schedule_.rests, step.rests, [&](const Rest& rest) { memory_.rest(rest, rows); });
      else
        each_of(schedule_.lags, step.lags, [&](const Lag& lag) { memory_.keep(lag); });
    }
    folds(step, [&](const Fold& fold, const FoldComponent* parts, int components) {
      fold.end(step.extent);
      for (int c = 0; c < components; ++c) Field<double>::store(workspace_.slot(parts[c].total), fold.total(c));
    });
    return Status::running;
  }

  // A reduction over some axes: the same folding, once for each kept index, into buffers.
  Status by_axis(const Step& step) {
    std::int64_t kept = 1;
    for (std::int32_t axis = 0; axis < step.kept; ++axis) kept *= schedule_.extents[step.shape + axis];
    const std::int64_t inner = kept == 0 ? 0 : step.extent / kept;
    load_elements(step);
    for (std::int64_t place = 0; place < kept; ++place) {
      if (interrupted(place)) return Status::interrupted;
      folds(step, [&](const Fold& fold, auto...) { fold.begin(inner); });
      for (std::int64_t row = 0; row < inner; row += block_rows) {
        const int rows = static_cast<int>(std::min<std::int64_t>(block_rows, inner - row));
        load_block(step, place * inner + row, rows);
        folds(step, [&](const Fold& fold, auto...) { fold.add(rows); });
      }
      folds(step, [&](const Fold& fold, const FoldComponent* parts, int components) {
        fold.end(inner);
        for (int c = 0; c < components; ++c) workspace_.buffer(parts[c].total)[place] = fold.total(c);
      });
    }
    return Status::running;
  }

  Status arrays(const Step& step) {
    Status status = Status::running;
    each(schedule_.arrays, step.arrays, [&](const ArrayCode& code) {
      if (status != Status::running) return;
      if (interrupted(blocks_per_poll - 1))
        status = Status::interrupted;
      else if (code.op == Op::contract)
        contract(step, code);
      else
        status = matrices(code);
    });
    return status;
  }

  void contract(const Step& step, const ArrayCode& code) {
    const std::int64_t* extents = schedule_.extents.data();
    const auto operand = [&](const Source& from) { return Factor{memory_.source(from) + from.offset, extents + from.strides}; };
    contract_arrays(operand(code.operand[0]), operand(code.operand[1]), {extents + step.shape, step.rank, step.kept}, code.add,
                    workspace_.buffer(code.out));
  }

  Status matrices(const ArrayCode& code) {
    const double* second = info(code.op).arity == 2 ? memory_.source(code.operand[1]) : nullptr;
    double* out = code.splat ? workspace_.slot(code.out) : workspace_.buffer(code.out);
    const double* first = memory_.source(code.operand[0]);
    const Status status = code.op == Op::call ? program_.functions[code.function]->run(first, out)
                                              : run_matrices(code.op, code.sizes, first, second, out, workspace_.scratch());
    if (code.splat) Field<double>::store(out, *out);
    return status;
  }

  const Program& program_;
  const Schedule& schedule_;
  Workspace& workspace_;
  const native::StepCode* native_;  // of each step, once there is machine code
  Memory memory_;
  Rows rows_;
  Interrupt* interrupt_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
