// execute/native: see emit.hpp.
#include "emit.hpp"

#include "placement.hpp"

namespace fastcalc::native {
namespace {

constexpr int no_register = -1;
constexpr int condition_mask = 1;  // the truth mask of AVX-512 that a choice uses

class Emitter {
 public:
  Emitter(const Stretch& stretch, const Target& target)
      : sheet_(stretch.sheet),
        stretch_(stretch),
        target_(target),
        wide_(target.lanes == 8),
        code_(target.lanes),
        usage_(stretch),
        places_(stretch, usage_, code_) {}

  MachineCode run() {
    code_.enter();
    if (stretch_.is_scalar) {
      const std::vector<std::int32_t> order = usage_.lines_if([](const Use&) { return true; });
      places_.begin(order);
      of_rows(order);
      for (const Fill& fill : stretch_.fills) places_.fill(fill);
      for (const Put& put : stretch_.puts) places_.put(put);
    } else {
      of_all_rows(usage_.lines_if([](const Use& use) { return use.shared; }));
      const std::vector<std::int32_t> order = usage_.lines_if([](const Use& use) { return !use.shared; });
      places_.begin(order);
      places_.settle(order);
      const std::size_t begin = code_.here();
      of_rows(order);
      code_.next_rows_from(begin);
    }
    code_.leave();
    return {code_.finish(), static_cast<std::size_t>(places_.spilled())};
  }

 private:
  void of_all_rows(const std::vector<std::int32_t>& order) {
    places_.begin(order);
    for (const std::int32_t at : order) {
      compute(at);
      places_.send_home(at);
      if (places_.is_done(at)) places_.free(at);
    }
  }

  void of_rows(const std::vector<std::int32_t>& order) {
    for (const std::int32_t at : order) {
      compute(at);
      for (const std::int32_t slot : usage_[at].slots) places_.store(slot, at);
      if (places_.is_done(at)) places_.free(at);
    }
    // What is wanted and was not computed here: numbers of before the loop, constants, what other slots held.
    for (std::int32_t at = 0; at < usage_.size(); ++at)
      if (places_.is_available(at) && !std::binary_search(order.begin(), order.end(), at))
        for (const std::int32_t slot : usage_[at].slots) places_.store(slot, at);
  }

  void compute(std::int32_t at) {
    const Line& line = sheet_[at];
    if (line.act == Act::call) return call(at);
    if (line.act == Act::element) return places_.load_element(at);
    // rax holds one address at a time: what may stay in memory is looked up last.
    if (line.act == Act::choose) return choose(at);
    if (line.act == Act::lag) return lag(at);
    switch (line.act) {
      case Act::square_root:
      case Act::round: {
        const Source x = places_.source(line.operand[0]);
        const int to = places_.result(at);
        if (line.act == Act::round)
          code_.round(to, x, line.detail);
        else
          code_.arithmetic(op_sqrt, to, 0, x);
        return;
      }
      case Act::compare: {
        const int x = places_.in_register(line.operand[0]);
        const Source y = places_.source(line.operand[1]);
        const int to = places_.result(at);
        code_.compare(wide_ ? condition_mask : to, x, y, line.detail);
        if (wide_) code_.mask_to_register(to, condition_mask);
        return;
      }
      default: {
        const int x = places_.in_register(line.operand[0]);
        const Source y = places_.source(line.operand[1]);
        code_.arithmetic(opcode(line.act), places_.result(at), x, y);
        return;
      }
    }
  }

  static Arithmetic opcode(Act act) {
    switch (act) {
      case Act::add:
        return op_add;
      case Act::subtract:
        return op_subtract;
      case Act::multiply:
        return op_multiply;
      case Act::divide:
        return op_divide;
      case Act::bits_and:
        return op_and;
      case Act::bits_or:
        return op_or;
      default:
        return op_xor;
    }
  }

  void choose(std::int32_t at) {
    const Line& line = sheet_[at];
    const std::int32_t condition = line.operand[0];
    const bool compares = !usage_[condition].alone;
    const bool zero_x = usage_.is_zero(line.operand[1]), zero_y = usage_.is_zero(line.operand[2]) && !zero_x;
    const std::int32_t kept = zero_x ? line.operand[2] : line.operand[1];
    const bool multiplies = zero_x && !usage_[kept].alone && !usage_.is_lazy(kept);

    const auto ask = [&](int mask, bool for_not) {
      const Line& asked = sheet_[condition];
      const int x = places_.in_register(asked.operand[0]);
      code_.compare(mask, x, places_.in_register(asked.operand[1]), for_not ? inverted(asked.detail) : asked.detail);
    };
    if (zero_x || zero_y) {
      const int x = places_.in_register(multiplies ? sheet_[kept].operand[0] : kept);
      const int y = multiplies ? places_.in_register(sheet_[kept].operand[1]) : no_register;
      const Under under{condition_mask, true};
      if (compares && wide_) {
        ask(condition_mask, zero_x);
        const int to = places_.result(at);
        if (multiplies)
          code_.arithmetic(op_multiply, to, x, y, under);
        else
          code_.move(to, x, under);
        return;
      }
      if (compares) ask(places_.scratch(), zero_x);
      const int truth = compares ? places_.scratch() : places_.in_register(condition);
      const int to = places_.result(at, multiplies && !compares);
      if (multiplies) code_.arithmetic(op_multiply, to, x, y);
      code_.arithmetic(zero_x && !compares ? op_and_not : op_and, to, truth, multiplies ? to : x);
      return;
    }
    const int x = places_.in_register(line.operand[1]), y = places_.in_register(line.operand[2]);
    if (compares)
      ask(wide_ ? condition_mask : places_.scratch(), false);
    else if (wide_)
      code_.register_to_mask(condition_mask, places_.in_register(condition));
    const int truth = compares ? places_.scratch() : wide_ ? no_register : places_.in_register(condition);
    const int to = places_.result(at);
    if (wide_)
      code_.blend_under(to, y, x, condition_mask);
    else
      code_.blend(to, y, x, truth);
  }

  void lag(std::int32_t at) {
    const Line& line = sheet_[at];
    const int x = places_.in_register(line.operand[0]);
    const int to = places_.result(at, true);
    code_.lag(to, x, places_.rows_before(static_cast<std::int32_t>(line.bits)), line.detail, places_.scratch());
  }

  void call(std::int32_t at) {
    places_.arrange_call(at, sheet_[at]);
    const Addresses& function = target_.functions()[sheet_[at].detail];
    if (stretch_.is_scalar) {
      code_.zero_upper();
      code_.call(function.of_number);
      code_.broadcast_first_lane(0, 0);
    } else {
      code_.call(function.of_register);
    }
  }

  const Sheet& sheet_;
  const Stretch& stretch_;
  const Target& target_;
  bool wide_;
  Assembler code_;
  Usage usage_;
  Placement places_;
};

}  // namespace

MachineCode machine_code(const Stretch& stretch, const Target& target) { return Emitter(stretch, target).run(); }

}  // namespace fastcalc::native
