# src: power series, a part of `_fast`. Comes in: the call of a program, and its arguments as truncated series in one variable.
# Goes out: the coefficients of its result, at one point or at many.


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef struct SeriesInput:
        const double* at
        int degree
        bint varies

    cdef struct SeriesTask:
        const SeriesInput* inputs
        int order
        int64_t points
        double* result
        cpp_bool* holds

    Status expand(const Runnable&, const SeriesTask&, Interrupt*) except +


def series_at(Call call, double x, int order):
    """Return the coefficients of f(x + t), shape (order + 1, *f's); None if it is no program for a number x, or a guard fails."""
    cdef const Program* program = &call._runnable.program
    if program.inputs.size() != 1 or program.code[program.inputs[0].node].rank != 0 or call.structure is not None:
        return None
    cdef double[2] line
    line[0] = x
    line[1] = 1
    cdef SeriesInput argument
    argument.at = line
    argument.degree = 1
    argument.varies = False
    cdef cpp_bool holds
    cdef cnp.ndarray coefficients = new_series(program, order, -1)
    run_series(call, &argument, order, 1, coefficients, &holds, NULL)
    return coefficients if holds else None


def series_along(Call call, arguments, int order):
    """Run over many series: for each argument an array of shape (degree + 1, points, *the argument's).

    Returns the coefficients, shape (order + 1, points, *f's), and for each point whether all guards hold there; None if it is no
    program for arguments of these shapes.
    """
    cdef const Program* program = &call._runnable.program
    cdef list arrays = [cnp.PyArray_FROMANY(array, cnp.NPY_DOUBLE, 2, 0, cnp.NPY_ARRAY_CARRAY_RO) for array in arguments]
    if len(arrays) != <Py_ssize_t> program.inputs.size() or call.structure is not None:
        return None
    cdef cnp.npy_intp points = cnp.PyArray_DIM(<cnp.ndarray> arrays[0], 1) if arrays else 1
    cdef vector[SeriesInput] inputs
    cdef SeriesInput one
    cdef cnp.ndarray array
    for i, array in enumerate(arrays):
        if (<object> array).shape[2:] != tuple(program.result_shape(program.code[program.inputs[i].node])):
            return None
        if cnp.PyArray_DIM(array, 0) == 0 or cnp.PyArray_DIM(array, 1) != points:
            raise ValueError(f"series {i} of {call.program.name} needs the shape (degree + 1, points, *the argument's)")
        one.at = <const double*> cnp.PyArray_DATA(array)
        one.degree = <int> cnp.PyArray_DIM(array, 0) - 1
        one.varies = True
        inputs.push_back(one)
    cdef cnp.ndarray coefficients = new_series(program, order, points)
    cdef cnp.ndarray holds = cnp.PyArray_SimpleNew(1, &points, cnp.NPY_BOOL)
    cdef Calls calls = Calls.__new__(Calls)
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    run_series(call, inputs.data(), order, points, coefficients, <cpp_bool*> cnp.PyArray_DATA(holds), signals.get())
    raise_kept(calls)
    return coefficients, holds


cdef cnp.ndarray new_series(const Program* program, int order, cnp.npy_intp points):
    """An array for the coefficients of the result; no axis of points if `points` is negative."""
    if order < 0:
        raise ValueError(f"order must be 0 or more, not {order}")
    cdef vector[cnp.npy_intp] shape
    shape.push_back(order + 1)
    if points >= 0:
        shape.push_back(points)
    cdef int64_t extent
    for extent in program.result_shape(program.code[program.output]):
        shape.push_back(extent)
    return cnp.PyArray_SimpleNew(<int> shape.size(), shape.data(), cnp.NPY_DOUBLE)


cdef void run_series(
    Call call, const SeriesInput* inputs, int order, int64_t points, cnp.ndarray coefficients, cpp_bool* holds, Interrupt* signals
) except *:
    cdef SeriesTask task
    task.inputs = inputs
    task.order = order
    task.points = points
    task.result = <double*> cnp.PyArray_DATA(coefficients)
    task.holds = holds
    with nogil:
        expand(call._runnable[0], task, signals)
