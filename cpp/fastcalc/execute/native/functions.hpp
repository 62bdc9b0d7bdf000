// execute/native: the functions that machine code calls: those of the C library and of SciPy, and what ops/math.hpp makes of them. Comes
// in: nothing. Goes out: for each its address for a whole register, in the vector calling convention of the engine's instruction set, and
// for a double. The same functions as the interpreter's, so that both give the same bits.
#pragma once

namespace fastcalc::native {

enum class Function : unsigned char {
#define ONE(NAME, ...) NAME,
#define TWO(NAME, ...) NAME,
#define THREE(NAME, ...) NAME,
#include "../../ops/special.def"
#include "../../ops/vector_math.def"
  TWO(remainder) TWO(floor_divide)
#undef ONE
#undef TWO
#undef THREE
};

struct Addresses {
  const void* of_register;
  const void* of_number;
};

}  // namespace fastcalc::native
