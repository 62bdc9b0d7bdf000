# src: minimisation, a part of `_fast`. Comes in: an objective and its derivatives, each as an `AtPoint`, a start, bounds, a method. Goes
# out: a `Minimum`.

cdef extern from "callbacks.hpp" nogil:
    cdef cppclass Trail "fastcalc::Trail"(Observer):
        Trail(Observer*)
        vector[double] points
        vector[double] values


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef enum class Method(int):
        pass

    cdef cppclass FoundMethod "std::optional<fastcalc::Method>":
        cpp_bool has_value()
        Method value()
    FoundMethod method_of(string) except +

    cdef cppclass Limits:
        int64_t iterations
        int64_t evaluations
        double seconds

    cdef cppclass MinimizeOptions:
        double gtol
        double ftol
        double xtol
        double rate
        double momentum
        double decay
        int memory
        double radius
        cpp_bool leave_saddles
        Limits limits

    cdef cppclass MinimizeResult:
        Status status
        vector[double] x
        double f
        vector[double] gradient
        vector[double] matrix
        vector[double] pairs
        int64_t iterations
        int64_t evaluations
        int64_t hessians
        int64_t products

    cdef cppclass Objective:
        pass

    cdef cppclass HessianPattern:
        vector[int64_t] first
        vector[int32_t] columns
        vector[int32_t] order

    cdef cppclass ComposedObjective(Objective):
        ComposedObjective(int, ValueAt, ValueAt, ValueAt, ProductAt, optional[HessianPattern]) except +

    ValueAt gradient_by_differences(ValueAt, int, vector[double], vector[double]) except +
    ValueAt hessian_by_differences(ValueAt, int, vector[double], vector[double], double) except +
    ProductAt product_by_differences(ValueAt, int, double) except +

    cdef struct BatchArray "fastcalc::BatchedObjective::Array":
        const double* rows
        size_t width

    cdef cppclass BatchedObjective(Objective):
        BatchedObjective(int, shared_ptr[TracedFunction], vector[BatchArray], int64_t, int64_t, uint64_t) except +
        int64_t batches()
        vector[double] losses()

    MinimizeResult minimize_ "fastcalc::minimize"(
        Method, Objective&, Numbers, Numbers, Numbers, const MinimizeOptions&, Interrupt*, Observer*
    ) except +


cdef class Minimum:
    """What a minimisation found, before anyone names it."""

    cdef MinimizeResult _found
    cdef bint _by_entries  # Newton's Hessian is stored
    cdef object _method  # by what name it was found
    cdef readonly cnp.ndarray x
    cdef readonly object path  # the iterates, the start first, or None
    cdef readonly object values  # of the objective along the path

    @property
    def fun(self):
        return self._found.f

    @property
    def gradient(self):
        return array_of(self._found.gradient.data(), 1, self._found.gradient.size())

    @property
    def matrix(self):
        """Newton's Hessian, of a sparse one the entries; or BFGS's estimate of its inverse; None for the other methods."""
        cdef size_t n = self._found.x.size()
        if self._by_entries:
            return array_of(self._found.matrix.data(), 1, self._found.matrix.size())
        return None if self._found.matrix.empty() else array_of(self._found.matrix.data(), 2, n, n)

    @property
    def pairs(self):
        """L-BFGS: an array (pairs, 2, n) of its steps and the changes of the gradient, the oldest first; None for the other methods."""
        cdef size_t n = self._found.x.size()
        if self._found.pairs.empty():
            return None
        return array_of(self._found.pairs.data(), 1, self._found.pairs.size()).reshape(-1, 2, n)

    @property
    def nit(self):
        return self._found.iterations

    @property
    def nfev(self):
        return self._found.evaluations

    @property
    def nhev(self):
        return self._found.hessians + self._found.products

    cpdef into(self, Fields result, dict numbers):
        """Write it into a result under SciPy's names; `numbers`: SciPy's of the ways to end."""
        cdef dict fields = <dict> result
        fields["x"], fields["fun"], fields["jac"] = self.x, self._found.f, self.gradient
        set_end(fields, self._found.status, numbers)
        fields["nit"] = self._found.iterations
        fields["nfev"] = fields["njev"] = self._found.evaluations
        if self._method == "newton" or self._method == "newton-cg":
            fields["nhev"] = self.nhev
        if self._method == "newton" or self._method == "bfgs":
            fields["hess" if self._method == "newton" else "hess_inv"] = self.matrix

    @property
    def code(self):
        return <int> self._found.status

    @property
    def status(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[0]

    @property
    def message(self):
        return (<tuple> STATUS_TEXTS[<int> self._found.status])[1]

    @property
    def success(self):
        return succeeded(self._found.status)


cdef class Minimisation(Posed):
    """A function to be minimised, as the kernel's loop asks for it; everything but where it begins.

    Derivatives that are None are differences of the ones before. `pattern`: of which `hessian` gives the entries: where each row begins,
    the columns, an order for the elimination; without it, all. `options`: fields of MinimizeOptions, and `maxiter`, `maxfun`, `max_time`.
    `name`, `source`: what a result calls the method, and where the derivatives come from.
    """

    cdef readonly object name
    cdef readonly object source
    cdef Method _method
    cdef Py_ssize_t _n
    cdef bint _by_entries
    cdef object _lower
    cdef object _upper
    cdef MinimizeOptions _options
    cdef unique_ptr[ComposedObjective] _objective

    def __init__(
        self, str method, Py_ssize_t n, AtPoint value, AtPoint value_and_gradient, AtPoint hessian, AtPoint product, lower, upper,
        dict options, tuple pattern=None, list calls=None, name="", source=""
    ):
        cdef FoundMethod found = method_of(method.encode())
        if not found.has_value():
            raise ValueError(f"no method {method}")
        self.calls, self.name, self.source = [] if calls is None else calls, name, source
        self._method, self._n, self._options, self._by_entries = found.value(), n, minimize_options(options), pattern is not None
        self._lower, self._upper = lower, upper
        self._objective.reset(
            composed(self._calls, n, value, value_and_gradient, hessian, product, lower, upper, self._signals.get(), pattern)
        )

    def find(self, start, callback=None, bint keeps_path=False):
        """Minimise; what Python raised on the way is raised here. `callback(x, f, gradient, iteration)` ends the loop by returning something
        true."""
        cdef unique_ptr[Watcher] watcher
        cdef unique_ptr[Trail] trail
        cdef Observer* observer = NULL
        if callback is not None:
            watcher = make_unique[Watcher](sight_asked, self._calls.ask(callback, self._n, 0))
            observer = watcher.get()
        if keeps_path:
            trail = make_unique[Trail](observer)
            observer = trail.get()
        cdef Minimum minimum = self._find(contiguous(start), observer)
        if keeps_path:
            minimum.values = array_of(trail.get().values.data(), 1, trail.get().values.size())
            minimum.path = array_of(trail.get().points.data(), 2, trail.get().values.size(), self._n)
        return minimum

    cdef Minimum _find(self, cnp.ndarray start, Observer* observer):
        cdef Minimum minimum = Minimum.__new__(Minimum)
        cdef Numbers begin = numbers_of(start), lower = numbers_of(self._lower), upper = numbers_of(self._upper)
        with nogil:
            minimum._found = minimize_(
                self._method, self._objective.get()[0], begin, lower, upper, self._options, self._signals.get(), observer
            )
        raise_kept(self._calls)
        minimum._by_entries, minimum._method = self._by_entries, self.name
        minimum.x = array_of(minimum._found.x.data(), 1, self._n)
        return minimum


def minimize_again(Remembered known, function, method, start, tuple arguments, dict numbers):
    """The result for a function that was minimised before in the same way, with arguments of the same shapes, and the minimum; None if it
    must be posed anew. All that a call costs beside the search is here. `numbers`: SciPy's of the ways to end."""
    cdef Known objective = known.known(function)
    if objective is None:
        return None
    if not is_finite_float64(start) or cnp.PyArray_NDIM(<cnp.ndarray> start) != 1:
        return None
    kind = kind_with((method, cnp.PyArray_DIM(<cnp.ndarray> start, 0)), arguments)
    cdef Minimisation posed = None if kind is None else objective.take(kind)
    if posed is None:
        return None
    if arguments:
        posed._calls.take(arguments)
    cdef Py_ssize_t known_programs = len(posed.calls)
    cdef Minimum minimum
    try:
        minimum = posed._find(start, NULL)
    except Exception:  # of another path: the long way says what is wrong with it
        return None
    if len(posed.calls) != known_programs or minimum._found.status == Status.objective_not_finite:
        return None  # programs that were not compared with the function, or a start that is none
    objective.give_back(kind, posed)
    if posed._like is None:
        return None
    cdef Fields result = copy_of(posed._like)
    minimum.into(result, numbers)
    return result, minimum


def train(
    str method, AtPoint loss not None, start, list arrays, int64_t rows, int64_t batch, int64_t epochs, uint64_t seed, dict options,
    callback=None
):
    """Minimise a loss over `rows` rows of `arrays`, `batch` of them at a time. Returns a `Minimum` and the mean loss of each epoch.

    `loss`: programs of x, of a batch of each array, and of what else it takes.
    """
    cdef cnp.ndarray x = contiguous(start)
    cdef Py_ssize_t n = cnp.PyArray_SIZE(x)
    cdef MinimizeOptions chosen = minimize_options(options)
    cdef Method found = method_of(method.encode()).value()
    cdef Calls calls = Calls.__new__(Calls)
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    cdef vector[BatchArray] read
    cdef BatchArray one
    for array in arrays:
        one.rows, one.width = doubles_of(array), cnp.PyArray_SIZE(<cnp.ndarray> array) // rows
        read.push_back(one)
    cdef unique_ptr[BatchedObjective] objective = make_unique[BatchedObjective](
        <int> n, loss.traced(calls, n, signals.get()), read, rows, batch, seed
    )
    cdef unique_ptr[Watcher] watcher
    cdef Observer* observer = NULL
    if callback is not None:
        watcher = make_unique[Watcher](sight_asked, calls.ask(callback, n, 0))
        observer = watcher.get()
    chosen.limits.iterations = epochs * objective.get().batches()
    chosen.leave_saddles = False
    chosen.gtol = -1  # a batch whose gradient vanishes says nothing of the others
    cdef Minimum minimum = Minimum.__new__(Minimum)
    cdef Numbers begin = numbers_of(x), none
    with nogil:
        minimum._found = minimize_(found, objective.get()[0], begin, none, none, chosen, signals.get(), observer)
    raise_kept(calls)
    minimum.x = array_of(minimum._found.x.data(), 1, n)
    cdef vector[double] losses = objective.get().losses()
    return minimum, array_of(losses.data(), 1, losses.size())


cdef ComposedObjective* composed(
    Calls calls, Py_ssize_t n, AtPoint value, AtPoint value_and_gradient, AtPoint hessian, AtPoint product, lower, upper, Interrupt* signals,
    tuple pattern=None
) except NULL:
    """An objective, which the caller owns; what is not given is made of differences."""
    cdef ValueAt of_value, of_pair, of_hessian
    cdef ProductAt of_product
    cdef double accuracy = 2.2e-16
    if value is not None:
        of_value = value.value(calls, n, signals)
    if value_and_gradient is not None:
        of_pair = value_and_gradient.value(calls, n, signals)
    else:
        of_pair = gradient_by_differences(of_value, <int> n, bound(lower, n, -INFINITY), bound(upper, n, INFINITY))
        accuracy = 3.7e-11  # of a difference of second order: ε^(2/3)
    if hessian is not None:
        of_hessian = hessian.value(calls, n, signals)
    else:
        of_hessian = hessian_by_differences(of_pair, <int> n, bound(lower, n, -INFINITY), bound(upper, n, INFINITY), accuracy)
    if product is not None:
        of_product = product.product(calls, n, signals)
    else:
        of_product = product_by_differences(of_pair, <int> n, accuracy)
    cdef optional[HessianPattern] entries
    cdef HessianPattern stored
    if pattern is not None:
        stored.first, stored.columns, stored.order = pattern
        entries = stored
    return new ComposedObjective(<int> n, of_value, of_pair, of_hessian, of_product, entries)


cdef MinimizeOptions minimize_options(dict options) except *:
    cdef MinimizeOptions chosen
    for name, value in options.items():
        if name == "gtol":
            chosen.gtol = value
        elif name == "ftol":
            chosen.ftol = value
        elif name == "xtol":
            chosen.xtol = value
        elif name == "rate":
            chosen.rate = value
        elif name == "momentum":
            chosen.momentum = value
        elif name == "decay":
            chosen.decay = value
        elif name == "memory":
            chosen.memory = value
        elif name == "radius":
            chosen.radius = value
        elif name == "leave_saddles":
            chosen.leave_saddles = value
        elif name == "maxiter":
            chosen.limits.iterations = value
        elif name == "maxfun":
            chosen.limits.evaluations = value
        elif name == "max_time":
            chosen.limits.seconds = value
        else:
            raise TypeError(f"no option {name}")
    return chosen
