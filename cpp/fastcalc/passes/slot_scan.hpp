// passes: block slots by a linear scan over lifetimes. Comes in: definitions and uses in the order of the codes. Goes out: few
// physical slots. While a step is written its block slots are virtual; end_step() makes them physical and frees them all for
// the next step. A result never takes the slot of one of its own operands.
#pragma once

#include <algorithm>
#include <vector>

#include "../program/schedule.hpp"

namespace fastcalc {

class SlotScan {
 public:
  /// A slot that the code being written defines.
  std::int32_t define() { return add(position_); }

  /// A slot that holds its place through the whole step: what is loaded at its start, what lags, and a reduction's running totals.
  std::int32_t define_load() { return add(whole_step); }

  void end_code(const Schedule& schedule, const Code& code) {
    for (const std::int32_t slot : code.arg) use(slot, position_);
    for (std::int32_t i = 0; i < code.pushes.both + code.pushes.left + code.pushes.right; ++i) {
      use(schedule.pushes[code.pushes.first + i].a, position_);
      use(schedule.pushes[code.pushes.first + i].b, position_);
    }
    ++position_;
  }

  void end_step(Schedule& schedule, const Step& step) {
    for (std::int32_t i = step.stores.first; i < last(schedule.stores); ++i) use(schedule.stores[i].slot, position_);
    for (std::int32_t i = step.folds.first; i < last(schedule.folds); ++i)
      for (std::int32_t c = 0; c < schedule.folds[i].components; ++c) use(schedule.components[schedule.folds[i].first + c].from, position_);
    for (std::int32_t i = step.lags.first; i < last(schedule.lags); ++i) use(schedule.lags[i].of, position_);
    if (step.output) {
      use(schedule.result, position_);
      for (const std::int32_t slot : schedule.tangents) use(slot, position_);
    }
    assign();
    rewrite(schedule, step);
    lives_.clear();
    position_ = 0;
  }

  /// Block slots come after the splat slots, whose number is known only now.
  void finish(Schedule& schedule) const {
    const auto place = [&](std::int32_t& slot) {
      if (slot >= block_base) slot += schedule.splat_slots - block_base;
    };
    Step everything{};
    everything.output = true;
    each_slot(schedule, everything, place);
    schedule.block_slots = slots_;
  }

 private:
  static constexpr std::int32_t block_base = 1 << 28;
  static constexpr std::int32_t whole_step = -1;
  struct Life {
    std::int32_t from, to, slot;
  };

  template <class List>
  static std::int32_t last(const List& list) {
    return static_cast<std::int32_t>(list.size());
  }

  std::int32_t add(std::int32_t from) {
    lives_.push_back({from, from, 0});
    return block_base + last(lives_) - 1;
  }

  void use(std::int32_t slot, std::int32_t position) {
    if (slot >= block_base) lives_[slot - block_base].to = std::max(lives_[slot - block_base].to, position);
  }

  // Lives are in the order of their beginnings except that loads, which hold from the start, may stand anywhere.
  void assign() {
    std::vector<std::int32_t> free;
    std::int32_t used = 0;
    for (Life& life : lives_)
      if (life.from == whole_step) life.slot = used++;
    std::vector<const Life*> held;
    for (Life& life : lives_) {
      if (life.from == whole_step) continue;
      std::erase_if(held, [&](const Life* other) {
        if (other->to >= life.from) return false;
        free.push_back(other->slot);
        return true;
      });
      if (free.empty()) {
        life.slot = used++;
      } else {
        life.slot = free.back();
        free.pop_back();
      }
      held.push_back(&life);
    }
    slots_ = std::max(slots_, used);
  }

  void rewrite(Schedule& schedule, const Step& step) const {
    each_slot(schedule, step, [&](std::int32_t& slot) {
      if (slot >= block_base) slot = block_base + lives_[slot - block_base].slot;
    });
  }

  // Every slot number that was written since `step` began.
  template <class Visit>
  static void each_slot(Schedule& schedule, const Step& step, const Visit& visit) {
    for (std::int32_t i = step.loads.first; i < last(schedule.loads); ++i) visit(schedule.loads[i].slot);
    for (std::int32_t i = step.lags.first; i < last(schedule.lags); ++i) {
      visit(schedule.lags[i].slot);
      visit(schedule.lags[i].of);
    }
    const std::int32_t pushes =
        step.codes.first < last(schedule.codes) ? schedule.codes[step.codes.first].pushes.first : last(schedule.pushes);
    for (std::int32_t i = pushes; i < last(schedule.pushes); ++i) {
      visit(schedule.pushes[i].out);
      visit(schedule.pushes[i].a);
      visit(schedule.pushes[i].b);
    }
    for (std::int32_t i = step.codes.first; i < last(schedule.codes); ++i) {
      visit(schedule.codes[i].out);
      for (std::int32_t& slot : schedule.codes[i].arg) visit(slot);
    }
    const std::int32_t parts = step.folds.first < last(schedule.folds) ? schedule.folds[step.folds.first].first : last(schedule.components);
    for (std::int32_t i = parts; i < last(schedule.components); ++i) {
      visit(schedule.components[i].from);
      visit(schedule.components[i].running);
    }
    for (std::int32_t i = step.stores.first; i < last(schedule.stores); ++i) visit(schedule.stores[i].slot);
    if (step.output) {
      visit(schedule.result);
      for (std::int32_t& slot : schedule.tangents) visit(slot);
    }
  }

  std::vector<Life> lives_;
  std::int32_t position_ = 0;
  std::int32_t slots_ = 0;  // physical slots of the widest step
};

}  // namespace fastcalc
