// src: the table of operations and the chosen engine, as Python reads them.
#include <algorithm>

#include "bind.hpp"

namespace {

const char* text(fastcalc::OpKind kind) {
  switch (kind) {
    case fastcalc::OpKind::unary:
      return "unary";
    case fastcalc::OpKind::binary:
      return "binary";
    case fastcalc::OpKind::test:
      return "test";
    case fastcalc::OpKind::fold:
      return "fold";
    case fastcalc::OpKind::structure:
      return "structure";
  }
  return "";
}

py::list rows() {
  py::list out;
  for (const fastcalc::OpInfo& row : fastcalc::op_table()) {
    py::dict entry;
    entry["op"] = static_cast<int>(row.op);
    entry["kind"] = text(row.kind);
    entry["name"] = row.name;
    entry["numpy"] = row.numpy;
    entry["arity"] = row.arity;
    entry["truth"] = row.truth;
    entry["domain"] = py::make_tuple(row.domain[0], row.domain[1], row.domain[2], row.domain[3]);
    out.append(entry);
  }
  return out;
}

py::dict config() {
  py::dict out;
  out["engine"] = fastcalc::engine().isa;
  out["lanes"] = fastcalc::engine().lanes;
  out["vector_math"] = fastcalc::engine().vector_math;
  out["compiler"] = __VERSION__;
  return out;
}

// Whether no element is NaN or inf: x − x is 0 for finite x and NaN otherwise.
bool all_finite(const Array& array) {
  double sum[8] = {};  // eight chains of additions, which the processor runs side by side
  const double* data = array.data();
  const py::ssize_t size = array.size(), whole = size - size % 8;
  for (py::ssize_t i = 0; i < whole; i += 8)
    for (int k = 0; k < 8; ++k) sum[k] += data[i + k] - data[i + k];
  for (py::ssize_t i = whole; i < size; ++i) sum[0] += data[i] - data[i];
  return std::all_of(sum, sum + 8, [](double part) { return part == 0; });
}

}  // namespace

void bind_ops(py::module_& m) {
  m.def("op_table", rows, "One dict for each operation of ops.def.");
  m.def("all_finite", all_finite, py::arg("array"), "Whether no element is NaN or inf.");
  m.def("config", config, "The engine chosen for this machine.");
}
