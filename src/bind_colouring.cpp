// src: patterns of sparse matrices, and which of their columns or rows share a product.
#include "bind.hpp"

namespace {

using First = py::array_t<std::int64_t, py::array::c_style>;
using Columns = py::array_t<std::int32_t, py::array::c_style>;

fastcalc::Pattern pattern_of(const First& first, const Columns& columns) {
  return {{first.data(), first.data() + first.size()}, {columns.data(), columns.data() + columns.size()}};
}

py::tuple as_arrays(const fastcalc::Compression& compression) {
  return py::make_tuple(array_of(compression.colours), array_of(compression.places));
}

}  // namespace

void bind_colouring(py::module_& m) {
  m.def(
      "by_columns",
      [](const First& first, const Columns& columns, std::int64_t width) {
        return as_arrays(fastcalc::by_columns(pattern_of(first, columns), width));
      },
      py::arg("first"), py::arg("columns"), py::arg("width"),
      "A colour for each column, none twice in a row; and each entry's place among the products with the columns of a colour.");
  m.def(
      "by_rows",
      [](const First& first, const Columns& columns, std::int64_t width) {
        return as_arrays(fastcalc::by_rows(pattern_of(first, columns), width));
      },
      py::arg("first"), py::arg("columns"), py::arg("width"),
      "A colour for each row, none twice in a column; and each entry's place among the products with the rows of a colour.");
  m.def(
      "by_symmetry",
      [](const First& first, const Columns& columns) { return as_arrays(fastcalc::by_symmetry(pattern_of(first, columns))); },
      py::arg("first"), py::arg("columns"),
      "A colour for each column of a symmetric matrix, so that each entry or its mirror image can be read; and each entry's place.");
  m.def(
      "symmetric_part",
      [](const First& first, const Columns& columns) {
        const fastcalc::Pattern part = fastcalc::symmetric_part(pattern_of(first, columns));
        return py::make_tuple(array_of(part.first), array_of(part.columns));
      },
      py::arg("first"), py::arg("columns"), "The entries whose mirror image is one too.");
}
