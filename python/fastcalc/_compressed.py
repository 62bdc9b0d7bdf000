"""function: Jacobians of which most entries are zero.

Comes in: a result and what it is differentiated by, as tracers. Goes out: the entries that can be other than zero, from as many
directional derivatives as the pattern has colours: columns of one colour share no row, so one direction finds them all (Curtis,
Powell and Reid, 1974). A banded Jacobian has as many colours as its band is wide, whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import TraceError
from ._pytrees import Made
from ._tracer import Recording, Tracer
from ._tracer import _derivatives as record


@dataclass(frozen=True)
class Pattern:
    """Entry k of a Jacobian stands at (`rows[k]`, `columns[k]`); row i has the entries `first[i]` to `first[i + 1] - 1`."""

    shape: tuple[int, int]
    first: NDArray[np.int64]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    colours: NDArray[np.int64]

    @classmethod
    def of(cls, recording: Recording, result: Tracer, x: Tracer) -> Pattern:
        """Return the pattern of the derivative of `result` by `x`."""
        if recording.customs:
            raise TraceError(
                "the pattern of a custom derivative is not known: a function with one has no sparse Jacobian; leave out sparse=True"
            )
        first, columns, colours = recording.builder.pattern(result._value, x._value)
        rows = np.repeat(np.arange(result.size), np.diff(first))
        return cls((result.size, x.size), first, rows, columns.astype(np.int64), colours.astype(np.int64))

    @property
    def directions(self) -> int:
        """How many directional derivatives find all entries."""
        return int(self.colours.max(initial=-1)) + 1

    def symmetric(self) -> Pattern:
        """Return the entries whose mirror image is one too: of a symmetric matrix all others are zero."""
        size = self.shape[0]
        here, mirrored = self.rows * size + self.columns, self.columns * size + self.rows
        both = np.isin(mirrored, here, assume_unique=True)
        rows, columns = self.rows[both], self.columns[both]
        first = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=size))))
        return Pattern(self.shape, first, rows, columns, self.colours)

    def entries(self, recording: Recording, result: Tracer, x: Tracer, *, mirrored: bool = False) -> Tracer:
        """Return the entries; `mirrored`: an entry and its mirror image from one product, so that they are equal to the last bit."""
        size, count = x.size, self.directions
        seeds = np.zeros((count, size))
        seeds[self.colours, np.arange(size)] = 1.0
        products = record.tangent(recording, result, [x], [seeds.reshape(count, *x.shape)])
        rows, columns = self.rows, self.columns
        if mirrored:
            rows, columns = np.minimum(rows, columns), np.maximum(rows, columns)
        return record.selected(recording, products, self.colours[columns] * self.shape[0] + rows)

    def dense(self, recording: Recording, entries: Tracer) -> Tracer:
        """Return the whole matrix."""
        return record.scattered(recording, entries, self.rows * self.shape[1] + self.columns, self.shape)

    def sparse(self, entries: Tracer) -> Made:
        """Return the matrix as SciPy's."""
        first, columns, shape = self.first.astype(np.int32), self.columns.astype(np.int32), self.shape

        def made(data: NDArray[np.float64]) -> object:
            from scipy.sparse import csr_array

            return csr_array((data, columns.copy(), first.copy()), shape=shape)

        return Made(entries, made)
