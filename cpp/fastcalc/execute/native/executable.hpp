// execute/native: memory that is executed. Comes in: machine code. Goes out: where it stands. It is written first and executed then: no
// memory is ever both.
#pragma once

#include <cstdint>
#include <span>

namespace fastcalc::native {

class Executable {
 public:
  explicit Executable(std::span<const std::uint8_t> code);
  ~Executable();
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  /// Null where the machine does not allow it.
  const std::uint8_t* data() const { return static_cast<const std::uint8_t*>(memory_); }

 private:
  void* memory_ = nullptr;
  std::size_t size_;
};

}  // namespace fastcalc::native
