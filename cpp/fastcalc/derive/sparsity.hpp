// derive: which entries of a Jacobian can be other than zero, and which columns can share a product. Comes in: a program. Goes out:
// a pattern in compressed rows, and a colour for each column.
//
// The idea: a pattern is a run of the program over sets. Every element holds the set of arguments that it depends on by derivatives
// that are not zero by structure; an operation unites the sets of what it reads. The pattern of a gradient's Jacobian is the Hessian's.
// Columns that share no row can be had by one directional derivative together (Curtis, Powell & Reid 1974).
#pragma once

#include <cstdint>
#include <vector>

#include "../program/builder.hpp"

namespace fastcalc {

/// Row i has the columns columns[first[i]] … columns[first[i + 1] − 1], in rising order.
struct Pattern {
  std::vector<std::int64_t> first;
  std::vector<std::int32_t> columns;
};

/// Of ∂(result)/∂(wrt): a row an element of the result, a column an element of `wrt`, a whole node.
Pattern pattern(const Builder& builder, const Value& result, const Value& wrt);

/// A colour for each of `columns` columns, from 0 on: no two columns of one colour have a row in common.
std::vector<std::int32_t> colours(const Pattern& pattern, std::int64_t columns);

}  // namespace fastcalc
