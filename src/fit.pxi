# src: fits, a part of `_fast`. Comes in: data, a start, the branch of a model that was traced, or a model as a Python callable.
# Goes out: an `Outcome`. A fit of 50 points runs for a few µs, so nothing is made that nobody has asked for: arrays are read
# where they lie, and what is rarely read of an outcome becomes an array when it is. The loop runs without the interpreter's
# lock and takes it only to call back.

from libc.math cimport INFINITY


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef cppclass Loan:
        Loan(Handle) except +
        void bind(const double* const*, const double*)
        const Program& program()
        Workspace& workspace()

    cdef cppclass LeastSquaresOptions:
        double ftol
        double xtol
        double gtol
        int64_t max_evaluations

    cdef cppclass LeastSquaresResult:
        Status status
        vector[double] x
        double sum_of_squares
        vector[double] covariance
        vector[double] triangle
        vector[double] undetermined
        int rank
        vector[int] active
        int64_t evaluations
        int64_t iterations

    cdef cppclass LeastSquaresProblem:
        pass

    cdef cppclass StreamedFit(LeastSquaresProblem):
        StreamedFit(Handle, vector[const double*], Retrace, Interrupt*) except +

    cdef cppclass StoredModel:
        Status call "operator()"(const double*, double*, double*) except +

    cdef cppclass StoredFit(LeastSquaresProblem):
        StoredFit(StoredModel, int, Numbers, const double*, vector[double]) except +

    bint agrees(const Program&, Workspace&, int64_t, Numbers, const double*) except +
    StoredModel by_jacobian(ValueAt, ValueAt) except +
    StoredModel by_differences(ValueAt, int, int64_t, vector[double], vector[double]) except +
    StoredModel by_differences(ValueAt, int, int64_t, vector[double], vector[double], double) except +
    LeastSquaresResult levenberg_marquardt(
        LeastSquaresProblem&, Numbers, Numbers, Numbers, const LeastSquaresOptions&, Interrupt*
    ) except +
    bint has_shape(const Program&, const Input&, Shape)


cdef class Data:
    """What is fitted: the independent variable as the function gets it, and the measured values with their weights."""

    cdef readonly object x
    cdef readonly cnp.ndarray y
    cdef readonly object weights
    cdef readonly bint traceable  # whether x is a float64 array, which a program can read
    cdef object _x  # as a program reads it

    def __init__(self, x, y, weights=None):
        self.x = x
        self.y = contiguous(y)
        self.weights = None if weights is None else contiguous(weights)
        self.traceable = (
            cnp.PyArray_CheckExact(x)
            and cnp.PyArray_TYPE(<cnp.ndarray> x) == cnp.NPY_DOUBLE
            and cnp.PyArray_ISNOTSWAPPED(<cnp.ndarray> x)
        )
        if self.traceable:
            self._x = contiguous(x)

    @property
    def kind(self):
        """What a model's programs depend on."""
        shape = self.x.shape if self.traceable else None
        return type(self.x), shape, (<object> self.y).shape, self.weights is None

    def call(self, f, parameters):
        """Return f(x, *parameters), each of them NumPy's own kind of number, as SciPy gives them."""
        cdef cnp.ndarray array = contiguous(parameters)
        cdef const double* numbers = doubles_of(array)
        cdef Py_ssize_t i
        return f(self.x, *[number(numbers[i]) for i in range(cnp.PyArray_SIZE(array))])

    def matches(self, values):
        """Whether they are as a program gives them: a float64 array in C order, one number for each of y."""
        return is_plain_array(<PyObject*> values) and cnp.PyArray_SAMESHAPE(<cnp.ndarray> values, self.y)


cdef class Options:
    """Where a loop starts, the bounds (None for none), and when it ends (None for the loop's own choice)."""

    cdef readonly cnp.ndarray start
    cdef readonly object lower
    cdef readonly object upper
    cdef LeastSquaresOptions _limits

    def __init__(self, start, lower=None, upper=None, ftol=None, xtol=None, gtol=None, max_nfev=None):
        self.start = contiguous(start)
        self.lower = None if lower is None else contiguous(lower)
        self.upper = None if upper is None else contiguous(upper)
        if ftol is not None:
            self._limits.ftol = ftol
        if xtol is not None:
            self._limits.xtol = xtol
        if gtol is not None:
            self._limits.gtol = gtol
        self._limits.max_evaluations = 200 * (self.size() + 1) if max_nfev is None else max_nfev  # as MINPACK's driver

    cdef int size(self):
        return <int> cnp.PyArray_SIZE(self.start)


cdef class Outcome:
    """What a fit found, before anyone names it.

    `covariance` is (JᵀWJ)⁻¹, not scaled by the reduced chi²: all inf when the rank is below the number of free parameters, and
    zero in the rows of fixed ones. `undetermined` holds unit directions in parameter space that the data cannot determine.
    `triangle` is the factor R of [J r] at the solution.
    """

    cdef LeastSquaresResult _found
    cdef readonly cnp.ndarray x
    cdef public str derivative_source
    cdef public str derivative_note

    @property
    def covariance(self):
        return array_of(self._found.covariance.data(), 2, self._found.x.size(), self._found.x.size())

    def scaled_covariance(self, double variance):
        """Return the covariance times the variance that a residual has; None where a double cannot hold it."""
        cdef cnp.ndarray scaled = self.covariance
        cdef double* numbers = <double*> cnp.PyArray_DATA(scaled)
        cdef Py_ssize_t i
        for i in range(cnp.PyArray_SIZE(scaled)):
            numbers[i] *= variance
        return scaled if all_finite(numbers_of(scaled)) else None

    @property
    def rank(self):
        return self._found.rank

    @property
    def undetermined(self):
        cdef size_t n = self._found.x.size()
        return array_of(self._found.undetermined.data(), 2, self._found.undetermined.size() // n if n else 0, n)

    @property
    def sum_of_squares(self):
        return self._found.sum_of_squares

    @property
    def active_mask(self):
        cdef cnp.npy_intp size = self._found.active.size()
        cdef cnp.ndarray sides = <cnp.ndarray> cnp.PyArray_SimpleNew(1, &size, cnp.NPY_INT)
        copy_n(self._found.active.data(), size, <int*> cnp.PyArray_DATA(sides))
        return sides

    @property
    def triangle(self):
        return array_of(self._found.triangle.data(), 2, self._found.x.size() + 1, self._found.x.size() + 1)

    @property
    def nfev(self):
        return self._found.evaluations

    @property
    def nit(self):
        return self._found.iterations

    @property
    def status(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[0]

    @property
    def message(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[1]

    @property
    def success(self):
        return succeeded(self._found.status)


cdef Outcome solve(LeastSquaresProblem* problem, Options options, Calls calls, Interrupt* signals):
    cdef Outcome outcome = Outcome.__new__(Outcome)
    cdef Numbers start = numbers_of(options.start), lower = numbers_of(options.lower), upper = numbers_of(options.upper)
    with nogil:
        outcome._found = levenberg_marquardt(problem[0], start, lower, upper, options._limits, signals)
    raise_kept(calls)
    outcome.x = array_of(outcome._found.x.data(), 1, outcome._found.x.size())
    return outcome


cdef class Branch:
    """One path through a model function: the program of its values, and of the residuals (f − y) w."""

    cdef readonly object values
    cdef readonly object residuals
    cdef readonly bint reads_x  # or it was traced with x as a constant
    cdef Handle _values
    cdef Handle _residuals

    def __init__(self, values, residuals):
        self.values, self.residuals = values, residuals
        self._values = handle_of(values)
        self._residuals = handle_of(residuals)
        cdef size_t i
        for i in range(self._values.get().program.inputs.size()):
            if self._values.get().program.inputs[i].seed < 0:
                self.reads_x = True

    cdef vector[const double*] arguments(self, const Program* program, Data data, cnp.ndarray parameters) except *:
        """Where the program finds its arguments beside the parameters: x, y and the weights, as many as it has."""
        cdef vector[const double*] found
        cdef size_t i, place
        cdef object array
        if cnp.PyArray_SIZE(parameters) != program.seeds:
            raise ValueError(f"{program.name.decode()} needs {program.seeds} parameters, got {parameters.size}")
        for i in range(program.inputs.size()):
            if program.inputs[i].seed >= 0:
                continue
            place = found.size() + (0 if self.reads_x else 1)
            array = data._x if place == 0 else data.y if place == 1 else data.weights
            if array is None or not has_shape(program[0], program.inputs[i], shape_of(array)):
                raise ValueError(
                    f"{program.name.decode()} needs an argument {program.inputs[i].name.decode()} of the shape that was traced"
                )
            found.push_back(doubles_of(array))
        return found

    def agrees(self, Data data not None, parameters, expected, Py_ssize_t first=0):
        """Whether the path holds there and gives, to rounding, the values expected in the rows from `first` on."""
        cdef cnp.ndarray at = contiguous(parameters), function = contiguous(expected)
        cdef Numbers values = numbers_of(function)
        cdef const double* weights = doubles_of(data.weights)
        cdef bint same
        cdef unique_ptr[Loan] loan = make_unique[Loan](self._values)
        loan.get().bind(self.arguments(&self._values.get().program, data, at).data(), doubles_of(at))
        if self._values.get().is_long:
            with nogil:
                same = agrees(loan.get().program(), loan.get().workspace(), first, values, weights)
        else:
            same = agrees(loan.get().program(), loan.get().workspace(), first, values, weights)
        return same

    def fit(self, Data data not None, Options options not None, residuals_at):
        """Minimise the sum of squares; J is never stored. `residuals_at(x)` gives the program where a guard of this one fails."""
        cdef Calls calls = Calls.__new__(Calls)
        cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
        cdef unique_ptr[StreamedFit] problem = make_unique[StreamedFit](
            self._residuals,
            self.arguments(&self._residuals.get().program, data, options.start),
            retrace_by(program_asked, calls.ask(residuals_at, options.size(), 0)),
            signals.get(),
        )
        return solve(problem.get(), options, calls, signals.get())


def fit_stored(Data data not None, whitener, Options options not None, values, jacobian):
    """Minimise for a Python model: `jacobian(x)` returns its columns one after the other, None means differences.

    `whitener` is None or L, lower triangular, where L·Lᵀ is the covariance of y.
    """
    cdef Calls calls = Calls.__new__(Calls)
    cdef Py_ssize_t parameters = options.size(), rows = cnp.PyArray_SIZE(data.y)
    cdef ValueAt value = value_by(value_asked, calls.ask(values, parameters, rows))
    cdef StoredModel model
    cdef vector[double] factor
    if jacobian is None:
        model = by_differences(
            value, <int> parameters, rows, bound(options.lower, parameters, -INFINITY), bound(options.upper, parameters, INFINITY)
        )  # fmt: skip
    else:
        model = by_jacobian(value, value_by(value_asked, calls.ask(jacobian, parameters, rows * parameters)))
    if whitener is not None:
        factor = copied(contiguous(whitener))
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    cdef unique_ptr[StoredFit] problem = make_unique[StoredFit](
        model, <int> parameters, numbers_of(data.y), doubles_of(data.weights), factor
    )
    return solve(problem.get(), options, calls, signals.get())


def differences(values, x, Py_ssize_t rows, double accuracy=2.2e-16):
    """Return the Jacobian (rows, parameters) of a Python model by differences of second order; `accuracy`: relative, of its values."""
    cdef cnp.ndarray at = contiguous(x)
    cdef Calls calls = Calls.__new__(Calls)
    cdef Py_ssize_t parameters = cnp.PyArray_SIZE(at)
    cdef StoredModel model = by_differences(
        value_by(value_asked, calls.ask(values, parameters, rows)), <int> parameters, rows, bound(None, parameters, -INFINITY),
        bound(None, parameters, INFINITY), accuracy,
    )  # fmt: skip
    cdef vector[double] value = vector[double](rows)
    cdef cnp.npy_intp[2] shape = [parameters, rows]
    cdef cnp.ndarray columns = <cnp.ndarray> cnp.PyArray_SimpleNew(2, shape, cnp.NPY_DOUBLE)
    model.call(doubles_of(at), value.data(), <double*> cnp.PyArray_DATA(columns))
    raise_kept(calls)
    return columns.T


cdef vector[double] bound(array, size_t parameters, double none):
    return vector[double](parameters, none) if array is None else copied(array)
