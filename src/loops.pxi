# src: what a loop in the kernel may ask of Python, a part of `_fast`. Comes in: programs and Python functions of a point. Goes out: the
# kernel's own callables. A loop runs without the interpreter's lock, and takes it only to call back; what is raised there is kept
# until the loop has ended.

from cpython.exc cimport PyErr_CheckSignals
from libcpp.memory cimport make_unique

cdef extern from "callbacks.hpp" nogil:
    # `callable` has one definition there; each line here is one type of callable that it makes.
    cdef cppclass Retrace "fastcalc::Retrace":
        pass
    cdef cppclass ValueAt "fastcalc::ValueAt":
        pass
    cdef cppclass ProductAt "fastcalc::ProductAt":
        pass
    Retrace retrace_by "fastcalc::border::callable"(Handle (*)(void*, const double*) noexcept, void*)
    ValueAt value_by "fastcalc::border::callable"(Status (*)(void*, const double*, double*) noexcept, void*)
    ProductAt product_by "fastcalc::border::callable"(Status (*)(void*, const double*, const double*, double*) noexcept, void*)

    cdef cppclass Signals "fastcalc::border::Signals"(Interrupt):
        Signals(cpp_bool (*)(void*) noexcept, void*)

    cdef cppclass Observer "fastcalc::Observer":
        pass
    cdef cppclass Sight "fastcalc::Sight":
        const double* x
        int size
        double value
        const double* gradient
    cdef cppclass Watcher "fastcalc::border::Watcher"(Observer):
        Watcher(Status (*)(void*, const Sight&, int64_t) noexcept, void*)


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef cppclass TracedFunction:
        void fix(size_t, const double*)
        size_t arguments()
    shared_ptr[TracedFunction] traced_function "std::make_shared<fastcalc::TracedFunction>"(
        Handle, Retrace, vector[const double*], Interrupt*
    ) except +
    ValueAt at_point(shared_ptr[TracedFunction]) except +
    ProductAt along(shared_ptr[TracedFunction]) except +
    const char* status_name "fastcalc::name"(Status)
    cpp_bool succeeded(Status)


cdef list texts_of_statuses():
    cdef list found = []
    while status_name(<Status> <int> len(found))[0]:
        status = <Status> <int> len(found)
        found.append((status_name(status).decode(), sentence(status).decode(), succeeded(status)))
    return found


#: By the number of a status: its name, its sentence, and whether it is a success.
cdef list STATUS_TEXTS = texts_of_statuses()


cdef class Calls:
    """What one loop asks of Python, and what was raised there. It lives as long as the loop."""

    cdef object raised
    cdef list asked
    cdef vector[shared_ptr[TracedFunction]] traced
    cdef list arguments  # of these, which are kept; None once they are let go
    cdef vector[double] numbers  # of what was taken instead

    def __cinit__(self):
        self.asked, self.arguments = [], []

    cdef bint let_go(self, size_t arguments):
        """Forget the arguments, and the functions that know them; False, and nothing, if all that is asked are not programs of so many."""
        cdef size_t k
        for k in range(self.traced.size()):
            if self.traced[k].get().arguments() != arguments:
                return False
        if self.traced.empty() or self.traced.size() != <size_t> len(self.asked):
            return False
        for asked in self.asked:
            (<Asked> asked).function = None
        self.arguments = None
        return True

    cdef void take(self, tuple arguments):
        """Other numbers and arrays for the programs, of the shapes that they had; the caller keeps them."""
        cdef size_t k, i
        cdef PyObject* argument
        cdef const double* data
        self.numbers.resize(len(arguments))
        for i in range(self.numbers.size()):
            argument = items(<PyObject*> arguments)[i]
            if is_number(argument):
                self.numbers[i] = PyFloat_AS_DOUBLE(argument)
                data = &self.numbers[i]
            else:
                data = data_of(argument)
            for k in range(self.traced.size()):
                self.traced[k].get().fix(i, data)

    cdef void keep(self, error):
        if self.raised is None:
            self.raised = error

    cdef void* ask(self, function, Py_ssize_t parameters, Py_ssize_t size):
        """What the functions below get."""
        cdef Asked asked = Asked.__new__(Asked)
        asked.calls, asked.function, asked.parameters, asked.size = <void*> self, function, parameters, size
        self.asked.append(asked)
        return <void*> asked


cdef class Posed:
    """A problem as the kernel's loops ask for it. One thread at a time.

    `calls`: the programs that were used so far, and what they read besides their arguments.
    """

    cdef readonly list calls
    cdef Fields _like  # what results of it have in common
    cdef bint _is_long  # a run of its programs, so that other threads are to go on meanwhile
    cdef Calls _calls
    cdef unique_ptr[Signals] _signals

    def __cinit__(self, *_, **__):
        self._is_long = True
        self._calls = Calls.__new__(Calls)
        self._signals = make_unique[Signals](signal_raised, <void*> self._calls)

    def gives_results_like(self, Fields result):
        """Keep of a result what those of later searches begin with."""
        self._like = type(result)((name, None if isinstance(value, cnp.ndarray) else value) for name, value in result.items())

    def lets_go(self, tuple arguments):
        """Forget the arguments, so that it is solved with others of the same shapes; False if it cannot be."""
        return not arguments or self._calls.let_go(len(arguments))

    cdef bint is_current(self) except -1:
        """Whether all that the traces read of the outside is as it was; and by the way, whether one of them is long."""
        self._is_long = False
        for call in self.calls:
            self._is_long = self._is_long or (<Call> call)._runnable.is_long
            if not (<Call> call).is_current():
                return False
        return True


cdef object raised_outside = None  # by a function that a program called


def keep_raised(error):
    """Keep what was raised in a function that a program called, for whoever ran the program."""
    global raised_outside
    if raised_outside is None:
        raised_outside = error


cdef object taken_from_outside():
    global raised_outside
    taken, raised_outside = raised_outside, None
    return taken


cdef int raise_kept(Calls calls) except -1:
    """Raise what was raised in Python during a loop."""
    raised, calls.raised = calls.raised, None
    if raised is None and raised_outside is not None:
        raised = taken_from_outside()
    if raised is not None:
        raise raised
    return 0


cdef class Asked:
    """One Python function that a loop asks."""

    cdef void* calls  # borrowed: it owns this object
    cdef object function
    cdef Py_ssize_t parameters
    cdef Py_ssize_t size  # how many numbers it must give

    cdef void keep(self, error):
        (<Calls> self.calls).keep(error)

    cdef Status answer(self, tuple arguments, double* out):
        cdef cnp.ndarray numbers
        try:
            numbers = contiguous(self.function(*arguments))
            if cnp.PyArray_SIZE(numbers) != self.size:
                raise ValueError(f"the model returned {numbers.size} numbers where {self.size} are needed")
            copy_n(doubles_of(numbers), self.size, out)
            return Status.running
        except BaseException as error:
            self.keep(error)
            return Status.callback_failed


cdef cpp_bool signal_raised(void* calls) noexcept with gil:
    try:
        PyErr_CheckSignals()
        return False
    except BaseException as error:
        (<Calls> calls).keep(error)
        return True


cdef Handle program_asked(void* asked, const double* x) noexcept with gil:
    cdef Handle none
    try:
        if (<Asked> asked).function is None:
            raise LookupError("another path, whose trace needs the arguments that were let go")
        return handle_of((<Asked> asked).function(array_of(x, 1, (<Asked> asked).parameters)))
    except BaseException as error:
        (<Asked> asked).keep(error)
        return none


cdef Status value_asked(void* asked, const double* x, double* out) noexcept with gil:
    return (<Asked> asked).answer((array_of(x, 1, (<Asked> asked).parameters),), out)


cdef Status product_asked(void* asked, const double* x, const double* v, double* out) noexcept with gil:
    cdef Py_ssize_t n = (<Asked> asked).parameters
    return (<Asked> asked).answer((array_of(x, 1, n), array_of(v, 1, n)), out)


cdef Status sight_asked(void* asked, const Sight& sight, int64_t iteration) noexcept with gil:
    """Ends the loop where the function returns something true."""
    try:
        gradient = None if sight.gradient == NULL else array_of(sight.gradient, 1, sight.size)
        if (<Asked> asked).function(array_of(sight.x, 1, sight.size), sight.value, gradient, iteration):
            return Status.stopped_by_callback
        return Status.running
    except BaseException as error:
        (<Asked> asked).keep(error)
        return Status.callback_failed


cdef Handle handle_of(program):
    return <Handle> (<Runnable*> PyCapsule_GetPointer(program.capsule, "fastcalc.Program")).shared_from_this()


cdef class AtPoint:
    """A function of a point x, perhaps of a direction v too, as a loop asks it.

    Either `function(x)` or `function(x, v)` is called and gives `size` numbers; or, where `programs` is true, `function(x)` gives the
    program that holds there, whose inputs are x, v and then the numbers and arrays of `arguments`. `known`: the program to begin with.
    """

    cdef object function
    cdef Py_ssize_t size
    cdef bint programs
    cdef list arguments
    cdef public object known

    def __init__(self, function, Py_ssize_t size, *, bint programs=False, arguments=(), known=None):
        self.function, self.size, self.programs, self.known = function, size, programs, known
        self.arguments = [contiguous(argument) for argument in arguments]

    cdef shared_ptr[TracedFunction] traced(self, Calls calls, Py_ssize_t parameters, Interrupt* signals) except *:
        cdef vector[const double*] fixed
        cdef Handle handle
        for argument in self.arguments:
            fixed.push_back(doubles_of(argument))
        if self.known is not None:
            handle = handle_of(self.known)
        calls.arguments.append(self.arguments)
        calls.traced.push_back(
            traced_function(handle, retrace_by(program_asked, calls.ask(self.function, parameters, 0)), fixed, signals)
        )
        return calls.traced.back()

    cdef ValueAt value(self, Calls calls, Py_ssize_t parameters, Interrupt* signals) except *:
        if self.programs:
            return at_point(self.traced(calls, parameters, signals))
        return value_by(value_asked, calls.ask(self.function, parameters, self.size))

    cdef ProductAt product(self, Calls calls, Py_ssize_t parameters, Interrupt* signals) except *:
        if self.programs:
            return along(self.traced(calls, parameters, signals))
        return product_by(product_asked, calls.ask(self.function, parameters, self.size))
