// passes: registers. Comes in: a program, its levels and active seeds. Goes out: the schedule that an engine follows.
//
// Steps are laid out level by level. In each, every component (value or tangent) of every instruction gets a slot; what comes
// from memory gets a load, what a later step reads gets a store. A tangent that an instruction passes on unchanged (partial
// derivative 1, or a seed times a value that has its slot) is no new slot but that one. Block slots are handed out by a linear scan over
// lifetimes, so that a long run of instructions stays in cache.
#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>

#include "passes.hpp"
#include "slot_scan.hpp"
#include "sums_of_slices.hpp"

namespace fastcalc {
namespace {

constexpr int value_component = -1;  // else a seed

class Scheduler {
 public:
  Scheduler(const Program& program, const std::vector<std::int32_t>& levels, const std::vector<std::vector<std::int32_t>>& active)
      : program_(program), levels_(levels), active_(active), in_place_(in_place(program)) {
    schedule_.splat_slots = one_slot + 1;
    schedule_.extents = program.extents;
  }

  Schedule run() {
    place_leaves();
    assign_steps();
    mark_stored();
    for (const auto& [key, nodes] : steps_) write_step(key, nodes);
    scan_.finish(schedule_);
    return std::move(schedule_);
  }

 private:
  // Level; scalars before arrays before reductions by axis; iteration space, and how many of its axes such a reduction keeps.
  using Key = std::tuple<std::int32_t, StepKind, Extents, std::uint8_t>;
  using Component = std::pair<std::int32_t, int>;  // node, value_component or seed

  bool computed(std::int32_t node) const { return program_.code[node].op != Op::input && program_.code[node].op != Op::constant; }
  bool splat(std::int32_t node) const { return count(program_.result_shape(program_.code[node])) == 1; }
  bool is_active(std::int32_t node, int seed) const { return std::binary_search(active_[node].begin(), active_[node].end(), seed); }

  std::int32_t new_splat() { return schedule_.splat_slots++; }

  void place_leaves() {
    for (std::size_t i = 0; i < program_.inputs.size(); ++i) {
      const Input& input = program_.inputs[i];
      if (!splat(input.node)) continue;
      schedule_.scalars.emplace_back(static_cast<std::int32_t>(i), slot_[{input.node, value_component}] = new_splat());
      if (input.seed >= 0) slot_[{input.node, input.seed}] = one_slot;
    }
    for (std::size_t node = 0; node < program_.code.size(); ++node) {
      const Instruction& in = program_.code[node];
      if (in.op != Op::constant || !splat(static_cast<std::int32_t>(node))) continue;
      schedule_.constants.emplace_back(slot_[{static_cast<std::int32_t>(node), value_component}] = new_splat(),
                                       program_.constants[in.payload]);
    }
  }

  Key key_of(std::int32_t node) const {
    const Instruction& in = program_.code[node];
    if (takes_arrays(in)) return {levels_[node], StepKind::arrays, program_.shape(in), in.kept};
    if (is_scalar(program_, in)) return {levels_[node], StepKind::scalar, {}, 0};
    const bool by_axis = info(in.op).kind == OpKind::fold && !splat(node);
    return {levels_[node], by_axis ? StepKind::reduce : StepKind::elementwise, program_.shape(in), by_axis ? in.kept : std::uint8_t{0}};
  }

  void assign_steps() {
    for (std::size_t node = 0; node < program_.code.size(); ++node)
      if (computed(static_cast<std::int32_t>(node)))
        steps_[key_of(static_cast<std::int32_t>(node))].push_back(static_cast<std::int32_t>(node));
  }

  bool read_in_step(const Instruction& in, std::int32_t from, const Key& key, int operand) const {
    return computed(from) && key_of(from) == key && std::get<1>(key) == StepKind::elementwise && in.op != Op::gather &&
           !makes_memory(program_.code[from]) && is_whole(program_.view(in, operand), count(program_.shape(program_.code[from])));
  }

  // An array that another step reads, or that this one reads other than element for element, needs buffers.
  void mark_stored() {
    for (std::size_t node = 0; node < program_.code.size(); ++node) {
      const Instruction& in = program_.code[node];
      for (int i = 0; i < in.arity; ++i) {
        const std::int32_t from = in.operand[i].node;
        if (computed(from) && !splat(from) && !read_in_step(in, from, key_of(static_cast<std::int32_t>(node)), i)) make_buffers(from);
      }
      if (makes_memory(in) && !splat(static_cast<std::int32_t>(node))) make_buffers(static_cast<std::int32_t>(node));
    }
  }

  void make_buffers(std::int32_t node) {
    if (buffer_.contains({node, value_component})) return;
    const auto add = [&](int component) {
      const auto base = in_place_[node] ? buffer_.find({program_.code[node].operand[1].node, component}) : buffer_.end();
      if (base != buffer_.end()) {
        buffer_[{node, component}] = base->second;
        return;
      }
      buffer_[{node, component}] = static_cast<std::int32_t>(schedule_.buffers.size());
      schedule_.buffers.push_back(count(program_.result_shape(program_.code[node])));
    };
    add(value_component);
    for (const int seed : active_[node]) add(seed);
  }

  // The slot in which this step reads a component of an operand; a load is added when it comes from memory.
  std::int32_t read(const Instruction& in, int operand, int component, const Key& key) {
    const std::int32_t from = in.operand[operand].node;
    if (splat(from) || read_in_step(in, from, key, operand)) return slot_.at({from, component});
    const View view = program_.view(in, operand);
    Load load{0, kind_of(view, key), source_of(in.operand[operand], component)};
    if (in.op == Op::gather) {
      load.kind = LoadKind::indexed;
      load.from.strides = in.payload;
    }
    const auto [known, is_new] = loads_.try_emplace({from, component, load.kind, load.from.strides, load.from.offset}, 0);
    if (is_new) {
      known->second = load.slot = load.kind == LoadKind::element ? new_splat() : scan_.define_load();
      schedule_.loads.push_back(load);
    }
    return known->second;
  }

  static LoadKind kind_of(const View& view, const Key& key) {
    return std::get<1>(key) == StepKind::scalar ? LoadKind::element : load_kind(view);
  }

  Source source_of(const Operand& operand, int component) const {
    const Instruction& made = program_.code[operand.node];
    if (made.op == Op::input) return {SourceKind::input, made.payload, operand.strides, operand.offset};
    if (made.op == Op::constant) return {SourceKind::constant, made.payload, operand.strides, operand.offset};
    const Component wanted{operand.node, component};
    return splat(operand.node) ? Source{SourceKind::slot, slot_.at(wanted), operand.strides, operand.offset}
                               : Source{SourceKind::buffer, buffer_.at(wanted), operand.strides, operand.offset};
  }

  std::int32_t fresh(const Key& key) { return std::get<1>(key) == StepKind::scalar ? new_splat() : scan_.define(); }

  void write_code(std::int32_t node, const Key& key) {
    const Instruction& in = program_.code[node];
    Code code{in.op == Op::gather ? Op::copy : in.op, 0, {0, 0, 0}, {static_cast<std::int32_t>(schedule_.pushes.size()), 0, 0, 0}};
    for (int i = 0; i < in.arity; ++i) code.arg[i] = read(in, i, value_component, key);
    const int first = in.op == Op::where ? 1 : 0;  // the operand whose tangent is `left`; the next one's is `right`
    std::vector<Push> both, left, right;
    for (const int seed : active_[node]) {
      const auto reaches = [&](int i) { return i < in.arity && partial(in, i) != Partial::zero && is_active(in.operand[i].node, seed); };
      const bool a = reaches(first), b = reaches(first + 1);
      const int only = a ? first : first + 1;
      if (a != b && partial(in, only) == Partial::one) {
        slot_[{node, seed}] = read(in, only, seed, key);
        continue;
      }
      // ∂(a·e)/∂a = e: where what comes in is the seed itself, the partial derivative is the tangent.
      if (a != b && (partial(in, only) == Partial::x || partial(in, only) == Partial::y) && read(in, only, seed, key) == one_slot) {
        slot_[{node, seed}] = code.arg[partial(in, only) == Partial::x ? 0 : 1];
        continue;
      }
      const Push push{fresh(key), a ? read(in, first, seed, key) : zero_slot, b ? read(in, first + 1, seed, key) : zero_slot};
      slot_[{node, seed}] = push.out;
      (a && b ? both : a ? left : right).push_back(push);
    }
    slot_[{node, value_component}] = code.out = fresh(key);
    for (const auto* run : {&both, &left, &right}) schedule_.pushes.insert(schedule_.pushes.end(), run->begin(), run->end());
    code.pushes.both = static_cast<std::int32_t>(both.size());
    code.pushes.left = static_cast<std::int32_t>(left.size());
    code.pushes.right = static_cast<std::int32_t>(right.size());
    schedule_.codes.push_back(code);
    scan_.end_code(schedule_, code);
  }

  // The base first (a copy, a number, or in place what is there already), then the value where it goes.
  void write_part_of(std::int32_t node, const Key& key) {
    const Instruction& in = program_.code[node];
    const Operand &value = in.operand[0], &base = in.operand[1];
    const auto is_active_in = [&](const Operand& operand, int component) {
      return component == value_component || is_active(operand.node, component);
    };
    const auto add = [&](int component) {
      const std::int32_t buffer = buffer_.at({node, component});
      const bool tangent = component != value_component, base_active = is_active_in(base, component);
      const auto start = [&](std::int32_t slot, const Source& from) {
        schedule_.starts.push_back({buffer, slot, from, tangent, 0, schedule_.buffers[buffer]});
      };
      if (!base_active)
        start(zero_slot, {});
      else if (splat(base.node))
        start(slot_.at({base.node, component}), {});
      else if (!in_place_[node])
        start(-1, source_of(base, component));
      if (!is_active_in(value, component) && (in.op == Op::scatter || !base_active)) return;
      const std::int32_t slot = is_active_in(value, component) ? read(in, 0, component, key) : zero_slot;
      Store store{slot, buffer, LoadKind::indexed, in.op == Op::scatter, tangent, false, in.operand[2].node, 0};
      if (in.operand[2].node < 0) {
        const View target = program_.view(in, 2);
        const LoadKind kind = kind_of(target, key);
        // One number at one place is a run of one row; many at one place are not.
        store.kind = kind == LoadKind::element ? (count(target.shape) == 1 ? LoadKind::contiguous : LoadKind::gathered) : kind;
        store.strides = in.operand[2].strides;
        store.offset = target.offset;
      }
      schedule_.stores.push_back(store);
    };
    add(value_component);
    for (const int seed : active_[node]) add(seed);
  }

  std::int32_t write_plain(Op op, std::int32_t x, std::int32_t y) {
    const auto pushes = static_cast<std::int32_t>(schedule_.pushes.size());
    schedule_.codes.push_back({op, scan_.define(), {x, y, 0}, {pushes, 0, 0, 0}});
    scan_.end_code(schedule_, schedule_.codes.back());
    return schedule_.codes.back().out;
  }

  // ((0 + x) + y) + …, each later by as many rows as its place lies behind the first.
  void write_sum(const SumOfSlices& of, std::int32_t buffer, const Key& key) {
    const auto first_lag = static_cast<std::int32_t>(schedule_.lags.size());
    std::int32_t sum = zero_slot;
    for (const auto& [node, place] : of.parts) {
      const Instruction& in = program_.code[node];
      std::int32_t slot = read(in, 0, value_component, key);
      if (place > of.first) {
        const bool is_made = read_in_step(in, in.operand[0].node, key, 0);
        const std::int32_t made = is_made ? slot : write_plain(Op::copy, slot, 0);
        schedule_.lags.push_back({slot = scan_.define_load(), made, static_cast<std::int32_t>(place - of.first)});
      }
      sum = write_plain(Op::add, sum, slot);
    }
    schedule_.stores.push_back({sum, buffer, LoadKind::contiguous, false, false, true, 0, of.first});
    const auto last_lag = static_cast<std::int32_t>(schedule_.lags.size());
    if (first_lag < last_lag) schedule_.rests.push_back({buffer, of.first + count(std::get<2>(key)), first_lag, last_lag});
  }

  // What is written into parts of one buffer, in the order in which it was recorded.
  void write_parts(const std::vector<std::int32_t>& nodes, const Key& key) {
    std::map<std::int32_t, std::vector<std::int32_t>> of_buffer;
    for (const std::int32_t node : nodes)
      if (writes_part(program_.code[node])) of_buffer[buffer_.at({node, value_component})].push_back(node);
    for (const auto& [buffer, parts] : of_buffer) {
      const bool is_elementwise = std::get<1>(key) == StepKind::elementwise;
      const std::vector<SumOfSlices> sums = is_elementwise ? sums_of_slices(program_, parts, active_) : std::vector<SumOfSlices>{};
      std::int64_t written = 0;
      const auto zeros_until = [&, to = buffer](std::int64_t element) {
        if (written < element) schedule_.starts.push_back({to, zero_slot, {}, false, written, element});
      };
      for (const SumOfSlices& sum : sums) {
        zeros_until(sum.first);
        write_sum(sum, buffer, key);
        written = sum.last;
      }
      if (sums.empty())
        for (const std::int32_t node : parts) write_part_of(node, key);
      else
        zeros_until(schedule_.buffers[buffer]);
    }
  }

  // (x y)˙ = ẋ y + x ẏ
  void write_contraction(std::int32_t node) {
    const Instruction& in = program_.code[node];
    const Operand &x = in.operand[0], &y = in.operand[1];
    const Source values[] = {source_of(x, value_component), source_of(y, value_component)};
    const auto write = [&](int component, bool add, const Source& left, const Source& right) {
      schedule_.arrays.push_back(
          {in.op, add, component != value_component, false, buffer_.at({node, component}), {left, right}, MatrixSizes{}});
    };
    write(value_component, false, values[0], values[1]);
    for (const int seed : active_[node]) {
      const bool first = is_active(x.node, seed);
      if (first) write(seed, false, source_of(x, seed), values[1]);
      if (is_active(y.node, seed)) write(seed, first, values[0], source_of(y, seed));
    }
  }

  void write_matrix(std::int32_t node) {
    const Instruction& in = program_.code[node];
    if (!active_[node].empty())
      throw std::invalid_argument((in.op == Op::call ? "a function that is called and not traced, " : std::string(info(in.op).name)) +
                                  " of what depends on a parameter: a run that carries tangents along has no rule for it");
    ArrayCode code{in.op, false, false, splat(node), 0, {}, {}};
    code.out = code.splat ? (slot_[{node, value_component}] = new_splat()) : buffer_.at({node, value_component});
    Extents shape[2];
    for (int i = 0; i < in.arity; ++i) {
      code.operand[i] = source_of(in.operand[i], value_component);
      shape[i] = program_.result_shape(program_.code[in.operand[i].node]);
    }
    if (in.op == Op::call)
      code.function = in.payload;
    else
      code.sizes = matrix_sizes(in.op, shape[0], shape[1]);
    schedule_.arrays.push_back(code);
  }

  void write_fold(std::int32_t node, const Key& key) {
    const Instruction& in = program_.code[node];
    FoldCode fold{info(in.op).step, info(in.op).start, 0, static_cast<std::int32_t>(schedule_.components.size())};
    const auto add = [&](int component) {
      const bool by_axis = std::get<1>(key) == StepKind::reduce;
      const std::int32_t total = by_axis ? buffer_.at({node, component}) : (slot_[{node, component}] = new_splat());
      schedule_.components.push_back({read(in, 0, component, key), scan_.define_load(), total});
      ++fold.components;
    };
    add(value_component);
    if (!info(in.op).truth)
      for (const int seed : active_[node]) add(seed);
    schedule_.folds.push_back(fold);
  }

  void write_stores(std::int32_t node, const Step& step) {
    const auto is_direct = [&](int component) {
      return component == value_component && std::none_of(schedule_.lags.begin() + step.lags.first, schedule_.lags.end(),
                                                          [&](const Lag& lag) { return lag.of == slot_.at({node, component}); });
    };
    const auto store = [&](int component) {
      const auto buffer = buffer_.find({node, component});
      if (buffer != buffer_.end())
        schedule_.stores.push_back({slot_.at({node, component}), buffer->second, LoadKind::contiguous, false, component != value_component,
                                    is_direct(component), 0, 0});
    };
    store(value_component);
    for (const int seed : active_[node]) store(seed);
  }

  void write_result(Step& step) {
    step.output = true;
    schedule_.result = slot_.at({program_.output, value_component});
    schedule_.tangents.assign(program_.seeds, zero_slot);
    for (const int seed : active_[program_.output]) schedule_.tangents[seed] = slot_.at({program_.output, seed});
    const Instruction& out = program_.code[program_.output];
    const Operand& from = out.operand[0];
    const bool is_last = schedule_.steps.size() + 1 == steps_.size();
    if (is_last && step.codes.first + 1 == static_cast<std::int32_t>(schedule_.codes.size()) && out.op == Op::copy &&
        step.kind == StepKind::elementwise && computed(from.node) &&
        is_whole(program_.view(out, 0), count(program_.result_shape(program_.code[from.node]))))
      schedule_.made_in = buffer_.at({from.node, value_component});
  }

  void write_step(const Key& key, const std::vector<std::int32_t>& nodes) {
    const Instruction& some = program_.code[nodes.front()];
    Step step{};
    step.kind = std::get<1>(key);
    step.rank = step.kind == StepKind::scalar ? 0 : some.rank;
    step.kept = some.kept;
    step.shape = some.shape;
    step.extent = step.kind == StepKind::scalar ? 1 : count(program_.shape(some));
    schedule_.mark(step, &Range::first);
    loads_.clear();
    for (const std::int32_t node : nodes) {
      const Instruction& in = program_.code[node];
      if (in.op == Op::guard)
        schedule_.guards.push_back({read(in, 0, value_component, key), in.expected});
      else if (info(in.op).kind == OpKind::fold)
        write_fold(node, key);
      else if (in.op == Op::contract)
        write_contraction(node);
      else if (is_matrix(in.op))
        write_matrix(node);
      else if (!writes_part(in))
        write_code(node, key);
    }
    write_parts(nodes, key);
    if (step.kind == StepKind::elementwise)
      for (const std::int32_t node : nodes)
        if (!makes_memory(program_.code[node])) write_stores(node, step);
    if (std::find(nodes.begin(), nodes.end(), program_.output) != nodes.end()) write_result(step);
    schedule_.mark(step, &Range::last);
    scan_.end_step(schedule_, step);
    schedule_.steps.push_back(step);
  }

  const Program& program_;
  const std::vector<std::int32_t>& levels_;
  const std::vector<std::vector<std::int32_t>>& active_;
  const std::vector<bool> in_place_;
  Schedule schedule_;
  SlotScan scan_;
  std::map<Key, std::vector<std::int32_t>> steps_;
  std::map<Component, std::int32_t> slot_;
  std::map<Component, std::int32_t> buffer_;
  std::map<std::tuple<std::int32_t, int, LoadKind, std::int32_t, std::int64_t>, std::int32_t> loads_;  // of the step being written
};

}  // namespace

LoadKind load_kind(const View& view) {
  if (std::all_of(view.strides.begin(), view.strides.end(), [](std::int64_t stride) { return stride == 0; })) return LoadKind::element;
  return is_whole({view.shape, view.strides, 0}, count(view.shape)) ? LoadKind::contiguous : LoadKind::gathered;
}

Schedule registers(const Program& program, const std::vector<std::int32_t>& levels, const std::vector<std::vector<std::int32_t>>& active) {
  return Scheduler(program, levels, active).run();
}

}  // namespace fastcalc
