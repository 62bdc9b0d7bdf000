// execute/native: what a sheet is used for: which lines are wanted, and what each of them reads. Comes in: a stretch. Goes out: for each
// line whether it has a register of its own, and whether it is the same for all rows.
//
// A condition that a choice asks is part of the choice, and a product that is chosen or 0 is multiplied under the condition: the chain
// rule's `push` is two instructions so.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "emit.hpp"

namespace fastcalc::native {

struct Use {
  bool needed = false;
  bool alone = false;   ///< a register of its own; if not, what uses it computes it on the way
  bool shared = false;  ///< the same for all rows
  std::vector<std::int32_t> slots;
};

/// What a line reads, with what it computes on the way.
struct Reads {
  std::array<std::int32_t, 8> line;
  int count = 0;

  void add(std::int32_t of) {
    if (of >= 0) line[count++] = of;
  }
  bool has(std::int32_t of) const { return std::find(line.begin(), line.begin() + count, of) != line.begin() + count; }
};

class Usage {
 public:
  explicit Usage(const Stretch& stretch) : sheet_(stretch.sheet), of_(sheet_.lines().size()) {
    for (const Wanted& wanted : stretch.wanted) want(wanted.line), of_[wanted.line].slots.push_back(wanted.slot);
    for (const Fill& fill : stretch.fills) want(fill.line);
    for (const Put& put : stretch.puts) want(put.line);
    find_needed();
    find_shared(stretch.step);
  }

  const Use& operator[](std::int32_t line) const { return of_[line]; }
  std::int32_t size() const { return static_cast<std::int32_t>(of_.size()); }

  /// Looked up where it is used, and nowhere computed.
  bool is_lazy(std::int32_t line) const { return sheet_[line].act == Act::constant || sheet_[line].act == Act::slot; }
  bool is_zero(std::int32_t line) const { return sheet_[line].act == Act::constant && sheet_[line].bits == 0; }

  /// Lines to be computed, in the order of the sheet.
  template <class Wish>
  std::vector<std::int32_t> lines_if(const Wish& wish) const {
    std::vector<std::int32_t> found;
    for (std::int32_t at = 0; at < size(); ++at)
      if (of_[at].needed && of_[at].alone && !is_lazy(at) && wish(of_[at])) found.push_back(at);
    return found;
  }

  Reads reads(std::int32_t at) const {
    Reads found;
    const Line& line = sheet_[at];
    for (int i = 0; i < 3; ++i) {
      const std::int32_t operand = line.operand[i];
      if (operand < 0) continue;
      if (line.act == Act::choose && i > 0 && is_zero(operand) && is_zero(line.operand[1]) + is_zero(line.operand[2]) == 1) continue;
      if (of_[operand].alone || is_lazy(operand))
        found.add(operand);
      else
        for (const std::int32_t inner : sheet_[operand].operand) found.add(inner);
    }
    return found;
  }

 private:
  void want(std::int32_t line) { of_[line].needed = of_[line].alone = true; }

  void find_needed() {
    std::vector<std::int32_t> users(size(), 0);
    for (std::int32_t at = size() - 1; at >= 0; --at) {
      if (!of_[at].needed) continue;
      for (const std::int32_t operand : sheet_[at].operand)
        if (operand >= 0) of_[operand].needed = true, ++users[operand];
    }
    for (std::int32_t at = 0; at < size(); ++at) {
      if (!of_[at].needed) continue;
      const Line& line = sheet_[at];
      for (int i = 0; i < 3; ++i) {
        const std::int32_t operand = line.operand[i];
        if (operand < 0) continue;
        const Act act = sheet_[operand].act;
        const bool is_condition = line.act == Act::choose && i == 0 && act == Act::compare;
        const bool is_product = line.act == Act::choose && i == 2 && act == Act::multiply && users[operand] == 1 &&
                                is_zero(line.operand[1]) && sheet_[line.operand[0]].act == Act::compare;
        if (!is_condition && !is_product) of_[operand].alone = true;
      }
    }
    for (std::int32_t at = 0; at < size(); ++at)
      if (is_lazy(at)) of_[at].alone = of_[at].needed;
  }

  void find_shared(const std::uint8_t* step) {
    for (std::size_t at = 0; at < of_.size(); ++at) {
      const Line& line = sheet_[static_cast<std::int32_t>(at)];
      Use& use = of_[at];
      if (line.act == Act::slot)
        use.shared = step[line.bits] == 0;
      else if (line.act == Act::lag)
        use.shared = false;
      else
        use.shared = std::all_of(std::begin(line.operand), std::end(line.operand),
                                 [&](std::int32_t operand) { return operand < 0 || of_[operand].shared; });
    }
  }

  const Sheet& sheet_;
  std::vector<Use> of_;
};

}  // namespace fastcalc::native
