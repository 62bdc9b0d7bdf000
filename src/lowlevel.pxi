"""Programs without Python: what `fast.pxd` declares for Cython, and what `Function.lowlevel` hands to SciPy's C routines.

Comes in: a program, and bare pointers to its arguments. Goes out: numbers, without Python's lock.
"""

cdef api const void* pointer_of(object program) except NULL:
    return PyCapsule_GetPointer(program.capsule, "fastcalc.Program")


cdef api int evaluate(const void* program, const double* const* arguments, double* result) noexcept nogil:
    return status_of_run(program, arguments, result)


cdef cppclass Evaluator:
    """A program of numbers and arrays with one number as result; `first[i]` is where argument i begins in a row of all numbers."""

    const void* program
    PyObject* function  # asked where the program does not hold
    vector[int64_t] first  # and the end of the last one


def evaluator(Call call, function):
    """What `evaluate_numbers` needs, as a capsule: `call`, and `function(numbers)` for other branches."""
    if call._outputs.size() != 1 or call._outputs[0].rank != 0:
        raise TypeError(f"{call.program.name} gives an array; what SciPy calls gives one number")
    cdef Evaluator* made = new Evaluator()
    cdef const cnp.npy_intp* extent = call._extents.data()
    cdef int64_t size, first = 0
    for rank in call._ranks:
        made.first.push_back(first)
        size = 1
        for _ in range(rank):
            size *= extent[0]
            extent += 1
        first += size
    made.first.push_back(first)
    made.program = call._runnable
    made.function = <PyObject*> function
    capsule = PyCapsule_New(made, NULL, forget)
    kept = (call, function)
    Py_INCREF(kept)
    PyCapsule_SetContext(capsule, <void*> kept)
    return capsule


cdef void forget(object capsule) noexcept:
    Py_DECREF(<object> PyCapsule_GetContext(capsule))
    del_evaluator(<Evaluator*> PyCapsule_GetPointer(capsule, NULL))


cdef void del_evaluator(Evaluator* evaluator) noexcept:
    del evaluator


cdef api double evaluate_numbers(int count, double* numbers, void* evaluator) noexcept nogil:
    cdef const Evaluator* known = <const Evaluator*> evaluator
    cdef const double* few[16]
    cdef double result
    cdef size_t arity = known.first.size() - 1
    if count == known.first[arity] and arity <= 16:
        for i in range(arity):
            few[i] = numbers + known.first[i]
        if status_of_run(known.program, few, &result) == 0:
            return result
    return ask(count, numbers, <void*> known.function)


cdef api double evaluate_number(double number, void* evaluator) noexcept nogil:
    return evaluate_numbers(1, &number, evaluator)


# Another branch than the program's: Python finds it. What it raises cannot pass through SciPy's integrator: it is written to stderr.
cdef double ask(int count, double* numbers, void* function) noexcept with gil:
    try:
        return (<object> function)([numbers[i] for i in range(count)])
    except Exception as error:
        PyErr_SetObject(type(error), error)
        PyErr_WriteUnraisable(<object> function)
        return NAN
