// derive: which columns of a sparse matrix can share one product, and where each entry is read from. Comes in: a pattern. Goes out: a
// colour for each column (or row), and for each entry its place among the products, one product a colour.
//
// The idea: the product with the sum of some unit vectors holds every entry of those columns that share no row (Curtis, Powell & Reid
// 1974); rows that share no column come from reverse mode in the same way. A symmetric matrix shows each entry twice, so one of the
// two may be hidden: it is enough that columns of two colours never form a path of four (star colouring; Coleman & Moré 1984). A matrix
// of one full row and column besides its diagonal, whose n columns all share a row, then takes two products.
#pragma once

#include "sparsity.hpp"

namespace fastcalc {

struct Compression {
  std::vector<std::int32_t> colours;  ///< of each column, from 0 on; by rows: of each row
  std::vector<std::int64_t> places;   ///< entry k of the pattern is element places[k] of the products, in C order: a row a colour
};

/// For products with columns: forward mode.
Compression by_columns(const Pattern& pattern, std::int64_t columns);

/// For products with rows: reverse mode.
Compression by_rows(const Pattern& pattern, std::int64_t columns);

/// For products with columns of a symmetric matrix. Both entries of a pair are read at one place.
Compression by_symmetry(const Pattern& symmetric);

/// The entries whose mirror image is one too: of a symmetric matrix all others are zero.
Pattern symmetric_part(const Pattern& square);

}  // namespace fastcalc
