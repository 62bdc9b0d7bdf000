// derive: see sparsity.hpp.
#include "sparsity.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "tangent.hpp"

namespace fastcalc {
namespace {

using Sets = std::shared_ptr<const Pattern>;  // a set for each element of a node; null: all are empty

// The place in its node of each element of a view, in C order.
std::vector<std::int64_t> places(const View& view) {
  std::vector<std::int64_t> out{view.offset};
  out.reserve(count(view.shape));
  for (std::size_t axis = 0; axis < view.shape.size(); ++axis) {
    std::vector<std::int64_t> longer;
    longer.reserve(out.size() * view.shape[axis]);
    for (const std::int64_t start : out)
      for (std::int64_t i = 0; i < view.shape[axis]; ++i) longer.push_back(start + i * view.strides[axis]);
    out = std::move(longer);
  }
  return out;
}

struct TooMany {};

// Sets are written one after the other; each is the union of some that are known.
class Writer {
 public:
  Writer(std::int64_t sets, std::int64_t most) : most_(most) { out_.first.reserve(sets + 1), out_.first.push_back(0); }

  void add(const Sets& sets, std::int64_t element) {
    if (!sets) return;
    const auto begin = sets->columns.begin() + sets->first[element], end = sets->columns.begin() + sets->first[element + 1];
    const std::int64_t first = out_.first.back();
    const bool fresh = first == static_cast<std::int64_t>(out_.columns.size());
    out_.columns.insert(out_.columns.end(), begin, end);
    united_ = united_ && fresh;
  }

  void close() {
    const auto begin = out_.columns.begin() + out_.first.back();
    if (!united_) {
      std::sort(begin, out_.columns.end());
      out_.columns.erase(std::unique(begin, out_.columns.end()), out_.columns.end());
    }
    united_ = true;
    out_.first.push_back(static_cast<std::int64_t>(out_.columns.size()));
    if (out_.first.back() > most_) throw TooMany{};
  }

  Sets finish() { return std::make_shared<const Pattern>(std::move(out_)); }

 private:
  Pattern out_;
  std::int64_t most_;
  bool united_ = true;  // the open set came whole from one known set
};

class Propagation {
 public:
  Propagation(const Program& program, std::int32_t result, const Value& wrt, std::int64_t most)
      : program_(program), most_(most), active_(dependents(program, result, {&wrt, 1})), sets_(result + 1) {
    for (std::int32_t node = 0; node <= result; ++node)
      if (active_[node]) sets_[node] = node == wrt.node ? identity(count(wrt.view.shape)) : of(program.code[node]);
  }

  Sets seen(std::int32_t node, const View& view) const {
    const Sets& sets = sets_[node];
    if (!sets || is_whole(view, elements(node))) return sets;
    Writer writer(count(view.shape), most_);
    for (const std::int64_t place : places(view)) writer.add(sets, place), writer.close();
    return writer.finish();
  }

 private:
  std::int64_t elements(std::int32_t node) const { return count(program_.result_shape(program_.code[node])); }

  static Sets identity(std::int64_t size) {
    Pattern out;
    out.first.resize(size + 1);
    std::iota(out.first.begin(), out.first.end(), 0);
    out.columns.resize(size);
    std::iota(out.columns.begin(), out.columns.end(), 0);
    return std::make_shared<const Pattern>(std::move(out));
  }

  Sets operand(const Instruction& in, int i) const { return seen(in.operand[i].node, program_.view(in, i)); }

  Sets of(const Instruction& in) const {
    if (in.op == Op::gather) return gathered(in);
    if (writes_part(in)) return written(in);
    if (is_matrix(in.op)) return everything(in);
    const bool carries_all = info(in.op).kind != OpKind::structure || in.op == Op::copy || in.op == Op::where || in.op == Op::contract;
    if (!carries_all) return everything(in);
    // A reduction's last axes are folded away: each kept element unites `terms` neighbours.
    const std::int64_t kept = count(program_.result_shape(in)), terms = kept ? count(program_.shape(in)) / kept : 0;
    std::vector<Sets> parts;
    for (int i = in.op == Op::where ? 1 : 0; i < in.arity; ++i)
      if (carries(in, i)) parts.push_back(operand(in, i));
    if (parts.size() == 1 && terms == 1) return parts[0];
    Writer writer(kept, most_);
    for (std::int64_t element = 0; element < kept; ++element) {
      for (const Sets& part : parts)
        for (std::int64_t term = 0; term < terms; ++term) writer.add(part, element * terms + term);
      writer.close();
    }
    return writer.finish();
  }

  bool carries(const Instruction& in, int i) const {
    if (!sets_[in.operand[i].node]) return false;
    return info(in.op).kind == OpKind::fold || info(in.op).kind == OpKind::structure || info(in.op).partial[i] != Partial::zero;
  }

  Sets gathered(const Instruction& in) const {
    const std::int64_t size = count(program_.shape(in));
    Writer writer(size, most_);
    for (std::int64_t i = 0; i < size; ++i) writer.add(sets_[in.operand[0].node], program_.indices[in.payload + i]), writer.close();
    return writer.finish();
  }

  Sets written(const Instruction& in) const {
    const std::int64_t size = count(program_.result_shape(in)), rows = count(program_.shape(in));
    const std::int32_t base = in.operand[1].node;
    const Sets value = operand(in, 0);
    std::vector<std::int64_t> target;
    if (in.operand[2].node < 0)
      target = places(program_.view(in, 2));
    else
      target.assign(program_.indices.begin() + in.operand[2].node, program_.indices.begin() + in.operand[2].node + rows);
    // The rows of the value by where they go, so that every element is written once.
    std::vector<std::int64_t> order(rows);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return target[a] < target[b]; });
    Writer writer(size, most_);
    auto next = order.begin();
    for (std::int64_t element = 0; element < size; ++element) {
      const bool covered = next != order.end() && target[*next] == element;
      if (in.op == Op::scatter || !covered) writer.add(sets_[base], elements(base) == 1 ? 0 : element);
      for (; next != order.end() && target[*next] == element; ++next) writer.add(value, *next);
      writer.close();
    }
    return writer.finish();
  }

  // Of an operation that mixes all of its operands' elements.
  Sets everything(const Instruction& in) const {
    Writer all(1, most_);
    for (int i = 0; i < in.arity; ++i)
      for (std::int64_t element = 0; sets_[in.operand[i].node] && element < elements(in.operand[i].node); ++element)
        all.add(sets_[in.operand[i].node], element);
    all.close();
    const Sets one = all.finish();
    const std::int64_t size = count(program_.result_shape(in));
    Writer writer(size, most_);
    for (std::int64_t element = 0; element < size; ++element) writer.add(one, 0), writer.close();
    return writer.finish();
  }

  const Program& program_;
  const std::int64_t most_;  // entries of a node
  const std::vector<bool> active_;
  std::vector<Sets> sets_;
};

}  // namespace

std::optional<Pattern> pattern(const Builder& builder, const Value& result, const Value& wrt, std::int64_t most) try {
  const std::int64_t columns = count(wrt.view.shape);
  if (columns > std::numeric_limits<std::int32_t>::max()) throw std::invalid_argument("a pattern of more than 2³¹ − 1 columns");
  const Sets sets = Propagation(builder.so_far(), result.node, wrt, most).seen(result.node, result.view);
  if (sets) return *sets;
  return Pattern{std::vector<std::int64_t>(count(result.view.shape) + 1, 0), {}};
} catch (const TooMany&) {
  return std::nullopt;
}

}  // namespace fastcalc
