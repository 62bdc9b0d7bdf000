"""problems: the space of a search: where it begins, and in which box; its vectors, if the start has a structure.

Comes in: numbers and arrays of any structure, bounds in any of SciPy's spellings. Goes out: arrays of finite float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._fast import float_vector, is_finite_float64
from .._functions._pytrees import Structure, flatten_result

__all__ = ["Vector", "box_of", "start_of", "vector_of"]

Array = NDArray[np.float64]

COMPLEX = "`x0` must be real; give the real and imaginary parts as unknowns of their own"


class Vector:
    """How numbers and arrays of any structure stand in one vector; equal for equal structures."""

    __slots__ = ("shapes", "size", "structure")

    def __init__(self, shapes: tuple[tuple[int, ...], ...], structure: Structure | None) -> None:
        self.shapes, self.structure = shapes, structure
        self.size = sum(map(math.prod, shapes))

    @classmethod
    def of(cls, x: Any) -> tuple[Array, Vector | None]:
        """Return `x` as a vector, and how it is put together again; None for a vector as it is."""
        leaves, structure = flatten_result(x)
        arrays = [np.asarray(leaf, np.float64) for leaf in leaves]
        vector = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0)
        return vector, cls(tuple(array.shape for array in arrays), structure)

    def unflatten(self, x: Any) -> Any:
        """Return the structure with the numbers of a vector, which may be traced."""
        parts, first = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            parts.append(x[first : first + size].reshape(shape) if shape else x[first])
            first += size
        assert self.structure is not None
        return self.structure.unflatten(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vector) and self.shapes == other.shapes and self.structure == other.structure

    def __hash__(self) -> int:
        return hash(self.shapes)


def start_of(x0: ArrayLike) -> Array:
    """Return the start as an array of at least one axis."""
    if is_finite_float64(x0) and x0.ndim and x0.size:  # type: ignore[union-attr]
        return x0  # type: ignore[return-value]
    start = np.atleast_1d(np.array(x0))
    if start.dtype.kind == "c":
        raise ValueError(COMPLEX)
    if start.dtype.kind not in "biuf" and not (start.dtype == object and all(map(_is_number, start.flat))):
        raise TypeError(f"`x0` must be a number or an array of numbers, not {x0!r}")
    return _finite(start.astype(np.float64))


def vector_of(x0: Any) -> tuple[Array, Vector | None]:
    """Return the start as a vector, and its structure if it is more than a list of numbers."""
    # As nearly every call has it.
    numbers = x0 if isinstance(x0, np.ndarray) else float_vector(x0)
    if numbers is not None and numbers.ndim == 1 and numbers.size and is_finite_float64(numbers):
        return numbers, None
    if not _is_structure(x0):
        start = start_of(x0)
        if start.ndim != 1:
            raise ValueError("'x0' must only have one dimension.")
        return np.ascontiguousarray(start), None
    if any(map(np.iscomplexobj, flatten_result(x0)[0])):
        raise ValueError(COMPLEX)
    try:
        x, vector = Vector.of(x0)
    except (TypeError, ValueError):
        raise TypeError(f"`x0` must be a structure of numbers and arrays of numbers, not {x0!r}") from None
    return _finite(x), vector


def _finite(start: Array) -> Array:
    if start.size == 0:
        raise ValueError("`x0` is empty: there is nothing to solve for")
    finite = np.isfinite(start)
    if not finite.all():
        place = np.unravel_index(int(np.argmin(finite)), start.shape)
        raise ValueError(f"`x0` must be finite, but x0[{', '.join(map(str, place))}] = {start[place]}")
    return start


def _is_number(entry: object) -> bool:
    return isinstance(entry, int | float | np.number)


def _is_structure(x0: Any) -> bool:
    if isinstance(x0, list | tuple):
        return not all(map(_is_number, x0))
    return isinstance(x0, dict) or hasattr(x0, "__dataclass_fields__")


def box_of(bounds: Any, count: int) -> tuple[Array | None, Array | None]:
    """Return the lower and the upper bounds; None and None if there are none."""
    if hasattr(bounds, "lb"):
        lower, upper = bounds.lb, bounds.ub
    else:
        try:
            pairs = [(low, high) for low, high in bounds]
        except (TypeError, ValueError):
            raise ValueError(
                "bounds must be a (low, high) for each number of x0, in their order, or scipy.optimize.Bounds"
            ) from None
        if len(pairs) != count:
            raise ValueError("The number of bounds is not compatible with the length of `x0`.")
        lower = [-np.inf if low is None else low for low, _ in pairs]
        upper = [np.inf if high is None else high for _, high in pairs]
    try:
        low, high = np.asarray(lower, np.float64), np.asarray(upper, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"bounds must be numbers or None, not {bounds}") from None
    try:
        low, high = (np.array(np.broadcast_to(side, (count,))) for side in (low, high))
    except ValueError:
        raise ValueError("The number of bounds is not compatible with the length of `x0`.") from None
    if np.isnan(low).any() or np.isnan(high).any():
        raise ValueError("a bound is NaN; give None, or -np.inf and np.inf, for none")
    if (low > high).any():
        place = int(np.argmax(low > high))
        raise ValueError(
            f"An upper bound is less than the corresponding lower bound: x[{place}] between {low[place]:g} and {high[place]:g}"
        )
    if (nowhere := (low == np.inf) | (high == -np.inf)).any():
        place = int(np.argmax(nowhere))
        raise ValueError(f"no number lies between the bounds of x[{place}], {low[place]:g} and {high[place]:g}")
    if np.isinf(low).all() and np.isinf(high).all():
        return None, None
    return low, high
