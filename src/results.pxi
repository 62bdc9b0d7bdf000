# src: what a solver found as its caller reads it, a part of `_fast`. Comes in: the end of a search. Goes out: a dictionary with SciPy's
# names.

cdef extern from *:
    """
    static inline PyObject* another(PyObject* x) {
        PyObject* const nothing = PyTuple_New(0);
        PyObject* const made = Py_TYPE(x)->tp_new(Py_TYPE(x), nothing, NULL);
        Py_DECREF(nothing);
        return made;
    }
    """
    object another(object)  # of its type, without a call of __init__

cdef extern from "Python.h":
    PyTypeObject* Py_TYPE(object)
    PyObject* _PyType_Lookup(PyTypeObject*, object)
    object PyObject_GenericGetAttr(object, object)
    int PyDict_Update(object, object) except -1


cdef class Fields(dict):
    """A dictionary whose entries are attributes too, but for the names of what every such dictionary has."""

    def __getattribute__(self, name):
        cdef PyObject* found = NULL
        if _PyType_Lookup(Py_TYPE(self), name) == NULL:
            found = PyDict_GetItemWithError(self, name)
        return PyObject_GenericGetAttr(self, name) if found == NULL else <object> found

    def __reduce__(self):
        return type(self), (dict(self),)


cdef Fields copy_of(Fields result):
    """Another one with the same entries: a table of the right size at once, which is filled by what is found later."""
    cdef Fields copy = <Fields> another(result)
    PyDict_Update(copy, result)
    return copy


cdef int set_end(dict result, Status status, dict numbers) except -1:
    """Why a search ended; `numbers`: SciPy's number of each way to end that is not 0."""
    name, message, _ = <tuple> STATUS_TEXTS[<int> status]
    result["success"] = succeeded(status)
    result["status"] = numbers.get(name, 0)
    result["message"] = message
    result["reason"] = name
    return 0
