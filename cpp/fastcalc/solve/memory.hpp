// solve: all the memory of a run, in one piece, so that an iteration never allocates.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>

namespace fastcalc {

class Memory {
 public:
  explicit Memory(std::size_t size) : data_(new double[size]()), left_(size) {}
  /// The next `size` doubles; zeros.
  double* take(std::size_t size) {
    assert(size <= left_);
    double* begin = data_.get() + used_;
    used_ += size;
    left_ -= size;
    return begin;
  }

 private:
  std::unique_ptr<double[]> data_;
  std::size_t used_ = 0, left_;
};

}  // namespace fastcalc
