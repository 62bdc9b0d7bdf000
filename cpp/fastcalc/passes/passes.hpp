// passes: program → program. A table of contents, in the order in which they run.
//
//   simplify   rewrites by identities.def and folds constants; shares what is equal (the builder does: equal instructions are one)
//              and makes a sum where it is returned (destinations)
//   prune      drops what neither the result nor a guard needs
//   unroll     of a few short arrays makes plain numbers
//   fuse       which instructions run together, block by block: a level for each
//   activity   which seeds each instruction depends on: a tangent that is surely zero is never computed
//   registers  slots, loads and stores: writes the schedule
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "../program/program.hpp"

namespace fastcalc {

Program simplify(const Program& program);
Program prune(const Program& program);

/// The same numbers one by one, where that is faster.
std::optional<Program> unroll(const Program& program);

/// For each instruction the level at which it runs. Within a level scalars run first, then one step for each shape.
std::vector<std::int32_t> fuse(const Program& program);

/// For each instruction the seeds that its result depends on, in rising order.
std::vector<std::vector<std::int32_t>> activity(const Program& program);

Schedule registers(const Program& program, const std::vector<std::int32_t>& levels, const std::vector<std::vector<std::int32_t>>& active);

/// Whether the registers of every engine compute it as plain numbers do: exactly rounded, no function of a library.
bool is_exact(Op op);

/// All of them: a recorded program becomes one that an engine can run. `rewrite` = false leaves out simplify.
Program pipeline(Program recorded, bool rewrite = true);

/// A program without the guards of this one, ready to run.
Program unguarded(Program program);

/// How d(result)/d(operand) is known for any operation, structure included.
Partial partial(const Instruction& in, int operand);

/// For each scatter the place that copies the whole of what it makes into zeros, and that alone reads it; or −1.
std::vector<std::int32_t> destinations(const Program& program);

/// How many operands each instruction is, the program's result counted.
std::vector<int> readers_of(const Program& program);

/// For each place and scatter whether it may write into its base's own memory: an array that was made so and that nothing else reads.
std::vector<bool> in_place(const Program& program);

/// One element, whatever the rank: it is kept in a splat slot, not in blocks.
bool is_scalar(const Program& program, const Instruction& in);

/// How the elements of a view lie for a step that runs over them.
LoadKind load_kind(const View& view);

/// The constant 0, not −0: what sums begin with.
bool is_zero(const Program& program, const Instruction& in);

}  // namespace fastcalc
