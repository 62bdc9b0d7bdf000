# src: arrays and the kernel's views of them, a part of `_fast`. Comes in: NumPy's arrays, or memory of the kernel. Goes out: what the
# other side reads: where the numbers lie and how many there are, or a new array.

from libcpp cimport bool as cpp_bool


cdef extern from * nogil:
    void copy_n "std::copy_n"(const double*, size_t, double*)
    void copy_n "std::copy_n"(const int*, size_t, int*)

    cdef cppclass Shape "std::span<const std::int64_t>":
        Shape()
        Shape(const int64_t*, size_t)

    cdef cppclass Numbers "std::span<const double>":
        Numbers()
        Numbers(const double*, size_t)


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cpp_bool all_finite(Numbers)


cdef inline cnp.ndarray contiguous(values):
    """Return them as float64 in C order; the array itself if it is that."""
    if is_plain_array(<PyObject*> values):
        return <cnp.ndarray> values
    return <cnp.ndarray> cnp.PyArray_FROMANY(values, cnp.NPY_DOUBLE, 0, 0, cnp.NPY_ARRAY_CARRAY_RO)


cdef inline const double* doubles_of(array):
    if array is None:
        return NULL
    return <const double*> cnp.PyArray_DATA(<cnp.ndarray> array)


cdef inline Numbers numbers_of(array):
    return Numbers() if array is None else Numbers(doubles_of(array), cnp.PyArray_SIZE(<cnp.ndarray> array))


cdef cnp.ndarray array_of(const double* data, int rank, cnp.npy_intp first, cnp.npy_intp second=1):
    cdef cnp.npy_intp[2] shape = [first, second]
    cdef cnp.ndarray array = <cnp.ndarray> cnp.PyArray_SimpleNew(rank, shape, cnp.NPY_DOUBLE)
    copy_n(data, first * second, <double*> cnp.PyArray_DATA(array))  # unlike memcpy, also nothing from nowhere
    return array


cdef inline Shape shape_of(array):
    return Shape(<const int64_t*> cnp.PyArray_DIMS(<cnp.ndarray> array), cnp.PyArray_NDIM(<cnp.ndarray> array))


cdef vector[double] copied(cnp.ndarray array):
    cdef double* data = <double*> cnp.PyArray_DATA(array)
    cdef vector[double] copy
    copy.assign(data, data + cnp.PyArray_SIZE(array))
    return copy
