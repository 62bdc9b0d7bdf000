// execute/native: the few instructions of x86-64 that programs need, as bytes. Comes in: registers, addresses, numbers. Goes out: code.
//
// Vector instructions work on whole registers: of four doubles in VEX's encoding (AVX2), of eight in EVEX's (AVX-512). Intel 64 and IA-32
// Architectures Software Developer's Manual, vol. 2, sections 2.1 (ModRM, SIB), 2.3 (VEX), 2.7 (EVEX), and the instructions' own pages.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace fastcalc::native {

enum Register : std::uint8_t { rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15, none = 255 };

/// That hold no more than an address when the function has begun, and that a call loses.
inline constexpr Register free_registers[] = {rcx, rdx, rsi, rdi, r8, r9, r10, r11};

/// What lies at base + index + displacement.
struct Memory {
  Register base;
  Register index;
  std::int32_t displacement;  ///< bytes

  Memory plus(std::int32_t doubles) const { return {base, index, displacement + doubles * 8}; }
};

/// The second source of an instruction: a vector register, or memory.
struct Source {
  bool is_memory;
  int number;  ///< of the register
  Memory memory;

  Source(int number) : is_memory(false), number(number), memory{} {}
  Source(Memory memory) : is_memory(true), number(0), memory(memory) {}
};

/// A truth mask of AVX-512 that an instruction writes under: lanes where it is 0 are kept, or become 0.
struct Under {
  int mask = 0;  ///< 0: all lanes
  bool zeroing = false;
};

/// Opcodes of 66 0F: to = x ∘ y.
enum Arithmetic : std::uint8_t {
  op_sqrt = 0x51,
  op_and = 0x54,
  op_and_not = 0x55,  ///< ¬x ∧ y
  op_or = 0x56,
  op_xor = 0x57,
  op_add = 0x58,
  op_multiply = 0x59,
  op_subtract = 0x5c,
  op_divide = 0x5e,
};

class Assembler {
 public:
  explicit Assembler(int lanes) : wide_(lanes == 8) {}

  int width() const { return wide_ ? 64 : 32; }  ///< bytes of a register
  int registers() const { return wide_ ? 32 : 16; }

  // Of whole registers.
  void load(int to, Memory from) { vector(of_0f, pd, wide_, 0x10, to, 0, from); }
  void store(Memory to, int from) { vector(of_0f, pd, wide_, 0x11, from, 0, to); }
  void move(int to, int from, Under under = {}) { vector(of_0f, pd, wide_, 0x28, to, 0, from, under); }
  void broadcast_constant(int to, std::uint64_t bits);
  void broadcast(int to, Memory from) { vector(of_0f38, pd, wide_, 0x19, to, 0, from); }
  void broadcast_first_lane(int to, int from) { vector(of_0f38, pd, wide_, 0x19, to, 0, from); }
  void arithmetic(Arithmetic op, int to, int x, Source y, Under under = {}) { vector(of_0f, pd, wide_, op, to, x, y, under); }
  void round(int to, Source x, std::uint8_t way) { vector(of_0f3a, pd, wide_, 0x09, to, 0, x, {}, way); }
  /// Into a truth mask of AVX-512, or into a register of all ones or zeros of AVX2.
  void compare(int to, int x, Source y, std::uint8_t predicate) { vector(of_0f, pd, wide_, 0xc2, to, x, y, {}, predicate); }
  /// AVX2: y where the sign of `condition` is set, else x.
  void blend(int to, int x, int y, int condition) {
    vector(of_0f3a, pd, false, 0x4b, to, x, y, {}, static_cast<std::uint8_t>(condition << 4));
  }
  /// AVX-512: y where the mask is set, else x.
  void blend_under(int to, int x, int y, int mask) { vector(of_0f38, pd, true, 0x65, to, x, y, {mask, false}); }
  void mask_to_register(int to, int mask) { vector(of_0f38, f3, true, 0x38, to, 0, mask); }
  void register_to_mask(int mask, int from) { vector(of_0f38, f3, true, 0x39, mask, 0, from); }
  /// The last `lanes` lanes of `before`, and behind them the first ones of x. AVX2: by way of a register `scratch`, and `to` is not x.
  void lag(int to, int x, Memory before, int lanes, int scratch);
  // Of the first lane alone.
  void store_first_lane(Memory to, int from) { vector(of_0f, sd, wide_, 0x11, from, 0, to); }
  void add_to_first_lane(int to, int x, Memory y) { vector(of_0f, sd, wide_, op_add, to, x, y); }

  /// A cache line, soon.
  void prefetch(Memory from);
  void zero_upper() { bytes({0xc5, 0xf8, 0x77}); }

  // Of the function and the loop.
  /// rbx: the table of slots; r14: of inputs; r15: of buffers; rbp: of what is spilled; r13: bytes of rows; r12: 0.
  void enter();
  void leave();
  void load_pointer(Register to, Memory from);
  void call(const void* function);
  std::size_t here() const { return code_.size(); }
  void next_rows_from(std::size_t begin);  ///< r12 to the next register of rows; back to `begin` if there are any

  /// The code, with its constants behind it.
  std::vector<std::uint8_t> finish();

 private:
  enum Map : std::uint8_t { of_0f = 1, of_0f38 = 2, of_0f3a = 3 };
  enum Prefix : std::uint8_t { pd = 1, f3 = 2, sd = 3 };

  void vector(Map map, Prefix prefix, bool w, std::uint8_t opcode, int reg, int vvvv, const Source& rm, Under under = {},
              int immediate = -1);
  void address(int reg, const Memory& memory);
  void bytes(std::initializer_list<std::uint8_t> list) { code_.insert(code_.end(), list); }
  void word(std::uint64_t value, int size);
  void set(std::size_t at, std::uint32_t value);
  void set_distance(std::size_t at, std::size_t target) { set(at, static_cast<std::uint32_t>(target - (at + 4))); }

  bool wide_;
  std::vector<std::uint8_t> code_;
  std::map<std::uint64_t, std::vector<std::size_t>> constants_;  // where the distance to each must be put
};

}  // namespace fastcalc::native
