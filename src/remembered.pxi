# src: what is known of functions, kept from call to call, a part of `_fast`. Comes in: a function. Goes out: the one object made of it,
# and problems of that function that nobody uses now.

from cpython.long cimport PyLong_FromVoidPtr

from types import MethodType


cdef class Known:
    """What is known of one function; a subclass says what. It keeps posed problems, by what they were posed for, for the next call."""

    cdef dict _idle

    def __cinit__(self, *_, **__):
        self._idle = {}

    cpdef Posed take(self, kind):
        """A problem that was given back, if all that its traces read of the outside is as it was; else None."""
        cdef list idle = self._idle.get(kind)
        if not idle:
            return None
        cdef Posed posed = idle.pop()
        return posed if posed.is_current() else None

    cpdef give_back(self, kind, Posed posed):
        """Keep a problem for the next call, unless it met more programs than a look at all of them is worth."""
        if not 0 < len(posed.calls) < MOST_CALLS:
            return
        cdef list idle = self._idle.get(kind)
        if idle is not None:
            if len(idle) < MOST_IDLE:
                idle.append(posed)
        elif len(self._idle) < MOST_KINDS:
            self._idle[kind] = [posed]

    def forget(self):
        """Keep none of them any longer."""
        self._idle = {}


cpdef kind_with(kind, tuple arguments):
    """The kind of a problem with arguments: numbers, and arrays of what shapes. None if there are others."""
    if not arguments:
        return kind
    cdef list shapes = [kind]
    for argument in arguments:
        if is_number(<PyObject*> argument):
            shapes.append(type(argument))  # which a function may ask for
        elif is_plain_array(<PyObject*> argument) and ndim(<PyObject*> argument) > 0:
            shapes.append(argument.shape)
        else:
            return None
    return tuple(shapes)


cdef Py_ssize_t MOST_CALLS = 16, MOST_KINDS = 16, MOST_IDLE = 16  # as many as threads may ask at once

#: Functions that are remembered; the oldest makes room.
cdef Py_ssize_t MOST_FUNCTIONS = 128


cdef class Remembered:
    """Make each object once: `make(f, *key)` for a function, and what else the object depends on.

    By the identity of the function, not by its equality: equal objects may compute different things. What is made must keep the
    function alive, so that no other object gets its identity.
    """

    cdef object _make
    cdef dict _known

    def __init__(self, make):
        self._make, self._known = make, {}

    cdef object known(self, f):
        """The object for `f` alone, or None."""
        cdef PyObject* found = PyDict_GetItemWithError(self._known, identity_of(f))
        return None if found == NULL else <object> found

    def __call__(self, f, *key):
        """The object for `f`, remembered from the last calls."""
        identity = (identity_of(f), *key) if key else identity_of(f)
        known = self._known.get(identity)
        if known is None:
            known = self._make(f, *key)
            if len(self._known) >= MOST_FUNCTIONS:
                self._known.pop(next(iter(self._known)), None)
            self._known[identity] = known
        return known


cdef object identity_of(f):
    # Each access makes a new bound method.
    return (id(f.__self__), id(f.__func__)) if type(f) is MethodType else PyLong_FromVoidPtr(<void*> f)
