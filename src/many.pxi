# src: many problems of one function, a part of `_fast`. Comes in: the programs of one problem, starts and arguments of all. Goes out:
# arrays of what was found, one row a problem. The loops run on several threads, without the interpreter's lock.

cdef extern from "callbacks.hpp" nogil:
    cdef cppclass RetraceOfMany "fastcalc::RetraceOfMany":
        pass
    RetraceOfMany retrace_of_many "fastcalc::border::callable"(Handle (*)(void*, int64_t, const double*) noexcept, void*)


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef cppclass ArgumentOfMany:
        const double* data
        int64_t stride

    cdef cppclass FunctionOfMany:
        Handle program
        RetraceOfMany retrace

    cdef struct ManyProblems_ "fastcalc::ManyProblems":
        int64_t problems
        int size
        double* x
        Status* status
        int64_t* iterations
        int64_t* evaluations

    cdef cppclass ManyObjectives:
        FunctionOfMany value_and_gradient
        FunctionOfMany hessian
        FunctionOfMany product

    Status find_roots(
        const FunctionOfMany&, const vector[ArgumentOfMany]&, const ManyProblems_&, double*, const RootOptions&, int, Interrupt*
    ) except +
    Status find_minima(
        Method, const ManyObjectives&, const vector[ArgumentOfMany]&, const ManyProblems_&, Numbers, Numbers, double*, double*,
        const MinimizeOptions&, int, Interrupt*
    ) except +


cdef Handle program_of_many_asked(void* asked, int64_t problem, const double* x) noexcept with gil:
    cdef Handle none
    try:
        return handle_of((<Asked> asked).function(problem, array_of(x, 1, (<Asked> asked).parameters)))
    except BaseException as error:
        (<Asked> asked).keep(error)
        return none


cdef class ManyProblems:
    """Starts, one behind the other, and the other arguments: pairs of an array and whether its first axis is of the problems. After the
    loop: what was found. A function is a pair: the program that all begin with, or None, and `program_at(problem, x)`, which gives that
    of another path."""

    cdef readonly cnp.ndarray x
    cdef readonly cnp.ndarray codes  # of the statuses
    cdef readonly cnp.ndarray nit
    cdef readonly cnp.ndarray nfev
    cdef list _kept
    cdef vector[ArgumentOfMany] _arguments
    cdef ManyProblems_ _many
    cdef Calls _calls
    cdef unique_ptr[Signals] _signals

    def __init__(self, start, arguments):
        cdef ArgumentOfMany one
        self.x = (<cnp.ndarray> contiguous(start)).copy()
        cdef cnp.npy_intp problems = cnp.PyArray_DIM(self.x, 0)
        self.codes = <cnp.ndarray> cnp.PyArray_ZEROS(1, &problems, cnp.NPY_INT, 0)
        self.nit = <cnp.ndarray> cnp.PyArray_ZEROS(1, &problems, cnp.NPY_INT64, 0)
        self.nfev = <cnp.ndarray> cnp.PyArray_ZEROS(1, &problems, cnp.NPY_INT64, 0)
        self._many.problems, self._many.size = problems, <int> (cnp.PyArray_SIZE(self.x) // problems)
        self._many.x = <double*> cnp.PyArray_DATA(self.x)
        self._many.status = <Status*> cnp.PyArray_DATA(self.codes)
        self._many.iterations = <int64_t*> cnp.PyArray_DATA(self.nit)
        self._many.evaluations = <int64_t*> cnp.PyArray_DATA(self.nfev)
        self._kept = [contiguous(argument) for argument, _ in arguments]
        for argument, (_, of_problem) in zip(self._kept, arguments):
            one.data = doubles_of(argument)
            one.stride = cnp.PyArray_SIZE(<cnp.ndarray> argument) // problems if of_problem else 0
            self._arguments.push_back(one)
        self._calls = Calls.__new__(Calls)
        self._signals = make_unique[Signals](signal_raised, <void*> self._calls)

    cdef FunctionOfMany _function(self, tuple of) except *:
        cdef FunctionOfMany function
        program, program_at = of
        if program is not None:
            function.program = handle_of(program)
        function.retrace = retrace_of_many(program_of_many_asked, self._calls.ask(program_at, self._many.size, 0))
        return function

    def roots(self, tuple values_and_jacobian, xtol=None, maxiter=None, int threads=0):
        """A root of each system. Returns F there."""
        cdef cnp.ndarray values = <cnp.ndarray> cnp.PyArray_ZEROS(
            cnp.PyArray_NDIM(self.x), cnp.PyArray_DIMS(self.x), cnp.NPY_DOUBLE, 0
        )
        cdef double* found = <double*> cnp.PyArray_DATA(values)
        cdef RootOptions options
        if xtol is not None:
            options.xtol = xtol
        if maxiter is not None:
            options.max_iterations = maxiter
        cdef FunctionOfMany function = self._function(values_and_jacobian)
        with nogil:
            find_roots(function, self._arguments, self._many, found, options, threads, self._signals.get())
        raise_kept(self._calls)
        return values

    def minima(self, str method, tuple value_and_gradient, tuple hessian, tuple product, lower, upper, dict options, int threads=0):
        """A minimum of each objective. Returns f and its gradient there."""
        cdef Method chosen = method_of(method.encode()).value()
        cdef MinimizeOptions limits = minimize_options(options)
        cdef Numbers low = numbers_of(lower), high = numbers_of(upper)
        cdef cnp.ndarray values = <cnp.ndarray> cnp.PyArray_ZEROS(1, cnp.PyArray_DIMS(self.x), cnp.NPY_DOUBLE, 0)
        cdef cnp.ndarray gradients = <cnp.ndarray> cnp.PyArray_ZEROS(2, cnp.PyArray_DIMS(self.x), cnp.NPY_DOUBLE, 0)
        cdef double* f = <double*> cnp.PyArray_DATA(values)
        cdef double* g = <double*> cnp.PyArray_DATA(gradients)
        cdef ManyObjectives objectives
        objectives.value_and_gradient = self._function(value_and_gradient)
        objectives.hessian = self._function(hessian)
        objectives.product = self._function(product)
        with nogil:
            find_minima(chosen, objectives, self._arguments, self._many, low, high, f, g, limits, threads, self._signals.get())
        raise_kept(self._calls)
        return values, gradients
