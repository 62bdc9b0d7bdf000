// derive: forward mode, program → program. Comes in: a result of a program that is being recorded, and a direction for each of some
// of its nodes. Goes out: the result's directional derivative, recorded into the same program.
//
// The idea: with v̇ the derivative of v along the directions, every instruction f(x, y) has ḟ = ∂f/∂x ẋ + ∂f/∂y ẏ, first instruction first.
#pragma once

#include <span>
#include <vector>

#include "../program/builder.hpp"

namespace fastcalc {

/// Σ ∂(result)/∂(wrt) · direction. `wrt`: whole nodes. `directions`: of their shapes, or all with one more leading axis (the same extent),
/// which the tangent then has too. Throws std::invalid_argument.
Value tangent(Builder& builder, const Value& result, std::span<const Value> wrt, std::span<const Value> directions);

/// The nodes whose value depends on one of `wrt`, and on whose value `result` depends, by chains of derivatives that are not zero by
/// structure; what `result` depends on through one of `wrt` alone is not one of them.
std::vector<bool> dependents(const Program& program, std::int32_t result, std::span<const Value> wrt);

}  // namespace fastcalc
