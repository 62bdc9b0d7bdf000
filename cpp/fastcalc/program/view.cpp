// program: see view.hpp.
#include "view.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace fastcalc {
namespace {

std::string text(const Extents& shape) {
  std::string out = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) out += std::to_string(shape[i]) + (i + 1 < shape.size() ? "," : "");
  return out + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace

std::int64_t count(const Extents& shape) {
  std::int64_t n = 1;
  for (const auto extent : shape) n *= extent;
  return n;
}

View whole(const Extents& shape) {
  View view{shape, Extents(shape.size()), 0};
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    view.strides[axis] = stride;
    stride *= shape[axis];
  }
  return view;
}

bool is_whole(const View& view, std::int64_t node_elements) {
  if (view.offset != 0 || count(view.shape) != node_elements) return false;
  const View all = whole(view.shape);
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis)
    if (view.shape[axis] > 1 && view.strides[axis] != all.strides[axis]) return false;  // the stride of one element is never used
  return true;
}

std::vector<std::int64_t> places_of(const View& view) {
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < count(view.shape); ++i) {
    std::int64_t rest = i, place = view.offset;
    for (std::size_t axis = view.shape.size(); axis-- > 0; rest /= view.shape[axis]) place += rest % view.shape[axis] * view.strides[axis];
    out.push_back(place);
  }
  return out;
}

Extents broadcast(const Extents& a, const Extents& b) {
  Extents out(std::max(a.size(), b.size()));
  for (std::size_t back = 1; back <= out.size(); ++back) {
    const std::int64_t x = back <= a.size() ? a[a.size() - back] : 1;
    const std::int64_t y = back <= b.size() ? b[b.size() - back] : 1;
    if (x != y && x != 1 && y != 1)
      throw std::invalid_argument("operands could not be broadcast together with shapes " + text(a) + " " + text(b));
    out[out.size() - back] = x == 1 ? y : x;
  }
  return out;
}

View broadcast_to(const View& view, const Extents& shape) {
  View out{shape, Extents(shape.size(), 0), view.offset};
  const std::size_t new_axes = shape.size() - view.shape.size();
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis)
    if (view.shape[axis] != 1) out.strides[new_axes + axis] = view.strides[axis];
  return out;
}

}  // namespace fastcalc
