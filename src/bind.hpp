// src: the border between Python and the kernel. The only place where pybind11 is included; no mathematics.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <fastcalc/fastcalc.hpp>

namespace py = pybind11;

/// C-ordered float64, converted when it is not; no copy when it is.
using Array = py::array_t<double, py::array::c_style | py::array::forcecast>;

/// The name under which a program travels to the Cython module.
inline constexpr const char* program_capsule = "fastcalc.Program";

inline fastcalc::Extents shape_of(const Array& array) { return {array.shape(), array.shape() + array.ndim()}; }

inline py::tuple as_tuple(const std::vector<std::int64_t>& numbers) {
  py::tuple out(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) out[i] = numbers[i];
  return out;
}

template <class T>
py::array_t<T> array_of(const std::vector<T>& numbers) {
  return py::array_t<T>(static_cast<py::ssize_t>(numbers.size()), numbers.data());
}

/// Before the first operation of scipy.special is recorded: gives the kernel SciPy's loops.
void need_special_functions();

void bind_ops(py::module_& m);
void bind_program(py::module_& m);
void bind_builder(py::module_& m);
void bind_colouring(py::module_& m);
