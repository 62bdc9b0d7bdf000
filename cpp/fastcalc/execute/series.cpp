// execute: a program over truncated power series (numbers/taylor.hpp): derivatives of any order. Like engine.cpp this file is
// compiled once for each instruction set.
//
// Comes in: a program whose inputs are series in one variable t, at one point or at many. Goes out: the series of its result. The
// instructions run one by one in the order of the program, not by its schedule: a series is long enough to hide the dispatch, and
// stays in cache from one instruction to the next. One point is computed in plain numbers; of many points each register holds one
// a lane. A guard whose outcome is another at a point marks that point: its branch has to be traced.
#include <algorithm>
#include <bit>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

#include "../numbers/taylor.hpp"
#include "engine.hpp"
#include "execute.hpp"

namespace fastcalc::inline FASTCALC_ISA {
namespace {

template <class F>
class SeriesRun {
 public:
  explicit SeriesRun(const Program& program) : program_(program) { place_nodes(); }

  Status operator()(const SeriesTask& task, Interrupt* interrupt) {
    prepare(task.order);
    const int rows = numbers_ * Field<F>::width;
    for (std::int64_t point = 0; point < task.points; point += rows) {
      if (interrupt && interrupt->requested()) return Status::interrupted;
      block(task, point, static_cast<int>(std::min<std::int64_t>(rows, task.points - point)));
    }
    return std::all_of(task.holds, task.holds + task.points, [](bool holds) { return holds; }) ? Status::running : Status::guard_failed;
  }

 private:
  using Slot = typename Taylor<F>::Slot;

  static constexpr std::int32_t result = 0, first_argument = 1;

  // How many elements each node has, and where they begin. A node's place is free again once its last reader has run.
  void place_nodes() {
    const std::size_t size = program_.code.size();
    std::vector<std::size_t> last_reader(size, 0);
    for (std::size_t node = 0; node < size; ++node)
      for (int i = 0; i < program_.code[node].arity; ++i) last_reader[program_.code[node].operand[i].node] = node;
    last_reader[program_.output] = size;
    std::map<std::int64_t, std::vector<std::int64_t>> free;  // by number of elements
    for (std::size_t node = 0; node < size; ++node) {
      const Instruction& in = program_.code[node];
      const std::int64_t elements = count(program_.result_shape(in));
      size_.push_back(elements);
      std::vector<std::int64_t>& fitting = free[elements];
      const bool reused = !fitting.empty() && in.op != Op::constant;  // constants stay from run to run
      place_.push_back(reused ? fitting.back() : elements_);
      if (reused)
        fitting.pop_back();
      else
        elements_ += elements;
      for (int i = 0; i < in.arity; ++i) {
        const std::int32_t from = in.operand[i].node;
        const bool twice = std::any_of(in.operand, in.operand + i, [&](const Operand& other) { return other.node == from; });
        if (last_reader[from] == node && program_.code[from].op != Op::constant && !twice) free[size_[from]].push_back(place_[from]);
      }
      index_.resize(std::max<std::size_t>(index_.size(), in.rank));
      if (info(in.op).kind == OpKind::fold) folded_ = std::max(folded_, count(program_.shape(in)));
    }
    degree_.resize(size);
  }

  // Memory for series of this order, and what does not change from run to run: the constants.
  void prepare(int order) {
    if (order == order_) return;
    order_ = order;
    numbers_ = std::is_same_v<F, double> ? 1 : std::max(1, block_rows / (lane_width * (order + 1)));
    series_ = static_cast<std::size_t>(numbers_) * (order + 1);
    number_ = Taylor<F>(order, numbers_);
    memory_.resize(elements_ * series_);
    // A pairwise fold of n elements keeps at most two partial results of each of its levels; the first is its start.
    partial_.resize(2 * (std::bit_width(static_cast<std::uint64_t>(folded_)) + 2) * series_);
    for (std::size_t node = 0; node < program_.code.size(); ++node) {
      const Instruction& in = program_.code[node];
      if (in.op != Op::constant) continue;
      degree_[node] = 0;
      std::fill_n(element(node, 0), size_[node] * series_, F(0));
      for (std::int64_t i = 0; i < size_[node]; ++i) *element(node, i) = program_.constants[in.payload + i];
    }
  }

  F* element(std::size_t node, std::int64_t i) { return memory_.data() + (place_[node] + i) * series_; }

  void block(const SeriesTask& task, std::int64_t point, int rows) {
    std::fill_n(task.holds + point, rows, true);
    for (std::size_t node = 0; node < program_.code.size(); ++node) {
      const Instruction& in = program_.code[node];
      if (in.op == Op::constant) continue;
      if (in.op == Op::input)
        read(node, task.inputs[in.payload], task.points, point, rows);
      else if (in.op == Op::guard)
        check(in, task.holds + point, rows);
      else if (info(in.op).kind == OpKind::fold)
        fold(node, in);
      else if (in.op == Op::gather)
        gather(node, in);
      else if (writes_part(in))
        write_part(node, in);
      else if (in.op == Op::contract)
        contract(node, in);
      else
        elementwise(node, in);
    }
    write(task, point, rows);
  }

  // The lanes behind the last point repeat it, so that none meets a foreign number.
  void read(std::size_t node, const SeriesInput& input, std::int64_t points, std::int64_t point, int rows) {
    const std::int64_t elements = size_[node], step = input.varies ? elements : 0;
    degree_[node] = std::min(input.degree, order_);
    for (std::int64_t i = 0; i < elements; ++i) {
      F* to = element(node, i);
      std::fill_n(to, series_, F(0));
      for (int k = 0; k <= degree_[node]; ++k) {
        const double* from = input.at + k * (input.varies ? points * elements : elements) + point * step + i;
        for (int number = 0; number < numbers_; ++number)
          for (int lane = 0; lane < Field<F>::width; ++lane)
            at_lane(to[number * (order_ + 1) + k], lane) = from[std::min(number * Field<F>::width + lane, rows - 1) * step];
      }
    }
  }

  void write(const SeriesTask& task, std::int64_t point, int rows) {
    const std::int64_t elements = size_[program_.output];
    const bool shared = program_.code[program_.output].op == Op::constant;
    for (std::int64_t i = 0; i < elements; ++i) {
      F* from = element(program_.output, i);
      for (int k = 0; k <= order_; ++k) {
        double* to = task.result + (k * task.points + point) * elements + i;
        for (int row = 0; row < rows; ++row) {
          const int number = shared ? 0 : row / Field<F>::width;
          to[row * elements] = at_lane(from[number * (order_ + 1) + k], row % Field<F>::width);
        }
      }
    }
  }

  static double& at_lane(double& number, int) { return number; }
  static auto& at_lane(Lanes& number, int lane) { return number.r[lane]; }

  void check(const Instruction& in, bool* holds, int rows) {
    const Slot condition = operand(in, 0, in.operand[0].offset);
    for (int row = 0; row < rows; ++row) {
      const int number = condition.shared ? 0 : row / Field<F>::width;
      const bool outcome = at_lane(condition.at[number * (order_ + 1)], row % Field<F>::width) != 0;
      holds[row] = holds[row] && outcome == in.expected;
    }
  }

  Slot operand(const Instruction& in, int i, std::int64_t at) {
    const std::int32_t node = in.operand[i].node;
    return {element(node, at), degree_[node], program_.code[node].op == Op::constant};
  }

  // Elements of the iteration space along its axes from `first` on.
  std::int64_t extent(const Instruction& in, int first) const {
    const std::int64_t* shape = program_.extents.data() + in.shape;
    return std::accumulate(shape + first, shape + in.rank, std::int64_t{1}, std::multiplies<>());
  }

  // For each element of the iteration space in C order: visit(its number, where the views are), with the operands in their slots.
  template <class Visit>
  void each_element(const Instruction& in, const Visit& visit) {
    const std::int64_t* shape = program_.extents.data() + in.shape;
    const std::int64_t elements = extent(in, 0);
    const int views = writes_part(in) && in.operand[2].node < 0 ? 3 : in.arity;
    std::int64_t at[3] = {in.operand[0].offset, in.operand[1].offset, in.operand[2].offset};
    std::fill_n(index_.begin(), in.rank, 0);
    for (std::int64_t i = 0; i < elements; ++i) {
      for (int j = 0; j < in.arity; ++j) number_.slot[first_argument + j] = operand(in, j, at[j]);
      visit(i, at);
      for (int axis = in.rank - 1; axis >= 0; --axis) {
        const bool over = ++index_[axis] == shape[axis];
        for (int j = 0; j < views; ++j) {
          const std::int64_t stride = program_.extents[in.operand[j].strides + axis];
          at[j] += over ? stride * (1 - shape[axis]) : stride;
        }
        if (!over) break;
        index_[axis] = 0;
      }
    }
  }

  // to = op(slots 1, 2, 3)
  int run(Op op, F* to) {
    number_.slot[result] = {to, 0, false};
    execute(number_, Code{op, result, {1, 2, 3}, {}});
    return number_.slot[result].degree;
  }

  void elementwise(std::size_t node, const Instruction& in) {
    degree_[node] = 0;
    each_element(in, [&](std::int64_t i, auto) { degree_[node] = std::max(degree_[node], run(in.op, element(node, i))); });
  }

  void gather(std::size_t node, const Instruction& in) {
    const std::int64_t* index = program_.indices.data() + in.payload;
    degree_[node] = degree_[in.operand[0].node];
    for (std::int64_t i = 0; i < size_[node]; ++i) {
      number_.slot[1] = operand(in, 0, index[i]);
      run(Op::copy, element(node, i));
    }
  }

  // First the base, one element for all or each of them, then the value where it goes.
  void write_part(std::size_t node, const Instruction& in) {
    const bool repeated = size_[in.operand[1].node] == 1;
    degree_[node] = std::max(degree_[in.operand[0].node], degree_[in.operand[1].node]);
    for (std::int64_t i = 0; i < size_[node]; ++i) {
      number_.slot[1] = operand(in, 1, repeated ? 0 : i);
      run(Op::copy, element(node, i));
    }
    const std::int64_t* index = in.operand[2].node < 0 ? nullptr : program_.indices.data() + in.operand[2].node;
    each_element(in, [&](std::int64_t i, const std::int64_t* at) {
      F* to = element(node, index ? index[i] : at[2]);
      number_.slot[2] = {to, degree_[node], false};
      run(in.op == Op::place ? Op::copy : Op::add, to);
    });
  }

  // Σ x y over the axes that are not kept, from zero.
  void contract(std::size_t node, const Instruction& in) {
    const std::int64_t reduced = extent(in, in.kept);
    std::fill_n(element(node, 0), size_[node] * series_, F(0));
    degree_[node] = 0;
    each_element(in, [&](std::int64_t i, auto) {
      F *product = partial_.data(), *to = element(node, i / reduced);
      number_.slot[1] = {product, run(Op::multiply, product), false};
      number_.slot[2] = {to, degree_[node], false};
      degree_[node] = std::max(degree_[node], run(Op::add, to));
    });
  }

  // Pairwise: two partial results of one level make one of the next, as in a binary counter.
  void fold(std::size_t node, const Instruction& in) {
    struct Partial {
      Slot slot;
      int level;
    };
    const Op step = info(in.op).step;
    const std::int64_t kept = size_[node], reduced = extent(in, in.kept);
    Partial waiting[66];
    int height = 0;
    degree_[node] = 0;
    // The two on top become one, which stands where no partial result of its level stands.
    const auto merge = [&](F* to) {
      number_.slot[1] = waiting[height - 2].slot;
      number_.slot[2] = waiting[height - 1].slot;
      const int degree = run(step, to);
      --height;
      waiting[height - 1] = {{to, degree, false}, waiting[height - 1].level + 1};
    };
    const auto room = [&] {
      const int level = waiting[height - 2].level + 1;
      const bool second = height > 2 && waiting[height - 3].level == level;
      return partial_.data() + (2 * level + second) * series_;
    };
    const auto begin = [&] {
      F* start = partial_.data();
      std::fill_n(start, series_, F(0));
      for (int number = 0; number < numbers_; ++number) start[number * (order_ + 1)] = info(in.op).start;
      waiting[0] = {{start, 0, false}, 0};
      height = 1;
    };
    const auto end = [&](std::int64_t place) {
      while (height > 2) merge(room());
      F* to = element(node, place);
      if (height == 2)
        merge(to);
      else
        std::copy_n(waiting[0].slot.at, series_, to);
      degree_[node] = std::max(degree_[node], waiting[0].slot.degree);
    };
    if (reduced == 0)
      for (std::int64_t place = 0; place < kept; ++place) begin(), end(place);
    each_element(in, [&](std::int64_t i, auto) {
      if (i % reduced == 0) begin();
      waiting[height++] = {number_.slot[first_argument], 0};
      while (height > 1 && waiting[height - 1].level == waiting[height - 2].level && !(i % reduced == reduced - 1 && height == 2))
        merge(room());
      if (i % reduced == reduced - 1) end(i / reduced);
    });
  }

  const Program& program_;
  std::vector<std::int64_t> size_, place_;  // of each node, in elements
  std::vector<int> degree_;
  std::vector<std::int64_t> index_;
  std::int64_t elements_ = 0, folded_ = 0;
  int order_ = -1, numbers_ = 1;
  std::size_t series_ = 0;  // coefficients of one element
  Taylor<F> number_{0};
  std::vector<F> memory_, partial_;
};

template <class F>
Status run_over(const Program& program, Workspace::Kept& kept, const SeriesTask& task, Interrupt* interrupt) {
  using Run = SeriesRun<F>;
  if (!kept) kept = {new Run(program), [](void* run) { delete static_cast<Run*>(run); }};
  return (*static_cast<Run*>(kept.get()))(task, interrupt);
}

}  // namespace

Status series(const Program& program, Workspace& workspace, const SeriesTask& task, Interrupt* interrupt) {
  return task.points == 1 ? run_over<double>(program, workspace.series_at_point, task, interrupt)
                          : run_over<Lanes>(program, workspace.series_at_points, task, interrupt);
}

}  // namespace fastcalc::inline FASTCALC_ISA
