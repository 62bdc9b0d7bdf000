// derive: see colouring.hpp.
#include "colouring.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace fastcalc {
namespace {

std::int64_t rows_of(const Pattern& pattern) { return static_cast<std::int64_t>(pattern.first.size()) - 1; }

std::span<const std::int32_t> row(const Pattern& pattern, std::int64_t i) {
  return {pattern.columns.data() + pattern.first[i], static_cast<std::size_t>(pattern.first[i + 1] - pattern.first[i])};
}

Pattern transposed(const Pattern& pattern, std::int64_t columns) {
  Pattern out{std::vector<std::int64_t>(columns + 1, 0), std::vector<std::int32_t>(pattern.columns.size())};
  for (const std::int32_t column : pattern.columns) ++out.first[column + 1];
  std::partial_sum(out.first.begin(), out.first.end(), out.first.begin());
  std::vector<std::int64_t> next(out.first.begin(), out.first.end() - 1);
  for (std::int64_t i = 0; i < rows_of(pattern); ++i)
    for (const std::int32_t column : row(pattern, i)) out.columns[next[column]++] = static_cast<std::int32_t>(i);
  return out;
}

// The colours that one vertex cannot take. Greedy colouring takes the lowest other one.
class Palette {
 public:
  /// The next vertex may take any.
  void open() { ++vertex_, taken_ = 0; }

  void take(std::int32_t colour) {
    if (colour < 0 || taken_by_[colour] == vertex_) return;
    taken_by_[colour] = vertex_;
    ++taken_;
  }

  /// Whether it must be a new one, so that nobody need look further.
  bool is_used_up() const { return taken_ == static_cast<std::int64_t>(taken_by_.size()); }

  std::int32_t lowest() {
    if (is_used_up()) taken_by_.push_back(-1);
    return static_cast<std::int32_t>(std::find_if(taken_by_.begin(), taken_by_.end(), [&](std::int64_t by) { return by != vertex_; }) -
                                     taken_by_.begin());
  }

 private:
  std::vector<std::int64_t> taken_by_;  // of each colour: the last vertex that could not take it
  std::int64_t vertex_ = 0, taken_ = 0;
};

// No two columns of one colour have a row in common.
std::vector<std::int32_t> distinct_in_rows(const Pattern& pattern, std::int64_t columns) {
  const Pattern by_column = transposed(pattern, columns);
  std::vector<std::int32_t> colour(columns, -1);
  Palette palette;
  for (std::int64_t column = 0; column < columns; ++column) {
    palette.open();
    for (const std::int32_t i : row(by_column, column)) {
      if (palette.is_used_up()) break;
      for (const std::int32_t other : row(pattern, i)) palette.take(colour[other]);
    }
    colour[column] = palette.lowest();
  }
  return colour;
}

// Vertices by their number of neighbours, the largest first: a hub gets its colour before those that it joins.
std::vector<std::int32_t> largest_first(const Pattern& graph) {
  std::vector<std::int32_t> order(rows_of(graph));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return row(graph, a).size() > row(graph, b).size(); });
  return order;
}

// Greedy star colouring: neighbours differ, and no path of four vertices has two colours. Two neighbours of a vertex that has no colour
// yet never get the same one, so the neighbours that a vertex finds coloured are all different, and of the paths v – w – x – y only those
// remain that begin at it: where w and y, both neighbours of x, are of one colour, v may not have x's.
std::vector<std::int32_t> star_colours(const Pattern& graph) {
  const std::int64_t size = rows_of(graph);
  std::vector<std::int32_t> colour(size, -1);
  std::vector<std::vector<std::int32_t>> hubs(size);  // of w: each such x
  // By x and a colour: its neighbour of this colour, while there is one only, then −1.
  std::unordered_map<std::int64_t, std::int32_t> alone;
  Palette palette;
  for (const std::int32_t v : largest_first(graph)) {
    palette.open();
    for (const std::int32_t w : row(graph, v)) {
      if (w == v) continue;
      if (palette.is_used_up()) break;
      palette.take(colour[w]);
      if (colour[w] >= 0)
        for (const std::int32_t x : hubs[w]) palette.take(colour[x]);
      else
        for (const std::int32_t x : row(graph, w)) palette.take(colour[x]);
    }
    colour[v] = palette.lowest();
    for (const std::int32_t x : row(graph, v)) {
      if (x == v) continue;
      const auto [found, is_first] = alone.try_emplace(x * size + colour[v], v);
      if (is_first) continue;
      if (found->second >= 0) hubs[found->second].push_back(x);
      found->second = -1;
      hubs[v].push_back(x);
    }
  }
  return colour;
}

}  // namespace

Compression by_columns(const Pattern& pattern, std::int64_t columns) {
  Compression out{distinct_in_rows(pattern, columns), {}};
  out.places.reserve(pattern.columns.size());
  for (std::int64_t i = 0; i < rows_of(pattern); ++i)
    for (const std::int32_t column : row(pattern, i)) out.places.push_back(out.colours[column] * rows_of(pattern) + i);
  return out;
}

Compression by_rows(const Pattern& pattern, std::int64_t columns) {
  Compression out{distinct_in_rows(transposed(pattern, columns), rows_of(pattern)), {}};
  out.places.reserve(pattern.columns.size());
  for (std::int64_t i = 0; i < rows_of(pattern); ++i)
    for (const std::int32_t column : row(pattern, i)) out.places.push_back(out.colours[i] * columns + column);
  return out;
}

Compression by_symmetry(const Pattern& symmetric) {
  const std::int64_t size = rows_of(symmetric);
  Compression out{star_colours(symmetric), std::vector<std::int64_t>(symmetric.columns.size())};
  const std::vector<std::int32_t>& colour = out.colours;
  // Row i of the product of colour c is the entry (i, j) if j is the only neighbour of i of this colour.
  std::vector<bool> is_seen(symmetric.columns.size());
  std::vector<std::int64_t> neighbours(size, 0);  // by colour
  for (std::int64_t i = 0; i < size; ++i) {
    for (const std::int32_t j : row(symmetric, i)) ++neighbours[colour[j]];
    for (std::int64_t k = symmetric.first[i]; k < symmetric.first[i + 1]; ++k) is_seen[k] = neighbours[colour[symmetric.columns[k]]] == 1;
    for (const std::int32_t j : row(symmetric, i)) neighbours[colour[j]] = 0;
  }
  // Row after row, the entries (j, i) with j > i stand at the next places of row j.
  std::vector<std::int64_t> next(symmetric.first.begin(), symmetric.first.end() - 1);
  for (std::int64_t i = 0; i < size; ++i)
    for (std::int64_t k = symmetric.first[i]; k < symmetric.first[i + 1]; ++k) {
      const std::int32_t j = symmetric.columns[k];
      if (j < i) continue;
      const std::int64_t mirrored = j == i ? k : next[j]++;
      out.places[k] = out.places[mirrored] = is_seen[k] ? colour[j] * size + i : colour[i] * size + j;
    }
  return out;
}

Pattern symmetric_part(const Pattern& square) {
  const Pattern mirrored = transposed(square, rows_of(square));
  Pattern out{{0}, {}};
  for (std::int64_t i = 0; i < rows_of(square); ++i) {
    const auto here = row(square, i), there = row(mirrored, i);
    std::set_intersection(here.begin(), here.end(), there.begin(), there.end(), std::back_inserter(out.columns));
    out.first.push_back(static_cast<std::int64_t>(out.columns.size()));
  }
  return out;
}

}  // namespace fastcalc
