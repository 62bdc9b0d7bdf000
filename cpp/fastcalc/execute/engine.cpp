// execute: the interpreter as an engine. This file is compiled once for each instruction set; see engine.hpp and base/isa.hpp.
#include "engine.hpp"

#include "../linalg/add_multiple.hpp"
#include "../linalg/gram.hpp"
#include "../linalg/newton_steps.hpp"
#include "../linalg/normal_accumulator.hpp"
#include "../linalg/triangle.hpp"
#include "run.hpp"

namespace fastcalc::inline FASTCALC_ISA {

Status series(const Program& program, Workspace& workspace, const SeriesTask& task, Interrupt* interrupt);  // see series.cpp

namespace {

constexpr const char* vector_math_name = FASTCALC_LIBMVEC == 2   ? "glibc 2.35 libmvec"
                                         : FASTCALC_LIBMVEC == 1 ? "glibc 2.22 libmvec"
                                                                 : "scalar libm";

void copy_rows(Slots slots, std::int32_t slot, double* to, int rows) {
  if (slots.step[slot])
    std::copy_n(slots.at[slot], rows, to);
  else
    std::fill_n(to, rows, *slots.at[slot]);
}

// The machine code of a run that is nothing but it: one step of numbers without guards, which loads and stores by itself, before the last
// step, a copy of the result. Null where there is more to do.
const native::StepCode* whole_run(const Schedule& schedule, Workspace& workspace) {
  const Step& step = schedule.steps.front();
  if (schedule.steps.size() != 2 || step.kind != StepKind::scalar || step.guards.first < step.guards.last || !workspace.native())
    return nullptr;
  const native::StepCode* const code = workspace.native()->made(false);
  return code && code->stores ? code : nullptr;
}

[[gnu::noinline]] Status by_steps(const Program& program, Workspace& workspace, Rows range, Interrupt* interrupt) {
  return Run<Order::values>(program, workspace, range, interrupt).without_last();
}

[[gnu::noinline]] Status handed_out(const Program& program, Workspace& workspace, Rows range, double* result, Interrupt* interrupt) {
  const auto sink = [&](Slots slots, const Schedule& schedule, std::int64_t row, int rows) {
    copy_rows(slots, schedule.result, result + (row - range.first), rows);
  };
  return Run<Order::values>(program, workspace, range, interrupt)(sink);
}

// Small programs are run once for each step of a loop, where what is done beside the numbers takes longer than they do.
Status values(const Program& program, Workspace& workspace, Rows range, double* result, Interrupt* interrupt) {
  const Schedule& schedule = program.schedule;
  if (schedule.made_in < 0) return handed_out(program, workspace, range, result, interrupt);
  workspace.lend(schedule.made_in, result);
  Status status = Status::running;
  if (const native::StepCode* const code = whole_run(schedule, workspace))
    code->function(workspace.at(), 1, workspace.inputs(), workspace.buffers(), workspace.spilled(code->spilled));
  else
    status = by_steps(program, workspace, range, interrupt);
  workspace.take_back(schedule.made_in);
  return status;
}

Status columns(const Program& program, Workspace& workspace, double* result, double* const* tangents, Interrupt* interrupt) {
  const auto sink = [&](Slots slots, const Schedule& schedule, std::int64_t row, int rows) {
    copy_rows(slots, schedule.result, result + row, rows);
    for (int seed = 0; seed < program.seeds; ++seed) copy_rows(slots, schedule.tangents[seed], tangents[seed] + row, rows);
  };
  return Run<Order::tangents>(program, workspace, all_rows(program), interrupt)(sink);
}

// The columns [tangents result] of each block, added up. The accumulator stays in the workspace for the next run.
template <class Accumulator, std::shared_ptr<void> Workspace::* kept>
Status accumulate(const Program& program, Workspace& workspace, double* matrix, Interrupt* interrupt) {
  const int size = program.seeds + 1;
  if (!(workspace.*kept)) workspace.*kept = std::make_shared<Accumulator>(size);
  Accumulator& total = *static_cast<Accumulator*>((workspace.*kept).get());
  const double** at = workspace.column_at();
  std::uint8_t* step = workspace.column_step();
  const auto sink = [&](Slots slots, const Schedule& schedule, std::int64_t, int rows) {
    for (int j = 0; j < size; ++j) {
      const std::int32_t slot = j < program.seeds ? schedule.tangents[j] : schedule.result;
      at[j] = slots.at[slot];
      step[j] = slots.step[slot];
    }
    total.add(at, step, rows);
  };
  const Status status = Run<Order::tangents>(program, workspace, all_rows(program), interrupt)(sink);
  if (status == Status::running)
    total.finish(matrix);
  else
    (workspace.*kept).reset();  // it holds a part of the rows
  return status;
}

template <class Accumulator>
void accumulate_stored(const Columns& columns, double* matrix) {
  Accumulator total(columns.count);
  AlignedBuffer block(static_cast<std::size_t>(columns.count) * block_rows);
  std::vector<const double*> at(columns.count);
  const std::vector<std::uint8_t> step(columns.count, 1);
  for (std::int64_t row = 0; row < columns.rows; row += block_rows) {
    const int rows = static_cast<int>(std::min<std::int64_t>(block_rows, columns.rows - row));
    for (int j = 0; j < columns.count; ++j) {
      double* to = block.data() + j * block_rows;
      std::copy_n(columns.at[j] + row, rows, to);
      at[j] = to;
    }
    total.add(at.data(), step.data(), rows);
  }
  total.finish(matrix);
}

Refusal normal_sums(const Observations& from, Rows rows, NormalSums& sums, Interrupt* interrupt) {
  return accumulate_normal(from, rows.first, rows.last, sums, interrupt);
}

Refusal remainder(const Observations& from, Rows rows, const int* exponent, const Coefficients& coefficients, Remainder& sums) {
  return accumulate_remainder(from, rows.first, rows.last, exponent, coefficients, sums);
}

}  // namespace

extern const Engine interpreter;
const Engine interpreter{FASTCALC_ISA_NAME,
                         lane_width,
                         vector_math_name,
                         native_target,
                         values,
                         columns,
                         accumulate<GramAccumulator, &Workspace::gram>,
                         accumulate<TriangleAccumulator, &Workspace::triangle>,
                         series,
                         accumulate_stored<GramAccumulator>,
                         accumulate_stored<TriangleAccumulator>,
                         normal_sums,
                         remainder,
                         add_multiple,
                         newton_steps};

}  // namespace fastcalc::inline FASTCALC_ISA
