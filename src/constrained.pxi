# src: minimisation under constraints, a part of `_fast`. Comes in: objective, constraints and the Hessian of their Lagrangian, each as an
# `AtPoint`, a start, bounds of x and of the constraints. Goes out: a `ConstrainedMinimum`.

cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef cppclass ConstrainedOptions:
        double tolerance
        Limits limits

    cdef cppclass ConstrainedResult:
        Status status
        vector[double] x
        double f
        vector[double] gradient
        vector[double] constraints
        vector[double] jacobian
        vector[double] multipliers
        vector[double] bound_multipliers
        vector[double] hessian
        vector[int] active
        double residual
        double violation
        double curvature
        vector[int] dependent
        vector[int] violated
        int64_t iterations
        int64_t evaluations
        int64_t derivatives

    cdef cppclass ComposedLagrangian:
        ComposedLagrangian(ProductAt) except +

    ValueAt jacobian_by_differences(ValueAt, int, int, vector[double], vector[double]) except +
    ProductAt lagrangian_by_differences(ValueAt, ValueAt, int, int, vector[double], vector[double], double) except +

    ConstrainedResult minimize_constrained_ "fastcalc::minimize_constrained"(
        ComposedObjective&, ComposedEquations&, ComposedLagrangian&, Numbers, Numbers, Numbers, Numbers, Numbers, const ConstrainedOptions&, Interrupt*, Observer*
    ) except +


cdef class ConstrainedMinimum:
    """What a minimisation under constraints found, before anyone names it. Multipliers are ∂f*/∂b."""

    cdef ConstrainedResult _found
    cdef readonly cnp.ndarray x
    cdef readonly object path  # the iterates, the start first, or None
    cdef readonly object values  # of the objective along the path

    cdef cnp.ndarray _vector(self, const vector[double]& numbers):
        return array_of(numbers.data(), 1, numbers.size())

    @property
    def fun(self):
        return self._found.f

    @property
    def gradient(self):
        return self._vector(self._found.gradient)

    @property
    def constraints(self):
        return self._vector(self._found.constraints)

    @property
    def jacobian(self):
        return array_of(self._found.jacobian.data(), 2, self._found.constraints.size(), self._found.x.size())

    @property
    def multipliers(self):
        return self._vector(self._found.multipliers)

    @property
    def bound_multipliers(self):
        return self._vector(self._found.bound_multipliers)

    @property
    def hessian(self):
        """Of f − yᵀc, y being the multipliers."""
        return array_of(self._found.hessian.data(), 2, self._found.x.size(), self._found.x.size())

    @property
    def active(self):
        """For each constraint, then for each variable: −1 at the lower bound, 1 at the upper, 0 between or where both are the same."""
        return list(self._found.active)

    @property
    def residual(self):
        return self._found.residual

    @property
    def violation(self):
        return self._found.violation

    @property
    def curvature(self):
        return self._found.curvature

    @property
    def dependent(self):
        return list(self._found.dependent)

    @property
    def violated(self):
        return list(self._found.violated)

    @property
    def nit(self):
        return self._found.iterations

    @property
    def nfev(self):
        return self._found.evaluations

    @property
    def njev(self):
        return self._found.derivatives

    @property
    def status(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[0]

    @property
    def message(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[1]

    @property
    def success(self):
        return succeeded(self._found.status)


def minimize_constrained(
    AtPoint value not None, AtPoint value_and_gradient, AtPoint values not None, AtPoint values_and_jacobian, AtPoint hessian, start,
    lower, upper, constraint_lower not None, constraint_upper not None, dict options, callback=None, bint keeps_path=False
):
    """Minimise under constraints; what Python raised on the way is raised here.

    `hessian` takes x and the multipliers of the constraints. Derivatives that are None are differences of the ones before.
    """
    cdef cnp.ndarray x = contiguous(start), least = contiguous(constraint_lower), most = contiguous(constraint_upper)
    cdef int n = <int> cnp.PyArray_SIZE(x), m = <int> cnp.PyArray_SIZE(least)
    cdef ConstrainedOptions chosen
    for name, given in options.items():
        if name == "tolerance":
            chosen.tolerance = given
        elif name == "maxiter":
            chosen.limits.iterations = given
        elif name == "maxfun":
            chosen.limits.evaluations = given
        elif name == "max_time":
            chosen.limits.seconds = given
        else:
            raise TypeError(f"no option {name}")
    cdef Calls calls = Calls.__new__(Calls)
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    cdef unique_ptr[ComposedObjective] objective
    objective.reset(composed(calls, n, value, value_and_gradient, None, None, lower, upper, signals.get()))
    cdef vector[double] low = bound(lower, n, -INFINITY), high = bound(upper, n, INFINITY)
    cdef ValueAt of_pair, of_values = values.value(calls, n, signals.get()), of_jacobian
    cdef ProductAt of_hessian
    cdef double accuracy = 2.2e-16
    if value_and_gradient is not None:
        of_pair = value_and_gradient.value(calls, n, signals.get())
    else:
        of_pair = gradient_by_differences(value.value(calls, n, signals.get()), n, low, high)
        accuracy = 3.7e-11  # of a difference of second order: ε^(2/3)
    if values_and_jacobian is not None:
        of_jacobian = values_and_jacobian.value(calls, n, signals.get())
    else:
        of_jacobian = jacobian_by_differences(of_values, n, m, low, high)
        accuracy = 3.7e-11
    if hessian is not None:
        of_hessian = hessian.product(calls, n, signals.get())
    else:
        of_hessian = lagrangian_by_differences(of_pair, of_jacobian, n, m, low, high, accuracy)
    cdef unique_ptr[ComposedEquations] constraints = make_unique[ComposedEquations](n, m, of_values, of_jacobian)
    cdef unique_ptr[ComposedLagrangian] lagrangian = make_unique[ComposedLagrangian](of_hessian)
    cdef unique_ptr[Watcher] watcher
    cdef unique_ptr[Trail] trail
    cdef Observer* observer = NULL
    if callback is not None:
        watcher = make_unique[Watcher](sight_asked, calls.ask(callback, n, 0))
        observer = watcher.get()
    if keeps_path:
        trail = make_unique[Trail](observer)
        observer = trail.get()
    cdef ConstrainedMinimum minimum = ConstrainedMinimum.__new__(ConstrainedMinimum)
    cdef Numbers begin = numbers_of(x), of_lower = numbers_of(lower), of_upper = numbers_of(upper)
    cdef Numbers of_least = numbers_of(least), of_most = numbers_of(most)
    with nogil:
        minimum._found = minimize_constrained_(
            objective.get()[0], constraints.get()[0], lagrangian.get()[0], begin, of_lower, of_upper, of_least, of_most, chosen,
            signals.get(), observer
        )  # fmt: skip
    raise_kept(calls)
    minimum.x = array_of(minimum._found.x.data(), 1, n)
    if keeps_path:
        minimum.values = array_of(trail.get().values.data(), 1, trail.get().values.size())
        minimum.path = array_of(trail.get().points.data(), 2, trail.get().values.size(), n)
    return minimum
