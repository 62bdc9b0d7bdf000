// linalg: BLAS and LAPACK. The kernel links neither: the border hands over SciPy's, as scipy.linalg.cython_blas and cython_lapack export
// them (32-bit integers), when a program is made that wants them.
#pragma once

namespace fastcalc {

struct Routines {
#define ROUTINE(NAME, ARGUMENTS) void(*NAME) ARGUMENTS;
#include "routines.def"
#undef ROUTINE
};

/// Each routine under its name.
template <class Visit>
void each_routine(Routines& table, const Visit& visit) {
#define ROUTINE(NAME, ...) visit(#NAME, table.NAME);
#include "routines.def"
#undef ROUTINE
}

void use_routines(const Routines&);

/// Null until they are handed over.
const Routines* routines();

}  // namespace fastcalc
