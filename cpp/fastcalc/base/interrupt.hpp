// base: how a long run hears that it should stop. The border implements it (Python's Ctrl-C); the kernels only ask.
#pragma once

namespace fastcalc {

class Interrupt {
 public:
  virtual ~Interrupt() = default;
  /// True when the run should stop. Cheap: called every few dozen blocks and once an iteration.
  virtual bool requested() = 0;
};

}  // namespace fastcalc
