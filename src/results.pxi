# src: what a solver found as its caller reads it, a part of `_fast`. Comes in: the end of a search. Goes out: a dictionary with SciPy's
# names.

cdef extern from "Python.h":
    PyTypeObject* Py_TYPE(object)
    PyObject* _PyType_Lookup(PyTypeObject*, object)
    object PyObject_GenericGetAttr(object, object)


cdef class Fields(dict):
    """A dictionary whose entries are attributes too, but for the names of what every such dictionary has."""

    def __getattribute__(self, name):
        cdef PyObject* found = NULL
        if _PyType_Lookup(Py_TYPE(self), name) == NULL:
            found = PyDict_GetItemWithError(self, name)
        return PyObject_GenericGetAttr(self, name) if found == NULL else <object> found

    def __reduce__(self):
        return type(self), (dict(self),)


cdef int set_end(Fields result, Status status, dict numbers) except -1:
    """Why a search ended; `numbers`: SciPy's number of each way to end that is not 0."""
    name, message, _ = <tuple> STATUS_TEXTS[<int> status]
    result["success"] = succeeded(status)
    result["status"] = numbers.get(name, 0)
    result["message"] = message
    result["reason"] = name
    return 0
