// execute/native: the field of symbols: a Symbol is the register that a number will be in, and arithmetic on Symbols writes lines on a
// sheet. So the number types and the rules of ops.def, written over any field F, write down the machine code of the chain rule.
//
// Comes in: what an instruction computes with. Goes out: lines. While a `Dictation` lives its thread writes on its sheet.
#pragma once

#include <bit>
#include <limits>

#include "../../base/lanes.hpp"
#include "sheet.hpp"

namespace fastcalc::native {

/// What is written at present: the sheet, and which line each slot holds. A slot is read and written by its address, which is of no memory:
/// slot i has the address slots().at[i].
class Dictation {
 public:
  Dictation(Sheet& sheet, std::int32_t slots) : sheet(sheet), places_(slots), at_(slots), held_(slots, -1) {
    for (std::int32_t i = 0; i < slots; ++i) at_[i] = places_.data() + i;
    outer_ = active_;
    active_ = this;
  }
  ~Dictation() { active_ = outer_; }
  Dictation(const Dictation&) = delete;
  Dictation& operator=(const Dictation&) = delete;

  static Dictation& active() { return *active_; }

  double* const* addresses() const { return at_.data(); }
  void hold(std::int32_t slot, std::int32_t line) { held_[slot] = line; }
  std::int32_t& held(const double* address) { return held_[address - places_.data()]; }
  std::int32_t held(std::int32_t slot) { return read(places_.data() + slot); }
  bool is_written(std::int32_t slot) const { return held_[slot] >= 0 && sheet[held_[slot]] != beginning(slot); }
  std::int32_t read(const double* address) {
    std::int32_t& line = held(address);
    if (line < 0) line = sheet.put(beginning(address - places_.data()));
    return line;
  }

  Sheet& sheet;

 private:
  static Line beginning(std::ptrdiff_t slot) { return {Act::slot, 0, {-1, -1, -1}, static_cast<std::uint64_t>(slot)}; }

  std::vector<double> places_;
  std::vector<double*> at_;
  std::vector<std::int32_t> held_;
  Dictation* outer_;
  static inline thread_local Dictation* active_ = nullptr;
};

inline std::int32_t put(Act act, std::int32_t x, std::int32_t y = -1, std::int32_t z = -1, std::uint8_t detail = 0) {
  return Dictation::active().sheet.put({act, detail, {x, y, z}});
}
inline std::int32_t constant_of_bits(std::uint64_t bits) { return Dictation::active().sheet.put({Act::constant, 0, {-1, -1, -1}, bits}); }
inline std::int32_t constant(double number) { return constant_of_bits(std::bit_cast<std::uint64_t>(number)); }

struct Symbol {
  std::int32_t line;

  Symbol() = default;
  Symbol(double number) : line(constant(number)) {}
  static Symbol of(std::int32_t line) {
    Symbol symbol;
    symbol.line = line;
    return symbol;
  }
};

struct SymbolTruth {
  std::int32_t line;
};

inline Symbol operator+(Symbol x, Symbol y) { return Symbol::of(put(Act::add, x.line, y.line)); }
inline Symbol operator-(Symbol x, Symbol y) { return Symbol::of(put(Act::subtract, x.line, y.line)); }
inline Symbol operator*(Symbol x, Symbol y) { return Symbol::of(put(Act::multiply, x.line, y.line)); }
inline Symbol operator/(Symbol x, Symbol y) { return Symbol::of(put(Act::divide, x.line, y.line)); }
inline Symbol operator-(Symbol x) { return Symbol::of(put(Act::bits_xor, x.line, constant(-0.0))); }

inline SymbolTruth compared(Symbol x, Symbol y, Predicate predicate) { return {put(Act::compare, x.line, y.line, -1, predicate)}; }
inline SymbolTruth operator<(Symbol x, Symbol y) { return compared(x, y, less); }
inline SymbolTruth operator<=(Symbol x, Symbol y) { return compared(x, y, less_equal); }
inline SymbolTruth operator>(Symbol x, Symbol y) { return compared(x, y, greater); }
inline SymbolTruth operator>=(Symbol x, Symbol y) { return compared(x, y, greater_equal); }
inline SymbolTruth operator==(Symbol x, Symbol y) { return compared(x, y, equal); }
inline SymbolTruth operator!=(Symbol x, Symbol y) {
  // A truth value that was kept as 1 or 0 is that truth value.
  const Sheet& sheet = Dictation::active().sheet;
  const Line& chosen = sheet[x.line];
  const auto is = [&](std::int32_t line, double number) {
    return sheet[line].act == Act::constant && sheet[line].bits == std::bit_cast<std::uint64_t>(number);
  };
  if (chosen.act == Act::choose && is(chosen.operand[1], 1) && is(chosen.operand[2], 0) && is(y.line, 0)) return {chosen.operand[0]};
  return compared(x, y, not_equal);
}
inline SymbolTruth operator&(SymbolTruth x, SymbolTruth y) { return {put(Act::bits_and, x.line, y.line)}; }
inline SymbolTruth operator|(SymbolTruth x, SymbolTruth y) { return {put(Act::bits_or, x.line, y.line)}; }
inline SymbolTruth operator^(SymbolTruth x, SymbolTruth y) { return {put(Act::bits_xor, x.line, y.line)}; }
inline SymbolTruth operator!(SymbolTruth x) {
  const Line line = Dictation::active().sheet[x.line];
  if (line.act == Act::compare) return {put(Act::compare, line.operand[0], line.operand[1], -1, inverted(line.detail))};
  return {put(Act::bits_xor, x.line, constant_of_bits(~std::uint64_t{0}))};
}
inline SymbolTruth truth(SymbolTruth x) { return x; }
inline Symbol select(SymbolTruth condition, Symbol x, Symbol y) { return Symbol::of(put(Act::choose, condition.line, x.line, y.line)); }

/// What the processor has an instruction for is none of the calls.
inline Symbol called(Function function, Symbol x, Symbol y = Symbol::of(-1), Symbol z = Symbol::of(-1)) {
  constexpr std::uint64_t sign = std::uint64_t{1} << 63;
  const auto rounded = [&](Rounding way) { return Symbol::of(put(Act::round, x.line, -1, -1, way)); };
  const auto bits = [](Symbol of, std::uint64_t mask) { return put(Act::bits_and, of.line, constant_of_bits(mask)); };
  switch (function) {
    case Function::sqrt:
      return Symbol::of(put(Act::square_root, x.line));
    case Function::abs:
      return Symbol::of(bits(x, ~sign));
    case Function::copysign:
      return Symbol::of(put(Act::bits_or, bits(x, ~sign), bits(y, sign)));
    case Function::floor:
      return rounded(down);
    case Function::ceil:
      return rounded(up);
    case Function::trunc:
      return rounded(to_zero);
    case Function::rint:
      return rounded(to_even);
    default:
      return Symbol::of(put(Act::call, x.line, y.line, z.line, static_cast<std::uint8_t>(function)));
  }
}

#define ONE(NAME, ...) \
  inline Symbol NAME(Symbol x) { return called(Function::NAME, x); }
#define TWO(NAME, ...) \
  inline Symbol NAME(Symbol x, Symbol y) { return called(Function::NAME, x, y); }
#define THREE(NAME, ...) \
  inline Symbol NAME(Symbol x, Symbol y, Symbol z) { return called(Function::NAME, x, y, z); }
#include "../../ops/special.def"
#include "../../ops/vector_math.def"
TWO(remainder)
TWO(floor_divide)
#undef ONE
#undef TWO
#undef THREE

}  // namespace fastcalc::native

namespace fastcalc::inline FASTCALC_ISA {

template <>
struct Field<native::Symbol> {
  static constexpr int width = 1;
  using Truth = native::SymbolTruth;
  static native::Symbol load(const double* address) { return native::Symbol::of(native::Dictation::active().read(address)); }
  static void store(double* address, native::Symbol value) { native::Dictation::active().held(address) = value.line; }
};

}  // namespace fastcalc::inline FASTCALC_ISA
