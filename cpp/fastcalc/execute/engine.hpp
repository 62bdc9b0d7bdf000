// execute: what an engine does, whatever it is made of. The interpreter compiled for each instruction set is one engine each;
// `engine()` is the one chosen for this machine when the library is loaded. Another kind of engine fits behind the same table.
//
// Comes in: a scheduled program and a workspace with its arguments bound. Goes out: the result, its tangents, or what a fit
// needs of them (their Gram matrix or triangular factor), which is summed up block by block so that no column is ever stored.
#pragma once

#include <cstdint>

#include "../base/interrupt.hpp"
#include "../base/status.hpp"
#include "../linalg/newton_lanes.hpp"
#include "../linalg/normal_sums.hpp"
#include "../linalg/observations.hpp"
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

/// An argument as power series: coefficient k of element e at point p is at[(k · points + p) · elements + e].
struct SeriesInput {
  const double* at;
  int degree;   ///< what lies above it is 0; degree 0 is a constant
  bool varies;  ///< from point to point; if not, the same is at[k · elements + e] at all of them
};

/// Comes in: one series for each input. Goes out: the result's, to `order`, laid out as that of an input that varies, and for each
/// point whether all guards hold there; where one does not, the numbers mean nothing.
struct SeriesTask {
  const SeriesInput* inputs;
  int order;
  std::int64_t points;
  double* result;
  bool* holds;
};

struct Engine {
  const char* isa;
  int lanes;
  const char* vector_math;  ///< where exp, log, … of a whole register come from
  native::Target native;    ///< what machine code for it works with; none for an instruction set that there is none for

  /// The result alone: these rows of it. A part can be asked only of a program that `is_by_row`.
  Status (*values)(const Program&, Workspace&, Rows rows, double* result, Interrupt*);
  /// The result and its tangents: one column of the Jacobian for each seed.
  Status (*columns)(const Program&, Workspace&, double* result, double* const* tangents, Interrupt*);
  /// The Gram matrix, (seeds + 1)² row-major, of [tangents result].
  Status (*gram)(const Program&, Workspace&, double* matrix, Interrupt*);
  /// The triangular factor, (seeds + 1)² row-major, of [tangents result].
  Status (*triangle)(const Program&, Workspace&, double* matrix, Interrupt*);
  /// The result as a truncated power series in one variable; Status::guard_failed if a guard does not hold at some point.
  Status (*series)(const Program&, Workspace&, const SeriesTask& task, Interrupt*);

  /// The Gram matrix and the triangular factor of a matrix that is stored.
  void (*gram_of)(const Columns&, double* matrix);
  void (*triangle_of)(const Columns&, double* matrix);

  /// The normal equations of some rows of a linear problem, and what coefficients leave of these rows. The sums come in empty,
  /// and mean nothing after an interrupt.
  Refusal (*normal_sums)(const Observations&, Rows rows, NormalSums& sums, Interrupt*);
  Refusal (*remainder)(const Observations&, Rows rows, const int* exponent, const Coefficients& coefficients, Remainder& sums);
  /// Rows of pairs in double-double: to[k] += (high + low) from[k].
  void (*add_multiple)(double* to, const double* from, double high, double low, int count);
  /// Newton's step for each of many numbers.
  NewtonSteps newton_steps;
};

/// The engine for this machine, or the one that FASTCALC_ISA in the environment names.
const Engine& engine();

}  // namespace fastcalc
