// execute: the memory of a run. Comes in: a scheduled program and its arguments. Goes out: slots and buffers, all allocated up
// front; a run allocates nothing, but for the first of machine code. One thread uses one workspace; programs are shared.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "../base/aligned.hpp"
#include "../base/slots.hpp"
#include "../linalg/factorise.hpp"
#include "../program/program.hpp"
#include "native/on_demand.hpp"

namespace fastcalc {

class Workspace {
 public:
  /// `native`: where the program's machine code is to be had, if at all.
  explicit Workspace(const Program& program, native::OnDemand* native = nullptr);

  native::OnDemand* native() { return native_; }

  /// Argument `input` of the program: C-ordered doubles that outlive the runs. One element is copied, an array is not.
  void bind(int input, const double* data);

  double* slot(std::int32_t i) { return home_[i]; }  ///< the slot's own memory
  double** at() { return at_.data(); }               ///< where each slot is now: its own memory, or the array it is read from
  void send_home();                                  ///< every slot back to its own memory, as a step must find it
  Slots slots() const { return {at_.data(), step_.data()}; }
  const double* input(std::int32_t i) const { return inputs_[i]; }
  double* buffer(std::int32_t i) { return buffer_at_[i]; }
  const double* const* inputs() const { return inputs_.data(); }
  double* const* buffers() const { return buffer_at_.data(); }
  void lend(std::int32_t buffer, double* memory) { buffer_at_[buffer] = memory; }  ///< until taken back
  void take_back(std::int32_t buffer) { buffer_at_[buffer] = buffers_[buffer].data(); }
  Scratch& scratch() { return scratch_; }

  /// Where numbers of machine code wait that find no register.
  double* spilled(std::size_t bytes) {
    if (spilled_.size() * sizeof(double) < bytes) spilled_ = AlignedBuffer(bytes / sizeof(double));
    return spilled_.data();
  }

  // What the sinks that add up columns [tangents result] keep from one run to the next: the columns of a block, and themselves.
  const double** column_at() { return column_at_.data(); }
  std::uint8_t* column_step() { return column_step_.data(); }
  std::shared_ptr<void> gram, triangle;

  // What a run over power series keeps, for one point and for many.
  using Kept = std::unique_ptr<void, void (*)(void*)>;
  Kept series_at_point{nullptr, nullptr}, series_at_points{nullptr, nullptr};

  // What the widest reduction needs: a table of slots of its own and a register for each component.
  double** fold_at() { return fold_at_.data(); }
  std::uint8_t* fold_step() { return fold_step_.data(); }
  Push* fold_pushes() { return fold_pushes_.data(); }
  double* fold_tail(int component) { return fold_tail_.data() + component * splat_width; }

 private:
  native::OnDemand* native_;
  AlignedBuffer memory_;
  std::vector<double*> home_, at_;
  std::int32_t splat_slots_;  // never away from home
  std::vector<std::uint8_t> step_;
  std::vector<const double*> inputs_;
  std::vector<std::int32_t> scalar_slot_;  // of each input; −1 for an array
  std::vector<AlignedBuffer> buffers_;
  std::vector<double*> buffer_at_;
  Scratch scratch_;
  AlignedBuffer spilled_;
  std::vector<const double*> column_at_;
  std::vector<std::uint8_t> column_step_;
  std::vector<double*> fold_at_;
  std::vector<std::uint8_t> fold_step_;
  std::vector<Push> fold_pushes_;
  AlignedBuffer fold_tail_;
};

}  // namespace fastcalc
