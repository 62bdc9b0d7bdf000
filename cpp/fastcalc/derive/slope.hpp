// derive: one term of the chain rule, recorded. Comes in: an element-wise instruction of a program that is being recorded, and a
// tangent or an adjoint. Goes out: their product with a partial derivative, as a value of the same program. This is numbers/dual.hpp's
// `push` over the field of symbols: forward and reverse mode differ in the direction only.
#pragma once

#include <optional>

#include "../program/builder.hpp"

namespace fastcalc {

/// An instruction with its operands and its result as values.
struct Node {
  Instruction in;
  Extents shape;     ///< of its iteration space
  Value operand[3];  ///< in that space
  Value result;
};

Node node_of(const Program& program, std::int32_t number);

/// ∂(result)/∂(operand) · t of an element-wise operation, of t's shape; nothing where the derivative is zero by structure.
std::optional<Value> pushed(Builder& builder, const Node& node, int operand, const Value& t);

/// A product over axes of the whole array `x`, which has the shape of the fold's space, as a tree of products of two: its derivatives
/// of any order are right also where factors are zero, and cost as much as the product.
Value product_by_pairs(Builder& builder, const Node& fold, const Value& x);

/// For a maximum or minimum of many numbers the weight of each: 1 for the one that is it; where n tie, 1/n each.
Value extreme_weight(Builder& builder, const Node& fold);

/// `value`, of a fold's or contraction's result shape behind `batch` leading axes, repeated over the axes that were summed.
Value repeated(const Value& value, const Node& node);

/// The axes of a fold or a contraction that are not kept, counted behind `batch` leading ones.
std::vector<int> summed_axes(const Node& node, int batch);

/// `value` read as `view` reads the array of `elements` numbers that it stands for, batch by batch.
Value seen_through(Builder& builder, const Value& value, const View& view, std::int64_t elements, int batch);

/// An index repeated for each of a batch of arrays of `elements` numbers that lie behind each other.
std::vector<std::int64_t> batched_index(std::span<const std::int64_t> index, std::int64_t elements, std::int64_t batches);

}  // namespace fastcalc
