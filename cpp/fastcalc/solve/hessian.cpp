// solve: see hessian.hpp.
#include "hessian.hpp"

#include <algorithm>
#include <numeric>

#include "../base/finite.hpp"

namespace fastcalc {

Hessian::Hessian(int n, const HessianPattern* pattern) : n_(n), all_(!pattern), order_(n), ordered_(n) {
  if (all_) {
    entries_.resize(static_cast<std::size_t>(n) * n);
    std::iota(order_.begin(), order_.end(), 0);
    return;
  }
  entries_.resize(pattern->columns.size());
  order_ = pattern->order;
  std::vector<std::int32_t> position(n), first(n);
  for (int k = 0; k < n; ++k) position[order_[k]] = first[k] = k;
  for (int i = 0; i < n; ++i)
    for (std::int64_t e = pattern->first[i]; e < pattern->first[i + 1]; ++e) {
      row_.push_back(position[i]);
      column_.push_back(position[pattern->columns[e]]);
      first[row_.back()] = std::min(first[row_.back()], column_.back());
    }
  for (int k = 0; k < n; ++k) ordered_.append(first[k]);
}

bool Hessian::take() {
  if (!all_finite(entries_)) return false;
  if (all_) {  // it may be a band all the same
    ordered_.read(entries_.data(), n_);
  } else {
    for (std::size_t e = 0; e < row_.size(); ++e)
      if (column_[e] <= row_[e]) ordered_.appended(row_[e])[column_[e]] = entries_[e];
  }
  return true;
}

void Hessian::part(const std::uint8_t* free, ProfileMatrix& part) {
  part.clear();
  free_before_.resize(n_);
  int count = 0;
  for (int k = 0; k < n_; ++k) {
    free_before_[k] = count;
    if (!free[order_[k]]) continue;
    const double* from = ordered_.row(k);
    double* to = part.append(free_before_[ordered_.first(k)]);
    for (int l = ordered_.first(k); l <= k; ++l)
      if (free[order_[l]]) to[free_before_[l]] = from[l];
    ++count;
  }
}

void Hessian::multiply(const double* v, double* product) {
  v_.resize(n_);
  product_.resize(n_);
  for (int k = 0; k < n_; ++k) v_[k] = v[order_[k]];
  ordered_.multiply(v_.data(), product_.data());
  for (int k = 0; k < n_; ++k) product[order_[k]] = product_[k];
}

}  // namespace fastcalc
