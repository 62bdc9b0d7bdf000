// src: recording a program (Builder, Value) and running it (Program).
#include "bind.hpp"

namespace {

using fastcalc::Extents;

Extents shape_of(const Array& array) { return Extents(array.shape(), array.shape() + array.ndim()); }

py::tuple as_tuple(const Extents& numbers) {
  py::tuple out(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) out[i] = numbers[i];
  return out;
}

fastcalc::Op op_of(int op) {
  if (op < 0 || op >= static_cast<int>(fastcalc::op_table().size())) throw py::index_error("no operation has the number " + std::to_string(op));
  return static_cast<fastcalc::Op>(op);
}

// The arguments, checked against the program's inputs; kept alive by the caller.
void bind_arguments(const fastcalc::Program& program, fastcalc::Workspace& workspace, const std::vector<Array>& arguments) {
  if (arguments.size() != program.inputs.size())
    throw py::value_error(program.name + " takes " + std::to_string(program.inputs.size()) + " arguments, got " + std::to_string(arguments.size()));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (shape_of(arguments[i]) != program.result_shape(program.code[program.inputs[i].node]))
      throw py::value_error("argument " + program.inputs[i].name + " of " + program.name + " has another shape than the one that was traced");
    workspace.bind(static_cast<int>(i), arguments[i].data());
  }
}

Array result_array(const fastcalc::Program& program) {
  const Extents shape = program.result_shape(program.code[program.output]);
  return Array(std::vector<py::ssize_t>(shape.begin(), shape.end()));
}

void check(fastcalc::Status status) {
  if (status != fastcalc::Status::running) throw py::value_error(fastcalc::sentence(status));
}

py::array_t<double> values(const fastcalc::Program& program, const std::vector<Array>& arguments) {
  fastcalc::Workspace workspace(program);
  bind_arguments(program, workspace, arguments);
  Array out = result_array(program);
  check(fastcalc::engine().values(program, workspace, out.mutable_data(), nullptr));
  return out;
}

// The program's values here, or nothing where a guard does not hold.
std::optional<std::vector<double>> values_here(const fastcalc::Program& program, const std::vector<Array>& arguments) {
  fastcalc::Workspace workspace(program);
  bind_arguments(program, workspace, arguments);
  std::vector<double> out(fastcalc::result_size(program));
  const fastcalc::Status status = fastcalc::engine().values(program, workspace, out.data(), nullptr);
  if (status == fastcalc::Status::guard_failed) return std::nullopt;
  check(status);
  return out;
}

bool agrees(const fastcalc::Program& program, const std::vector<Array>& arguments, const Array& expected) {
  const auto here = values_here(program, arguments);
  return here && fastcalc::agree(*here, {expected.data(), static_cast<std::size_t>(expected.size())});
}

// Value (any shape) and Jacobian (elements of the value × seeds, columns contiguous).
py::tuple jacobian(const fastcalc::Program& program, const std::vector<Array>& arguments) {
  fastcalc::Workspace workspace(program);
  bind_arguments(program, workspace, arguments);
  Array value = result_array(program);
  py::array_t<double, py::array::f_style> matrix({static_cast<py::ssize_t>(fastcalc::result_size(program)), static_cast<py::ssize_t>(program.seeds)});
  check(fastcalc::jacobian(program, workspace, value.mutable_data(), matrix.mutable_data(), nullptr));
  return py::make_tuple(value, matrix);
}

}  // namespace

void bind_program(py::module_& m) {
  py::class_<fastcalc::Value>(m, "Value", "A node of a program that is being recorded, seen through a view.")
      .def_property_readonly("node", [](const fastcalc::Value& self) { return self.node; })
      .def_property_readonly("shape", [](const fastcalc::Value& self) { return as_tuple(self.view.shape); })
      .def_property_readonly("strides", [](const fastcalc::Value& self) { return as_tuple(self.view.strides); })
      .def_property_readonly("offset", [](const fastcalc::Value& self) { return self.view.offset; })
      .def(
          "view",
          [](const fastcalc::Value& self, Extents shape, Extents strides, std::int64_t offset) {
            return fastcalc::Value{self.node, {std::move(shape), std::move(strides), offset}};
          },
          py::arg("shape"), py::arg("strides"), py::arg("offset"), "The same node through another view, counted in elements.");

  py::class_<fastcalc::Program, std::shared_ptr<fastcalc::Program>>(m, "Program", "A traced function, ready to run.")
      .def("__str__", fastcalc::listing)
      .def_property_readonly("name", [](const fastcalc::Program& self) { return self.name; })
      .def_property_readonly("size", [](const fastcalc::Program& self) { return self.code.size(); }, "Number of instructions.")
      .def_property_readonly("steps", [](const fastcalc::Program& self) { return self.schedule.steps.size(); })
      .def_property_readonly("shape", [](const fastcalc::Program& self) { return as_tuple(self.result_shape(self.code[self.output])); })
      .def_property_readonly("guards", [](const fastcalc::Program& self) { return self.schedule.guards.size(); })
      .def_property_readonly("capsule", [](const fastcalc::Program& self) { return py::capsule(&self, program_capsule); })
      .def(
          "holds",
          [](const fastcalc::Program& self, const std::vector<Array>& arguments) {
            return self.schedule.guards.empty() || values_here(self, arguments).has_value();
          },
          py::arg("arguments"), "Whether every guard holds for these arguments.")
      .def("agrees", agrees, py::arg("arguments"), py::arg("expected"),
           "Whether the guards hold and the values are, to rounding, those expected.")
      .def("values", values, py::arg("arguments"))
      .def("jacobian", jacobian, py::arg("arguments"));

  py::class_<fastcalc::Builder>(m, "Builder", "Records a function, one call an operation.")
      .def(py::init<>())
      .def("input", &fastcalc::Builder::input, py::arg("name"), py::arg("shape"), py::arg("seed"))
      .def(
          "constant",
          [](fastcalc::Builder& self, const Array& array) {
            return self.constant({array.data(), static_cast<std::size_t>(array.size())}, shape_of(array));
          },
          py::arg("array"))
      .def(
          "apply", [](fastcalc::Builder& self, int op, const std::vector<fastcalc::Value>& operands) { return self.apply(op_of(op), operands); },
          py::arg("op"), py::arg("operands"))
      .def(
          "fold",
          [](fastcalc::Builder& self, int op, const fastcalc::Value& x, const std::vector<int>& axes) { return self.fold(op_of(op), x, axes); },
          py::arg("op"), py::arg("x"), py::arg("axes"))
      .def("guard", &fastcalc::Builder::guard, py::arg("condition"), py::arg("expected"))
      .def("contiguous", &fastcalc::Builder::contiguous, py::arg("x"))
      .def(
          "finish",
          [](fastcalc::Builder& self, const fastcalc::Value& result, const std::string& name, bool rewrite) {
            return std::make_shared<fastcalc::Program>(fastcalc::pipeline(self.finish(result, name), rewrite));
          },
          py::arg("result"), py::arg("name"), py::arg("rewrite") = true);
}
