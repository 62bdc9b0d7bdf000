// src: the module `fastcalc._core` is a list of what its files bind.
#include "bind.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The fastcalc kernel: programs and their runs.";
  bind_ops(m);
  bind_program(m);
  bind_builder(m);
  bind_colouring(m);
}
