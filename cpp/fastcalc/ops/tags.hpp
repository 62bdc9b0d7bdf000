// ops: partial derivatives that are known without a number.
//
// A rule may answer Zero, One or MinusOne instead of a value: `+` then multiplies nothing, and what is Zero is never
// computed. It may also answer a truth value (max, where): the tangent is then chosen, not multiplied, so that 0 · inf
// in the branch not taken cannot make a NaN. And it may answer that the partial derivative is an argument (OfX, OfY) or the result
// (OfF) itself: that number lies in a slot already, and is not copied. Unknown is a partial derivative that nobody has in closed
// form; a tangent through it is NaN, should one ever get there.
#pragma once

namespace fastcalc {

struct Zero {};
struct One {};
struct MinusOne {};
struct OfX {};
struct OfY {};
struct OfF {};
struct Unknown {};

}  // namespace fastcalc
