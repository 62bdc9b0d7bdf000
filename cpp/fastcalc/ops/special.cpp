// ops: see special.hpp.
#include "special.hpp"

#include <limits>

namespace fastcalc {
namespace {

// `data` points to the arity of the function that is not there.
void not_filled(char** at, const std::ptrdiff_t* length, const std::ptrdiff_t* step, void* data) {
  const int result = *static_cast<const int*>(data);
  for (std::ptrdiff_t i = 0; i < *length; ++i)
    *reinterpret_cast<double*>(at[result] + i * step[result]) = std::numeric_limits<double>::quiet_NaN();
}

int arities[] = {1, 2, 3};

SpecialFunction functions[] = {
#define ONE(NAME, UFUNC) {UFUNC, 1, not_filled, &arities[0]},
#define TWO(NAME, UFUNC) {UFUNC, 2, not_filled, &arities[1]},
#define THREE(NAME, UFUNC) {UFUNC, 3, not_filled, &arities[2]},
#include "special.def"
#undef ONE
#undef TWO
#undef THREE
};

}  // namespace

std::span<SpecialFunction> special_functions() { return functions; }

}  // namespace fastcalc
