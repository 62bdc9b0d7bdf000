// execute/native: see assembler.hpp.
#include "assembler.hpp"

namespace fastcalc::native {
namespace {

constexpr std::uint8_t flag(bool set, int place) { return static_cast<std::uint8_t>(set ? 1 << place : 0); }
// Register numbers are written in parts, and the high bits of most of them inverted.
constexpr bool clear(int number, int bit) { return (number & bit) == 0; }

}  // namespace

void Assembler::word(std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) code_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

void Assembler::vector(Map map, Prefix prefix, bool w, std::uint8_t opcode, int reg, int vvvv, const Source& rm, Under under,
                       int immediate) {
  const int low = rm.is_memory ? rm.memory.base : rm.number;
  const int high =
      rm.is_memory ? (rm.memory.index == none ? 0 : rm.memory.index) : rm.number >> 1;  // bit 8: a register's bit 16, an index's 8
  if (wide_) {
    bytes({0x62,
           static_cast<std::uint8_t>(flag(clear(reg, 8), 7) | flag(clear(high, 8), 6) | flag(clear(low, 8), 5) | flag(clear(reg, 16), 4) |
                                     map),
           static_cast<std::uint8_t>(flag(w, 7) | (~vvvv & 15) << 3 | 4 | prefix),
           static_cast<std::uint8_t>(flag(under.zeroing, 7) | 2 << 5 | flag(clear(vvvv, 16), 3) | under.mask)});
  } else {
    bytes({0xc4,
           static_cast<std::uint8_t>(flag(clear(reg, 8), 7) | flag(!rm.is_memory || clear(high, 8), 6) | flag(clear(low, 8), 5) | map),
           static_cast<std::uint8_t>(flag(w, 7) | (~vvvv & 15) << 3 | 4 | prefix)});
  }
  code_.push_back(opcode);
  if (rm.is_memory)
    address(reg, rm.memory);
  else
    code_.push_back(static_cast<std::uint8_t>(0xc0 | (reg & 7) << 3 | (rm.number & 7)));
  if (immediate >= 0) code_.push_back(static_cast<std::uint8_t>(immediate));
}

// ModRM, a SIB byte where there is an index or the base is rsp or r12, and always four bytes of displacement.
void Assembler::address(int reg, const Memory& memory) {
  const bool sib = memory.index != none || (memory.base & 7) == rsp;
  code_.push_back(static_cast<std::uint8_t>(0x80 | (reg & 7) << 3 | (sib ? 4 : memory.base & 7)));
  if (sib) code_.push_back(static_cast<std::uint8_t>((memory.index == none ? 4 : memory.index & 7) << 3 | (memory.base & 7)));
  word(static_cast<std::uint32_t>(memory.displacement), 4);
}

void Assembler::broadcast_constant(int to, std::uint64_t bits) {
  if (bits == 0) return arithmetic(op_xor, to, to, to);
  vector(of_0f38, pd, wide_, 0x19, to, 0, Memory{rbp, none, 0});
  // The same instruction with an address relative to the end of it: ModRM with mod = 0, rm = 5.
  code_[code_.size() - 5] = static_cast<std::uint8_t>((to & 7) << 3 | 5);
  constants_[bits].push_back(code_.size() - 4);
}

void Assembler::lag(int to, int x, Memory before, int lanes, int scratch) {
  if (wide_) return vector(of_0f3a, pd, true, 0x03, to, x, before, {}, static_cast<std::uint8_t>(8 - lanes));  // valignq
  vector(of_0f3a, pd, false, 0x06, lanes == 2 ? to : scratch, x, before, {}, 0x03);  // vperm2f128: the upper half before, the lower of x
  if (lanes == 2) return;
  if (lanes == 3) load(to, before);
  vector(of_0f, pd, false, 0xc6, to, lanes == 1 ? scratch : to, lanes == 1 ? x : scratch, {}, 0x05);  // vshufpd: one lane further
}

void Assembler::enter() {
  bytes({0x55, 0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57});  // push rbp, rbx, r12, r13, r14, r15
  bytes({0x48, 0x83, 0xec, 0x08});                                      // sub rsp, 8: a multiple of 16, as a call must find it
  bytes({0x48, 0x89, 0xfb});                                            // mov rbx, rdi
  bytes({0x4c, 0x63, 0xee, 0x49, 0xc1, 0xe5, 0x03});                    // movsxd r13, esi; shl r13, 3
  bytes({0x49, 0x89, 0xd6, 0x49, 0x89, 0xcf});                          // mov r14, rdx; mov r15, rcx
  bytes({0x4c, 0x89, 0xc5});                                            // mov rbp, r8
  bytes({0x45, 0x31, 0xe4});                                            // xor r12d, r12d
}

void Assembler::leave() {
  zero_upper();
  bytes({0x48, 0x83, 0xc4, 0x08});                                            // add rsp, 8
  bytes({0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5b, 0x5d, 0xc3});  // pop r15, r14, r13, r12, rbx, rbp; ret
}

void Assembler::load_pointer(Register to, Memory from) {
  bytes({static_cast<std::uint8_t>(0x48 | flag(to >= 8, 2) | flag(from.base >= 8, 0)), 0x8b});
  address(to, from);
}

void Assembler::prefetch(Memory from) {
  bytes({static_cast<std::uint8_t>(0x40 | flag(from.index != none && from.index >= 8, 1) | flag(from.base >= 8, 0)), 0x0f,
         0x18});  // prefetcht0
  address(1, from);
}

void Assembler::call(const void* function) {
  bytes({0x48, 0xb8});  // mov rax, function; call rax
  word(reinterpret_cast<std::uintptr_t>(function), 8);
  bytes({0xff, 0xd0});
}

void Assembler::next_rows_from(std::size_t begin) {
  bytes({0x49, 0x83, 0xc4, static_cast<std::uint8_t>(width())});  // add r12, width
  bytes({0x4d, 0x39, 0xec, 0x0f, 0x8c});                          // cmp r12, r13; jl
  word(0, 4);
  set_distance(here() - 4, begin);
}

void Assembler::set(std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) code_[at + i] = static_cast<std::uint8_t>(value >> 8 * i);
}

std::vector<std::uint8_t> Assembler::finish() {
  while (code_.size() % 8 != 0) code_.push_back(0xcc);
  for (const auto& [bits, uses] : constants_) {
    for (const std::size_t at : uses) set_distance(at, here());
    word(bits, 8);
  }
  constants_.clear();
  return std::move(code_);
}

}  // namespace fastcalc::native
