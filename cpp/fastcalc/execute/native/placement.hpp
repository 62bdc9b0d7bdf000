// execute/native: where each line is: in a register, in the workspace, or where it can be looked up again. Comes in: who reads a line when.
// Goes out: registers, and the loads and stores that it takes to have a line in one.
//
// Where registers lack, the line whose next use is farthest leaves its own (Belady 1966, IBM Systems Journal 5, 78); it is stored once.
// Where they do not, and nothing is called, what is the same for all rows stays in registers through the loop, and the addresses of
// slots do.
#pragma once

#include <limits>

#include "usage.hpp"

namespace fastcalc::native {

class Placement {
 public:
  Placement(const Stretch& stretch, const Usage& usage, Assembler& code)
      : stretch_(stretch),
        usage_(usage),
        code_(code),
        registers_(code.registers() - 1),
        lines_(stretch.sheet.lines().size()),
        held_(registers_, nowhere) {
    for (const Wanted& wanted : stretch.wanted) made_.push_back(wanted.slot);
  }

  /// A register that holds no line.
  int scratch() const { return code_.registers() - 1; }
  std::int32_t spilled() const { return spilled_; }  ///< bytes of the lines that wait in the workspace

  /// From now on lines are computed in this order.
  void begin(const std::vector<std::int32_t>& order) {
    forget_registers();
    for (State& state : lines_) state.uses.clear(), state.next = 0;
    for (const std::int32_t at : order) {
      const Reads read = usage_.reads(at);
      for (int i = 0; i < read.count; ++i) lines_[read.line[i]].uses.push_back(at);
    }
    const std::int32_t end = usage_.size();
    for (const Fill& fill : stretch_.fills) lines_[fill.line].uses.push_back(end);
    for (const Put& put : stretch_.puts) lines_[put.line].uses.push_back(end);
  }

  /// Before the loop: from now on what these lines read of before it is in registers, as far as they leave some.
  void settle(const std::vector<std::int32_t>& order) {
    const auto calls = [&](std::int32_t at) { return stretch_.sheet[at].act == Act::call; };
    if (std::any_of(order.begin(), order.end(), calls)) return;
    settle_addresses(order);
    std::vector<std::int32_t> shared;
    for (std::int32_t line = 0; line < usage_.size(); ++line)
      if (usage_[line].shared && !lines_[line].uses.empty() && !usage_.is_zero(line)) shared.push_back(line);
    const auto used_more = [&](std::int32_t x, std::int32_t y) { return lines_[x].uses.size() > lines_[y].uses.size(); };
    std::stable_sort(shared.begin(), shared.end(), used_more);
    const int spare = registers_ - most_at_once(order);
    for (int i = 0; i < spare && i < static_cast<int>(shared.size()); ++i) {
      fetch(shared[i], --registers_);
      lines_[shared[i]].reg = registers_;
    }
  }

  /// The register of a line; it stays there until the next result.
  int in_register(std::int32_t line) {
    if (lines_[line].reg == nowhere) {
      const int reg = take_register();
      fetch(line, reg);
      hold(line, reg);
    }
    pinned_.push_back(lines_[line].reg);
    return lines_[line].reg;
  }

  /// A second source: one that is used no more afterwards may stay in memory. What it is addressed by holds until the next look-up.
  Source source(std::int32_t line) {
    const State& state = lines_[line];
    const Line& from = stretch_.sheet[line];
    if (state.reg != nowhere || state.next + 1 < state.uses.size() || from.act == Act::constant) return in_register(line);
    return from.act == Act::slot ? operand(static_cast<std::int32_t>(from.bits)) : home(line);
  }

  /// The register of a result: of an operand that nobody needs any more, unless it stays `apart`; or another.
  int result(std::int32_t at, bool apart = false) {
    const Reads read = usage_.reads(at);
    pass(read, at);
    if (!apart) free_what_is_done(read);
    const int to = take_register();
    hold(at, to);
    pinned_.clear();
    if (apart) free_what_is_done(read);
    return to;
  }

  void store(std::int32_t slot, std::int32_t line) {
    const int reg = in_register(line);  // first: to look the line up may take rax
    code_.store(place(slot), reg);
    pinned_.clear();
  }

  void fill(const Fill& fill) {
    const int lanes = code_.width() / static_cast<int>(sizeof(double)), reg = in_register(fill.line);
    const Memory at = element({of_buffer, fill.buffer, 0});
    std::int32_t i = 0;
    for (; i + lanes <= fill.count; i += lanes) code_.store(at.plus(i), reg);
    for (; i < fill.count; ++i) code_.store_first_lane(at.plus(i), reg);
    pinned_.clear();
  }

  void put(const Put& put) {
    const int reg = in_register(put.line);
    const Memory at = element(put.place);
    if (put.add) code_.add_to_first_lane(scratch(), reg, at);
    code_.store_first_lane(at, put.add ? scratch() : reg);
    pinned_.clear();
  }

  void load_element(std::int32_t line) {
    const Memory at = element(place_of(stretch_.sheet[line]));
    code_.broadcast(result(line), at);
  }

  /// The rows of a slot one register before; the address holds until the next look-up.
  Memory rows_before(std::int32_t slot) {
    const Memory at = place(slot);
    return {at.base, at.index, at.displacement - code_.width()};
  }

  bool is_available(std::int32_t line) const { return usage_.is_lazy(line) || lines_[line].home != nowhere; }
  bool is_done(std::int32_t line) const { return lines_[line].next == lines_[line].uses.size(); }

  void send_home(std::int32_t line) {
    State& state = lines_[line];
    if (state.home != nowhere || usage_.is_lazy(line)) return;
    state.home = spilled_;
    spilled_ += code_.width();
    code_.store(home(line), state.reg);
  }

  void free(std::int32_t line) {
    State& state = lines_[line];
    if (state.reg >= registers_) return;  // through the loop
    if (state.reg != nowhere) held_[state.reg] = nowhere;
    state.reg = nowhere;
  }

  /// Before a call: its arguments in the first registers, what is needed afterwards at home. The call loses all registers; its result is in
  /// the first.
  void arrange_call(std::int32_t at, const Line& line) {
    const Reads read = usage_.reads(at);
    pass(read, at);
    const bool one = line.operand[1] < 0;
    for (const std::int32_t held : held_)
      if (held != nowhere && (!is_done(held) || (read.has(held) && !one))) send_home(held);
    for (int i = 0; i < 3 && line.operand[i] >= 0; ++i) {
      const int reg = one ? lines_[line.operand[i]].reg : nowhere;
      if (reg == nowhere)
        fetch(line.operand[i], i);
      else if (reg != i)
        code_.move(i, reg);
    }
    forget_registers();
    hold(at, 0);
  }

 private:
  static constexpr std::int32_t nowhere = -1;
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::max();

  /// How far ahead of what is read memory is asked for: 32 cache lines. A quarter to four times as far was no faster at 10⁶ rows.
  static constexpr std::int32_t bytes_ahead = 2048;

  struct State {
    int reg = nowhere;
    std::int32_t home = nowhere;     // in the workspace
    std::vector<std::int32_t> uses;  // by which lines
    std::size_t next = 0;            // of them
  };

  void settle_addresses(const std::vector<std::int32_t>& order) {
    std::vector<std::int32_t> slots;
    const auto meet = [&](std::int32_t slot) {
      if (stretch_.step[slot] && std::find(slots.begin(), slots.end(), slot) == slots.end()) slots.push_back(slot);
    };
    for (const std::int32_t at : order) {
      const Reads read = usage_.reads(at);
      for (int i = 0; i < read.count; ++i)
        if (stretch_.sheet[read.line[i]].act == Act::slot) meet(static_cast<std::int32_t>(stretch_.sheet[read.line[i]].bits));
      if (stretch_.sheet[at].act == Act::lag) meet(static_cast<std::int32_t>(stretch_.sheet[at].bits));
    }
    for (const std::int32_t slot : made_) meet(slot);
    for (std::size_t i = 0; i < slots.size() && i < std::size(free_registers); ++i) {
      code_.load_pointer(free_registers[i], {rbx, none, slots[i] * 8});
      settled_.emplace_back(slots[i], free_registers[i]);
    }
  }

  // Registers that it takes to compute these lines without a store: one for a line from where it is computed, or first read, to its last
  // use; and what one act reads besides.
  int most_at_once(const std::vector<std::int32_t>& order) const {
    std::vector<int> change(usage_.size() + 1, 0);
    for (std::int32_t line = 0; line < usage_.size(); ++line) {
      const std::vector<std::int32_t>& uses = lines_[line].uses;
      const bool is_computed = std::binary_search(order.begin(), order.end(), line);
      if (usage_[line].shared || (uses.empty() && !is_computed)) continue;
      ++change[is_computed ? line : uses.front()];
      --change[(uses.empty() ? line : uses.back()) + 1];
    }
    int now = 0, most = 0;
    for (const int by : change) most = std::max(most, now += by);
    return most + 4;
  }

  std::int32_t next_use(std::int32_t line) const { return is_done(line) ? never : lines_[line].uses[lines_[line].next]; }

  void pass(const Reads& read, std::int32_t at) {
    for (int i = 0; i < read.count; ++i)
      for (State& state = lines_[read.line[i]]; state.next < state.uses.size() && state.uses[state.next] <= at;) ++state.next;
  }

  void free_what_is_done(const Reads& read) {
    for (int i = 0; i < read.count; ++i)
      if (is_done(read.line[i])) {
        std::erase(pinned_, lines_[read.line[i]].reg);
        free(read.line[i]);
      }
  }

  int take_register() {
    int farthest = nowhere;
    for (int reg = 0; reg < registers_; ++reg) {
      if (held_[reg] == nowhere) return reg;
      if (std::find(pinned_.begin(), pinned_.end(), reg) != pinned_.end()) continue;
      if (farthest == nowhere || next_use(held_[reg]) > next_use(held_[farthest])) farthest = reg;
    }
    const std::int32_t line = held_[farthest];
    if (!is_done(line)) send_home(line);
    free(line);
    return farthest;
  }

  void hold(std::int32_t line, int reg) {
    held_[reg] = line;
    lines_[line].reg = reg;
  }

  void forget_registers() {
    std::fill(held_.begin(), held_.end(), nowhere);
    for (State& state : lines_)
      if (state.reg < registers_) state.reg = nowhere;
  }

  Memory home(std::int32_t line) const { return {rbp, none, lines_[line].home}; }

  Memory place(std::int32_t slot) {
    for (const auto& [settled, address] : settled_)
      if (settled == slot) return {address, r12, 0};
    code_.load_pointer(rax, {rbx, none, slot * 8});
    return {rax, stretch_.step[slot] ? r12 : none, 0};
  }

  Memory element(const Place& place) {
    code_.load_pointer(rax, {place.array == of_input ? r14 : r15, none, place.index * 8});
    return Memory{rax, none, 0}.plus(place.offset);
  }

  Memory operand(std::int32_t slot) {
    const Memory at = place(slot);
    const bool is_array = at.index != none && std::find(made_.begin(), made_.end(), slot) == made_.end();
    if (is_array) code_.prefetch({at.base, at.index, bytes_ahead});
    return at;
  }

  void fetch(std::int32_t line, int reg) {
    const Line& from = stretch_.sheet[line];
    if (from.act == Act::constant)
      code_.broadcast_constant(reg, from.bits);
    else if (from.act == Act::slot)
      code_.load(reg, operand(static_cast<std::int32_t>(from.bits)));
    else
      code_.load(reg, home(line));
  }

  const Stretch& stretch_;
  const Usage& usage_;
  Assembler& code_;
  int registers_;  // that lines may be in; one more is scratch
  std::vector<State> lines_;
  std::vector<std::int32_t> held_;                          // by each register
  std::vector<int> pinned_;                                 // registers that the line being computed reads
  std::vector<std::int32_t> made_;                          // slots that are written here
  std::vector<std::pair<std::int32_t, Register>> settled_;  // slots whose addresses stay in registers
  std::int32_t spilled_ = 0;
};

}  // namespace fastcalc::native
