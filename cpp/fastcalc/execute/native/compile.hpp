// execute/native: a scheduled program as machine code. Comes in: the program, the instruction set, whether tangents are carried along. Goes
// out: for each step a function that does what its instructions do to a block of rows, or none where the interpreter does it as well.
//
// The instructions are run once over symbols, by the interpreter's own switch and number types: what they write down is compiled.
#pragma once

#include <memory>
#include <vector>

#include "../../program/program.hpp"
#include "executable.hpp"
#include "functions.hpp"

namespace fastcalc::native {

/// The instructions of a step, for `rows` rows of the slots; of a step of numbers with what it loads of inputs and buffers. What finds no
/// register waits in `spilled`: in memory of the workspace, since a thread's stack may be small.
using StepFunction = void (*)(double* const* slots, int rows, const double* const* inputs, double* const* buffers, double* spilled);

struct StepCode {
  StepFunction function = nullptr;  ///< null where there is none
  bool stores = false;              ///< whether it starts and stores the step's buffers, too
  std::size_t spilled = 0;          ///< bytes that what it spills takes
};

/// What an engine gives machine code to work with.
struct Target {
  int lanes;
  const Addresses* (*functions)();  ///< by Function; null where there is no machine code for the instruction set
};

class Code {
 public:
  /// Null where this machine does not let memory be executed, or the program is too long.
  static std::unique_ptr<const Code> of(const Program& program, const Target& target, bool tangents);

  /// By step.
  const StepCode* steps() const { return steps_.data(); }

 private:
  explicit Code(std::span<const std::uint8_t> code) : memory_(code) {}

  Executable memory_;
  std::vector<StepCode> steps_;
};

}  // namespace fastcalc::native
