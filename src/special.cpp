// src: fills the kernel's table of special functions with the inner loops of SciPy's ufuncs, when the first of them is recorded.
#define NO_IMPORT_ARRAY  // of NumPy's C API only the layout of a ufunc is used
#define NO_IMPORT_UFUNC
#include <Python.h>
#include <numpy/ndarraytypes.h>
#include <numpy/ufuncobject.h>

#include <string>
#include <string_view>

#include "bind.hpp"

namespace {

py::object at(py::object place, std::string_view path) {
  const std::size_t dot = path.find('.');
  place = py::getattr(place, std::string(path.substr(0, dot)).c_str(), py::none());
  return dot == path.npos ? place : at(place, path.substr(dot + 1));
}

// The loop of a ufunc whose arguments and result are all double.
void fill(fastcalc::SpecialFunction& function, const py::object& scipy) {
  const py::object found = at(scipy, function.ufunc);
  const std::string here = std::string("scipy.") + function.ufunc;
  if (!py::isinstance(found, py::module_::import("numpy").attr("ufunc"))) throw py::import_error(here + " is not in this version of SciPy");
  const auto* ufunc = reinterpret_cast<const PyUFuncObject*>(found.ptr());
  const std::string wanted(static_cast<std::size_t>(function.arity) + 1, NPY_DOUBLE);
  for (int i = 0; i < ufunc->ntypes; ++i) {
    if (ufunc->nargs != function.arity + 1 || !ufunc->functions[i]) continue;
    if (std::string_view(ufunc->types + i * ufunc->nargs, ufunc->nargs) != wanted) continue;
    function.loop = ufunc->functions[i];
    function.data = ufunc->data[i];
    return;
  }
  throw py::import_error(here + " has no loop over float64 in this version of SciPy");
}

}  // namespace

void need_special_functions() {
  static bool filled = false;  // under the GIL
  if (filled) return;
  py::module_::import("scipy.special");
  const py::object scipy = py::module_::import("scipy");
  for (fastcalc::SpecialFunction& function : fastcalc::special_functions()) fill(function, scipy);
  filled = true;
}
