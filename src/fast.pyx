# cython: language_level=3, boundscheck=False, wraparound=False
"""The path with the lowest overhead: a traced program called with arrays, array in, array out.

Comes in: a `_core.Program` (through its capsule) and float64 arguments. Goes out: a new array. Nothing is parsed, looked up
or allocated on the way but the result; workspaces are kept for the next call.
"""

cimport numpy as cnp
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int32_t, int64_t
from libcpp.memory cimport unique_ptr
from libcpp.utility cimport move
from libcpp.vector cimport vector

cnp.import_array()


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef enum class Status(int):
        running

    cdef cppclass Instruction:
        pass

    cdef cppclass Input:
        int32_t node

    cdef cppclass Program:
        vector[Instruction] code
        vector[Input] inputs
        int32_t output
        vector[int64_t] result_shape(const Instruction&)

    cdef cppclass Interrupt:
        pass

    cdef cppclass Workspace:
        void bind(int, const double*)

    cdef cppclass Runnable:
        const Program program
        unique_ptr[Workspace] take() except +
        void give_back(unique_ptr[Workspace]) except +

    cdef struct Rows:
        int64_t first
        int64_t last

    cdef cppclass Engine:
        Status (*values)(const Program&, Workspace&, Rows, double*, Interrupt*)

    const Engine& engine()
    const char* sentence(Status)
    int64_t result_size(const Program&)


cdef class Call:
    """A program as a callable. Arguments: float64 arrays or numbers of the traced shapes; anything else is converted."""

    cdef readonly object program
    cdef Runnable* _runnable
    cdef const Program* _program
    cdef vector[vector[int64_t]] _shapes
    cdef cnp.npy_intp _result_shape[64]
    cdef int _result_rank
    cdef Py_ssize_t _arity

    def __init__(self, program):
        self.program = program  # keeps the C++ object alive
        self._runnable = <Runnable*> PyCapsule_GetPointer(program.capsule, "fastcalc.Program")
        self._program = &self._runnable.program
        self._arity = <Py_ssize_t> self._program.inputs.size()
        cdef Py_ssize_t i
        for i in range(self._arity):
            self._shapes.push_back(self._program.result_shape(self._program.code[self._program.inputs[i].node]))
        cdef vector[int64_t] shape = self._program.result_shape(self._program.code[self._program.output])
        if shape.size() > 64:
            raise ValueError("a result of more than 64 dimensions")
        self._result_rank = <int> shape.size()
        for i in range(self._result_rank):
            self._result_shape[i] = shape[i]

    def __call__(self, *arguments):
        if len(arguments) != self._arity:
            raise TypeError(f"{self.program.name} takes {self._arity} arguments, got {len(arguments)}")
        cdef unique_ptr[Workspace] workspace = self._runnable.take()
        try:
            return self._run(workspace.get(), arguments)
        finally:
            self._runnable.give_back(move(workspace))

    cdef object _run(self, Workspace* workspace, tuple arguments):
        cdef cnp.ndarray array
        cdef list held = []
        cdef Py_ssize_t i
        cdef int axis
        for i in range(self._arity):
            array = <cnp.ndarray> cnp.PyArray_FROMANY(arguments[i], cnp.NPY_DOUBLE, 0, 0, cnp.NPY_ARRAY_CARRAY_RO)
            held.append(array)
            if cnp.PyArray_NDIM(array) != <int> self._shapes[i].size():
                raise ValueError(f"argument {i} of {self.program.name} has another shape than the one that was traced")
            for axis in range(cnp.PyArray_NDIM(array)):
                if cnp.PyArray_DIM(array, axis) != self._shapes[i][axis]:
                    raise ValueError(f"argument {i} of {self.program.name} has another shape than the one that was traced")
            workspace.bind(<int> i, <const double*> cnp.PyArray_DATA(array))
        cdef cnp.ndarray out = <cnp.ndarray> cnp.PyArray_SimpleNew(self._result_rank, self._result_shape, cnp.NPY_DOUBLE)
        cdef double* data = <double*> cnp.PyArray_DATA(out)
        cdef Rows rows
        rows.first = 0
        rows.last = result_size(self._program[0])
        cdef Status status
        with nogil:
            status = engine().values(self._program[0], workspace[0], rows, data, NULL)
        if status != Status.running:
            raise ValueError(sentence(status).decode())
        return out
