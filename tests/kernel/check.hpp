// kernel tests: the few lines that they need.
//
// TEST(name) { CHECK(…); CHECK_NEAR(got, wanted, tolerance); } is one test; the program `room NAME` runs it, and ends with 1 after
// printing each check that failed. tests/kernel/programs.py finds the names, compiles the room and runs them.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace check {

struct Test {
  Test(const char* its_name, void (*its_body)()) : name(its_name), body(its_body), next(first) { first = this; }
  const char* name;
  void (*body)();
  Test* next;
  static inline Test* first = nullptr;
};

inline int failures = 0;
inline long allocations = 0;  // since the program began

inline void that(bool holds, const char* text, const char* file, int line) {
  if (holds) return;
  ++failures;
  std::printf("%s:%d: not so: %s\n", file, line, text);
}

inline void near(double got, double wanted, double tolerance, const char* text, const char* file, int line) {
  if (got == wanted || std::abs(got - wanted) <= tolerance) return;  // equal also when both are inf
  ++failures;
  std::printf("%s:%d: %s is %.17g, not %.17g ± %g\n", file, line, text, got, wanted, tolerance);
}

}  // namespace check

// Not inlined, so that the compiler does not see malloc and delete, or new and free, meet.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++check::allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

#define TEST(NAME)                                   \
  static void NAME();                                \
  static const check::Test test_##NAME{#NAME, NAME}; \
  static void NAME()
#define CHECK(...) check::that((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK_NEAR(GOT, WANTED, TOLERANCE) check::near(GOT, WANTED, TOLERANCE, #GOT, __FILE__, __LINE__)

int main(int count, char** words) {
  for (check::Test* test = check::Test::first; test; test = test->next)
    if (count == 2 && std::strcmp(test->name, words[1]) == 0) {
      test->body();
      return check::failures > 0;
    }
  std::printf("usage: %s NAME, a test of this room\n", words[0]);
  return 2;
}
