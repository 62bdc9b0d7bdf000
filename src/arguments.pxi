# src: arguments of the front doors, a part of `_fast`. Comes in: what a caller gave. Goes out: whether it is as nearly every call
# has it, so that NumPy, which takes a µs for each question of this kind, is asked only when it is not.

cpdef bint is_finite_float64(values):
    """Whether they are a float64 array in C order without NaN and inf."""
    return is_plain_array(<PyObject*> values) and all_finite(numbers_of(values))


def are_leaves(tuple values):
    """Whether each is a Python float or a float64 array in C order, with an axis."""
    for value in values:
        if type(value) is not float and not (is_plain_array(<PyObject*> value) and ndim(<PyObject*> value) > 0):
            return False
    return True


def float_vector(values):
    """Return a new float64 vector of a list or tuple of Python's own numbers; None for anything else."""
    if type(values) is not list and type(values) is not tuple:
        return None
    cdef cnp.npy_intp i, size = len(values)
    cdef cnp.ndarray vector = <cnp.ndarray> cnp.PyArray_SimpleNew(1, &size, cnp.NPY_DOUBLE)
    cdef double* numbers = <double*> cnp.PyArray_DATA(vector)
    for i in range(size):
        value = values[i]
        if type(value) is not float and type(value) is not int:
            return None
        numbers[i] = value
    return vector


def is_box(lower, upper):
    """Whether no lower bound is equal to or above its upper one."""
    cdef cnp.ndarray low = contiguous(lower), high = contiguous(upper)
    cdef Py_ssize_t i
    if not cnp.PyArray_SAMESHAPE(low, high):
        raise ValueError("the bounds are of different shapes")
    for i in range(cnp.PyArray_SIZE(low)):
        if doubles_of(low)[i] >= doubles_of(high)[i]:
            return False
    return True


def is_inside(point, lower, upper):
    """Whether each number of the point lies between its bounds or on one of them; NaN never does."""
    cdef cnp.ndarray x = contiguous(point), low = contiguous(lower), high = contiguous(upper)
    cdef Py_ssize_t i
    if not cnp.PyArray_SAMESHAPE(x, low) or not cnp.PyArray_SAMESHAPE(x, high):
        raise ValueError("the point and its bounds are of different shapes")
    for i in range(cnp.PyArray_SIZE(x)):
        if not doubles_of(low)[i] <= doubles_of(x)[i] <= doubles_of(high)[i]:
            return False
    return True
