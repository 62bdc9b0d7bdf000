"""Programs called from Cython, without Python's lock. Installed as `fastcalc/fast.pxd`:

    from fastcalc.fast cimport evaluate, pointer_of

    program = f.program  # of a compiled function (or a derivative of one) that has been called; keep it as long as the pointer is used
    cdef const void* handle = pointer_of(program)
    cdef double x[2]
    cdef double result[1]
    cdef const double* arguments[1]
    arguments[0] = x
    with nogil:
        if evaluate(handle, arguments, result) != 0:
            ...  # these arguments take another branch than the program: call f itself
"""

# The program as a pointer; it lives as long as `program`.
cdef const void* pointer_of(object program) except NULL

# `arguments`: a C-ordered array, or one number, for each argument, of the shapes that were traced. `result`: as many doubles as the
# program's result has. 0: done; 1: the arguments take another branch; −1: no memory. Any number of threads may call it at once.
cdef int evaluate(const void* program, const double* const* arguments, double* result) noexcept nogil

# What `Function.lowlevel` hands to SciPy.
cdef double evaluate_numbers(int count, double* numbers, void* evaluator) noexcept nogil
cdef double evaluate_number(double number, void* evaluator) noexcept nogil
