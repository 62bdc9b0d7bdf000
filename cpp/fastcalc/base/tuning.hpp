// base: the numbers that were measured, in one place. Each says what it trades and where it was measured.
#pragma once

#include <cstdint>

namespace fastcalc {

/// Rows that an element-wise run handles at a time: long enough to hide dispatch (about 5 ns an instruction), short
/// enough that the live slots of a model (about 10 of block × 8 bytes) stay in a 32 KiB L1 cache.
inline constexpr int block_rows = 256;

/// Doubles in a splat slot: the widest SIMD register that any engine uses.
inline constexpr int splat_width = 8;

/// Axes that a contraction may have: NumPy's 64, a few more for batches.
inline constexpr int most_axes = 80;

/// Alignment of every buffer, in bytes: a cache line, and the widest SIMD register.
inline constexpr int alignment = 64;

/// Blocks between two looks at the interrupt: about 20 µs of work at 1 ns a row.
inline constexpr int blocks_per_poll = 64;

/// Elements times instructions from which on a run is long (some µs): to hand Python's lock on and take it back costs 0.1 µs,
/// and much more where another thread waits for it.
inline constexpr std::int64_t long_run = 1 << 16;

/// Doubles in buffers (128 kB) from which on a workspace does not wait for the next fit: to map and clear them anew takes 0.1 µs a kB,
/// a fit reads them many times, and a model keeps programs for many shapes.
inline constexpr std::int64_t most_kept = 1 << 14;

}  // namespace fastcalc
