// derive: which entries of a Jacobian can be other than zero. Comes in: a program. Goes out: a pattern in compressed rows.
//
// The idea: a pattern is a run of the program over sets. Every element holds the set of arguments that it depends on by derivatives
// that are not zero by structure; an operation unites the sets of what it reads. The pattern of a gradient's Jacobian is the Hessian's.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "../program/builder.hpp"

namespace fastcalc {

/// Row i has the columns columns[first[i]] … columns[first[i + 1] − 1], in rising order.
struct Pattern {
  std::vector<std::int64_t> first;
  std::vector<std::int32_t> columns;
};

/// Of ∂(result)/∂(wrt): a row an element of the result, a column an element of `wrt`, a whole node. Nothing where it, or that of a step on
/// the way, has more than `most` entries.
std::optional<Pattern> pattern(const Builder& builder, const Value& result, const Value& wrt,
                               std::int64_t most = std::numeric_limits<std::int64_t>::max());

}  // namespace fastcalc
