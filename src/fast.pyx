# cython: language_level=3, boundscheck=False, wraparound=False
"""The path with the lowest overhead: traced programs called with arrays, array in, array out.

Comes in: a `_core.Program` (through its capsule) and float64 arguments. Goes out: new arrays. Nothing is parsed, looked up
or allocated on the way but the result; workspaces are kept for the next call.

`Call` is one program. All else that runs often is in the files that are included at the end.
"""

cimport numpy as cnp
from cpython.exc cimport PyErr_SetObject, PyErr_WriteUnraisable
from cpython.object cimport PyObject, PyTypeObject
from cpython.pycapsule cimport PyCapsule_GetContext, PyCapsule_GetPointer, PyCapsule_New, PyCapsule_SetContext
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.math cimport NAN
from libc.stdint cimport int32_t, int64_t, uint64_t
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.string cimport string
from libcpp.utility cimport move
from libcpp.vector cimport vector

cnp.import_array()


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef enum class Status(int):
        running
        guard_failed
        callback_failed
        stopped_by_callback
        root_found
        not_finite_at_start
        objective_not_finite

    cdef cppclass Instruction:
        unsigned char rank

    cdef cppclass Input:
        string name
        int32_t node
        int32_t seed

    cdef cppclass Program:
        string name
        vector[Instruction] code
        vector[Input] inputs
        int32_t output
        int seeds
        vector[int64_t] result_shape(const Instruction&)

    cdef cppclass Interrupt:
        pass

    cdef cppclass Workspace:
        pass

    cdef cppclass Runnable:
        const Program program
        const bint is_long
        shared_ptr[Runnable] shared_from_this() except +

    ctypedef shared_ptr[const Runnable] Handle "std::shared_ptr<const fastcalc::Runnable>"

    Status evaluate_program "fastcalc::evaluate"(const Runnable&, const double* const*, double*) except +
    const char* sentence(Status)
    bint is_of_linear_algebra(Status)
    int64_t result_size(const Program&)


cdef extern from *:
    """
    // float and np.float64, which begins like a float
    static inline bool is_number(PyObject* x) { return PyFloat_CheckExact(x) || Py_TYPE(x) == &PyDoubleArrType_Type; }

    static inline bool is_plain_array(PyObject* x) {
      if (!PyArray_CheckExact(x)) return false;
      PyArrayObject* array = (PyArrayObject*)x;
      return PyArray_TYPE(array) == NPY_DOUBLE && PyArray_ISCARRAY_RO(array);
    }

    static inline int ndim(PyObject* array) { return PyArray_NDIM((PyArrayObject*)array); }
    static inline const npy_intp* shape(PyObject* array) { return PyArray_DIMS((PyArrayObject*)array); }
    static inline const double* data_of(PyObject* array) { return (const double*)PyArray_DATA((PyArrayObject*)array); }

    static inline PyObject* number(double value) {
      PyObject* made = PyArrayScalar_New(Double);
      if (made) PyArrayScalar_ASSIGN(made, Double, value);
      return made;
    }

    static inline PyObject** items(PyObject* tuple) { return ((PyTupleObject*)tuple)->ob_item; }

    static inline int status_of_run(const void* program, const double* const* arguments, double* result) noexcept {
      try {
        const fastcalc::Status status = fastcalc::evaluate(*static_cast<const fastcalc::Runnable*>(program), arguments, result);
        return status == fastcalc::Status::running ? 0 : status == fastcalc::Status::guard_failed ? 1 : -1;
      } catch (const std::bad_alloc&) {
        return -1;
      }
    }
    """
    bint is_number(PyObject*)
    bint is_plain_array(PyObject*)
    int ndim(PyObject*)
    const cnp.npy_intp* shape(PyObject*)
    const double* data_of(PyObject*)
    object number(double)
    double PyFloat_AS_DOUBLE(PyObject*)
    PyObject** items(PyObject*)
    int status_of_run(const void*, const double* const*, double*) noexcept nogil


cdef object failure(Status status):
    """The exception for a run that ended like this."""
    if is_of_linear_algebra(status):
        from numpy.linalg import LinAlgError

        return LinAlgError(sentence(status).decode())
    if status == Status.callback_failed and raised_outside is not None:
        return taken_from_outside()
    return ValueError(sentence(status).decode())


cdef struct Output:
    int64_t first  # element of the program's result
    int rank
    int extents  # where its shape begins in Call._extents


cdef class Call:
    """A program as a callable. Arguments: float64 arrays or numbers of the traced shapes; anything else is converted.

    `outputs`: the shapes of the arrays that stand one behind the other in the program's result, and that are returned as a tuple.
    Without it, the result is one array. An array without axes is returned as a number, np.float64, as NumPy's functions do.
    `outside`: what the trace read besides its arguments; the program stands for the function while that is the same.
    """

    cdef readonly object program
    cdef readonly object outputs
    cdef readonly object structure
    cdef readonly object rebuild
    cdef readonly Outside outside
    cdef const Runnable* _runnable
    cdef vector[cnp.npy_intp] _extents
    cdef vector[int] _ranks
    cdef vector[Output] _outputs
    cdef Py_ssize_t _arity
    cdef cnp.npy_intp _size

    def __init__(self, program, outputs=None, structure=None, rebuild=None, outside=None):
        self.program = program  # keeps the C++ object alive
        self.outputs = outputs
        self.structure = structure
        self.rebuild = rebuild
        self.outside = outside
        self._runnable = <const Runnable*> pointer_of(program)
        self._arity = <Py_ssize_t> self._runnable.program.inputs.size()
        self._size = result_size(self._runnable.program)
        cdef Py_ssize_t i
        for i in range(self._arity):
            self._append(self._runnable.program.result_shape(self._runnable.program.code[self._runnable.program.inputs[i].node]))
        cdef Output output
        output.first = 0
        for shape in [program.shape] if outputs is None else outputs:
            if len(shape) > 64:
                raise ValueError("a result of more than 64 dimensions")
            output.rank = <int> len(shape)
            output.extents = <int> self._extents.size()
            self._outputs.push_back(output)
            size = 1
            for extent in shape:
                self._extents.push_back(extent)
                size *= extent
            output.first += size
        if output.first != self._size:
            raise ValueError("the outputs are not as large as the program's result")

    def unguarded(self):
        """The same path wherever it is called: for a path that was taken there, by a trace whose guards do not hold to the last bit."""
        return Call(self.program.unguarded(), self.outputs, self.structure, self.rebuild, self.outside)

    cdef void _append(self, const vector[int64_t]& shape):
        self._ranks.push_back(<int> shape.size())
        self._extents.insert(self._extents.end(), shape.begin(), shape.end())

    def __call__(self, *arguments):
        if len(arguments) != self._arity:
            raise TypeError(f"{self.program.name} takes {self._arity} arguments, got {len(arguments)}")
        arguments = tuple([cnp.PyArray_FROMANY(argument, cnp.NPY_DOUBLE, 0, 0, cnp.NPY_ARRAY_CARRAY_RO) for argument in arguments])
        if not self.takes(items(<PyObject*> arguments), self._arity):
            raise ValueError(f"an argument of {self.program.name} has another shape than the one that was traced")
        result = self.run(items(<PyObject*> arguments))
        if result is None:
            raise ValueError(sentence(Status.guard_failed).decode())
        return result

    cdef bint takes(self, PyObject** arguments, Py_ssize_t count) noexcept:
        """Whether these are numbers and plain float64 arrays of the traced shapes."""
        if count != self._arity:
            return False
        cdef const cnp.npy_intp* extent = self._extents.data()
        cdef int rank, axis
        cdef Py_ssize_t i
        for i in range(count):
            rank = self._ranks[i]
            if is_plain_array(arguments[i]):
                if ndim(arguments[i]) != rank:
                    return False
                for axis in range(rank):
                    if shape(arguments[i])[axis] != extent[axis]:
                        return False
            elif rank != 0 or not is_number(arguments[i]):
                return False
            extent += rank
        return True

    @property
    def current(self):
        """Whether it stands for the function now."""
        return self.is_current()

    cdef bint is_current(self) except -1:
        """Whether what the trace read of the outside is the same now."""
        return self.outside is None or self.outside.is_same()

    cdef object run(self, PyObject** arguments):
        """The result for arguments that `takes` has seen; None where a guard does not hold."""
        cdef double value = 0
        cdef cnp.ndarray out = None
        cdef double* data = &value
        cdef bint is_number_ = self._outputs.size() == 1 and self._outputs[0].rank == 0
        if not is_number_:
            if self._outputs.size() == 1:
                out = cnp.PyArray_SimpleNew(self._outputs[0].rank, self._extents.data() + self._outputs[0].extents, cnp.NPY_DOUBLE)
            else:
                out = cnp.PyArray_SimpleNew(1, &self._size, cnp.NPY_DOUBLE)
            data = <double*> cnp.PyArray_DATA(out)
        cdef Status status = self.fill(arguments, data)
        if status == Status.guard_failed:
            return None
        if status != Status.running:
            raise failure(status)
        if is_number_:
            result = number(value)
        elif self._outputs.size() == 1:
            result = out
        else:
            result = self.parts(out)
        return result if self.rebuild is None else self.rebuild(result)

    cdef Status fill(self, PyObject** arguments, double* data) except *:
        cdef const double* few[16]
        cdef double numbers[16]
        cdef vector[const double*] many
        cdef vector[double] more_numbers
        cdef const double** at = few
        cdef double* number = numbers
        cdef Status status
        cdef Py_ssize_t i
        if self._arity > 16:
            many.resize(self._arity)
            more_numbers.resize(self._arity)
            at = many.data()
            number = more_numbers.data()
        for i in range(self._arity):
            if is_plain_array(arguments[i]):
                at[i] = data_of(arguments[i])
            else:
                number[i] = PyFloat_AS_DOUBLE(arguments[i])
                at[i] = &number[i]
        if self._runnable.is_long:
            with nogil:
                status = evaluate_program(self._runnable[0], at, data)
        else:
            status = evaluate_program(self._runnable[0], at, data)
        return status

    cdef tuple parts(self, cnp.ndarray out):
        """The outputs: numbers, and arrays that share the memory of `out`."""
        cdef list found = []
        cdef Output output
        cdef double* data = <double*> cnp.PyArray_DATA(out)
        cdef cnp.ndarray part
        for output in self._outputs:
            if output.rank == 0:
                found.append(number(data[output.first]))
                continue
            part = cnp.PyArray_SimpleNewFromData(
                output.rank, self._extents.data() + output.extents, cnp.NPY_DOUBLE, data + output.first
            )
            cnp.set_array_base(part, out)
            found.append(part)
        return tuple(found)


include "dispatch.pxi"
include "outside.pxi"
include "arrays.pxi"
include "lowlevel.pxi"
include "results.pxi"
include "loops.pxi"
include "remembered.pxi"
include "fit.pxi"
include "root.pxi"
include "minimize.pxi"
include "many.pxi"
include "constrained.pxi"
include "arguments.pxi"
include "series.pxi"
include "lstsq.pxi"
