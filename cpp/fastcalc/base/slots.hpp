// base: where the components of a number lie while an engine works. The vocabulary that the schedule (which writes slot
// numbers) and the number types (which read and write slots) share.
#pragma once

#include <cstdint>

namespace fastcalc {

/// Slot i begins at at[i]; step[i] is 1 when it holds a block of rows, 0 when it holds one number repeated.
struct Slots {
  double* const* at;
  const std::uint8_t* step;
};

/// One tangent through one instruction: out = fx · a + fy · b, by slot numbers.
struct Push {
  std::int32_t out, a, b;
};

/// The pushes of one instruction, in three runs behind each other: through both arguments, the first alone, the second alone.
struct Pushes {
  std::int32_t first;
  std::int32_t both, left, right;
};

}  // namespace fastcalc
