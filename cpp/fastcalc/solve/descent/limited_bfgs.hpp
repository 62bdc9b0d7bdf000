// solve: which step to take. L-BFGS: d = −H g with H made of the last few steps, never stored.
//
// Comes in: an iterate, and after each step the one before it. Goes out: a direction, by the two-loop recursion (Nocedal 1980, Math. Comp.
// 35, 773; Nocedal and Wright 2006, algorithm 7.4). In a box, the components that are held take no part in any inner product.
#pragma once

#include <vector>

#include "../minimize.hpp"
#include "line.hpp"

namespace fastcalc {

class LimitedBfgs : public Line {
 public:
  LimitedBfgs(Memory& memory, const Minimand& minimand, const MinimizeOptions& options);

  Status linearize(Minimand&, const Iterate& point);
  void taken(const Iterate& before, const Iterate& now);
  bool restart();

  double first_multiple(const Iterate&) const { return count_ > 0 ? 1 : std::min(1.0, 1 / norm(direction_, n_)); }

  /// s then y of each pair, the oldest first.
  std::vector<double> pairs() const;

 private:
  // The pair of an age, 0 being the newest; there is room for one more than is kept, so that a pair can be tried.
  double* s(int age) { return steps_.data() + place(age); }
  double* y(int age) { return changes_.data() + place(age); }
  std::size_t place(int age) const { return static_cast<std::size_t>((newest_ + most_ + 1 - age) % (most_ + 1)) * n_; }
  void recursion(const Iterate& point);

  int most_, count_ = 0, newest_ = 0;
  std::vector<double> steps_, changes_, alpha_;
  std::vector<unsigned char> held_;
};

}  // namespace fastcalc
