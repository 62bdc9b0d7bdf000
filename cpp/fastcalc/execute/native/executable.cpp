// execute/native: see executable.hpp.
#include "executable.hpp"

#include <sys/mman.h>

#include <cstring>

namespace fastcalc::native {

Executable::Executable(std::span<const std::uint8_t> code) : size_(code.size()) {
  void* const memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  std::memcpy(memory, code.data(), size_);
  if (mprotect(memory, size_, PROT_READ | PROT_EXEC) == 0)
    memory_ = memory;
  else
    munmap(memory, size_);
}

Executable::~Executable() {
  if (memory_) munmap(memory_, size_);
}

}  // namespace fastcalc::native
