"""data: where a search begins. Comes in: the caller's x0. Goes out: an array of finite float64."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._fast import is_finite_float64

__all__ = ["start_of"]


def start_of(x0: ArrayLike) -> NDArray[np.float64]:
    """Return the start as an array of at least one axis."""
    if is_finite_float64(x0) and x0.ndim and x0.size:  # type: ignore[union-attr]
        return x0  # type: ignore[return-value]
    start = np.atleast_1d(np.array(x0))
    if start.dtype.kind == "c":
        raise ValueError("`x0` must be real; give the real and imaginary parts as unknowns of their own")
    if start.dtype.kind not in "biuf" and not (start.dtype == object and all(map(_is_number, start.flat))):
        raise TypeError(f"`x0` must be a number or an array of numbers, not {x0!r}")
    start = start.astype(np.float64)
    if start.size == 0:
        raise ValueError("`x0` is empty: there is nothing to solve for")
    finite = np.isfinite(start)
    if not finite.all():
        place = ", ".join(map(str, np.unravel_index(int(np.argmin(finite)), start.shape)))
        raise ValueError(f"`x0` must be finite, but x0[{place}] is not")
    return start


def _is_number(entry: object) -> bool:
    return isinstance(entry, int | float | np.number)
