// linalg: out = Σ x y over some axes of an iteration space, each factor read through strides: products of matrices and vectors, outer
// products, batches of them, and whatever einsum writes.
//
// Comes in: two factors and the space: its first `kept` axes are the result's, in C order; the rest is summed. Goes out: the result,
// or what is added to it. The idea: of all axes three are chosen for a plain matrix product out[i, j] (+)= Σ x[i, l] y[l, j]: one
// that only x has, one that only y has, one that is summed; all others are an odometer around it. Axes that lie behind each other
// without a gap are one axis. Large products go to BLAS (see blas.hpp), small ones and strides that BLAS cannot take are done here.
#pragma once

#include <algorithm>
#include <array>
#include <type_traits>

#include "blas.hpp"
#include "blocks.hpp"

namespace fastcalc::inline FASTCALC_ISA {

/// An array read through one stride an axis of the space; 0 repeats it.
struct Factor {
  const double* at;
  const std::int64_t* strides;
};

struct Space {
  const std::int64_t* shape;
  int rank, kept;
};

namespace contraction {

struct Axis {
  std::int64_t extent, x, y, out;  // strides
};

/// As many as a space may have, so that a run allocates nothing.
struct Axes {
  std::array<Axis, most_axes> at;
  int size = 0;

  void push(const Axis& axis) { at[size++] = axis; }
  void erase(int place) { std::copy(at.begin() + place + 1, at.begin() + size--, at.begin() + place); }
};

/// out[i, j] += Σ x[i, l] y[l, j]
struct Product {
  Axis i{1, 0, 0, 0}, j{1, 0, 0, 0}, l{1, 0, 0, 0};
};

// Σ x[l] y[l] of two contiguous vectors, in four chains of registers and a fixed order.
inline double dot(const double* x, const double* y, std::int64_t size) {
  constexpr int chains = 4, step = chains * lane_width;
  Lanes sum[chains] = {0.0, 0.0, 0.0, 0.0};
  std::int64_t l = 0;
  for (; l + step <= size; l += step)
    for (int c = 0; c < chains; ++c)
      sum[c] = multiply_add(Field<Lanes>::load(x + l + c * lane_width), Field<Lanes>::load(y + l + c * lane_width), sum[c]);
  double total = sum_of_lanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
  for (; l < size; ++l) total = multiply_add(x[l], y[l], total);
  return total;
}

// out[j] += Σ scale[l] y[l, j] over `terms` of them, in their order: several rows are read for each time that out is.
template <int terms>
void add_scaled(double* out, const double* scale, std::int64_t scale_step, const double* y, std::int64_t row, std::int64_t size) {
  std::int64_t j = 0;
  for (; j + lane_width <= size; j += lane_width) {
    Lanes sum = Field<Lanes>::load(out + j);
    for (int l = 0; l < terms; ++l) sum = multiply_add(Lanes(scale[l * scale_step]), Field<Lanes>::load(y + l * row + j), sum);
    Field<Lanes>::store(out + j, sum);
  }
  for (; j < size; ++j)
    for (int l = 0; l < terms; ++l) out[j] = multiply_add(scale[l * scale_step], y[l * row + j], out[j]);
}

inline void multiply(const Product& p, const double* x, const double* y, double* out) {
  const bool dots = p.l.x == 1 && p.l.y == 1 && p.l.extent > 1;
  if (!dots && p.j.out == 1 && p.j.y == 1) {
    constexpr int together = 4;
    for (std::int64_t i = 0; i < p.i.extent; ++i) {
      const auto add = [&](auto terms, std::int64_t l) {
        add_scaled<terms>(out + i * p.i.out, x + i * p.i.x + l * p.l.x, p.l.x, y + l * p.l.y, p.l.y, p.j.extent);
      };
      std::int64_t l = 0;
      for (; l + together <= p.l.extent; l += together) add(std::integral_constant<int, together>(), l);
      for (; l < p.l.extent; ++l) add(std::integral_constant<int, 1>(), l);
    }
    return;
  }
  for (std::int64_t i = 0; i < p.i.extent; ++i)
    for (std::int64_t j = 0; j < p.j.extent; ++j) {
      const double *row = x + i * p.i.x, *column = y + j * p.j.y;
      double sum = 0;
      if (dots)
        sum = dot(row, column, p.l.extent);
      else
        for (std::int64_t l = 0; l < p.l.extent; ++l) sum = multiply_add(row[l * p.l.x], column[l * p.l.y], sum);
      out[i * p.i.out + j * p.j.out] += sum;
    }
}

// The roles of x and y may be exchanged: the contiguous axis of the result had better be j.
inline bool exchanged(const Product& p) { return p.j.out != 1 && p.i.out == 1 && p.i.x == 1; }

inline void run(Product p, const double* x, const double* y, double* out) {
  if (exchanged(p)) {
    std::swap(p.i, p.j);
    std::swap(x, y);
    for (Axis* axis : {&p.i, &p.j, &p.l}) std::swap(axis->x, axis->y);
  }
  const BlasProduct product{p.i.extent, p.j.extent, p.l.extent, x, p.i.x, p.l.x, y, p.l.y, p.j.y, out, p.i.out, p.j.out};
  if (!blas_multiply(product)) multiply(p, x, y, out);
}

// Axes behind each other without a gap in any array are one axis.
inline void add_merged(Axes& axes, const Axis& axis) {
  if (axis.extent == 1) return;
  Axis* last = axes.size ? &axes.at[axes.size - 1] : nullptr;
  const bool joins = last && last->x == axis.x * axis.extent && last->y == axis.y * axis.extent && last->out == axis.out * axis.extent;
  if (joins)
    *last = {last->extent * axis.extent, axis.x, axis.y, axis.out};
  else
    axes.push(axis);
}

// The largest axis for which `fits` holds leaves the list for its place in the product.
template <class Fits>
void take_largest(Axes& axes, Axis& place, const Fits& fits) {
  int best = -1;
  for (int i = 0; i < axes.size; ++i)
    if (fits(axes.at[i]) && (best < 0 || axes.at[i].extent > axes.at[best].extent)) best = i;
  if (best < 0) return;
  place = axes.at[best];
  axes.erase(best);
}

}  // namespace contraction

inline void contract_arrays(Factor x, Factor y, Space space, bool add, double* out) {
  using namespace contraction;
  std::int64_t elements = 1, terms = 1;
  for (int axis = 0; axis < space.kept; ++axis) elements *= space.shape[axis];
  for (int axis = space.kept; axis < space.rank; ++axis) terms *= space.shape[axis];
  if (!add) std::fill_n(out, elements, 0.0);
  if (elements == 0 || terms == 0) return;
  Axes around, rest;
  std::int64_t stride = elements;
  for (int axis = 0; axis < space.kept; ++axis) {
    stride /= space.shape[axis];
    add_merged(around, {space.shape[axis], x.strides[axis], y.strides[axis], stride});
  }
  for (int axis = space.kept; axis < space.rank; ++axis) add_merged(rest, {space.shape[axis], x.strides[axis], y.strides[axis], 0});
  Product product;
  take_largest(around, product.i, [](const Axis& axis) { return axis.y == 0 && axis.x != 0; });
  take_largest(around, product.j, [](const Axis& axis) { return axis.x == 0 && axis.y != 0; });
  take_largest(rest, product.l, [](const Axis&) { return true; });
  for (int i = 0; i < rest.size; ++i) around.push(rest.at[i]);
  std::array<std::int64_t, most_axes> place{};
  for (;;) {
    run(product, x.at, y.at, out);
    int axis = around.size;
    while (axis-- > 0) {
      const Axis& turned = around.at[axis];
      x.at += turned.x;
      y.at += turned.y;
      out += turned.out;
      if (++place[axis] < turned.extent) break;
      place[axis] = 0;
      x.at -= turned.x * turned.extent;
      y.at -= turned.y * turned.extent;
      out -= turned.out * turned.extent;
    }
    if (axis < 0) return;
  }
}

}  // namespace fastcalc::inline FASTCALC_ISA
