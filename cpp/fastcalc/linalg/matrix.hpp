// linalg: the vocabulary of the small dense factorisations: a row-major matrix that someone else owns, and inner products.
//
// Comes in: memory. Goes out: views and numbers; nothing here allocates. Plain loops over rows, for a few hundred columns.
#pragma once

#include <algorithm>
#include <cmath>

namespace fastcalc {

struct MatrixView {
  double* data;
  int stride;  // doubles from one row to the next
  double* row(int i) const { return data + static_cast<std::ptrdiff_t>(i) * stride; }
  double& operator()(int i, int j) const { return row(i)[j]; }
};

/// each(k, i + k) for the up to three i + k < n that are left. Not a loop, of which compilers make loads of two numbers: what was just
/// stored one by one has not reached memory yet, and a wider load waits until it has.
template <class Each>
inline void last_ones(int i, int n, const Each& each) {
  if (i < n) each(0, i);
  if (i + 1 < n) each(1, i + 1);
  if (i + 2 < n) each(2, i + 2);
}

/// aᵀb in four partial sums, so that the additions need not wait for one another; of a few products in one.
inline double dot(const double* a, const double* b, int n) {
  double few = 0;
  if (n < 4) return last_ones(0, n, [&](int, int j) { few += a[j] * b[j]; }), few;
  double sum[4] = {};
  int i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k) sum[k] += a[i + k] * b[i + k];
  for (; i < n; ++i) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/// aᵀ(b − c), likewise.
inline double dot_with_difference(const double* a, const double* b, const double* c, int n) {
  double few = 0;
  if (n < 4) return last_ones(0, n, [&](int, int j) { few += a[j] * (b[j] - c[j]); }), few;
  double sum[4] = {};
  int i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k) sum[k] += a[i + k] * (b[i + k] - c[i + k]);
  last_ones(i, n, [&](int k, int j) { sum[k] += a[j] * (b[j] - c[j]); });
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/// to = x + α d, likewise; `to` is neither of both.
inline void along(const double* x, double alpha, const double* d, int n, double* to) {
  int i = 0;
  for (; i + 4 <= n; i += 4) {
    double sum[4];
    for (int k = 0; k < 4; ++k) sum[k] = x[i + k] + alpha * d[i + k];
    for (int k = 0; k < 4; ++k) to[i + k] = sum[k];
  }
  last_ones(i, n, [&](int, int j) { to[j] = x[j] + alpha * d[j]; });
}

/// max_i |v_i| of those that are numbers, likewise.
inline double largest_magnitude(const double* v, int n) {
  double most = 0;
  if (n < 4) return last_ones(0, n, [&](int, int j) { most = std::max(most, std::abs(v[j])); }), most;
  double largest[4] = {};
  int i = 0;
  for (; i + 4 <= n; i += 4)
    for (int k = 0; k < 4; ++k) largest[k] = std::max(largest[k], std::abs(v[i + k]));
  last_ones(i, n, [&](int k, int j) { largest[k] = std::max(largest[k], std::abs(v[j])); });
  return std::max(std::max(largest[0], largest[1]), std::max(largest[2], largest[3]));
}

/// |v|, also where the squares overflow or vanish: then v is first divided by its largest entry.
inline double norm(const double* v, int n, int stride = 1) {
  double square = 0;
  for (int i = 0; i < n; ++i) square += v[i * stride] * v[i * stride];
  if (square > 1e-280 && square < 1e280) return std::sqrt(square);
  double largest = 0;
  for (int i = 0; i < n; ++i) largest = std::max(largest, std::abs(v[i * stride]));
  if (largest == 0 || !std::isfinite(largest) || std::isnan(square)) return largest + square;
  square = 0;
  for (int i = 0; i < n; ++i) square += (v[i * stride] / largest) * (v[i * stride] / largest);
  return largest * std::sqrt(square);
}

}  // namespace fastcalc
