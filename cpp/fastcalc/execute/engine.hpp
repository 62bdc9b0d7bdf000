// execute: what an engine does, whatever it is made of. The interpreter compiled for each instruction set is one engine each;
// `engine()` is the one chosen for this machine when the library is loaded. Another kind of engine fits behind the same table.
//
// Comes in: a scheduled program and a workspace with its arguments bound. Goes out: the result, its tangents, or what a fit
// needs of them (their Gram matrix or triangular factor), which is summed up block by block so that no column is ever stored.
#pragma once

#include <cstdint>

#include "../base/interrupt.hpp"
#include "../base/status.hpp"
#include "workspace.hpp"

namespace fastcalc {

/// Rows first … last − 1 of a result.
struct Rows {
  std::int64_t first, last;
};

inline Rows all_rows(const Program& program) { return {0, result_size(program)}; }

/// A matrix given by its columns, each of `rows` consecutive doubles.
struct Columns {
  const double* const* at;
  int count;
  std::int64_t rows;
};

struct Engine {
  const char* isa;
  int lanes;
  const char* vector_math;  ///< where exp, log, … of a whole register come from

  /// The result alone: these rows of it. A part can be asked only of a program that `is_by_row`.
  Status (*values)(const Program&, Workspace&, Rows rows, double* result, Interrupt*);
  /// The result and its tangents: one column of the Jacobian for each seed.
  Status (*columns)(const Program&, Workspace&, double* result, double* const* tangents, Interrupt*);
  /// The Gram matrix, (seeds + 1)² row-major, of [tangents result].
  Status (*gram)(const Program&, Workspace&, double* matrix, Interrupt*);
  /// The triangular factor, (seeds + 1)² row-major, of [tangents result].
  Status (*triangle)(const Program&, Workspace&, double* matrix, Interrupt*);

  /// The same two of a matrix that is stored.
  void (*gram_of)(const Columns&, double* matrix);
  void (*triangle_of)(const Columns&, double* matrix);
};

/// The engine for this machine, or the one that FASTCALC_ISA in the environment names.
const Engine& engine();

}  // namespace fastcalc
