// passes: sums of slices. Comes in: scatters that an element-wise step makes into one buffer. Goes out: the stretches of the buffer that
// are sums of them.
//
// Neighbours that are used side by side (x[1:], x[:-1]) give adjoints that are added at neighbouring places of one array. In place
// of a pass over the buffer for each, they are added in registers, each lagging by as many rows as its place lies behind the first
// (program/schedule.hpp: Lag), and the buffer is written once. The order of the sums stays, so the result is the same to the last bit.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "../program/program.hpp"

namespace fastcalc {

/// Scatters that add rows in their order to one stretch of a buffer, at places so near that each reaches the others' by lagging.
struct SumOfSlices {
  std::int64_t first, last;                                  // elements
  std::vector<std::pair<std::int32_t, std::int64_t>> parts;  // scatter, place
};

/// What these scatters into one buffer are the sums of, in the buffer's order; nothing unless they fill it with zeros first.
std::vector<SumOfSlices> sums_of_slices(const Program& program, const std::vector<std::int32_t>& scatters,
                                        const std::vector<std::vector<std::int32_t>>& active);

}  // namespace fastcalc
