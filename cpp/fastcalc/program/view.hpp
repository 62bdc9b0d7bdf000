// program: how a node is read. Comes in: shapes. Goes out: strides and offsets; never data.
//
// Element (i, j, …) of a view stands at offset + i·strides[0] + j·strides[1] + … of its node, counted in elements. Slices,
// transposes, reshapes and broadcasts are views: they move no data.
#pragma once

#include <cstdint>
#include <vector>

namespace fastcalc {

using Extents = std::vector<std::int64_t>;

struct View {
  Extents shape;
  Extents strides;
  std::int64_t offset = 0;
};

/// Number of elements of a shape; 1 for a scalar.
std::int64_t count(const Extents& shape);

/// The whole of a C-ordered array.
View whole(const Extents& shape);

/// True when the view is all of a C-ordered array of its shape, in order.
bool is_whole(const View& view, std::int64_t node_elements);

/// Where the elements of a view stand in its node, in C order.
std::vector<std::int64_t> places_of(const View& view);

/// NumPy's broadcasting rule; throws std::invalid_argument with both shapes in the message when they do not fit.
Extents broadcast(const Extents& a, const Extents& b);

/// The same elements repeated to a larger shape: repeated axes get stride 0.
View broadcast_to(const View& view, const Extents& shape);

}  // namespace fastcalc
