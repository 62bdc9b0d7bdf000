// kernel tests: a run allocates nothing after the first of its program, whatever it does. malloc itself is counted.
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <vector>

#include "fastcalc/fastcalc.hpp"

#include "check.hpp"  // last: its TEST is not the table's

using namespace fastcalc;

namespace {
long calls = 0;  // of malloc and its like
bool is_full = false;
}  // namespace

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void* malloc(std::size_t size) { return ++calls, is_full ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t count, std::size_t size) { return ++calls, __libc_calloc(count, size); }
void* realloc(void* memory, std::size_t size) { return ++calls, __libc_realloc(memory, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) { return ++calls, __libc_memalign(alignment, size); }
}

namespace {

constexpr std::int64_t n = 1000;  // several blocks and a rest

Value apply(Builder& builder, Op op, std::vector<Value> operands) { return builder.apply(op, operands); }

// Runs the program of `record(builder, x, a, b)`: x is an array of n numbers; a and b are seeds.
template <class Record>
void allocates_nothing(const char* what, Record record) {
  Builder builder;
  const Value x = builder.input("x", {n}, false), a = builder.input("a", {}, true), b = builder.input("b", {}, true);
  const auto runnable = std::make_shared<const Runnable>(pipeline(builder.finish(record(builder, x, a, b), what)));
  const Program& program = runnable->program;
  std::vector<double> data(n), result(result_size(program)), first(result.size()), second(result.size()), square(9);
  std::iota(data.begin(), data.end(), 1);
  const double* const arguments[] = {data.data()};
  const double parameters[] = {0.7, 0.3};
  double* const tangents[] = {first.data(), second.data()};
  const auto each = [&](Workspace& workspace) {
    CHECK(engine().values(program, workspace, all_rows(program), result.data(), nullptr) == Status::running);
    CHECK(engine().columns(program, workspace, result.data(), tangents, nullptr) == Status::running);
    CHECK(engine().gram(program, workspace, square.data(), nullptr) == Status::running);
    CHECK(engine().triangle(program, workspace, square.data(), nullptr) == Status::running);
  };
  const auto run = [&] {
    const Loan loan(runnable);
    loan.bind(arguments, parameters);
    each(loan.workspace());
  };
  run();
  const long before = calls;
  run();
  run();
  if (calls != before) std::printf("%s: %ld allocations in two runs\n", what, calls - before);
  CHECK(calls == before);
}

}  // namespace

TEST(malloc_is_counted) {
  const long before = calls;
  std::vector<double> some(1000);
  CHECK(calls == before + 1);
  void* aligned = std::aligned_alloc(64, 640);
  CHECK(calls == before + 2);
  std::free(aligned);
}

TEST(a_scalar_step) {
  allocates_nothing("scalar", [](Builder& to, Value, Value a, Value b) { return apply(to, Op::sin, {apply(to, Op::multiply, {a, b})}); });
}

TEST(an_elementwise_step) {
  allocates_nothing("element-wise", [](Builder& to, Value x, Value a, Value b) {
    return apply(to, Op::add, {apply(to, Op::exp, {apply(to, Op::multiply, {apply(to, Op::negative, {a}), x})}), b});
  });
}

TEST(a_fold_and_what_waits_for_it) {
  allocates_nothing("fold", [](Builder& to, Value x, Value a, Value b) {
    const Value y = apply(to, Op::multiply, {x, a});
    const int axes[] = {0};
    return apply(to, Op::subtract, {apply(to, Op::sqrt, {y}), apply(to, Op::multiply, {to.fold(Op::sum, y, axes), b})});
  });
}

TEST(a_product_with_tangents) {
  allocates_nothing("product", [](Builder& to, Value x, Value a, Value b) {
    const int axes[] = {0};
    const Value y = apply(to, Op::cos, {apply(to, Op::multiply, {x, a})});
    return apply(to, Op::multiply, {to.fold(Op::prod, y, axes), b});
  });
}

TEST(a_fold_over_one_axis) {
  allocates_nothing("fold over an axis", [](Builder& to, Value x, Value a, Value b) {
    Value y = apply(to, Op::multiply, {x, a});
    y.view = View{{10, 100}, {1, 10}, 0};
    const int axes[] = {1};
    return apply(to, Op::multiply, {to.fold(Op::max, y, axes), b});
  });
}

TEST(views_backwards_and_broadcast) {
  allocates_nothing("views", [](Builder& to, Value x, Value a, Value b) {
    Value backwards = x;
    backwards.view = View{{n}, {-1}, n - 1};
    Value repeated = apply(to, Op::multiply, {x, a});
    repeated.view = View{{3, n}, {0, 1}, 0};
    return apply(to, Op::add, {apply(to, Op::multiply, {backwards, b}), repeated});
  });
}

TEST(a_guard_and_a_choice) {
  allocates_nothing("guard", [](Builder& to, Value x, Value a, Value b) {
    to.guard(apply(to, Op::greater, {a, b}), true);
    return apply(to, Op::where, {apply(to, Op::less, {x, to.constant(500)}), apply(to, Op::multiply, {x, a}), b});
  });
}

TEST(gathered_placed_and_scattered_elements) {
  allocates_nothing("gather", [](Builder& to, Value x, Value a, Value b) {
    std::vector<std::int64_t> index(n);
    for (std::int64_t i = 0; i < n; ++i) index[i] = i * 7 % n;
    const Value taken = to.gather(apply(to, Op::multiply, {x, a}), index, {n});
    Value half = apply(to, Op::multiply, {x, b});
    half.view = View{{n / 2}, {1}, 0};
    const Value placed = to.place(taken, half, View{{n / 2}, {2}, 0});
    return to.scatter(placed, half, View{{n / 2}, {2}, 1});
  });
}

TEST(a_contraction) {
  allocates_nothing("contraction", [](Builder& to, Value x, Value a, Value b) {
    Value left = apply(to, Op::multiply, {x, a}), right = apply(to, Op::multiply, {x, b});
    left.view = View{{10, 1, 100}, {100, 0, 1}, 0};
    right.view = View{{1, 10, 100}, {0, 1, 10}, 0};
    const int axes[] = {2};
    return to.contract(left, right, axes);
  });
}

TEST(without_memory_for_machine_code_a_program_stays_with_the_interpreter) {
  setenv("FASTCALC_NATIVE", "always", 1);
  Builder builder;
  const Value x = builder.input("x", {n}, false);
  const auto runnable = std::make_shared<const Runnable>(pipeline(builder.finish(apply(builder, Op::exp, {x}), "exp")));
  const std::vector<double> data(n, 0.5);
  std::vector<double> result(n);
  const double* const arguments[] = {data.data()};
  const Loan loan(runnable);
  loan.bind(arguments, nullptr);
  is_full = true;
  const Status status = engine().values(loan.program(), loan.workspace(), all_rows(loan.program()), result.data(), nullptr);
  is_full = false;
  CHECK(status == Status::running);
  CHECK(!runnable->is_native());
  CHECK(std::abs(result[n - 1] - std::exp(0.5)) < 1e-15);  // 1 ulp is 2.2e-16
}
