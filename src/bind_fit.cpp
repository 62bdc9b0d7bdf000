// src: fits. Python gives arrays and callables; the loop runs without the interpreter's lock and takes it only to call back.
#include <chrono>
#include <exception>
#include <limits>

#include "bind.hpp"

namespace {

using fastcalc::Status;

constexpr double infinity = std::numeric_limits<double>::infinity();

// What went wrong in Python while the loop ran in C++, kept until the lock is held again.
class Raised {
 public:
  void keep() {
    if (!error_) error_ = std::current_exception();
  }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  std::exception_ptr error_;
};

// Ctrl-C: looks at the clock each time it is asked, and at Python's signals every 20 ms.
class Signals final : public fastcalc::Interrupt {
 public:
  explicit Signals(Raised& raised) : raised_(raised) {}
  bool requested() override {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look_) return false;
    next_look_ = now + std::chrono::milliseconds(20);
    const py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() == 0) return false;
    try {
      throw py::error_already_set();
    } catch (...) {
      raised_.keep();
    }
    return true;
  }

 private:
  Raised& raised_;
  std::chrono::steady_clock::time_point next_look_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
};

py::array_t<double> copy_of(const double* data, std::vector<py::ssize_t> shape) {
  py::array_t<double> out(std::move(shape));
  std::copy_n(data, out.size(), out.mutable_data());
  return out;
}

py::tuple as_tuple(const fastcalc::LeastSquaresResult& result) {
  const auto n = static_cast<py::ssize_t>(result.x.size());
  const auto directions = n == 0 ? 0 : static_cast<py::ssize_t>(result.undetermined.size()) / n;
  return py::make_tuple(copy_of(result.x.data(), {n}), copy_of(result.covariance.data(), {n, n}), result.rank,
                        copy_of(result.undetermined.data(), {directions, n}), result.sum_of_squares,
                        py::array_t<int>(n, result.active.data()), copy_of(result.triangle.data(), {n + 1, n + 1}), result.evaluations,
                        result.iterations, fastcalc::name(result.status), fastcalc::sentence(result.status),
                        fastcalc::succeeded(result.status));
}

std::vector<double> bounds_of(const Array& array, int parameters, double none) {
  if (array.size() == 0) return std::vector<double>(parameters, none);
  return {array.data(), array.data() + array.size()};
}

std::span<const double> span_of(const Array& array) { return {array.data(), static_cast<std::size_t>(array.size())}; }

fastcalc::LeastSquaresOptions options_of(std::optional<double> ftol, std::optional<double> xtol, std::optional<double> gtol,
                                         std::optional<std::int64_t> max_nfev, int parameters) {
  fastcalc::LeastSquaresOptions options;
  if (ftol) options.ftol = *ftol;
  if (xtol) options.xtol = *xtol;
  if (gtol) options.gtol = *gtol;
  options.max_evaluations = max_nfev.value_or(200 * (parameters + 1));  // as MINPACK's driver
  return options;
}

py::tuple solve(fastcalc::LeastSquaresProblem& problem, Raised& raised, fastcalc::Interrupt& signals, const Array& start,
                const Array& lower, const Array& upper, const fastcalc::LeastSquaresOptions& options) {
  if (start.size() != problem.parameters()) throw py::value_error("the start has another length than the model has parameters");
  fastcalc::LeastSquaresResult result;
  {
    const py::gil_scoped_release unlocked;
    result = fastcalc::levenberg_marquardt(problem, span_of(start), span_of(lower), span_of(upper), options, &signals);
  }
  raised.rethrow();
  return as_tuple(result);
}

py::tuple fit(std::shared_ptr<fastcalc::Runnable> runnable, const std::vector<Array>& data, const Array& start, const Array& lower,
              const Array& upper, std::optional<double> ftol, std::optional<double> xtol, std::optional<double> gtol,
              std::optional<std::int64_t> max_nfev, const py::object& retrace) {
  Raised raised;
  Signals signals(raised);
  std::vector<const double*> pointers;
  std::size_t next = 0;
  const fastcalc::Program& program = runnable->program;
  for (const fastcalc::Input& input : program.inputs) {
    if (input.seed >= 0) continue;
    if (next == data.size() || fastcalc::count(program.result_shape(program.code[input.node])) != data[next].size())
      throw py::value_error("data " + input.name + " of " + program.name + " has another size than the one that was traced");
    pointers.push_back(data[next++].data());
  }
  const auto again = [&](const double* x) -> std::shared_ptr<const fastcalc::Runnable> {
    const py::gil_scoped_acquire lock;
    try {
      return retrace(copy_of(x, {start.size()})).cast<std::shared_ptr<fastcalc::Runnable>>();
    } catch (...) {
      raised.keep();
      return nullptr;
    }
  };
  fastcalc::StreamedFit problem(runnable, pointers, again, &signals);
  return solve(problem, raised, signals, start, lower, upper, options_of(ftol, xtol, gtol, max_nfev, problem.parameters()));
}

py::tuple fit_stored(const py::function& values, const py::object& jacobian, const Array& y, const std::optional<Array>& weights,
                     const std::optional<Array>& whitener, const Array& start, const Array& lower, const Array& upper,
                     std::optional<double> ftol, std::optional<double> xtol, std::optional<double> gtol,
                     std::optional<std::int64_t> max_nfev) {
  Raised raised;
  Signals signals(raised);
  const int parameters = static_cast<int>(start.size());
  const auto call = [&](const py::object& function, const double* x, double* out, py::ssize_t size) {
    const py::gil_scoped_acquire lock;
    try {
      const Array answer = function(copy_of(x, {parameters})).cast<Array>();
      if (answer.size() != size)
        throw py::value_error("the model returned " + std::to_string(answer.size()) + " numbers where " + std::to_string(size) +
                              " are needed");
      std::copy_n(answer.data(), size, out);
      return Status::running;
    } catch (...) {
      raised.keep();
      return Status::callback_failed;
    }
  };
  const auto model_values = [&](const double* x, double* out) { return call(values, x, out, y.size()); };
  fastcalc::StoredModel model;
  if (jacobian.is_none())
    model = fastcalc::by_differences(model_values, parameters, y.size(), bounds_of(lower, parameters, -infinity),
                                     bounds_of(upper, parameters, infinity));
  else
    model = [&](const double* x, double* value, double* matrix) {
      const Status status = model_values(x, value);
      return status == Status::running && matrix ? call(jacobian, x, matrix, y.size() * parameters) : status;
    };
  std::vector<double> matrix;
  if (whitener) matrix.assign(whitener->data(), whitener->data() + whitener->size());
  fastcalc::StoredFit problem(model, parameters, span_of(y), weights ? weights->data() : nullptr, matrix);
  return solve(problem, raised, signals, start, lower, upper, options_of(ftol, xtol, gtol, max_nfev, parameters));
}

// The Jacobian of a Python model by differences, columns contiguous.
py::array_t<double, py::array::f_style> differences(const py::function& values, const Array& x, py::ssize_t rows) {
  const auto parameters = static_cast<std::size_t>(x.size());
  const auto model_values = [&](const double* at, double* out) {
    const Array answer = values(copy_of(at, {x.size()})).cast<Array>();
    if (answer.size() != rows) throw py::value_error("the model returned another number of values than before");
    std::copy_n(answer.data(), rows, out);
    return Status::running;
  };
  const auto model = fastcalc::by_differences(model_values, static_cast<int>(parameters), rows, std::vector<double>(parameters, -infinity),
                                              std::vector<double>(parameters, infinity));
  std::vector<double> value(rows);
  py::array_t<double, py::array::f_style> matrix({rows, x.size()});
  model(x.data(), value.data(), matrix.mutable_data());
  return matrix;
}

}  // namespace

void bind_fit(py::module_& m) {
  m.def("fit", fit, py::arg("program"), py::arg("data"), py::arg("start"), py::arg("lower"), py::arg("upper"), py::arg("ftol"),
        py::arg("xtol"), py::arg("gtol"), py::arg("max_nfev"), py::arg("retrace"),
        "Least squares of a residual program; J is never stored. `retrace(x)` gives the program where a guard fails.");
  m.def("differences", differences, py::arg("values"), py::arg("x"), py::arg("rows"),
        "Jacobian (rows, parameters) by differences of second order.");
  m.def("fit_stored", fit_stored, py::arg("values"), py::arg("jacobian"), py::arg("y"), py::arg("weights"), py::arg("whitener"),
        py::arg("start"), py::arg("lower"), py::arg("upper"), py::arg("ftol"), py::arg("xtol"), py::arg("gtol"), py::arg("max_nfev"),
        "Least squares of a Python model; `jacobian(x)` returns its columns one after the other, None means differences.");
}
