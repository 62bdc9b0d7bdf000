"""problems: systems of equations whose Jacobian is sparse.

Comes in: a function of n numbers that gives n. Goes out: its values and those entries of its Jacobian that can be other than zero,
row by row; and what eliminates such a matrix: the kernel where they lie in a narrow band, else SciPy's SuperLU.

The loop in the kernel stores the entries of one pattern. Where the function takes another path, whose entries stand elsewhere too, the
search begins again with the entries of both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._functions._compressed import Pattern
from .._functions._differentiated import System
from .._functions._function import Function
from .._tracer import Recording, Tracer
from .._tracer import _derivatives as record

__all__ = [
    "LEAST_BAND",
    "LEAST_SPARSE",
    "Dense",
    "PatternGrew",
    "SparseSystem",
    "eliminated_by",
    "entries_of",
    "in_pattern",
    "is_narrow",
    "sparse_matrix",
]

Array = NDArray[np.float64]

#: From so many unknowns on a band is looked for, and any sparse Jacobian, which goes out by its entries then.
LEAST_BAND, LEAST_SPARSE = 10, 500

#: The kernel eliminates bands of so many operations a row: of 1e4 unknowns it takes a third of SuperLU's time with two diagonals
#: on each side, four fifths with 24.
MOST_OPERATIONS = 1000

#: Factors are kept that have so many entries, a column and in all: on 100 × 100 points (37; 370,000) they take 10.5 ms, a product with
#: their inverse 0.8, and on 50 × 50 points new ones are as fast.
MANY_A_COLUMN, MANY = 24, 100_000

#: Of b, what GMRES leaves that they precondition: Newton's steps become no more by it.
LEFT = 1e-6

#: A Jacobian of n columns is sparse if n / MUCH products find it, and a row has n / MUCH entries in the mean; a small one if it is
#: n / MUCH_OF_A_BAND. Broyden's system takes 4.3 µs then at n = 10 (dense 4.6), 7.7 at 24 (12.6), 30 at 100 (107).
MUCH, MUCH_OF_A_BAND = 20, 3


class Dense(Exception):
    """Most of a matrix can be other than zero, or most columns have a row in common, or its elimination would fill it."""


class PatternGrew(Exception):
    """On another path, entries stand elsewhere too."""

    def __init__(self, pattern: Pattern) -> None:
        super().__init__("the matrix has other entries on another path")
        self.pattern = pattern


class SparseSystem(System):
    """The values, and the entries of the Jacobian in the order of `pattern`: that of the first trace, if none is given."""

    def __init__(self, f: Callable[..., Any], pattern: Pattern | None = None) -> None:
        super().__init__(f)
        self.pattern = pattern
        self.compiled = Function(self)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        values, (x,), recording = self.values(point, named), point.inputs, point.recording
        much = MUCH if x.size >= LEAST_SPARSE else MUCH_OF_A_BAND
        own = Pattern.of_few(recording, values, x, x.size**2 // much)
        if own is None:
            raise Dense
        compressed = own.compressed()
        if compressed.count * much > x.size:
            raise Dense
        entries = compressed.entries(recording, values, x)
        if self.pattern is None:
            self.pattern = own
        return values, in_pattern(recording, entries, own, self.pattern)


def in_pattern(recording: Recording, entries: Tracer, own: Pattern, pattern: Pattern) -> Tracer:
    """Return the entries of `own` as those of `pattern`, which has more."""
    if own.has_the_entries_of(pattern):
        return entries
    return record.scattered(recording, entries, places_in(pattern, own), (len(pattern.columns),))


def places_in(pattern: Pattern, own: Pattern) -> NDArray[np.int64]:
    """Return where the entries of `own` stand among those of `pattern`, which has them all."""
    whole = pattern.united(own)
    if len(whole.columns) > len(pattern.columns):
        raise PatternGrew(whole)
    return np.searchsorted(pattern.places(), own.places())


def entries_of(matrix: Any, pattern: Pattern | None) -> tuple[Array, Pattern]:
    """Return the entries of a matrix of SciPy's, and in which pattern they stand: its own, if none is given."""
    rows = matrix.tocsr(copy=True)
    rows.sum_duplicates()  # and in rising order
    own = Pattern(rows.shape, rows.indptr.astype(np.int64), rows.indices.astype(np.int32))
    if pattern is None or own.has_the_entries_of(pattern):
        return np.asarray(rows.data, np.float64), own
    entries = np.zeros(len(pattern.columns))
    entries[places_in(pattern, own)] = rows.data
    return entries, pattern


def sparse_matrix(pattern: Pattern, entries: Array) -> Any:
    """Return the Jacobian as SciPy's."""
    from scipy.sparse import csr_array

    return csr_array((entries, pattern.columns.copy(), pattern.first.astype(np.int32)), shape=pattern.shape)


def is_narrow(pattern: Pattern) -> bool:
    """Whether the entries lie in a band that the kernel eliminates faster than SuperLU does."""
    beside = pattern.columns - np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.first))
    lower, upper = max(0, -int(beside.min())), max(0, int(beside.max()))
    return lower * (lower + upper) <= MOST_OPERATIONS


def eliminated_by(pattern: Pattern) -> SuperLU | None:
    """Return who eliminates such a matrix; None: the kernel."""
    return None if is_narrow(pattern) else SuperLU(pattern)


class SuperLU:
    """`solve(entries, b)` gives J⁻¹ b, or NaN where J is singular. In which order the unknowns fill little is found out once.

    From step to step J changes little, and smoothly: the factors of an earlier one are kept as a preconditioner while that does it.
    """

    def __init__(self, pattern: Pattern) -> None:
        self._order: NDArray[np.int64] | None = None  # once it is known, the matrix stands in it
        self._kept: Callable[[Array], Array] | None = None  # b to J⁻¹ b, by the factors of an earlier J
        self._reordered(sparse_matrix(pattern, np.arange(len(pattern.columns), dtype=np.float64)))
        is_symmetric = len(_core.symmetric_part(pattern.first, pattern.columns)[1]) == len(pattern.columns)
        self._ordering = (
            "MMD_AT_PLUS_A" if is_symmetric else "COLAMD"
        )  # on 100 × 100 points 0.6 times the entries in L and U

    def begin(self) -> None:
        """Begin a search: what it finds does not depend on the one before."""
        self._kept = None

    def _reordered(self, places: Any) -> None:
        self._matrix = places.tocsc().sorted_indices()  # SuperLU would sort them, and leave the places as they were
        self._places = self._matrix.data.astype(np.int64)

    def __call__(self, entries: Array, b: Array) -> Array:
        self._matrix.data = entries[self._places]
        x = None if self._kept is None else self._improved(b)
        return self._factored(b) if x is None else x

    def _improved(self, b: Array) -> Array | None:
        """Return what GMRES finds, preconditioned by the factors that are kept; None if it takes as long as new ones."""
        from scipy.sparse.linalg import LinearOperator, gmres

        shape = b.size, b.size
        product, inverse = (LinearOperator(shape, by, dtype=np.float64) for by in (self._product, self._kept))
        x, failed = gmres(product, b, rtol=LEFT, restart=6, maxiter=2, M=inverse)
        return None if failed else np.asarray(x, np.float64)

    def _product(self, x: Array) -> Array:
        if self._order is None:
            made: Array = self._matrix @ x
            return made
        made = np.empty_like(x)
        made[self._order] = self._matrix @ x[self._order]
        return made

    def _factored(self, b: Array) -> Array:
        from scipy.sparse.linalg import splu

        self._kept = None
        try:
            # On 100 × 100 points 10.5 ms; in panels of four columns 11.3, of SciPy's own number 15.
            factor = splu(self._matrix, permc_spec=self._ordering, panel_size=1)
        except RuntimeError:  # "Factor is exactly singular"
            return np.full_like(b, np.nan)
        order, solve = self._order, factor.solve
        if order is None:
            self._order, self._ordering = np.argsort(factor.perm_c), "NATURAL"
            self._matrix.data = self._places.astype(np.float64)
            self._reordered(self._matrix[self._order][:, self._order])
        else:

            def solve(b: Array) -> Array:
                x = np.empty_like(b)
                x[order] = factor.solve(b[order])
                return x

        if factor.nnz >= max(MANY, MANY_A_COLUMN * b.size):
            self._kept = solve
        found: Array = solve(b)
        return found
