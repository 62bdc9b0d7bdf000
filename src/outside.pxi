# src: what a traced function read besides its arguments, a part of `_fast`. Comes in: names and what they meant when the function was
# traced, things that can be written into and what stood in them. Goes out: whether all is as it was, in some ns a name.

from libc.string cimport memcmp
from cpython.object cimport Py_EQ


cdef extern from "Python.h":
    PyObject* PyDict_GetItemWithError(object, object)
    PyObject* PyCell_GET(PyObject*)
    bint PyFloat_Check(PyObject*)
    bint PyLong_Check(PyObject*)
    int PyObject_RichCompareBool(PyObject*, PyObject*, int) except -1


cdef struct Name:
    PyObject* space  # a dict, or NULL: then `name` is a closure's cell
    PyObject* name
    PyObject* meaning


cdef struct Memory:
    const char* now
    const char* then
    cnp.npy_intp size  # of a piece
    cnp.npy_intp pieces
    cnp.npy_intp step  # from piece to piece, of `now`


# Of a larger array pieces alone are compared: the whole of it would cost as much as the run that reads a copy of it.
cdef cnp.npy_intp WHOLE = 1 << 15
cdef cnp.npy_intp MOST_PIECES = 512
cdef cnp.npy_intp PIECE = 64  # bytes: a line of the cache


cdef class Outside:
    """What a trace read. `names`: (dict or cell, name, meaning). `arrays`: arrays; what is in them now is what they must hold.
    `containers`: (list, tuple, dict or set, a copy of it)."""

    cdef tuple _names
    cdef list _arrays
    cdef tuple _containers
    cdef list _copies  # of the arrays
    cdef vector[Name] _each
    cdef vector[Memory] _memories
    cdef list _scattered  # (array, copy) of those that do not lie in one piece

    def __init__(self, names, arrays, containers):
        self._names = tuple(names)
        self._arrays = list(arrays)
        self._containers = tuple(containers)
        self._copies = []
        self._scattered = []
        cdef Name entry
        for name in self._names:
            is_dict = type(name[0]) is dict
            entry.space = <PyObject*> name[0] if is_dict else NULL
            entry.name = <PyObject*> name[1] if is_dict else <PyObject*> name[0]
            entry.meaning = <PyObject*> name[2]
            self._each.push_back(entry)
        for array in self._arrays:
            self.remember(array)

    cdef void remember(self, cnp.ndarray array) except *:
        if not cnp.PyArray_IS_C_CONTIGUOUS(array):
            self._scattered.append((array, array.copy()))
            return
        cdef Memory memory
        cdef cnp.npy_intp size = cnp.PyArray_NBYTES(array)
        memory.now = <const char*> cnp.PyArray_DATA(array)
        memory.size, memory.pieces, memory.step = size, 1, size
        if size > WHOLE:
            memory.size = PIECE
            memory.pieces = min(MOST_PIECES, size // (16 * PIECE))
            memory.step = (size - PIECE) // (memory.pieces - 1)
        copy = b"".join([memory.now[i * memory.step : i * memory.step + memory.size] for i in range(memory.pieces)])
        self._copies.append(copy)
        memory.then = copy
        self._memories.push_back(memory)

    cdef bint is_same(self) except -1:
        """Whether all is as it was."""
        cdef PyObject* found
        cdef Name name
        cdef Memory memory
        cdef cnp.npy_intp i
        for name in self._each:
            found = PyCell_GET(name.name) if name.space == NULL else PyDict_GetItemWithError(<object> name.space, <object> name.name)
            if found != name.meaning and not is_equal_number(found, name.meaning):
                return False
        for memory in self._memories:
            for i in range(memory.pieces):
                if memcmp(memory.now + i * memory.step, memory.then + i * memory.size, memory.size) != 0:
                    return False
        for container, copy in self._containers:
            if not is_equal_container(container, copy):
                return False
        for array, copy in self._scattered:
            if not (array == copy).all():
                return False
        return True


cdef bint is_equal_number(PyObject* found, PyObject* meaning) except -1:
    """Whether another object is the same plain number."""
    if found == NULL or (<object> found).__class__ is not (<object> meaning).__class__:
        return False
    return (PyFloat_Check(found) or PyLong_Check(found)) and PyObject_RichCompareBool(found, meaning, Py_EQ)


cdef bint is_equal_container(container, copy):
    try:
        return bool(container == copy)
    except Exception:  # arrays in it are others, and do not compare to a truth value
        return False
