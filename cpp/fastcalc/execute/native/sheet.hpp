// execute/native: a stretch of instructions as one straight line of elementary acts on registers. Comes in: acts, one behind the other.
// Goes out: the same list without repetition, every operand before its use. A truth value is a register of all ones or zeros.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "functions.hpp"

namespace fastcalc::native {

enum class Act : std::uint8_t {
  constant,
  slot,     ///< what the slot holds at the beginning
  element,  ///< one element of an array, repeated. detail: Array
  add,
  subtract,
  multiply,
  divide,
  bits_and,
  bits_or,
  bits_xor,
  square_root,
  round,    ///< detail: Rounding
  compare,  ///< detail: Predicate
  choose,   ///< operand 0 a truth value: operand 1 where it holds, else operand 2
  call,     ///< detail: Function
  lag,      ///< operand 0 so many rows before (detail), which is stored in a slot (bits)
};

/// Where an array is.
enum Array : std::uint8_t { of_input, of_buffer };

/// Element `offset` of array number `index`.
struct Place {
  Array array;
  std::int32_t index;
  std::int32_t offset;
};

/// As the instructions vroundpd and vrndscalepd have them.
enum Rounding : std::uint8_t { to_even = 8, down = 9, up = 10, to_zero = 11 };

/// As the instruction vcmppd has them: quiet, and false where a number is NaN; or not so.
enum Predicate : std::uint8_t { equal = 0x00, less = 0x11, less_equal = 0x12, greater = 0x1e, greater_equal = 0x1d, not_equal = 0x04 };

/// The predicate that holds where `predicate` does not.
constexpr std::uint8_t inverted(std::uint8_t predicate) { return predicate ^ 0x04; }

struct Line {
  Act act;
  std::uint8_t detail = 0;
  std::int32_t operand[3] = {-1, -1, -1};
  std::uint64_t bits = 0;  ///< of a constant its bits; of a slot its number; of an element the array's number, and where in it

  bool operator==(const Line&) const = default;
};

inline Line element(const Place& place) {
  return {
      Act::element, place.array, {-1, -1, -1}, static_cast<std::uint64_t>(place.index) << 32 | static_cast<std::uint32_t>(place.offset)};
}
inline Place place_of(const Line& element) {
  return {static_cast<Array>(element.detail), static_cast<std::int32_t>(element.bits >> 32), static_cast<std::int32_t>(element.bits)};
}

class Sheet {
 public:
  /// The number of this line, which may stand there already.
  std::int32_t put(const Line& line) {
    const auto [found, is_new] = known_.try_emplace(line, static_cast<std::int32_t>(lines_.size()));
    if (is_new) lines_.push_back(line);
    return found->second;
  }

  const std::vector<Line>& lines() const { return lines_; }
  const Line& operator[](std::int32_t line) const { return lines_[line]; }

 private:
  struct Hash {
    std::size_t operator()(const Line& line) const {
      std::uint64_t hash = line.bits ^ (static_cast<std::uint64_t>(line.act) << 8 | line.detail);
      for (const std::int32_t operand : line.operand) hash = (hash ^ static_cast<std::uint32_t>(operand)) * 0x9e3779b97f4a7c15u;
      return hash ^ hash >> 29;
    }
  };

  std::vector<Line> lines_;
  std::unordered_map<Line, std::int32_t, Hash> known_;
};

}  // namespace fastcalc::native
