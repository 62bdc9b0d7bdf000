// base: a buffer of doubles that starts on a cache line. Comes in: a length. Goes out: zeroed, aligned memory that frees
// itself. Every array that a kernel reads or writes in whole SIMD registers lives in one.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>

#include "tuning.hpp"

namespace fastcalc {

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size)
      : data_(static_cast<double*>(::operator new(padded(size) * sizeof(double), std::align_val_t{alignment}))), size_(size) {
    std::memset(data_.get(), 0, padded(size) * sizeof(double));
  }
  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(double* p) const { ::operator delete(p, std::align_val_t{alignment}); }
  };
  // One register more than asked, so that a kernel may touch the whole of the last register.
  static std::size_t padded(std::size_t size) { return (size / splat_width + 2) * splat_width; }

  std::unique_ptr<double, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace fastcalc
