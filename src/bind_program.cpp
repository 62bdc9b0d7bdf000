// src: a traced function and its runs.
#include <algorithm>

#include "bind.hpp"

namespace {

using fastcalc::Extents;

using Handle = std::shared_ptr<fastcalc::Runnable>;

// A workspace with a program's arguments: its parameters (the seeds) in one array, all other inputs in a list; they must outlive it.
class Arguments : public fastcalc::Loan {
 public:
  Arguments(const Handle& handle, const std::vector<Array>& data, const Array& parameters) : Loan(handle) {
    if (parameters.size() != program().seeds)
      throw error(std::to_string(program().seeds) + " parameters, got " + std::to_string(parameters.size()));
    std::vector<const double*> pointers;
    for (const fastcalc::Input& input : program().inputs) {
      if (input.seed >= 0) continue;
      const std::size_t next = pointers.size();
      if (next == data.size() || !fastcalc::has_shape(program(), input, shape_of(data[next])))
        throw error("an argument " + input.name + " of the shape that was traced");
      pointers.push_back(data[next].data());
    }
    if (pointers.size() != data.size()) throw error(std::to_string(pointers.size()) + " arguments, got " + std::to_string(data.size()));
    bind(pointers.data(), parameters.data());
  }

 private:
  py::value_error error(const std::string& needs) const { return py::value_error(program().name + " needs " + needs); }
};

void check(fastcalc::Status status) {
  if (status == fastcalc::Status::running) return;
  if (!fastcalc::is_of_linear_algebra(status)) throw py::value_error(fastcalc::sentence(status));
  py::set_error(py::module_::import("numpy.linalg").attr("LinAlgError"), fastcalc::sentence(status));
  throw py::error_already_set();
}

Array result_array(const fastcalc::Program& program) {
  const Extents shape = program.result_shape(program.code[program.output]);
  return Array(std::vector<py::ssize_t>(shape.begin(), shape.end()));
}

Array values(const Handle& handle, const std::vector<Array>& data, const Array& parameters) {
  const Arguments arguments(handle, data, parameters);
  const fastcalc::Program& program = arguments.program();
  Array out = result_array(program);
  check(fastcalc::engine().values(program, arguments.workspace(), fastcalc::all_rows(program), out.mutable_data(), nullptr));
  return out;
}

bool holds(const Handle& handle, const std::vector<Array>& data, const Array& parameters) {
  if (handle->program.schedule.guards.empty()) return true;
  const Arguments arguments(handle, data, parameters);
  const fastcalc::Program& program = arguments.program();
  // Guards stand before the result, so no row of it is needed where rows can be had one by one.
  const fastcalc::Rows rows = fastcalc::is_by_row(program) ? fastcalc::Rows{0, 0} : fastcalc::all_rows(program);
  std::vector<double> out(rows.last);
  const fastcalc::Status status = fastcalc::engine().values(program, arguments.workspace(), rows, out.data(), nullptr);
  if (status == fastcalc::Status::guard_failed) return false;
  check(status);
  return true;
}

// Value (any shape) and Jacobian (elements of the value × seeds, columns contiguous).
py::tuple jacobian(const Handle& handle, const std::vector<Array>& data, const Array& parameters) {
  const Arguments arguments(handle, data, parameters);
  const fastcalc::Program& program = arguments.program();
  Array value = result_array(program);
  py::array_t<double, py::array::f_style> matrix(
      {static_cast<py::ssize_t>(fastcalc::result_size(program)), static_cast<py::ssize_t>(program.seeds)});
  check(fastcalc::jacobian(program, arguments.workspace(), value.mutable_data(), matrix.mutable_data(), nullptr));
  return py::make_tuple(value, matrix);
}

}  // namespace

void bind_program(py::module_& m) {
  using fastcalc::Runnable;
  py::class_<Runnable, Handle>(m, "Program", "A traced function, ready to run.")
      .def("__str__", [](const Runnable& self) { return fastcalc::listing(self.program); })
      .def_property_readonly("name", [](const Runnable& self) { return self.program.name; })
      .def_property_readonly(
          "size", [](const Runnable& self) { return self.program.code.size(); }, "Number of instructions.")
      .def_property_readonly("steps", [](const Runnable& self) { return self.program.schedule.steps.size(); })
      .def_property_readonly(
          "shape", [](const Runnable& self) { return as_tuple(self.program.result_shape(self.program.code[self.program.output])); })
      .def_property_readonly("guards", [](const Runnable& self) { return self.program.schedule.guards.size(); })
      .def_property_readonly("is_native", &Runnable::is_native, "Whether it runs as machine code by now.")
      .def_property_readonly("capsule", [](const Runnable& self) { return py::capsule(&self, program_capsule); })
      .def(
          "unguarded", [](const Runnable& self) { return std::make_shared<Runnable>(fastcalc::unguarded(self.program)); },
          "The same program without its guards.")
      .def("holds", holds, py::arg("data"), py::arg("parameters") = py::tuple(), "Whether every guard holds for these arguments.")
      .def("values", values, py::arg("data"), py::arg("parameters") = py::tuple())
      .def("jacobian", jacobian, py::arg("data"), py::arg("parameters"));
}
