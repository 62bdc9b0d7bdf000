// execute: between arrays and slots. Comes in: loads and stores of the schedule. Goes out: slots that hold, or point at, a block
// of an array read through any strides.
#pragma once

#include <algorithm>

#include "../base/lanes.hpp"
#include "../program/program.hpp"
#include "workspace.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class Memory {
 public:
  Memory(const Program& program, Workspace& workspace) : program_(program), workspace_(workspace) {}

  /// One element into a splat slot.
  void element(const Load& load) { Field<double>::store(workspace_.slot(load.slot), source(load)[load.offset]); }

  /// Elements row … row + rows − 1 of the step's iteration space, in C order.
  void block(const Load& load, const Step& step, std::int64_t row, int rows) {
    if (load.kind == LoadKind::element) return;
    if (load.kind == LoadKind::gathered) return gather(load, step, row, rows);
    const double* from = source(load) + load.offset + row;
    prefetch(from + block_rows, rows);
    if (rows % lane_width == 0) {
      workspace_.at()[load.slot] = const_cast<double*>(from);  // read only: a load's slot is never an instruction's result
      return;
    }
    // The last register would read beyond the array: a copy, filled up with the last row so that no lane meets a foreign number.
    double* to = workspace_.slot(load.slot);
    workspace_.at()[load.slot] = to;
    std::copy_n(from, rows, to);
    fill_up(to, rows);
  }

  void store(const Store& store, std::int64_t row, int rows) {
    const Slots slots = workspace_.slots();
    double* to = workspace_.buffer(store.buffer) + row;
    for (int i = 0; i < rows; ++i) to[i] = slots.at[store.slot][i * slots.step[store.slot]];
  }

 private:
  const double* source(const Load& load) {
    switch (load.source) {
      case SourceKind::input:
        return workspace_.input(load.index);
      case SourceKind::constant:
        return program_.constants.data() + load.index;
      case SourceKind::buffer:
        break;
    }
    return workspace_.buffer(load.index);
  }

  // The next block, so that it comes from memory while this one is worked on. (An address beyond the array is no fault here.)
  static void prefetch(const double* next, int rows) {
    for (int i = 0; i < rows; i += alignment / static_cast<int>(sizeof(double))) __builtin_prefetch(next + i);
  }

  static void fill_up(double* to, int rows) {
    for (int i = rows; i % lane_width != 0; ++i) to[i] = to[rows - 1];
  }

  void gather(const Load& load, const Step& step, std::int64_t row, int rows) {
    const std::int64_t* shape = program_.schedule.extents.data() + step.shape;
    const std::int64_t* strides = program_.schedule.extents.data() + load.strides;
    const double* from = source(load);
    double* to = workspace_.slot(load.slot);
    const std::int32_t inner = step.rank - 1;
    for (int done = 0; done < rows;) {
      std::int64_t rest = row + done, place = load.offset;
      const std::int64_t column = rest % shape[inner];
      for (std::int32_t axis = inner; axis >= 0; --axis) {
        place += rest % shape[axis] * strides[axis];
        rest /= shape[axis];
      }
      const int run = static_cast<int>(std::min<std::int64_t>(rows - done, shape[inner] - column));
      for (int i = 0; i < run; ++i) to[done + i] = from[place + i * strides[inner]];
      done += run;
    }
    fill_up(to, rows);
  }

  const Program& program_;
  Workspace& workspace_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
