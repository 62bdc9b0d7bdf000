// execute: operations of linear algebra (program/matrices.hpp), matrix by matrix. Comes in: arrays. Goes out: an array, and how it went.
#pragma once

#include "../base/status.hpp"
#include "../linalg/factorise.hpp"
#include "../program/program.hpp"

namespace fastcalc {

Status run_matrices(Op op, const MatrixSizes& sizes, const double* first, const double* second, double* out, Scratch& scratch);

/// Whether a program's runs call BLAS or LAPACK: linalg/routines.hpp must have been given them before.
bool needs_routines(const Program& program);

}  // namespace fastcalc
