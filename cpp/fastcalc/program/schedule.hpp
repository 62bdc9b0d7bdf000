// program: how an engine runs a program. Written by the passes fuse, activity and registers; read by execute.
//
// A *slot* is a place for one component (a value, or one tangent) of one node: a splat slot holds one number repeated over a
// register, a block slot `block_rows` numbers. A *step* is a run of instructions over one iteration space; an array step goes
// through all its instructions block by block, so that what passes between them stays in cache. What a later step reads is
// stored in a *buffer*, one a component.
#pragma once

#include <cstdint>
#include <vector>

#include "../base/slots.hpp"
#include "matrices.hpp"

namespace fastcalc {

enum class SourceKind : std::uint8_t { input, constant, buffer, slot };
enum class LoadKind : std::uint8_t {
  element,     ///< one element, once a step, into a splat slot
  contiguous,  ///< consecutive elements: the slot points at them
  gathered,    ///< any other strides: copied into the slot
  indexed,     ///< element index[row] of the source
};
enum class StepKind : std::uint8_t { scalar, elementwise, reduce, arrays };

/// An array in memory, read through strides.
struct Source {
  SourceKind kind;
  std::int32_t index;    ///< input number, constant node's pool index, buffer number or slot
  std::int32_t strides;  ///< index into the schedule's extents, `rank` numbers of the step; of an index: into Program::indices
  std::int64_t offset;
};

/// A slot filled from memory at the start of each block.
struct Load {
  std::int32_t slot;
  LoadKind kind;
  Source from;
};

/// One instruction on slots: the value, and the tangents to push through it.
struct Code {
  Op op;
  std::int32_t out;
  std::int32_t arg[3];
  Pushes pushes;
};

/// A reduction over a step's iteration space: total = step(total, from), from `start`.
struct FoldCode {
  Op op;  ///< the binary operation
  double start;
  std::int32_t components;  ///< the value and its active tangents
  std::int32_t first;       ///< index into Schedule::components, `components` of them
};

/// One component of a reduction: what is folded, the block of running totals, and where the result goes.
struct FoldComponent {
  std::int32_t from;
  std::int32_t running;  ///< block slot
  std::int32_t total;    ///< splat slot; in a `reduce` step the buffer with an element for each kept index
};

/// A slot whose row i is row i − `rows` of another one; what lies before the first row is 0. So arrays that are added at different places
/// of one buffer are added while they are in registers, and the buffer is written once.
struct Lag {
  std::int32_t slot;
  std::int32_t of;  ///< a slot that an instruction of the step makes, in its own memory
  std::int32_t rows;
};

/// No more rows than these: the narrowest register of machine code, which has the row before its own from the register before, holds four.
inline constexpr std::int64_t most_lag = 3;

/// What slots that lag have left behind the last row, added up in their order.
struct Rest {
  std::int32_t buffer;
  std::int64_t offset;       ///< of the element behind the last row's
  std::int32_t first, last;  ///< of Schedule::lags
};

/// A buffer's first contents, where parts of it are about to be written: a slot's number in some elements, or a copy of an array.
struct Start {
  std::int32_t buffer;
  std::int32_t slot;  ///< −1: the array
  Source from;
  bool tangent;
  std::int64_t first, last;  ///< elements: all, or those that the step does not write in any case
};

/// A slot copied to a buffer, or to a part of it, at the end of each block.
struct Store {
  std::int32_t slot;
  std::int32_t buffer;
  LoadKind kind;  ///< where in the buffer the rows go
  bool add;       ///< to what is there
  bool tangent;
  bool direct;  ///< the slot may be that part of the buffer while the instructions run
  std::int32_t strides;
  std::int64_t offset;
};

/// An array made at once from arrays: a contraction of two factors read through the step's strides, or an operation on matrices.
struct ArrayCode {
  Op op;
  bool add;  ///< a contraction: to what is there
  bool tangent;
  bool splat;        ///< the result is one number
  std::int32_t out;  ///< the slot of that number, else a buffer
  Source operand[2];
  MatrixSizes sizes;           ///< of an operation on matrices
  std::int32_t function = -1;  ///< a call's, in Program::functions
};

struct GuardCode {
  std::int32_t slot;
  bool expected;
};

struct Range {
  std::int32_t first = 0, last = 0;
};

struct Step {
  StepKind kind;
  bool output;  ///< the program's result is made here, block by block
  std::int32_t rank, kept;
  std::int32_t shape;   ///< index into the schedule's extents
  std::int64_t extent;  ///< elements of the iteration space
  Range loads, lags, codes, folds, starts, stores, rests, arrays, guards;
};

struct Schedule {
  std::vector<Step> steps;
  std::vector<Load> loads;
  std::vector<Lag> lags;
  std::vector<Code> codes;
  std::vector<Push> pushes;
  std::vector<FoldCode> folds;
  std::vector<FoldComponent> components;
  std::vector<Start> starts;
  std::vector<Store> stores;
  std::vector<Rest> rests;
  std::vector<ArrayCode> arrays;
  std::vector<GuardCode> guards;
  std::vector<std::int64_t> extents;

  std::int32_t splat_slots = 0;                                ///< slots 0 … splat_slots − 1; slot 0 holds 0 and slot 1 holds 1, always
  std::int32_t block_slots = 0;                                ///< the slots after them
  std::vector<std::int64_t> buffers;                           ///< elements of each
  std::vector<std::pair<std::int32_t, double>> constants;      ///< splat slots of scalar constants
  std::vector<std::pair<std::int32_t, std::int32_t>> scalars;  ///< (input, splat slot) of one-element inputs
  std::int32_t made_in = -1;                                   ///< buffer that holds the result before the last step, a copy of it; or −1
  std::int32_t result = -1;                                    ///< slot of the result's value
  std::vector<std::int32_t> tangents;                          ///< slot of its tangent for each seed; 0 where inactive

  /// Let the step's parts of the lists begin (`end` = first) or end (last) where the lists end now.
  void mark(Step& step, std::int32_t Range::* end) const {
    const auto size = [](const auto& list) { return static_cast<std::int32_t>(list.size()); };
    step.loads.*end = size(loads);
    step.lags.*end = size(lags);
    step.codes.*end = size(codes);
    step.folds.*end = size(folds);
    step.starts.*end = size(starts);
    step.stores.*end = size(stores);
    step.rests.*end = size(rests);
    step.arrays.*end = size(arrays);
    step.guards.*end = size(guards);
  }
};

inline constexpr std::int32_t zero_slot = 0;
inline constexpr std::int32_t one_slot = 1;

}  // namespace fastcalc
