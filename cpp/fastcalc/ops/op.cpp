// ops: the table as rows. Comes in: ops.def. Goes out: OpInfo, one an operation, in the order of the enum.
#include "op.hpp"

#include <string_view>

#include "rule.hpp"

namespace fastcalc {
namespace {

template <class Answer>
constexpr Partial partial() {
  if constexpr (std::is_same_v<Answer, Zero>) return Partial::zero;
  if constexpr (std::is_same_v<Answer, One>) return Partial::one;
  if constexpr (std::is_same_v<Answer, OfX>) return Partial::x;
  if constexpr (std::is_same_v<Answer, OfY>) return Partial::y;
  if constexpr (std::is_same_v<Answer, OfF>) return Partial::f;
  if constexpr (std::is_same_v<Answer, Unknown>) return Partial::unknown;
  return Partial::number;
}

template <Op op>
constexpr Partial first_of = partial<decltype(Rule<op>::first(0.0, 0.0))>();
template <Op op>
constexpr Partial dx_of = partial<decltype(Rule<op>::dx(0.0, 0.0, 0.0))>();
template <Op op>
constexpr Partial dy_of = partial<decltype(Rule<op>::dy(0.0, 0.0, 0.0))>();

constexpr Kink NONE = Kink::none, ZERO = Kink::zero, INTEGERS = Kink::integers, HALVES = Kink::halves, EQUAL = Kink::equal,
               MULTIPLES = Kink::multiples;
constexpr Trend RISES = Trend::rises, FALLS = Trend::falls, NEITHER = Trend::neither;
constexpr Partial flat = Partial::zero;

constexpr bool special(std::string_view ufunc) { return ufunc.starts_with("special."); }

// clang-format off
constexpr OpInfo table[] = {
#define UNARY(NAME, NUMPY, VALUE, FIRST, SECOND, LO, HI, KINK, TREND, COST)                                                          \
  {Op::NAME, OpKind::unary, #NAME, NUMPY, 1, special(NUMPY), false, {first_of<Op::NAME>, flat}, Op::NAME, 0, {LO, HI, -INF, INF}, KINK, TREND, COST, \
   [](double x, double) -> double { return Rule<Op::NAME>::value(x); }},
#define BINARY(NAME, NUMPY, VALUE, DX, DY, DXX, DXY, DYY, XLO, XHI, YLO, YHI, KINK, COST)                                  \
  {Op::NAME, OpKind::binary, #NAME, NUMPY, 2, special(NUMPY), false, {dx_of<Op::NAME>, dy_of<Op::NAME>}, Op::NAME, 0, {XLO, XHI, YLO, YHI}, \
   KINK, NEITHER, COST, [](double x, double y) -> double { return Rule<Op::NAME>::value(x, y); }},
#define TEST(NAME, NUMPY, ARITY, VALUE)                                                                                    \
  {Op::NAME, OpKind::test, #NAME, NUMPY, ARITY, false, true, {flat, flat}, Op::NAME, 0, {-INF, INF, -INF, INF}, NONE, NEITHER, 1, \
   [](double x, double y) -> double { return Rule<Op::NAME>::value(x, y); }},
#define FOLD(NAME, NUMPY, STEP, START, TRUTH) \
  {Op::NAME, OpKind::fold, #NAME, NUMPY, 1, false, TRUTH, {flat, flat}, Op::STEP, START, {-INF, INF, -INF, INF}, NONE, NEITHER, 1, nullptr},
#define STRUCTURE(NAME) \
  {Op::NAME, OpKind::structure, #NAME, "", 0, false, false, {flat, flat}, Op::NAME, 0, {-INF, INF, -INF, INF}, NONE, NEITHER, 0, nullptr},
#define MATRIX(NAME, ARITY) \
  {Op::NAME, OpKind::matrix, #NAME, "", ARITY, false, false, {flat, flat}, Op::NAME, 0, {-INF, INF, -INF, INF}, NONE, NEITHER, 0, nullptr},
#include "ops.def"
};
// clang-format on

}  // namespace

std::span<const OpInfo> op_table() { return table; }

const OpInfo& info(Op op) { return table[static_cast<std::size_t>(op)]; }

}  // namespace fastcalc
