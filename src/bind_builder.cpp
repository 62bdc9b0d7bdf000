// src: recording a program: Builder and the values that it hands out.
#include "bind.hpp"

namespace {

using fastcalc::Builder;
using fastcalc::Extents;
using fastcalc::Value;
using Index = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

fastcalc::Op op_of(int op) {
  if (op < 0 || op >= static_cast<int>(fastcalc::op_table().size()))
    throw py::index_error("no operation has the number " + std::to_string(op));
  if (fastcalc::op_table()[op].special) need_special_functions();
  return static_cast<fastcalc::Op>(op);
}

std::span<const std::int64_t> span_of(const Index& index) { return {index.data(), static_cast<std::size_t>(index.size())}; }

// SciPy's BLAS and LAPACK, imported only when a program or a large linear problem wants them.
void hand_over_routines() {
  if (fastcalc::routines()) return;
  const py::dict blas = py::module_::import("scipy.linalg.cython_blas").attr("__pyx_capi__");
  const py::dict lapack = py::module_::import("scipy.linalg.cython_lapack").attr("__pyx_capi__");
  fastcalc::Routines routines;
  fastcalc::each_routine(routines, [&](const char* name, auto& routine) {
    const py::capsule capsule = (blas.contains(name) ? blas : lapack)[name];
    routine = reinterpret_cast<std::remove_reference_t<decltype(routine)>>(capsule.get_pointer<void>());
  });
  fastcalc::use_routines(routines);
}

/// `run(x)` gives the numbers of an array of `shape`, or None where it kept what was raised.
std::shared_ptr<fastcalc::OutsideFunction> outside_function(py::function run, const Extents& size, Extents shape) {
  // The last program may go where nobody holds the interpreter's lock.
  const std::shared_ptr<py::function> held(new py::function(std::move(run)), [](py::function* function) {
    const py::gil_scoped_acquire lock;
    delete function;
  });
  const std::int64_t given = fastcalc::count(size), made = fastcalc::count(shape);
  const auto call = [held, given, made](const double* x, double* result) {
    const py::gil_scoped_acquire lock;
    try {
      const py::object found = (*held)(py::array_t<double>(static_cast<py::ssize_t>(given), x));
      if (found.is_none()) return fastcalc::Status::callback_failed;
      std::copy_n(Array(found).data(), made, result);
      return fastcalc::Status::running;
    } catch (const py::error_already_set&) {  // no memory for the arguments
      return fastcalc::Status::callback_failed;
    }
  };
  return std::make_shared<fastcalc::OutsideFunction>(std::move(shape), call);
}

}  // namespace

void bind_builder(py::module_& m) {
  py::class_<fastcalc::OutsideFunction, std::shared_ptr<fastcalc::OutsideFunction>>(
      m, "OutsideFunction",
      "A function that programs call: `run` gets the numbers of an array of the shape `size` and gives those of `shape`.")
      .def(py::init(&outside_function), py::arg("run"), py::arg("size"), py::arg("shape"));
  m.def("hand_over_routines", hand_over_routines, "Give the kernel SciPy's BLAS and LAPACK.");
  py::class_<Value>(m, "Value", "A node of a program that is being recorded, seen through a view.")
      .def_property_readonly("node", [](const Value& self) { return self.node; })
      .def_property_readonly("shape", [](const Value& self) { return as_tuple(self.view.shape); })
      .def_property_readonly("strides", [](const Value& self) { return as_tuple(self.view.strides); })
      .def_property_readonly("offset", [](const Value& self) { return self.view.offset; })
      .def(
          "view",
          [](const Value& self, Extents shape, Extents strides, std::int64_t offset) {
            return Value{self.node, {std::move(shape), std::move(strides), offset}};
          },
          py::arg("shape"), py::arg("strides"), py::arg("offset"), "The same node through another view, counted in elements.");

  py::class_<fastcalc::Builder>(m, "Builder", "Records a function, one call an operation.")
      .def(py::init<>())
      .def("input", &Builder::input, py::arg("name"), py::arg("shape"), py::arg("seed"))
      .def(
          "constant",
          [](Builder& self, const Array& array) {
            return self.constant({array.data(), static_cast<std::size_t>(array.size())}, shape_of(array));
          },
          py::arg("array"))
      .def(
          "apply", [](Builder& self, int op, const std::vector<Value>& operands) { return self.apply(op_of(op), operands); }, py::arg("op"),
          py::arg("operands"))
      .def(
          "fold", [](Builder& self, int op, const Value& x, const std::vector<int>& axes) { return self.fold(op_of(op), x, axes); },
          py::arg("op"), py::arg("x"), py::arg("axes"))
      .def(
          "gather",
          [](Builder& self, const Value& x, const Index& index) {
            return self.gather(x, span_of(index), Extents(index.shape(), index.shape() + index.ndim()));
          },
          py::arg("x"), py::arg("index"), "Elements of x, counted in C order; the result has the index's shape.")
      .def(
          "place",
          [](Builder& self, const Value& base, const Value& value, Extents strides, std::int64_t offset) {
            return self.place(base, value, {value.view.shape, std::move(strides), offset});
          },
          py::arg("base"), py::arg("value"), py::arg("strides"), py::arg("offset"),
          "The base with `value` written where strides and offset say, in elements of a C-ordered array of the base's shape.")
      .def(
          "scatter",
          [](Builder& self, const Value& base, const Value& value, const Index& index) {
            return self.scatter(base, value, span_of(index));
          },
          py::arg("base"), py::arg("value"), py::arg("index"),
          "The base with `value` added to the elements of these numbers, counted in C order.")
      .def(
          "contract", [](Builder& self, const Value& x, const Value& y, const std::vector<int>& axes) { return self.contract(x, y, axes); },
          py::arg("x"), py::arg("y"), py::arg("axes"), "The sum of x y over `axes` of the two broadcast against each other.")
      .def(
          "matrix", [](Builder& self, int op, const std::vector<Value>& operands) { return self.matrix(op_of(op), operands); },
          py::arg("op"), py::arg("operands"), "An operation of linear algebra on the last axes of its operands.")
      .def(
          "call",
          [](Builder& self, std::shared_ptr<fastcalc::OutsideFunction> function, const Value& x) {
            return self.call(std::move(function), x);
          },
          py::arg("function"), py::arg("x"), "What a function of the outside makes of an array.")
      .def("independent", &Builder::independent, py::arg("x"), "A copy that is shared with nothing: what a nested derivative is taken by.")
      .def(
          "gradient",
          [](Builder& self, const Value& result, const std::vector<Value>& wrt, const std::optional<Value>& adjoint) {
            return fastcalc::gradient(self, result, wrt, adjoint);
          },
          py::arg("result"), py::arg("wrt"), py::arg("adjoint") = py::none(),
          "Reverse mode: adjoint (ones; the result's shape, or a leading axis more) times the derivative by each of `wrt`.")
      .def(
          "tangent",
          [](Builder& self, const Value& result, const std::vector<Value>& wrt, const std::vector<Value>& directions) {
            return fastcalc::tangent(self, result, wrt, directions);
          },
          py::arg("result"), py::arg("wrt"), py::arg("directions"),
          "Forward mode: the derivative along directions of the shapes of `wrt`, or with a leading axis more.")
      .def(
          "pattern",
          [](const Builder& self, const Value& result, const Value& wrt, std::int64_t most) -> py::object {
            const std::optional<fastcalc::Pattern> pattern = fastcalc::pattern(self, result, wrt, most);
            if (!pattern) return py::none();
            return py::make_tuple(array_of(pattern->first), array_of(pattern->columns));
          },
          py::arg("result"), py::arg("wrt"), py::arg("most") = std::numeric_limits<std::int64_t>::max(),
          "The Jacobian's entries that can be other than zero, as compressed rows: where each begins, columns. None if there are more "
          "than `most`.")
      .def("guard", &Builder::guard, py::arg("condition"), py::arg("expected"))
      .def("contiguous", &Builder::contiguous, py::arg("x"))
      .def(
          "finish",
          [](Builder& self, const Value& result, const std::string& name, bool rewrite) {
            fastcalc::Program program = fastcalc::pipeline(self.finish(result, name), rewrite);
            if (fastcalc::needs_routines(program)) hand_over_routines();
            return std::make_shared<fastcalc::Runnable>(std::move(program));
          },
          py::arg("result"), py::arg("name"), py::arg("rewrite") = true);
}
