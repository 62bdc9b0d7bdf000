# src: linear least squares, a part of `_fast`. Comes in: arrays of any real type and any strides, one- or two-dimensional, whose columns
# stand side by side. Goes out: `NormalSums`, the sums of their products, and a `LinearSolution` of these. Rows are read where they lie,
# without the interpreter's lock, which is taken back every 20 ms to look for Ctrl-C.

from libc.stdint cimport int8_t, uint8_t


cdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc" nogil:
    cdef enum class Number(int8_t):
        float64, float32, int64, int32, int16, int8, uint64, uint32, uint16, uint8

    cdef enum class Weighting(int8_t):
        none, weights, deviations

    cdef cppclass Column:
        const char* at
        int64_t stride
        Number type

    cdef cppclass Observations:
        vector[Column] columns
        int targets
        Column weight
        Weighting weighting
        const uint8_t* keep
        bint intercept
        bint omit_missing
        int64_t rows

    cdef cppclass Refusal:
        int8_t reason
        int64_t row
        int column

    cdef cppclass Sums "fastcalc::NormalSums":
        Sums(int, int) except +
        int predictors
        int targets
        int64_t rows
        vector[int] exponent
        vector[double] high
        vector[double] low
        double weight_high
        double weight_low
        vector[double] constant
        void merge(const Sums&, int) except +

    cdef cppclass Coefficients:
        vector[double] high
        vector[double] low

    cdef cppclass Left "fastcalc::Remainder":
        Left(int, int) except +
        vector[double] high
        vector[double] low
        void merge(const Left&)

    cdef cppclass RemainderOf:
        pass

    cdef cppclass LinearOptions:
        bint intercept
        double ridge
        double tolerance
        bint minimum_norm

    cdef cppclass Solution "fastcalc::LinearSolution":
        Coefficients coefficients
        vector[double] inverse
        vector[double] gram
        vector[double] length
        vector[double] residual_norm
        vector[double] total_norm
        bint has_constant
        double parameters
        vector[uint8_t] dependent
        vector[double] null_space
        int refinements

    cdef cppclass BlockSolution:
        bint solved
        int64_t rows
        int passes
        Solution solution

    Status solve_by_blocks(const Observations&, const LinearOptions&, int, Interrupt*, Refusal&, BlockSolution&) except +
    Status add_observations(const Observations&, int, int, Interrupt*, Sums&, Refusal&) except +
    Status add_remainder(const Observations&, const vector[int]&, const Coefficients&, int, Interrupt*, Left&, Refusal&) except +
    Status solve_normal "fastcalc::solve"(const Sums&, const LinearOptions&, Interrupt*, Solution&) except +
    Status refine_solution "fastcalc::refine"(const RemainderOf&, const Sums&, const LinearOptions&, Interrupt*, Solution&) except +

cdef extern from "callbacks.hpp" namespace "fastcalc::border" nogil:
    RemainderOf remainder_by "fastcalc::border::callable"(Status (*)(void*, const vector[int]&, const Coefficients&, Left&) noexcept, void*)


cdef Number number_type(cnp.ndarray array) except *:
    cdef str code = array.dtype.kind + str(array.dtype.itemsize)
    if array.dtype.isnative:
        if code == "f8": return Number.float64
        if code == "f4": return Number.float32
        if code == "i8": return Number.int64
        if code == "i4": return Number.int32
        if code == "i2": return Number.int16
        if code == "i1": return Number.int8
        if code == "u8": return Number.uint64
        if code == "u4": return Number.uint32
        if code == "u2": return Number.uint16
        if code == "u1" or code == "b1": return Number.uint8
    raise TypeError(f"numbers of the type {array.dtype} cannot be read where they lie: convert them to float64")


cdef class Rows:
    """Observations: `predictors` and `targets` are lists of arrays (N,) or (N, K); `weighting` says what `weight` (N,) is.

    `weighting`: 0 none, 1 weights, 2 standard deviations. `keep`: None or N booleans. `omit_missing`: leave rows with NaN out.
    """

    cdef Observations _from
    cdef list _arrays  # keeps them alive

    def __init__(self, list predictors, list targets, weight, int weighting, keep, bint intercept, bint omit_missing):
        self._arrays = [*predictors, *targets, weight, keep]
        self._from.rows = len(targets[0])
        cdef int before
        for array in predictors:
            self.append(array)
        before = <int> self._from.columns.size()
        for array in targets:
            self.append(array)
        self._from.targets = <int> self._from.columns.size() - before
        self._from.weight.at = NULL
        self._from.weighting = <Weighting> weighting
        if weight is not None:
            self.check(weight)
            self._from.weight = self.column(weight, 0)
        self._from.keep = NULL
        if keep is not None:
            self.check(keep)
            if keep.dtype != bool or not keep.flags.c_contiguous:
                raise TypeError("which rows to keep is told by a contiguous array of booleans")
            self._from.keep = <const uint8_t*> cnp.PyArray_DATA(<cnp.ndarray> keep)
        self._from.intercept = intercept
        self._from.omit_missing = omit_missing

    cdef void check(self, cnp.ndarray array) except *:
        if array.ndim < 1 or array.ndim > 2 or array.shape[0] != self._from.rows:
            raise ValueError(f"columns of {self._from.rows} rows and an array of the shape {(<object> array).shape}")

    cdef Column column(self, cnp.ndarray array, Py_ssize_t index) except *:
        cdef Column column
        column.at = <const char*> cnp.PyArray_DATA(array) + (index * array.strides[1] if array.ndim == 2 else 0)
        column.stride = array.strides[0]
        column.type = number_type(array)
        return column

    cdef void append(self, cnp.ndarray array) except *:
        self.check(array)
        cdef Py_ssize_t i
        for i in range(array.shape[1] if array.ndim == 2 else 1):
            self._from.columns.push_back(self.column(array, i))


    def remainder(self, exponent, high, low, int threads=0):
        """Return the `Remainder` that coefficients (P, K), given as pairs in units of 2**exponent, leave; or what `NormalSums.add` does."""
        cdef Calls calls = Calls.__new__(Calls)
        cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
        cdef Refusal refusal
        cdef Coefficients coefficients
        cdef vector[int] units = exponent
        cdef Py_ssize_t predictors = <Py_ssize_t> self._from.columns.size() + self._from.intercept - self._from.targets
        coefficients.high, coefficients.low = copied(contiguous(high)), copied(contiguous(low))
        if <Py_ssize_t> units.size() != predictors + self._from.targets or (
            <Py_ssize_t> coefficients.high.size() != predictors * self._from.targets or coefficients.low.size() != coefficients.high.size()
        ):
            raise ValueError("these rows have another number of columns")
        cdef Remainder left = Remainder(predictors, self._from.targets)
        with nogil:
            add_remainder(self._from, units, coefficients, threads, signals.get(), left._left.get()[0], refusal)
        raise_kept(calls)
        return left if refusal.reason == 0 else (refusal.reason, refusal.row, refusal.column)


cdef class Remainder:
    """What coefficients leave of some rows; see linalg/normal_sums.hpp."""

    cdef unique_ptr[Left] _left
    cdef int _predictors
    cdef int _targets

    def __init__(self, int predictors, int targets):
        self._predictors, self._targets = predictors, targets
        self._left = make_unique[Left](predictors, targets)

    def merge(self, Remainder other not None):
        """Add what the same coefficients leave of other rows."""
        if other._predictors != self._predictors or other._targets != self._targets:
            raise ValueError("the other rows have another number of columns")
        self._left.get().merge(other._left.get()[0])

    def __setstate__(self, state):
        high, low = state
        if not len(high) == len(low) == (self._predictors + 1) * self._targets:
            raise ValueError("the state is that of another number of columns")
        self._left.get().high, self._left.get().low = copied(contiguous(high)), copied(contiguous(low))

    def __reduce__(self):
        cdef Left* left = self._left.get()
        state = array_of(left.high.data(), 1, left.high.size()), array_of(left.low.data(), 1, left.low.size())
        return Remainder, (self._predictors, self._targets), state


cdef Status remainder_asked(void* asked, const vector[int]& exponent, const Coefficients& coefficients, Left& total) noexcept with gil:
    cdef Remainder found
    try:
        found = (<Asked> asked).function(
            [exponent[i] for i in range(exponent.size())], array_of(coefficients.high.data(), 1, coefficients.high.size()),
            array_of(coefficients.low.data(), 1, coefficients.low.size()),
        )
        total.merge(found._left.get()[0])
        return Status.running
    except BaseException as error:
        (<Asked> asked).keep(error)
        return Status.callback_failed


cdef class LinearSolution:
    """What solves the normal equations; see tasks/lstsq.hpp."""

    cdef Solution _found
    cdef Py_ssize_t _predictors
    cdef Py_ssize_t _targets

    @property
    def coefficients(self):
        """Of each target a column: (P, K)."""
        return array_of(self._found.coefficients.high.data(), 2, self._predictors, self._targets)

    @property
    def inverse(self):
        return array_of(self._found.inverse.data(), 2, self._predictors, self._predictors)

    @property
    def gram(self):
        return array_of(self._found.gram.data(), 2, self._predictors, self._predictors)

    @property
    def length(self):
        return array_of(self._found.length.data(), 1, self._predictors)

    @property
    def residual_norm(self):
        return array_of(self._found.residual_norm.data(), 1, self._targets)

    @property
    def total_norm(self):
        return array_of(self._found.total_norm.data(), 1, self._targets)

    @property
    def has_constant(self):
        return self._found.has_constant

    @property
    def parameters(self):
        return self._found.parameters

    @property
    def dependent(self):
        return [j for j in range(self._predictors) if self._found.dependent[j]]

    @property
    def null_space(self):
        return array_of(self._found.null_space.data(), 2, self._found.null_space.size() // max(self._predictors, 1), self._predictors)

    @property
    def refinements(self):
        return self._found.refinements


cdef class NormalSums:
    """XᵀWX, XᵀWy and yᵀWy in double-double; see linalg/normal_sums.hpp. An intercept is predictor 0."""

    cdef unique_ptr[Sums] _sums

    def __init__(self, int predictors, int targets):
        if predictors < 1 or targets < 1:
            raise ValueError("there must be a predictor and a target")
        self._sums = make_unique[Sums](predictors, targets)

    @property
    def predictors(self):
        return self._sums.get().predictors

    @property
    def targets(self):
        return self._sums.get().targets

    @property
    def rows(self):
        return self._sums.get().rows

    @property
    def weight(self):
        return self._sums.get().weight_high

    def __getstate__(self):
        cdef Sums* sums = self._sums.get()
        return (
            sums.rows, [sums.exponent[i] for i in range(sums.exponent.size())],
            array_of(sums.high.data(), 1, sums.high.size()), array_of(sums.low.data(), 1, sums.low.size()),
            sums.weight_high, sums.weight_low, array_of(sums.constant.data(), 1, sums.constant.size()),
        )  # fmt: skip

    def __setstate__(self, state):
        cdef Sums* sums = self._sums.get()
        rows, exponent, high, low, weight_high, weight_low, constant = state
        sizes = len(exponent), len(high), len(low), len(constant)
        if sizes != (sums.exponent.size(), sums.high.size(), sums.low.size(), sums.constant.size()):
            raise ValueError("the state is that of another number of columns")
        sums.rows, sums.weight_high, sums.weight_low = rows, weight_high, weight_low
        sums.exponent = exponent
        sums.high, sums.low, sums.constant = copied(contiguous(high)), copied(contiguous(low)), copied(contiguous(constant))

    def __reduce__(self):
        return NormalSums, (self.predictors, self.targets), self.__getstate__()

    def add(self, Rows rows not None, int sign=1, int threads=0):
        """Add the sums of these rows, or take them off; None, or (reason, row, column) of what cannot be used, and nothing is changed.

        Reason 1: not finite; 2: a weight that is negative, or a deviation that is not positive, or either not finite.
        """
        cdef Calls calls = Calls.__new__(Calls)
        cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
        cdef Sums* sums = self._sums.get()
        cdef Refusal refusal
        if rows._from.columns.size() + rows._from.intercept - rows._from.targets != sums.predictors or rows._from.targets != sums.targets:
            raise ValueError("these rows have another number of columns")
        with nogil:
            add_observations(rows._from, sign, threads, signals.get(), sums[0], refusal)
        raise_kept(calls)
        return None if refusal.reason == 0 else (refusal.reason, refusal.row, refusal.column)

    def merge(self, NormalSums other not None, int sign=1):
        """Add another state, or take it off."""
        if other.predictors != self.predictors or other.targets != self.targets:
            raise ValueError("the other sums have another number of columns")
        self._sums.get().merge(other._sums.get()[0], sign)

    def solve(self, bint intercept, double ridge, double tolerance, bint minimum_norm):
        """Return the solution."""
        cdef LinearSolution solution = LinearSolution.__new__(LinearSolution)
        cdef LinearOptions options
        cdef Calls calls = Calls.__new__(Calls)
        cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
        cdef Sums* sums = self._sums.get()
        solution._predictors, solution._targets = sums.predictors, sums.targets
        options.intercept, options.ridge, options.tolerance, options.minimum_norm = intercept, ridge, tolerance, minimum_norm
        with nogil:
            solve_normal(sums[0], options, signals.get(), solution._found)
        raise_kept(calls)
        return solution

    def refine(self, LinearSolution found not None, remainder, bint intercept, double ridge, double tolerance, bint minimum_norm):
        """Return a solution improved on the rows that were summed: `remainder(exponent, high, low)` is `Rows.remainder` of them all."""
        cdef LinearSolution solution = LinearSolution.__new__(LinearSolution)
        cdef LinearOptions options
        cdef Calls calls = Calls.__new__(Calls)
        cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
        cdef Sums* sums = self._sums.get()
        cdef RemainderOf left = remainder_by(remainder_asked, calls.ask(remainder, 0, 0))
        solution._predictors, solution._targets, solution._found = sums.predictors, sums.targets, found._found
        options.intercept, options.ridge, options.tolerance, options.minimum_norm = intercept, ridge, tolerance, minimum_norm
        with nogil:
            refine_solution(left, sums[0], options, signals.get(), solution._found)
        raise_kept(calls)
        return solution


def solve_linear_by_blocks(Rows rows not None, bint intercept, double ridge, double tolerance, int threads=0):
    """Solve for many predictors; see tasks/lstsq.hpp.

    (solution, number of rows, passes); None where it takes the sums; (reason, row, column) as `NormalSums.add`.
    """
    cdef BlockSolution found
    cdef Refusal refusal
    cdef LinearOptions options
    cdef LinearSolution solution = LinearSolution.__new__(LinearSolution)
    cdef Calls calls = Calls.__new__(Calls)
    cdef unique_ptr[Signals] signals = make_unique[Signals](signal_raised, <void*> calls)
    options.intercept, options.ridge, options.tolerance, options.minimum_norm = intercept, ridge, tolerance, False
    with nogil:
        solve_by_blocks(rows._from, options, threads, signals.get(), refusal, found)
    raise_kept(calls)
    if refusal.reason != 0:
        return refusal.reason, refusal.row, refusal.column
    if not found.solved:
        return None
    solution._found = found.solution
    solution._targets = rows._from.targets
    solution._predictors = <Py_ssize_t> rows._from.columns.size() + rows._from.intercept - rows._from.targets
    return solution, found.rows, found.passes
