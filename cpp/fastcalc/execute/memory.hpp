// execute: between arrays and slots. Comes in: loads, starts and stores of the schedule. Goes out: slots that hold, or point at, a
// block of an array read through any strides or an index; and buffers, or parts of them, that hold what was in slots.
#pragma once

#include <algorithm>
#include <limits>

#include "../base/lanes.hpp"
#include "../program/program.hpp"
#include "workspace.hpp"

namespace fastcalc::inline FASTCALC_ISA {

class Memory {
 public:
  /// `prefetches`: asks for the next block of an array; machine code does so by itself.
  Memory(const Program& program, Workspace& workspace, bool prefetches)
      : program_(program), workspace_(workspace), prefetches_(prefetches) {}

  /// One element into a splat slot.
  void element(const Load& load) { Field<double>::store(workspace_.slot(load.slot), source(load.from)[load.from.offset]); }

  /// Elements row … row + rows − 1 of the step's iteration space, in C order.
  void block(const Load& load, const Step& step, std::int64_t row, int rows) {
    if (load.kind == LoadKind::element) return;
    if (load.kind == LoadKind::gathered) return gather(load, step, row, rows);
    if (load.kind == LoadKind::indexed) return look_up(load, row, rows);
    consecutive(load, source(load.from) + load.from.offset + row, rows);
  }

  /// A buffer's first contents.
  void start(const Start& start) {
    double* const to = workspace_.buffer(start.buffer);
    if (start.slot < 0)
      std::copy(source(start.from) + start.first, source(start.from) + start.last, to + start.first);
    else
      std::fill(to + start.first, to + start.last, *workspace_.slot(start.slot));
  }

  /// Before a step's first block.
  void begin(const Lag& lag) {
    double* const of = workspace_.slot(lag.of);
    std::fill_n(of - splat_width, splat_width, 0.0);
    workspace_.at()[lag.slot] = of - lag.rows;
  }

  /// Behind a block that another one follows.
  void keep(const Lag& lag) {
    double* const of = workspace_.slot(lag.of);
    std::copy_n(of + block_rows - splat_width, splat_width, of - splat_width);
  }

  /// Behind the last block, of `rows` rows.
  void rest(const Rest& rest, int rows) {
    double* to = workspace_.buffer(rest.buffer) + rest.offset;
    std::int32_t longest = 0;
    const auto each = [&](const auto& visit) {
      for (std::int32_t i = rest.first; i < rest.last; ++i) visit(program_.schedule.lags[i]);
    };
    each([&](const Lag& lag) { longest = std::max(longest, lag.rows); });
    for (std::int32_t i = 0; i < longest; ++i) {
      double sum = 0;
      each([&](const Lag& lag) {
        if (i < lag.rows) sum += workspace_.at()[lag.slot][rows + i];
      });
      to[i] = sum;
    }
  }

  /// Where an instruction of this block is to put what is stored: whole registers where they belong.
  void direct(const Store& store, std::int64_t row, int rows) {
    if (store.direct) workspace_.at()[store.slot] = rows % lane_width == 0 ? place_of(store, row) : workspace_.slot(store.slot);
  }

  void store(const Store& store, const Step& step, std::int64_t row, int rows) {
    if (store.direct && workspace_.at()[store.slot] == place_of(store, row)) return;
    store.add ? put_rows<true>(store, step, row, rows) : put_rows<false>(store, step, row, rows);
  }

  const double* source(const Source& from) {
    switch (from.kind) {
      case SourceKind::input:
        return workspace_.input(from.index);
      case SourceKind::constant:
        return program_.constants.data() + from.index;
      case SourceKind::slot:
        return workspace_.slot(from.index);
      case SourceKind::buffer:
        break;
    }
    return workspace_.buffer(from.index);
  }

 private:
  double* place_of(const Store& store, std::int64_t row) { return workspace_.buffer(store.buffer) + store.offset + row; }

  void consecutive(const Load& load, const double* from, int rows) {
    if (prefetches_) prefetch(from + block_rows, rows);
    double* to = workspace_.slot(load.slot);
    workspace_.at()[load.slot] = to;
    if (rows % lane_width == 0) {
      workspace_.at()[load.slot] = const_cast<double*>(from);  // read only: a load's slot is never an instruction's result
      return;
    }
    // The last register would read beyond the array: a copy, filled up with the last row so that no lane meets a foreign number.
    std::copy_n(from, rows, to);
    fill_up(to, rows);
  }

  template <bool add>
  void put_run(double* to, const double* from, std::ptrdiff_t stride, int rows) {
    int i = 0;
    for (; i + lane_width <= rows; i += lane_width) {
      const Lanes value = Field<Lanes>::load(from + i * stride);  // a splat slot holds a whole register of its number
      Field<Lanes>::store(to + i, add ? Field<Lanes>::load(to + i) + value : value);
    }
    for (; i < rows; ++i) to[i] = add ? to[i] + from[i * stride] : from[i * stride];
  }

  template <bool add>
  void put_rows(const Store& store, const Step& step, std::int64_t row, int rows) {
    const Slots slots = workspace_.slots();
    const double* from = slots.at[store.slot];
    const std::ptrdiff_t stride = slots.step[store.slot];
    double* to = workspace_.buffer(store.buffer);
    const auto put = [&](double& place, int i) { place = add ? place + from[i * stride] : from[i * stride]; };
    if (store.kind == LoadKind::indexed) {
      const std::int64_t* index = program_.indices.data() + store.strides + row;
      for (int i = 0; i < rows; ++i) put(to[index[i]], i);
    } else if (store.kind == LoadKind::contiguous) {
      put_run<add>(to + store.offset + row, from, stride, rows);
    } else {
      each_run(step, store.strides, row, rows, [&](int first, int run, std::int64_t place, std::int64_t inner) {
        to = workspace_.buffer(store.buffer) + store.offset + place;
        if (inner == 1) return put_run<add>(to, from + first * stride, stride, run);
        for (int i = 0; i < run; ++i) put(to[i * inner], first + i);
      });
    }
  }

  // The next block, so that it comes from memory while this one is worked on. (An address beyond the array is no fault here.)
  static void prefetch(const double* next, int rows) {
    for (int i = 0; i < rows; i += alignment / static_cast<int>(sizeof(double))) __builtin_prefetch(next + i);
  }

  static void fill_up(double* to, int rows) {
    for (int i = rows; i % lane_width != 0; ++i) to[i] = to[rows - 1];
  }

  void gather(const Load& load, const Step& step, std::int64_t row, int rows) {
    const double* from = source(load.from) + load.from.offset;
    double* to = workspace_.slot(load.slot);
    workspace_.at()[load.slot] = to;
    each_run(step, load.from.strides, row, rows, [&](int first, int run, std::int64_t place, std::int64_t inner) {
      if (inner == 1 && run == rows) return consecutive(load, from + place, rows);
      if (inner == 1)
        std::copy_n(from + place, run, to + first);
      else if (inner == 0)
        std::fill_n(to + first, run, from[place]);
      else
        for (int i = 0; i < run; ++i) to[first + i] = from[place + i * inner];
    });
    if (workspace_.at()[load.slot] == to) fill_up(to, rows);
  }

  void look_up(const Load& load, std::int64_t row, int rows) {
    const double* from = source(load.from);
    const std::int64_t* index = program_.indices.data() + load.from.strides + row;
    double* to = workspace_.slot(load.slot);
    for (int i = 0; i < rows; ++i) to[i] = from[index[i]];
    fill_up(to, rows);
  }

  // Rows of the iteration space as runs along its last axis: visit(first row of the run, its length, its place, the stride in it).
  template <class Visit>
  void each_run(const Step& step, std::int32_t strides_at, std::int64_t row, int rows, const Visit& visit) {
    const std::int64_t* shape = program_.schedule.extents.data() + step.shape;
    const std::int64_t* strides = program_.schedule.extents.data() + strides_at;
    const std::int32_t inner = step.rank - 1;
    std::int64_t index[std::numeric_limits<std::uint8_t>::max()], place = 0;
    for (std::int32_t axis = inner; axis >= 0; --axis) {
      index[axis] = row ? row % shape[axis] : 0;
      row = row ? row / shape[axis] : 0;
      place += index[axis] * strides[axis];
    }
    for (int done = 0;;) {
      const int run = static_cast<int>(std::min<std::int64_t>(rows - done, shape[inner] - index[inner]));
      visit(done, run, place, strides[inner]);
      done += run;
      if (done == rows) return;
      place -= index[inner] * strides[inner];  // on to the next run, as an odometer does
      index[inner] = 0;
      for (std::int32_t axis = inner - 1;; --axis) {
        place += strides[axis];
        if (++index[axis] < shape[axis]) break;
        place -= shape[axis] * strides[axis];
        index[axis] = 0;
      }
    }
  }

  const Program& program_;
  Workspace& workspace_;
  bool prefetches_;
};

}  // namespace fastcalc::inline FASTCALC_ISA
