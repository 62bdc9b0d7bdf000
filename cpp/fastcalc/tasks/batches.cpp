// tasks: see batches.hpp.
#include "batches.hpp"

#include <algorithm>
#include <numeric>

namespace fastcalc {

BatchedObjective::BatchedObjective(int n, std::shared_ptr<TracedFunction> loss, std::vector<Array> arrays, std::int64_t rows,
                                   std::int64_t batch, std::uint64_t seed)
    : n_(n),
      loss_(loss),
      pair_{at_point(loss), 1},
      arrays_(std::move(arrays)),
      rows_(rows),
      batch_(batch),
      generator_(seed),
      order_((rows + batch - 1) / batch) {
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
}

Status BatchedObjective::gradient(const double* x, double* f, double* gradient) {
  if (next_ == 0) std::shuffle(order_.begin(), order_.end(), generator_);
  const std::int64_t first = std::min(order_[next_] * batch_, rows_ - batch_);
  for (std::size_t i = 0; i < arrays_.size(); ++i) loss_->fix(i, arrays_[i].rows + first * arrays_[i].width);
  const Status status = pair_(x, f, gradient, n_);
  sum_ += *f;
  if (++next_ < order_.size()) return status;
  losses_.push_back(sum_ / static_cast<double>(next_));
  sum_ = 0;
  next_ = 0;
  return status;
}

}  // namespace fastcalc
