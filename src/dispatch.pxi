# src: the programs of a function as one callable, a part of `_fast`. Comes in: the arguments of a call. Goes out: the result of the
# program that holds for them. The last used is tried first: one runs whose shapes are those of the arguments, for which the outside is
# as it was and whose guards hold; `_slow`, which is Python, is asked for all else.


cdef extern from *:
    """
    static thread_local int traces_under_way = 0;

    // Cython gives an extension type no vectorcall; a subclass inherits it from Python 3.12 on only.
    static void take_vectorcall(PyTypeObject* type, Py_ssize_t offset) {
      type->tp_vectorcall_offset = offset;
      type->tp_flags |= Py_TPFLAGS_HAVE_VECTORCALL;
      PyType_Modified(type);
    }
    """
    int traces_under_way
    void take_vectorcall(PyTypeObject*, Py_ssize_t)
    ctypedef PyObject* (*vectorcallfunc)(PyObject*, PyObject**, size_t, PyObject*)
    Py_ssize_t PyVectorcall_NARGS(size_t)
    PyObject* PyTuple_GET_ITEM(PyObject*, Py_ssize_t)
    Py_ssize_t PyTuple_GET_SIZE(PyObject*)


def trace_begins():
    """Until the trace ends, a `Dispatch` of this thread runs nothing: its function becomes a part of the trace."""
    global traces_under_way
    traces_under_way += 1


def trace_ends():
    """See `trace_begins`."""
    global traces_under_way
    traces_under_way -= 1


cdef class Dispatch:
    """The programs of a function as one callable. A subclass has `_slow(arguments, named)` for what no program takes."""

    cdef vectorcallfunc _vectorcall
    cdef tuple _calls  # the last used first; replaced as a whole, so that threads and loops over it keep theirs

    def __cinit__(self):
        self._vectorcall = <vectorcallfunc> dispatch
        self._calls = ()

    def __call__(self, *arguments, **named):
        if named:
            return self._slow(arguments, named)
        return (<object> dispatch(<PyObject*> self, items(<PyObject*> arguments), len(arguments), NULL))

    @property
    def calls(self):
        """The programs that stand for the function now: those of which the outside is as it was."""
        return tuple([call for call in self._calls if (<Call> call).is_current()])

    def _attempt(self, tuple arguments, structure=None):
        """The result of the first program for these numbers and plain float64 arrays; None if none holds."""
        return self.first(items(<PyObject*> arguments), len(arguments), structure)

    def _holding(self, tuple arguments, structure=None):
        """The first program that holds for these numbers and plain float64 arrays; None if none does."""
        cdef PyObject** at = items(<PyObject*> arguments)
        cdef Call call
        for found in self._calls:
            call = <Call> found
            if call.structure == structure and call.takes(at, len(arguments)) and call.is_current() and call.run(at) is not None:
                return call
        return None

    def _keep(self, Call call, Py_ssize_t most):
        """Try `call` before all others from now on, and keep no more than `most`."""
        self._calls = (call, *self.calls[: most - 1])

    def _branches(self, tuple arguments, structure):
        """The number of programs for arguments of these shapes."""
        return sum([(<Call> call).structure == structure and (<Call> call).takes(items(<PyObject*> arguments), len(arguments))
                    for call in self.calls])

    cdef object first(self, PyObject** arguments, Py_ssize_t count, object structure):
        cdef tuple calls = self._calls
        cdef Call call
        for found in calls:
            call = <Call> found
            if (call.structure is structure or call.structure == structure) and call.takes(arguments, count) and call.is_current():
                result = call.run(arguments)
                if result is not None:
                    if calls[0] is not call:
                        self._calls = (call, *[other for other in self._calls if other is not call])
                    return result
        return None


cdef object dispatch(PyObject* self, PyObject** arguments, size_t flagged_count, PyObject* names):
    cdef Py_ssize_t count = PyVectorcall_NARGS(flagged_count)
    cdef Dispatch function = <Dispatch> self
    if names == NULL and traces_under_way == 0:
        result = function.first(arguments, count, None)
        if result is not None:
            return result
    named = {}
    if names != NULL:
        for i in range(PyTuple_GET_SIZE(names)):
            named[<object> PyTuple_GET_ITEM(names, i)] = <object> arguments[count + i]
    return function._slow(tuple([<object> arguments[i] for i in range(count)]), named)


cdef Dispatch _any = Dispatch.__new__(Dispatch)
cdef Py_ssize_t vectorcall_offset = <char*> &_any._vectorcall - <char*> <PyObject*> _any
take_vectorcall(<PyTypeObject*> Dispatch, vectorcall_offset)


def vectorcalled(subclass):
    """Let a subclass of `Dispatch` be called as fast as `Dispatch` itself (a decorator)."""
    take_vectorcall(<PyTypeObject*> subclass, vectorcall_offset)
    return subclass
