# src: roots, a part of `_fast`. Comes in: the call of a program that gives F and, behind it, what J consists of, or a Python function
# that does. Goes out: where the loops of the kernel ended, and why. They run without the interpreter's lock.

from libcpp.optional cimport optional


cdef extern from "callbacks.hpp" nogil:
    cdef cppclass CountSpan "std::span<std::int64_t>":
        CountSpan(int64_t*, size_t)

    cdef cppclass MutableNumbers "std::span<double>":
        MutableNumbers(double*, size_t)

    cdef cppclass SolveSparse "fastcalc::SparseAlgebra::Solve":
        pass
    SolveSparse solve_by "fastcalc::border::callable"(Status (*)(void*, const double*, double*) noexcept, void*)


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef cppclass ComposedEquations:
        ComposedEquations(int, int, ValueAt, ValueAt) except +

    cdef cppclass NewtonOptions:
        double relative
        optional[double] absolute
        int64_t max_iterations
        cpp_bool safeguarded

    cdef cppclass RootOfOne:
        Status status
        double x
        int64_t iterations
        int64_t evaluations
        int period

    RootOfOne root_from(ComposedEquations&, double, const NewtonOptions&, Interrupt*) except +
    RootOfOne root_between(ComposedEquations&, double, double, const NewtonOptions&, Interrupt*) except +

    cdef cppclass JacobianAlgebra:
        pass

    cdef cppclass DenseAlgebra(JacobianAlgebra):
        DenseAlgebra(int) except +

    cdef cppclass SparseAlgebra(JacobianAlgebra):
        SparseAlgebra(vector[int64_t], vector[int32_t], SolveSparse) except +

    SolveSparse band_elimination(const vector[int64_t]&, const vector[int32_t]&) except +

    cdef cppclass RootOptions:
        double xtol
        int64_t max_iterations
        double max_time

    cdef cppclass RootResult:
        Status status
        vector[double] x
        vector[double] values
        vector[double] jacobian
        int64_t iterations
        int64_t evaluations

    RootResult find_root(ComposedEquations&, JacobianAlgebra&, Numbers, const RootOptions&, Interrupt*) except +

    cdef cppclass ElementwiseArgument:
        const double* data
        cpp_bool by_element

    cdef cppclass ElementwiseFunction:
        int lanes
        Handle program
        Retrace retrace
        vector[ElementwiseArgument] arguments

    cdef cppclass ElementwiseRoots:
        ElementwiseRoots(MutableNumbers, CountSpan)

    cdef cppclass FailedElement:
        int64_t element
        int64_t iterations
        Status status

    Status find_elementwise "fastcalc::find_roots"(
        const ElementwiseFunction&, const ElementwiseRoots&, const NewtonOptions&, int, Interrupt*, vector[FailedElement]&
    ) except +


cdef class NewtonLimits:
    """When Newton's iteration for one number ends: |step| ≤ absolute + relative |x|; None is the loop's own choice."""

    cdef NewtonOptions _options

    def __init__(self, relative=None, absolute=None, maxiter=None, bint safeguarded=True):
        if relative is not None:
            self._options.relative = relative
        if absolute is not None:
            self._options.absolute = <double> absolute
        if maxiter is not None:
            self._options.max_iterations = maxiter
        self._options.safeguarded = safeguarded


cdef class RootOutcome:
    """Where a root was looked for, and how it ended."""

    cdef readonly object x
    cdef readonly object fun
    cdef readonly object jac
    cdef readonly int64_t nit
    cdef readonly int64_t nfev
    cdef readonly int period
    cdef Status _status

    cpdef into(self, Fields result, dict numbers):
        """Write it into a result under SciPy's names; `numbers`: SciPy's of the ways to end."""
        cdef dict fields = <dict> result
        fields["x"] = self.x
        set_end(fields, self._status, numbers)
        fields["fun"], fields["jac"] = self.fun, self.jac
        fields["nfev"] = fields["njev"] = self.nfev
        fields["nit"] = self.nit

    @property
    def code(self):
        return <int> self._status

    @property
    def status(self):
        return (<tuple> STATUS_TEXTS[<int> self._status])[0]

    @property
    def message(self):
        return (<tuple> STATUS_TEXTS[<int> self._status])[1]

    @property
    def success(self):
        return succeeded(self._status)


cdef Status solve_asked(void* asked, const double* entries, double* b) noexcept with gil:
    cdef Py_ssize_t count = (<Asked> asked).parameters, n = (<Asked> asked).size
    return (<Asked> asked).answer((array_of(entries, 1, count), array_of(b, 1, n)), b)


cdef inline RootOfOne one_root(
    ComposedEquations& equations, double a, double b, bint is_between, const NewtonOptions& options, Interrupt* signals
) except * nogil:
    return root_between(equations, a, b, options, signals) if is_between else root_from(equations, a, options, signals)


cdef class Equations(Posed):
    """n equations for n numbers, as the kernel's loops ask for them.

    `pair` gives F and, behind it, J. `pattern`: where each row of a sparse J begins, and the columns of its entries, by which it goes out
    too; `solve(entries, b)`: who eliminates it; None: the kernel, as a band. `band`: the pattern of one that goes out whole, likewise.
    Without either J is dense. `source`: where J comes from.
    """

    cdef readonly object source
    cdef readonly object pattern
    cdef readonly object solve
    cdef object _places  # where the entries of a band stand in the whole J
    cdef int _n
    cdef unique_ptr[ComposedEquations] _equations
    cdef unique_ptr[JacobianAlgebra] _algebra

    def __init__(self, int n, AtPoint pair not None, source="", list calls=None, pattern=None, solve=None, band=None):
        cdef ValueAt nothing
        self.calls, self.source, self.pattern, self.solve = [] if calls is None else calls, source, pattern, solve
        self._n = n
        self._equations = make_unique[ComposedEquations](n, n, nothing, pair.value(self._calls, n, self._signals.get()))
        stored = band if pattern is None else pattern
        if stored is not None:
            self._algebra.reset(new SparseAlgebra(stored.first, stored.columns, self._elimination(stored, solve)))
        self._places = None if band is None else band.places()

    cdef SolveSparse _elimination(self, stored, solve) except *:
        if solve is None:
            return band_elimination(stored.first, stored.columns)
        return solve_by(solve_asked, self._calls.ask(solve, len(stored.columns), self._n))

    def from_start(self, double start, NewtonLimits limits not None):
        """Newton–Raphson from a start."""
        cdef RootOfOne found
        self._one(start, None, limits, &found)
        return self._outcome(found)

    def between(self, double a, double b, NewtonLimits limits not None):
        """The safeguarded iteration between two ends."""
        cdef RootOfOne found
        self._one(a, b, limits, &found)
        return self._outcome(found)

    cdef int _one(self, double a, end, NewtonLimits limits, RootOfOne* found) except -1:
        """From a start or, if `end` is not None, between two ends."""
        cdef ComposedEquations* equations = self._equations.get()
        cdef bint is_between = end is not None
        cdef double b = end if is_between else 0
        cdef NewtonOptions options
        if limits is not None:
            options = limits._options
        if not self._is_long and options.max_iterations <= 1000:  # to let go of the interpreter takes as long as a step
            found[0] = one_root(equations[0], a, b, is_between, options, self._signals.get())
        else:
            with nogil:
                found[0] = one_root(equations[0], a, b, is_between, options, self._signals.get())
        return 0

    cdef RootOutcome _outcome(self, const RootOfOne& found):
        cdef RootOutcome outcome = RootOutcome.__new__(RootOutcome)
        raise_kept(self._calls)
        outcome.x = number(found.x)
        outcome.nit, outcome.nfev, outcome.period, outcome._status = found.iterations, found.evaluations, found.period, found.status
        return outcome

    def root(self, start, xtol=None, maxiter=None, max_time=None):
        """A root of the system, by Newton's method in a trust region."""
        cdef RootOptions options
        if xtol is not None:
            options.xtol = xtol
        if maxiter is not None:
            options.max_iterations = maxiter
        if max_time is not None:
            options.max_time = max_time
        return self._root(contiguous(start), options)

    cdef RootOutcome _root(self, cnp.ndarray start, const RootOptions& options):
        cdef Numbers numbers = numbers_of(start)
        cdef RootResult found
        if not self._algebra:
            self._algebra.reset(new DenseAlgebra(self._n))
        if self.solve is not None:
            self.solve.begin()
        with nogil:
            found = find_root(self._equations.get()[0], self._algebra.get()[0], numbers, options, self._signals.get())
        raise_kept(self._calls)
        cdef RootOutcome outcome = RootOutcome.__new__(RootOutcome)
        outcome.x = array_of(found.x.data(), 1, self._n)
        outcome.fun = array_of(found.values.data(), 1, self._n)
        if self.pattern is not None:
            outcome.jac = array_of(found.jacobian.data(), 1, found.jacobian.size())
        elif self._places is not None:
            outcome.jac = self._whole(found.jacobian)
        else:
            outcome.jac = array_of(found.jacobian.data(), 2, self._n, self._n)
        outcome.nit, outcome.nfev, outcome._status = found.iterations, found.evaluations, found.status
        return outcome


    cdef cnp.ndarray _whole(self, const vector[double]& entries):
        cdef cnp.npy_intp[2] shape = [self._n, self._n]
        cdef cnp.ndarray matrix = <cnp.ndarray> cnp.PyArray_ZEROS(2, shape, cnp.NPY_DOUBLE, 0)
        cdef double* numbers = <double*> cnp.PyArray_DATA(matrix)
        cdef const int64_t* places = <const int64_t*> cnp.PyArray_DATA(<cnp.ndarray> self._places)
        cdef size_t k
        for k in range(entries.size()):
            numbers[places[k]] = entries[k]
        return matrix


# What follows is all that a call costs beside the iteration, of equations that were solved before with arguments of the same shapes.

cdef bint is_plain_number(x):
    """Whether it is a finite number of Python's own."""
    return (type(x) is float or type(x) is int) and -INFINITY < x < INFINITY


cdef Equations taken(Known equation, kind, tuple arguments):
    """What was given back and has these arguments now; None if there is nothing."""
    cdef Equations equations = None if kind is None else equation.take(kind)
    if equations is not None and arguments:
        equations._calls.take(arguments)
    return equations


cdef bint has_found(Known equation, kind, Equations equations, const RootOfOne& root):
    """Whether it is a root, and no path was met on which the long way would say what is wrong."""
    try:
        raise_kept(equations._calls)
    except Exception:
        return False
    equation.give_back(kind, equations)
    return root.status == Status.root_found


def newton_again(Remembered known, func, start, arguments, NewtonLimits limits=None):
    """The root of an equation; None if it cannot be had like that, whatever the reason."""
    cdef Known equation = known.known(func)
    if equation is None or type(start) is not float or type(arguments) is not tuple:
        return None
    for argument in arguments:
        if not is_number(<PyObject*> argument):  # with arrays each element has a root of its own
            return None
    kind = kind_with((), arguments)
    cdef Equations equations = taken(equation, kind, arguments)
    if equations is None:
        return None
    cdef RootOfOne root
    equations._one(start, None, limits, &root)
    return number(root.x) if has_found(equation, kind, equations, root) else None


def root_scalar_again(Remembered known, func, start, bracket, tuple arguments, NewtonLimits limits=None):
    """The result for an equation that was solved before: from a start or, if `bracket` is not None, between two ends. None likewise."""
    cdef Known equation = known.known(func)
    if equation is None:
        return None
    end = None
    if bracket is not None:
        if type(bracket) is not tuple and type(bracket) is not list or len(bracket) != 2:
            return None
        start, end = bracket
        if not is_plain_number(end):
            return None
    if not is_plain_number(start):
        return None
    kind = kind_with((), arguments)
    cdef Equations equations = taken(equation, kind, arguments)
    if equations is None:
        return None
    cdef RootOfOne root
    equations._one(start, end, limits, &root)
    if not has_found(equation, kind, equations, root) or equations._like is None:
        return None
    cdef Fields result = copy_of(equations._like)
    cdef dict fields = <dict> result
    fields["root"], fields["iterations"], fields["function_calls"] = number(root.x), root.iterations, root.evaluations
    fields["period"] = root.period
    return result


def root_again(Remembered known, func, start, tuple arguments, dict numbers, xtol=None):
    """The result of a search for a root of a system, and what it was found by; None if it must be posed anew. `numbers`: SciPy's of the
    ways to end."""
    cdef Known equation = known.known(func)
    if equation is None or not is_plain_array(<PyObject*> start) or cnp.PyArray_NDIM(<cnp.ndarray> start) != 1:
        return None
    if xtol is not None and type(xtol) is not float:
        return None
    kind = kind_with((cnp.PyArray_DIM(<cnp.ndarray> start, 0),), arguments)
    cdef Equations equations = taken(equation, kind, arguments)
    cdef RootOptions options
    if equations is None:
        return None
    if xtol is not None:
        options.xtol = xtol
    cdef RootOutcome outcome
    try:
        outcome = equations._root(start, options)
    except Exception:  # of another path: the long way says what is wrong with it
        return None
    equation.give_back(kind, equations)
    if outcome._status == Status.not_finite_at_start or equations._like is None:
        return None
    cdef Fields result = copy_of(equations._like)
    outcome.into(result, numbers)
    return result, equations


cdef cnp.ndarray counts(cnp.npy_intp size):
    return <cnp.ndarray> cnp.PyArray_SimpleNew(1, &size, cnp.NPY_INT64)


def elementwise_newton(int lanes, call, arguments, program_at, start, NewtonLimits limits not None, bint counted):
    """Newton–Raphson for each element. `call`: f and f′ of so many lanes, `program_at(x)` those of another path; `arguments`: pairs of an
    array and whether it has a number for each element. Returns the roots; the elements that failed, and the status, as a number, and the evaluations of each of these; and the evaluations of
    all elements, or None if they are not to be `counted`."""
    cdef Calls calls = Calls.__new__(Calls)
    cdef ElementwiseFunction function
    cdef ElementwiseArgument one
    cdef list kept = []
    for argument, by_element in arguments:
        array = contiguous(argument)
        kept.append(array)
        one.data, one.by_element = doubles_of(array), by_element
        function.arguments.push_back(one)
    function.lanes, function.program = lanes, handle_of(call.program)
    function.retrace = retrace_by(program_asked, calls.ask(program_at, lanes, 0))
    cdef cnp.ndarray x = contiguous(start).copy()
    cdef cnp.npy_intp size = cnp.PyArray_SIZE(x)
    cdef cnp.ndarray iterations = counts(size if counted else 0)
    cdef vector[FailedElement] failed
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    cdef unique_ptr[ElementwiseRoots] roots = make_unique[ElementwiseRoots](
        MutableNumbers(<double*> cnp.PyArray_DATA(x), size),
        CountSpan(<int64_t*> cnp.PyArray_DATA(iterations), size if counted else 0),
    )
    cdef Status status
    with nogil:
        status = find_elementwise(function, roots.get()[0], limits._options, 0, signals.get(), failed)
    raise_kept(calls)
    if status != Status.running:
        raise failure(status)
    cdef cnp.ndarray elements = counts(failed.size()), codes = counts(failed.size()), tries = counts(failed.size())
    cdef size_t k
    for k in range(failed.size()):
        (<int64_t*> cnp.PyArray_DATA(elements))[k] = failed[k].element
        (<int64_t*> cnp.PyArray_DATA(codes))[k] = <int64_t> failed[k].status
        (<int64_t*> cnp.PyArray_DATA(tries))[k] = failed[k].iterations
    return x, elements, codes, tries, iterations if counted else None


def status_text(int number):
    """The name of a status, its sentence, and whether it is a success."""
    return STATUS_TEXTS[number]
