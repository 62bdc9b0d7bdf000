"""tracer: what depends on the order of values.

Comes in: NumPy's functions that sort and search. Goes out: gathers of constant numbers, with a guard that the order is the
same.

Ties: where two values are equal, NumPy's stable order counts, and the derivative is that of the value so chosen.
"""

from typing import Any

import numpy as np

from ._array import Tracer
from ._guards import require
from ._operands import as_array, wrapped
from ._refusal import refuse
from ._table import covers, refuse_out, table
from ._terms import gathered_by_number


def _comparable(a: Any) -> Any:
    """Return `a` if it can be ordered."""
    a = as_array(a)
    if type(a) is Tracer and np.isnan(a._real()).any():
        raise refuse("the order of values with NaN among them", "replace them with np.nan_to_num or choose the others")
    return 1.0 * a if a.dtype == np.bool_ else a


def _order(a: Any, axis: int) -> Any:
    """Return the stable order along an axis, guarded: of two neighbours in it the later is greater, or equal and behind."""
    order = np.argsort(a._real(), axis=axis, kind="stable")
    sorted_ = np.moveaxis(_along(a, order, axis), axis, 0)
    places = np.moveaxis(order, axis, 0)
    if len(places) > 1:
        low, high = sorted_[:-1], sorted_[1:]
        require(np.where(places[:-1] < places[1:], low <= high, low < high))
    return order


def _along(a: Tracer, numbers: Any, axis: int) -> Any:
    """Return the elements of these numbers along an axis."""
    flat = np.take_along_axis(np.arange(a.size).reshape(a.shape), numbers, axis)
    return wrapped(gathered_by_number(a._term, np.array(flat, order="C")))


def _prepared(a: Any, axis: Any) -> tuple[Any, int]:
    a = _comparable(a)
    return (a.ravel(), 0) if axis is None or (axis in (0, -1) and not a.ndim) else (a, axis)


@covers(np.sort)
def _sort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    a, axis = _prepared(a, axis)
    return _along(a, _order(a, axis), axis)


@covers(np.partition)
def _partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    return _sort(a, axis)  # one of the orders that a partition may have


@covers(np.argsort)
def _argsort(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any:
    a, axis = _prepared(a, axis)
    return _order(a, axis)


@covers(np.argpartition)
def _argpartition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    return _argsort(a, axis)


def _first(extreme: Any, is_better: Any, is_as_good: Any, is_worst: float | None) -> Any:
    def find(a: Any, axis: Any = None, out: Any = None, *, keepdims: Any = False) -> Any:
        refuse_out(out)
        if is_worst is not None:
            a = as_array(a)
            a = np.where(np.isnan(a), is_worst, a)
        shape = np.shape(a)
        a, along = _prepared(a, axis)
        found = np.expand_dims(extreme(a._real(), axis=along), along)
        best = _along(a, found, along)
        place = np.arange(a.shape[along]).reshape([-1 if number == along % a.ndim else 1 for number in range(a.ndim)])
        require(np.where(place < found, is_better(best, a), is_as_good(best, a)))
        if keepdims and keepdims is not np._NoValue:
            return found if axis is not None and shape else found.reshape((1,) * len(shape))
        return np.squeeze(found, along)[()]

    return find


table[np.argmax] = _first(np.argmax, np.greater, np.greater_equal, None)
table[np.argmin] = _first(np.argmin, np.less, np.less_equal, None)
table[np.nanargmax] = _first(np.argmax, np.greater, np.greater_equal, -np.inf)
table[np.nanargmin] = _first(np.argmin, np.less, np.less_equal, np.inf)


@covers(np.searchsorted)
def _searchsorted(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Any:
    a, v = _comparable(a), _comparable(v)
    if sorter is not None:
        a = a[sorter]
    real_a, real_v = (array._real() if type(array) is Tracer else array for array in (a, v))
    found = np.searchsorted(real_a, real_v, side=side)
    if not np.size(a) or not np.size(v):
        return found
    below, above = a[np.maximum(found - 1, 0)], a[np.minimum(found, len(a) - 1)]
    left = side == "left"
    require((below < v if left else below <= v) | (found == 0))
    require((v <= above if left else v < above) | (found == len(a)))
    if type(a) is Tracer and a._recording is not None:
        require(a[:-1] <= a[1:])
    return found


# Interpolation: by choice where the table is small, so that no guard is needed -------------------------------------------------

_MOST_CHOICES = 1 << 18


@covers(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Interpolate in NumPy's order of operations: slope (x − xⱼ) + fⱼ in the interval j, whose right end belongs to the next."""
    if period is not None:
        raise refuse("np.interp with period=", "np.remainder of x first, with the table continued by hand")
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    left, right = fp[0] if left is None else left, fp[-1] if right is None else right
    if len(xp) == 1:
        return np.where(x < xp[0], left, np.where(x > xp[0], right, fp[0]))
    slope = (fp[1:] - fp[:-1]) / (xp[1:] - xp[:-1])
    is_traced = any(type(array) is Tracer and array._recording is not None for array in (x, xp))
    if is_traced and np.size(x) * len(xp) <= _MOST_CHOICES:
        wide = x[..., None]
        inside = (xp[:-1] <= wide) & (wide < xp[1:])
        value = np.sum(np.where(inside, slope * (wide - xp[:-1]) + fp[:-1], 0.0), axis=-1)
    else:
        interval = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
        value = slope[interval] * (x - xp[interval]) + fp[interval]
    value = np.where(x == xp[-1], fp[-1], value)
    return np.where(x < xp[0], left, np.where(x > xp[-1], right, np.where(np.isnan(x), x, value)))
