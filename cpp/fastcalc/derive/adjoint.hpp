// derive: reverse mode, program → program. Comes in: a result of a program that is being recorded. Goes out: its gradient, recorded
// into the same program: so the engine that runs the function runs its gradient, element-wise stretches are computed again block by
// block and not stored, what is equal is shared, and a derivative can be differentiated again.
//
// The idea: with v̄ = ∂(result)/∂v, every instruction f(x, y) gives x̄ += f̄ ∂f/∂x and ȳ += f̄ ∂f/∂y, last instruction first.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "../program/builder.hpp"

namespace fastcalc {

/// adjointᵀ · ∂(result)/∂(each of `wrt`), each of the shape of what it belongs to. `wrt`: whole nodes. `adjoint`: of the result's shape
/// (all ones when there is none), or with one more leading axis, which the gradients then have too. Throws std::invalid_argument.
std::vector<Value> gradient(Builder& builder, const Value& result, std::span<const Value> wrt, const std::optional<Value>& adjoint);

}  // namespace fastcalc
