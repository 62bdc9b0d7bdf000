// execute: see workspace.hpp.
#include "workspace.hpp"

#include <algorithm>

namespace fastcalc {

Workspace::Workspace(const Program& program, native::OnDemand* native)
    : native_(native),
      memory_(static_cast<std::size_t>(program.schedule.splat_slots) * splat_width +
              static_cast<std::size_t>(program.schedule.block_slots) * (splat_width + block_rows)),
      splat_slots_(program.schedule.splat_slots),
      inputs_(program.inputs.size(), nullptr),
      scalar_slot_(program.inputs.size(), -1) {
  const Schedule& schedule = program.schedule;
  double* next = memory_.data();
  home_.reserve(schedule.splat_slots + schedule.block_slots);
  step_.reserve(home_.capacity());
  for (std::int32_t i = 0; i < schedule.splat_slots + schedule.block_slots; ++i) {
    const bool block = i >= schedule.splat_slots;
    if (block) next += splat_width;  // the last rows of the block before, for slots that lag
    home_.push_back(next);
    step_.push_back(block);
    next += block ? block_rows : splat_width;
  }
  at_ = home_;
  std::fill_n(home_[one_slot], splat_width, 1.0);
  for (const auto& [slot, value] : schedule.constants) std::fill_n(home_[slot], splat_width, value);
  for (const auto& [input, slot] : schedule.scalars) scalar_slot_[input] = slot;
  for (const std::int64_t size : schedule.buffers) buffers_.emplace_back(static_cast<std::size_t>(size));
  for (AlignedBuffer& buffer : buffers_) buffer_at_.push_back(buffer.data());
  column_at_.resize(program.seeds + 1);
  column_step_.resize(program.seeds + 1);
  std::size_t widest = 0;
  for (const FoldCode& fold : schedule.folds) widest = std::max<std::size_t>(widest, fold.components);
  fold_at_.resize(2 * widest + 2);
  fold_step_.resize(2 * widest + 2);
  fold_pushes_.resize(widest);
  fold_tail_ = AlignedBuffer(widest * splat_width);
}

void Workspace::send_home() { std::copy(home_.begin() + splat_slots_, home_.end(), at_.begin() + splat_slots_); }

void Workspace::bind(int input, const double* data) {
  inputs_[input] = data;
  if (scalar_slot_[input] >= 0) std::fill_n(home_[scalar_slot_[input]], splat_width, *data);
}

}  // namespace fastcalc
