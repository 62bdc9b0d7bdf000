// execute/native: see compile.hpp.
#include "compile.hpp"

#include <algorithm>

#include "../../numbers/dual.hpp"
#include "../../numbers/real.hpp"
#include "../execute.hpp"
#include "emit.hpp"
#include "symbol.hpp"

namespace fastcalc::native {
namespace {

/// Lines beyond which a program stays with the interpreter: to compile them takes some ms.
constexpr std::size_t most_lines = 10'000;

/// Elements up to which a buffer is filled by instructions, one a register, and an array's up to which an element is addressed by one.
constexpr std::int64_t most_filled = 512, most_offset = 1 << 27;

// Whether a step of numbers puts them where they go by itself: single elements into buffers that begin with one number everywhere.
bool stores_natively(const Schedule& schedule, const Step& step) {
  if (step.kind != StepKind::scalar || step.stores.first == step.stores.last) return false;
  for (std::int32_t i = step.starts.first; i < step.starts.last; ++i)
    if (schedule.starts[i].slot < 0 || schedule.buffers[schedule.starts[i].buffer] > most_filled) return false;
  for (std::int32_t i = step.stores.first; i < step.stores.last; ++i)
    if (schedule.stores[i].kind != LoadKind::contiguous || schedule.stores[i].offset >= most_offset) return false;
  return true;
}

bool has_code(const Step& step) { return step.codes.first < step.codes.last; }

// Whether machine code adds up the blocks of a step, too: values alone.
bool folds_natively(const Step& step, bool tangents) { return step.kind == StepKind::elementwise && has_code(step) && !tangents; }

// Which slots are read when the codes of a step are over: splat slots by any other step, block slots in the step itself.
class Readers {
 public:
  Readers(const Schedule& schedule, bool tangents) : schedule_(schedule), tangents_(tangents), readers_(schedule.splat_slots, nobody) {
    for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
      const Range range = schedule.steps[i].codes;
      const auto step = static_cast<std::int32_t>(i);
      const std::int32_t keeper = stores_natively(schedule, schedule.steps[i]) ? step : others;
      for (std::int32_t j = schedule.steps[i].starts.first; j < schedule.steps[i].starts.last; ++j) {
        const Start& start = schedule.starts[j];
        start.slot < 0 ? source(start.from) : add(start.slot, keeper);
      }
      for (std::int32_t j = schedule.steps[i].stores.first; j < schedule.steps[i].stores.last; ++j) add(schedule.stores[j].slot, keeper);
      for (std::int32_t c = range.first; c < range.last; ++c) {
        const fastcalc::Code& code = schedule.codes[c];
        for (const std::int32_t slot : code.arg) add(slot, step);
        for (std::int32_t p = 0; p < code.pushes.both + code.pushes.left + code.pushes.right; ++p) {
          add(schedule.pushes[code.pushes.first + p].a, step);
          add(schedule.pushes[code.pushes.first + p].b, step);
        }
      }
    }
    for (const Load& load : schedule.loads) source(load.from);
    for (const GuardCode& guard : schedule.guards) add(guard.slot, others);
    for (const ArrayCode& code : schedule.arrays)
      for (const fastcalc::Source& from : code.operand) source(from);
    for (const FoldComponent& part : schedule.components) add(part.from, others);
    for (const Step& step : schedule.steps)
      for (const std::int32_t slot : left_behind(step)) add(slot, others);
  }

  std::vector<bool> of(std::int32_t index) const {
    std::vector<bool> read(schedule_.splat_slots + schedule_.block_slots, false);
    for (std::int32_t slot = 0; slot < schedule_.splat_slots; ++slot) read[slot] = readers_[slot] != nobody && readers_[slot] != index;
    for (const std::int32_t slot : left_behind(schedule_.steps[index])) read[slot] = true;
    return read;
  }

 private:
  static constexpr std::int32_t nobody = -1, others = -2;

  std::vector<std::int32_t> left_behind(const Step& step) const {
    std::vector<std::int32_t> found;
    if (!stores_natively(schedule_, step))
      for (std::int32_t i = step.stores.first; i < step.stores.last; ++i) found.push_back(schedule_.stores[i].slot);
    for (std::int32_t i = step.lags.first; i < step.lags.last; ++i) found.push_back(schedule_.lags[i].of);
    for (std::int32_t i = step.folds.first; i < step.folds.last; ++i)
      for (std::int32_t c = 0; c < schedule_.folds[i].components; ++c) {
        const FoldComponent& part = schedule_.components[schedule_.folds[i].first + c];
        found.push_back(folds_natively(step, tangents_) ? part.running : part.from);
      }
    if (step.output) {
      found.push_back(schedule_.result);
      found.insert(found.end(), schedule_.tangents.begin(), schedule_.tangents.end());
    }
    return found;
  }

  void source(const fastcalc::Source& from) {
    if (from.kind == SourceKind::slot) add(from.index, others);
  }

  void add(std::int32_t slot, std::int32_t reader) {
    if (slot < 0 || slot >= schedule_.splat_slots) return;
    std::int32_t& known = readers_[slot];
    known = known == nobody || known == reader ? reader : others;
  }

  const Schedule& schedule_;
  bool tangents_;
  std::vector<std::int32_t> readers_;
};

void dictate(Dictation& dictation, const Schedule& schedule, const Step& step, Slots slots, bool tangents) {
  for (std::int32_t i = step.codes.first; i < step.codes.last; ++i) {
    const fastcalc::Code& code = schedule.codes[i];
    for (std::int32_t j = step.lags.first; j < step.lags.last; ++j) {
      const Lag& lag = schedule.lags[j];
      if (std::find(std::begin(code.arg), std::end(code.arg), lag.slot) != std::end(code.arg))
        dictation.hold(
            lag.slot,
            dictation.sheet.put(
                {Act::lag, static_cast<std::uint8_t>(lag.rows), {dictation.held(lag.of), -1, -1}, static_cast<std::uint64_t>(lag.of)}));
    }
    if (tangents) {
      const Dual<Symbol> number{slots, schedule.pushes.data() + code.pushes.first, code.pushes, 1};
      execute(number, code);
    } else {
      const Real<Symbol> number{slots, 1};
      execute(number, code);
    }
  }
  if (!folds_natively(step, tangents)) return;
  for (std::int32_t i = step.folds.first; i < step.folds.last; ++i) {
    const FoldComponent& part = schedule.components[schedule.folds[i].first];
    const Real<Symbol> number{slots, 1};
    execute(number, fastcalc::Code{schedule.folds[i].op, part.running, {part.running, part.from, 0}, {}});
  }
}

// A step of numbers reads its single elements by itself. (Others read them once, before their first block stores anything.)
bool load_elements(Dictation& dictation, const Program& program, const Step& step) {
  for (std::int32_t i = step.loads.first; i < step.loads.last; ++i) {
    const Load& load = program.schedule.loads[i];
    const fastcalc::Source& from = load.from;
    if (from.kind == SourceKind::constant) {
      dictation.hold(load.slot, constant(program.constants[from.index + from.offset]));
    } else if (from.kind == SourceKind::slot) {
      dictation.hold(load.slot, dictation.held(from.index));
    } else {
      if (from.offset >= most_offset) return false;
      const Array array = from.kind == SourceKind::input ? of_input : of_buffer;
      dictation.hold(load.slot, dictation.sheet.put(element({array, from.index, static_cast<std::int32_t>(from.offset)})));
    }
  }
  return true;
}

/// Empty where the program must stay with the interpreter.
MachineCode code_of(const Program& program, std::int32_t index, const Readers& readers, const Target& target, bool tangents) {
  const Schedule& schedule = program.schedule;
  const Step& step = schedule.steps[index];
  const std::int32_t count = schedule.splat_slots + schedule.block_slots;
  std::vector<std::uint8_t> steps(count, 1);
  std::fill_n(steps.begin(), schedule.splat_slots, 0);
  Sheet sheet;
  std::vector<Wanted> wanted;
  std::vector<Fill> fills;
  std::vector<Put> puts;
  {
    Dictation dictation(sheet, count);
    if (step.kind == StepKind::scalar && !load_elements(dictation, program, step)) return {};
    dictate(dictation, schedule, step, {dictation.addresses(), steps.data()}, tangents);
    if (stores_natively(schedule, step)) {
      for (std::int32_t i = step.starts.first; i < step.starts.last; ++i) {
        const Start& start = schedule.starts[i];
        if (tangents || !start.tangent)
          fills.push_back({dictation.held(start.slot), start.buffer, static_cast<std::int32_t>(schedule.buffers[start.buffer])});
      }
      for (std::int32_t i = step.stores.first; i < step.stores.last; ++i) {
        const Store& store = schedule.stores[i];
        if (tangents || !store.tangent)
          puts.push_back({dictation.held(store.slot), {of_buffer, store.buffer, static_cast<std::int32_t>(store.offset)}, store.add});
      }
    }
    const std::vector<bool> read = readers.of(index);
    for (std::int32_t slot = 0; slot < count; ++slot)
      if (read[slot] && dictation.is_written(slot)) wanted.push_back({dictation.held(slot), slot});
  }
  if (sheet.lines().size() > most_lines) return {};
  return machine_code({sheet, wanted, fills, puts, steps.data(), step.kind == StepKind::scalar}, target);
}

}  // namespace

std::unique_ptr<const Code> Code::of(const Program& program, const Target& target, bool tangents) {
  if (!target.functions) return nullptr;
  const Schedule& schedule = program.schedule;
  const Readers readers(schedule, tangents);
  std::vector<std::uint8_t> bytes;
  std::vector<std::ptrdiff_t> begins;
  std::vector<std::size_t> spilled;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(schedule.steps.size()); ++i) {
    const Step& step = schedule.steps[i];
    MachineCode code{};
    if (has_code(step) || stores_natively(schedule, step)) {
      code = code_of(program, i, readers, target, tangents);
      if (code.bytes.empty()) return nullptr;
    }
    begins.push_back(code.bytes.empty() ? -1 : static_cast<std::ptrdiff_t>(bytes.size()));
    spilled.push_back(code.spilled);
    bytes.insert(bytes.end(), code.bytes.begin(), code.bytes.end());
  }
  if (bytes.empty()) return nullptr;
  std::unique_ptr<Code> made(new Code(bytes));
  if (!made->memory_.data()) return nullptr;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    made->steps_.emplace_back();
    if (begins[i] < 0) continue;
    made->steps_.back() = {reinterpret_cast<StepFunction>(made->memory_.data() + begins[i]), stores_natively(schedule, schedule.steps[i]),
                           spilled[i]};
  }
  return made;
}

}  // namespace fastcalc::native
