"""tracer: arrays put together of others, and their elements moved.

Comes in: NumPy's functions that join, repeat and shift. Goes out: placements and gathers. Those that NumPy writes in terms of
`concatenate` are traced through NumPy's own code.
"""

from typing import Any

import numpy as np

from . import _table
from ._indexing import _plain
from ._operands import as_array, term_of, wrapped
from ._table import covers, refuse_out
from ._terms import Reshape, at, constant, gathered, placed, viewed


@covers(np.concatenate)
def _concatenate(
    arrays: Any, axis: Any = 0, out: Any = None, dtype: Any = None, casting: str = "same_kind", **more: Any
) -> Any:
    refuse_out(out)
    terms = [term_of(array) for array in arrays]
    if axis is None:
        terms, axis = [viewed(term, Reshape((int(np.prod(term.shape)),))) for term in terms], 0
    # NumPy itself says which shapes fit together, on arrays without elements of their own.
    whole = np.concatenate([np.broadcast_to(np.int8(0), term.shape) for term in terms], axis=axis)
    axis = np.lib.array_utils.normalize_axis_index(axis, whole.ndim)
    truth = all(term.truth for term in terms)
    joined = constant(np.zeros(whole.shape, dtype=np.bool_ if truth else np.float64))
    start = 0
    for term in terms:
        stop = start + term.shape[axis]
        joined = placed(joined, term, at(*(slice(None),) * axis, slice(start, stop), Ellipsis))
        start = stop
    return wrapped(joined)


@covers(np.repeat)
def _repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    counts = _plain(repeats)
    return wrapped(gathered(as_array(a)._term, lambda array: np.repeat(array, counts, axis=axis)))


@covers(np.tile)
def _tile(A: Any, reps: Any) -> Any:
    return wrapped(gathered(as_array(A)._term, lambda array: np.tile(array, reps)))


@covers(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    return wrapped(gathered(as_array(a)._term, lambda array: np.roll(array, shift, axis=axis)))


@covers(np.resize)
def _resize(a: Any, new_shape: Any) -> Any:
    return wrapped(gathered(as_array(a)._term, lambda array: np.resize(array, new_shape)))


@covers(np.delete)
def _delete(arr: Any, obj: Any, axis: Any = None) -> Any:
    plain = _plain(obj)
    return wrapped(gathered(as_array(arr)._term, lambda array: np.delete(array, plain, axis=axis)))


_moving = {"edge", "reflect", "symmetric", "wrap"}


@covers(np.pad)
def _pad(array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    if mode in _moving and options.get("reflect_type", "even") == "even":
        return wrapped(gathered(as_array(array)._term, lambda real: np.pad(real, pad_width, mode=mode)))
    return _table.own_code(np.pad)(array, pad_width, mode=mode, **options)


@covers(np.meshgrid)
def _meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Return coordinate arrays; copies, since a traced array costs nothing to copy."""
    axes = list(range(len(xi)))
    if indexing == "xy" and len(xi) > 1:
        axes[:2] = [1, 0]
    grids: list[Any] = []
    for x, axis in zip(xi, axes, strict=True):
        grids.append(as_array(x).reshape([-1 if number == axis else 1 for number in range(len(xi))]))
    if not sparse:
        whole = np.broadcast_shapes(*(grid.shape for grid in grids))
        grids = [np.broadcast_to(grid, whole) for grid in grids]
    return tuple(grid.copy() if copy else grid for grid in grids)
