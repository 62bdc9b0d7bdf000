// execute/native: from a sheet to machine code. Comes in: lines, what is wanted of them in which slots, the instruction set. Goes out: a
// function of the table of slots and the number of rows, which goes through the rows one register at a time.
//
// The idea: a line lives in a register from where it is computed to its last use (Belady 1966: where registers lack, the one whose
// next use is farthest waits in memory). What is the same for all rows is computed before the loop.
#pragma once

#include "assembler.hpp"
#include "compile.hpp"
#include "sheet.hpp"

namespace fastcalc::native {

struct Wanted {
  std::int32_t line, slot;
};

/// The first `count` elements of a buffer, all the same.
struct Fill {
  std::int32_t line, buffer, count;
};

/// One element of a buffer, or what is added to it.
struct Put {
  std::int32_t line;
  Place place;
  bool add;
};

struct Stretch {
  const Sheet& sheet;
  const std::vector<Wanted>& wanted;
  const std::vector<Fill>& fills;  ///< of numbers, in their order; then
  const std::vector<Put>& puts;    ///< in theirs
  const std::uint8_t* step;        ///< of each slot: 1 where it holds a block of rows, 0 where it holds one number repeated
  bool is_scalar;                  ///< one row of numbers, computed as plain doubles are
};

struct MachineCode {
  std::vector<std::uint8_t> bytes;
  std::size_t spilled;  ///< bytes of the lines that wait in memory
};

MachineCode machine_code(const Stretch& stretch, const Target& target);

}  // namespace fastcalc::native
