// execute/native: see functions.hpp. This file is compiled once for each instruction set.
#include "functions.hpp"

#include "../../ops/rule.hpp"

namespace fastcalc::inline FASTCALC_ISA {
namespace {

using Register = Lanes::Register;

template <class Value, class... Values>
const void* address(Value (*function)(Values...)) {
  return reinterpret_cast<const void*>(function);
}

}  // namespace

const native::Addresses* addresses();  // engine.cpp's

const native::Addresses* addresses() {
  static const native::Addresses table[] = {
#define ONE(NAME, ...)                                                                        \
  {address(+[](Register x) -> Register { return fastcalc::FASTCALC_ISA::NAME(Lanes(x)).r; }), \
   address(+[](double x) -> double { return fastcalc::FASTCALC_ISA::NAME(x); })},
#define TWO(NAME, ...)                                                                                              \
  {address(+[](Register x, Register y) -> Register { return fastcalc::FASTCALC_ISA::NAME(Lanes(x), Lanes(y)).r; }), \
   address(+[](double x, double y) -> double { return fastcalc::FASTCALC_ISA::NAME(x, y); })},
#define THREE(NAME, ...)                                                                                                                  \
  {address(+[](Register x, Register y, Register z) -> Register { return fastcalc::FASTCALC_ISA::NAME(Lanes(x), Lanes(y), Lanes(z)).r; }), \
   address(+[](double x, double y, double z) -> double { return fastcalc::FASTCALC_ISA::NAME(x, y, z); })},
#include "../../ops/special.def"
#include "../../ops/vector_math.def"
      TWO(remainder) TWO(floor_divide)
#undef ONE
#undef TWO
#undef THREE
  };
  return table;
}

}  // namespace fastcalc::inline FASTCALC_ISA
