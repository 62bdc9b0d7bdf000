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

// Which slots are read when the codes of a step are over: splat slots by any other step, block slots in the step itself.
class Readers {
 public:
  explicit Readers(const Schedule& schedule) : schedule_(schedule), readers_(schedule.splat_slots, nobody) {
    for (std::size_t i = 0; i < schedule.steps.size(); ++i) {
      const Range range = schedule.steps[i].codes;
      const auto step = static_cast<std::int32_t>(i);
      for (std::int32_t c = range.first; c < range.last; ++c) {
        const fastcalc::Code& code = schedule.codes[c];
        for (const std::int32_t slot : code.arg) add(slot, step);
        for (std::int32_t p = 0; p < code.pushes.both + code.pushes.left + code.pushes.right; ++p) {
          add(schedule.pushes[code.pushes.first + p].a, step);
          add(schedule.pushes[code.pushes.first + p].b, step);
        }
      }
    }
    const auto source = [&](const fastcalc::Source& from) {
      if (from.kind == SourceKind::slot) add(from.index, others);
    };
    for (const Load& load : schedule.loads) source(load.from);
    for (const Start& start : schedule.starts) start.slot < 0 ? source(start.from) : add(start.slot, others);
    for (const GuardCode& guard : schedule.guards) add(guard.slot, others);
    for (const ArrayCode& code : schedule.arrays)
      for (const fastcalc::Source& from : code.operand) source(from);
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
    for (std::int32_t i = step.stores.first; i < step.stores.last; ++i) found.push_back(schedule_.stores[i].slot);
    for (std::int32_t i = step.folds.first; i < step.folds.last; ++i)
      for (std::int32_t c = 0; c < schedule_.folds[i].components; ++c)
        found.push_back(schedule_.components[schedule_.folds[i].first + c].from);
    if (step.output) {
      found.push_back(schedule_.result);
      found.insert(found.end(), schedule_.tangents.begin(), schedule_.tangents.end());
    }
    return found;
  }

  void add(std::int32_t slot, std::int32_t reader) {
    if (slot < 0 || slot >= schedule_.splat_slots) return;
    std::int32_t& known = readers_[slot];
    known = known == nobody || known == reader ? reader : others;
  }

  const Schedule& schedule_;
  std::vector<std::int32_t> readers_;
};

void dictate(const Schedule& schedule, const Step& step, Slots slots, bool tangents) {
  for (std::int32_t i = step.codes.first; i < step.codes.last; ++i) {
    const fastcalc::Code& code = schedule.codes[i];
    if (tangents) {
      const Dual<Symbol> number{slots, schedule.pushes.data() + code.pushes.first, code.pushes, 1};
      execute(number, code);
    } else {
      const Real<Symbol> number{slots, 1};
      execute(number, code);
    }
  }
}

std::vector<std::uint8_t> code_of(const Schedule& schedule, std::int32_t index, const Readers& readers, const Target& target,
                                  bool tangents) {
  const Step& step = schedule.steps[index];
  const std::int32_t count = schedule.splat_slots + schedule.block_slots;
  std::vector<std::uint8_t> steps(count, 1);
  std::fill_n(steps.begin(), schedule.splat_slots, 0);
  Sheet sheet;
  std::vector<Wanted> wanted;
  {
    Dictation dictation(sheet, count);
    dictate(schedule, step, {dictation.addresses(), steps.data()}, tangents);
    const std::vector<bool> read = readers.of(index);
    for (std::int32_t slot = 0; slot < count; ++slot)
      if (read[slot] && dictation.is_written(slot)) wanted.push_back({dictation.held(slot), slot});
  }
  if (sheet.lines().size() > most_lines) return {};
  return machine_code({sheet, wanted, steps.data(), step.kind == StepKind::scalar}, target);
}

}  // namespace

std::unique_ptr<const Code> Code::of(const Program& program, const Target& target, bool tangents) {
  if (!target.functions) return nullptr;
  const Schedule& schedule = program.schedule;
  const Readers readers(schedule);
  std::vector<std::uint8_t> bytes;
  std::vector<std::ptrdiff_t> begins;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(schedule.steps.size()); ++i) {
    const Step& step = schedule.steps[i];
    std::vector<std::uint8_t> code;
    if (step.codes.first < step.codes.last) code = code_of(schedule, i, readers, target, tangents);
    begins.push_back(code.empty() ? -1 : static_cast<std::ptrdiff_t>(bytes.size()));
    bytes.insert(bytes.end(), code.begin(), code.end());
  }
  if (bytes.empty()) return nullptr;
  std::unique_ptr<Code> made(new Code(bytes));
  if (!made->memory_.data()) return nullptr;
  for (const std::ptrdiff_t begin : begins)
    made->steps_.push_back(begin < 0 ? nullptr : reinterpret_cast<StepFunction>(made->memory_.data() + begin));
  return made;
}

}  // namespace fastcalc::native
