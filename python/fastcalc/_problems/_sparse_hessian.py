"""problems: objectives whose Hessian is sparse.

Comes in: a function of n numbers that gives one. Goes out: those entries of its Hessian that can be other than zero, row by row, and
an order of the variables in which Cholesky's factor has few more of them.

The loop in the kernel stores the entries of one pattern. Where the function takes another path, whose entries stand elsewhere too, the
search begins again with the entries of both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._core import Program
from .._fast import AtPoint
from .._functions._compressed import Pattern
from .._functions._differentiated import Differentiated
from .._functions._function import Function, leaves_of
from .._tracer import _derivatives as record
from ._sparse_system import Dense, in_pattern, sparse_matrix

__all__ = ["FEW_VARIABLES", "SparseHessian", "Storage"]

Array = NDArray[np.float64]

#: Up to so many variables the Hessian is a full matrix; beyond, its entries or products with it are taken, if nobody says more.
FEW_VARIABLES = 100

#: Entries of a row, in the mean, up to which a Hessian is sparse.
MOST_ENTRIES = 100

#: Products that find it.
MOST_PRODUCTS = 64

#: Multiplications for each variable up to which Cholesky's factorisation is cheap: those of a band of 16. On square grids, whose
#: band is wider, products with the Hessian take less time to the same minimum: of 20, 50, 100 points a side 0.5, 0.4, 0.3 of it.
FEW_MULTIPLICATIONS = 256


class Storage(NamedTuple):
    """Which entries are stored; an order of the variables in which Cholesky's factor has few more, and what it costs for each."""

    pattern: Pattern
    order: NDArray[np.int32]
    multiplications: float

    @property
    def is_cheap(self) -> bool:
        """Whether to factorise it takes about as little as to multiply with it."""
        return self.multiplications <= FEW_MULTIPLICATIONS

    def for_kernel(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Return where the rows begin, the columns, and in which order they are eliminated."""
        return self.pattern.first, self.pattern.columns, self.order

    def matrix(self, entries: Array) -> Any:
        """Return the Hessian as SciPy's."""
        return sparse_matrix(self.pattern, entries)

    @classmethod
    def of(cls, pattern: Pattern) -> Storage:
        """Return it by the algorithm of Cuthill and McKee, reversed."""
        from scipy.sparse.csgraph import reverse_cuthill_mckee

        ones = np.ones(len(pattern.columns))
        order = reverse_cuthill_mckee(sparse_matrix(pattern, ones), symmetric_mode=True)
        size = len(order)
        position = np.empty(size, np.int64)
        position[order] = np.arange(size)
        first = position.copy()
        np.minimum.at(first, np.repeat(np.arange(size), np.diff(pattern.first)), position[pattern.columns])
        first = first[order]
        # Row i of the factor takes min(width of i, width of j) for each j of its width.
        width = np.arange(size) - first
        before = np.concatenate([[0], np.cumsum(width)])
        row = np.minimum(width.astype(np.float64) ** 2, before[:-1] - before[first]) + width
        return cls(pattern, order.astype(np.int32), float(row.sum()) / size)


class SparseHessian(Differentiated):
    """The entries of the Hessian, stored as `pattern` says: that of the first trace, if none is given."""

    def __init__(self, f: Callable[..., Any], pattern: Pattern | None = None) -> None:
        super().__init__(f)
        self.storage = None if pattern is None else Storage.of(pattern)
        self.compiled = Function(self)

    def entries(self, x: Array, arguments: Sequence[Any]) -> AtPoint:
        """Return the entries as a loop asks them, traced at `x`."""

        def program_at(x: Array) -> Program:
            return self.compiled.at(x, *arguments).program

        leaves = leaves_of((x, *arguments))[1:] if arguments else ()
        return AtPoint(program_at, 0, programs=True, arguments=leaves, known=program_at(x))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.f, self.storage and self.storage.pattern)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        recording, (x,) = point.recording, point.inputs
        (gradient,) = record.gradient(recording, point.number(named, "Hessian"), [x])
        own = Pattern.of_few(recording, gradient, x, MOST_ENTRIES * x.size)
        if own is None:
            raise Dense
        compressed = own.compressed_by_symmetry()
        if compressed.count > MOST_PRODUCTS:
            raise Dense
        if self.storage is None:
            self.storage = Storage.of(compressed.pattern)
        entries = compressed.entries(recording, gradient, x)
        return in_pattern(recording, entries, compressed.pattern, self.storage.pattern)
