// src: the table of operations and the chosen engine, as Python reads them.
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
    case fastcalc::OpKind::matrix:
      return "matrix";
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
    entry["constant"] = py::make_tuple(row.partial[0] == fastcalc::Partial::unknown, row.partial[1] == fastcalc::Partial::unknown);
    entry["domain"] = py::make_tuple(row.domain[0], row.domain[1], row.domain[2], row.domain[3]);
    out.append(entry);
  }
  return out;
}

py::dict config() {
  py::dict out;
  out["engine"] = fastcalc::engine().isa;
  out["lanes"] = fastcalc::engine().lanes;
  out["native"] = fastcalc::engine().native.functions != nullptr;
  out["vector_math"] = fastcalc::engine().vector_math;
  out["compiler"] = __VERSION__;
  return out;
}

}  // namespace

void bind_ops(py::module_& m) {
  m.def("op_table", rows, "One dict for each operation of ops.def.");
  m.def("config", config, "The engine chosen for this machine.");
}
