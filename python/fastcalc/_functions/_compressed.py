"""functions: Jacobians of which most entries are zero.

Comes in: a result and what it is differentiated by, as tracers. Goes out: the entries that can be other than zero, from as many
directional derivatives, or adjoints, as the pattern has colours (`derive/colouring.hpp`). A banded Jacobian has as many colours as
its band is wide, whatever its size; one full row, or of a Hessian one full row and column, does not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._errors import TraceError
from .._tracer import Recording, Tracer
from .._tracer import _derivatives as record
from ._modes import choose_mode, cost
from ._pytrees import Made

# Products up to so many are recorded one by one, so that they are computed side by side in registers; more of them as one with a
# leading axis, which is a shorter program.
MOST_APART = 4


@dataclass(frozen=True)
class Pattern:
    """The entries that can be other than zero: row i has the columns ``columns[first[i]:first[i + 1]]``, in rising order."""

    shape: tuple[int, int]
    first: NDArray[np.int64]
    columns: NDArray[np.int32]

    @classmethod
    def of(cls, recording: Recording, result: Tracer, x: Tracer) -> Pattern:
        """Return the pattern of the derivative of `result` by `x`."""
        pattern = cls.of_few(recording, result, x, np.iinfo(np.int64).max)
        assert pattern is not None
        return pattern

    @classmethod
    def of_few(cls, recording: Recording, result: Tracer, x: Tracer, most: int) -> Pattern | None:
        """Return the same, or None where there are more than `most` entries, or on the way to them."""
        if recording.customs:
            raise TraceError(
                "the pattern of a custom derivative is not known: a function with one has no sparse Jacobian; leave out sparse=True"
            )
        found = recording.builder.pattern(result._value, x._value, most)
        return None if found is None else cls((result.size, x.size), *found)

    def places(self) -> NDArray[np.int64]:
        """Return where the entries stand in the whole matrix, counted in C order."""
        rows = np.repeat(np.arange(self.shape[0]), np.diff(self.first))
        return rows * self.shape[1] + self.columns

    def has_the_entries_of(self, other: Pattern) -> bool:
        """Whether both are the same."""
        return np.array_equal(self.first, other.first) and np.array_equal(self.columns, other.columns)

    def united(self, other: Pattern) -> Pattern:
        """Return the entries that either has."""
        rows, columns = np.divmod(np.union1d(self.places(), other.places()), self.shape[1])
        return Pattern(self.shape, np.searchsorted(rows, np.arange(self.shape[0] + 1)), columns.astype(np.int32))

    def compressed(self, mode: str = "auto") -> Compressed:
        """Return the cheaper way to the entries: columns of one colour in a direction, or rows of one colour in an adjoint."""
        if mode == "reverse":
            return self._in(mode)
        forward = self._in("forward")
        # Rows need at least as many colours as the fullest column has entries.
        least = int(np.bincount(self.columns, minlength=1).max())
        if mode == "forward" or choose_mode(forward.count, least) == "forward":
            return forward
        reverse = self._in("reverse")
        return forward if choose_mode(forward.count, reverse.count) == "forward" else reverse

    def _in(self, mode: str) -> Compressed:
        colour = _core.by_columns if mode == "forward" else _core.by_rows
        return Compressed(self, mode, *colour(self.first, self.columns, self.shape[1]))

    def compressed_by_symmetry(self) -> Compressed:
        """Return the way to the entries of a symmetric matrix: an entry and its mirror image are equal to the last bit."""
        pattern = Pattern(self.shape, *_core.symmetric_part(self.first, self.columns))
        return Compressed(pattern, "forward", *_core.by_symmetry(pattern.first, pattern.columns))


@dataclass(frozen=True)
class Compressed:
    """A pattern whose entry k is element ``places[k]`` of the products with the vectors that `colours` are."""

    pattern: Pattern
    mode: str
    colours: NDArray[np.int32]
    places: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many products find all entries."""
        return int(self.colours.max(initial=-1)) + 1

    @property
    def cost(self) -> int:
        """What they cost."""
        return cost(self.mode, self.count)

    def entries(self, recording: Recording, result: Tracer, x: Tracer) -> Tracer:
        """Return the entries of the derivative of `result` by `x`."""
        vectors = np.zeros((self.count, self.colours.size))
        vectors[self.colours, np.arange(self.colours.size)] = 1.0
        vectors = vectors.reshape(-1, *(x.shape if self.mode == "forward" else result.shape))

        def product(vector: NDArray[np.float64]) -> Tracer:
            if self.mode == "forward":
                return record.tangent(recording, result, [x], [vector])
            return record.gradient(recording, result, [x], vector)[0]

        apart = 0 < self.count <= MOST_APART
        products = recording.joined([product(vector) for vector in vectors])[0] if apart else product(vectors)
        return record.selected(recording, products, self.places)

    def dense(self, recording: Recording, entries: Tracer) -> Tracer:
        """Return the whole matrix."""
        return record.scattered(recording, entries, self.pattern.places(), self.pattern.shape)

    def sparse(self, entries: Tracer) -> Made:
        """Return the matrix as SciPy's: SciPy checks the first one, whose pattern all others have. Each owns its arrays."""
        first, columns, shape = self.pattern.first.astype(np.int32), self.pattern.columns, self.pattern.shape
        attributes: dict[str, Any] = {}

        def made(data: NDArray[np.float64]) -> object:
            from scipy.sparse import csr_array

            if not attributes:
                checked = csr_array((data, columns.copy(), first.copy()), shape=shape)
                attributes.update(
                    (name, value) for name, value in vars(checked).items() if name not in ("data", "indices", "indptr")
                )
                return checked
            matrix = csr_array.__new__(csr_array)  # its __init__ takes 10 to 20 µs
            vars(matrix).update(attributes, data=data, indices=columns.copy(), indptr=first.copy())
            return matrix

        return Made(entries, made)
