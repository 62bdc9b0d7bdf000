"""tracer: sums, means, extremes.

Comes in: NumPy's reductions of traced arrays. Goes out: folds of the kernel, in NumPy's own order of operations where it
documents one.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _ops, _table
from ._array import Tracer
from ._operands import as_array, wrapped
from ._refusal import refuse
from ._table import covers, refuse_out, table
from ._terms import record
from ._ufuncs import refuse_dtype

_identities = {"sum": 0.0, "prod": 1.0, "max": -np.inf, "min": np.inf, "any": False, "all": True}


def axes_of(axis: Any, ndim: int) -> list[int]:
    """Return the axes that `axis` names, in rising order; None names all."""
    if ndim == 0 and axis in (0, -1):  # as NumPy has it for a number
        return []
    given = range(ndim) if axis is None else axis if isinstance(axis, tuple | list) else (axis,)
    axes = sorted({np.lib.array_utils.normalize_axis_index(int(number), ndim) for number in given})
    if len(axes) != len(given):
        raise ValueError("duplicate value in 'axis'")
    return axes


def count(a: Any, axis: Any) -> int:
    """Return how many elements a reduction over `axis` takes together."""
    return int(np.prod([np.shape(a)[number] for number in axes_of(axis, np.ndim(a))]))


def reduce(
    operation: _ops.Operation,
    real: Callable[..., Any],
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    """Record a reduction over `axis`; `real` computes it on real values."""
    refuse_dtype(dtype, operation.name)
    x = as_array(a)
    if where is not True and where is not np._NoValue:
        x = np.where(where, x, _identities[operation.name])
    axes = axes_of(axis, x.ndim)
    is_empty = operation.name in ("max", "min") and any(x.shape[number] == 0 for number in axes)
    if is_empty and (initial is np._NoValue or initial is None):
        raise ValueError(f"zero-size array to reduction operation {operation.name} which has no identity")
    term = record(
        lambda builder, value: builder.fold(operation.number, value, axes),
        lambda array: (
            real(array, axis=tuple(axes))
            if not is_empty
            else np.full([n for i, n in enumerate(array.shape) if i not in axes], initial)
        ),
        (x._term,),
        truth=operation.truth,
    )
    total: Any = wrapped(term)
    if keepdims and keepdims is not np._NoValue:
        total = Tracer.holding(term, number=False).reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape)))
    if initial is not np._NoValue and initial is not None:
        total = getattr(np, _ops.step_of[operation.name])(total, initial)
    if out is None:
        return total
    if type(out) is not Tracer:
        refuse_out(out)
    out[...] = total
    return out


_table.reduce = reduce


def _reduction(name: str, real: Callable[..., Any], *, has_dtype: bool) -> Callable[..., Any]:
    operation = _ops.by_name[name]

    def with_dtype(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **more: Any
    ) -> Any:
        return reduce(operation, real, a, axis, dtype, out, keepdims, **more)

    def without(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **more: Any) -> Any:
        return reduce(operation, real, a, axis, None, out, keepdims, **more)

    return with_dtype if has_dtype else without


table[np.sum] = _reduction("sum", np.sum, has_dtype=True)
table[np.prod] = _reduction("prod", np.prod, has_dtype=True)
table[np.max] = table[np.amax] = _reduction("max", np.max, has_dtype=False)
table[np.min] = table[np.amin] = _reduction("min", np.min, has_dtype=False)
table[np.any] = _reduction("any", np.any, has_dtype=False)
table[np.all] = _reduction("all", np.all, has_dtype=False)


# Means and spreads ---------------------------------------------------------------------------------------------------------


@covers(np.mean)
def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    a = as_array(a)
    chosen = (
        count(a, axis)
        if where is True or where is np._NoValue
        else np.sum(np.broadcast_to(where, np.shape(a)), axis=axis, keepdims=keepdims)
    )
    return np.sum(a, axis=axis, dtype=dtype, out=out, keepdims=keepdims, where=where) / chosen


@covers(np.var)
def _var(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False, *, where: Any = True,
    mean: Any = None, correction: Any = None,
) -> Any:  # fmt: skip
    if where is not True and where is not np._NoValue:
        raise refuse("np.var and np.std with where=", "np.nanvar of np.where(condition, a, np.nan)")
    refuse_out(out)
    a = as_array(a)
    centred = a - (np.mean(a, axis=axis, dtype=dtype, keepdims=True) if mean is None or mean is np._NoValue else mean)
    spare = ddof if correction is None or correction is np._NoValue else correction
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / max(count(a, axis) - spare, 0)


@covers(np.std)
def _std(a: Any, *args: Any, **kwargs: Any) -> Any:
    return np.sqrt(np.var(as_array(a), *args, **kwargs))


@covers(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return np.max(a, axis=axis, out=out, keepdims=keepdims) - np.min(a, axis=axis, out=out, keepdims=keepdims)


@covers(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    a = as_array(a)
    if weights is None:
        mean, scale = np.mean(a, axis=axis, keepdims=keepdims), count(a, axis)
    else:
        weights = as_array(weights)
        if weights.shape != a.shape:
            shape = [1] * a.ndim
            for extent, number in zip(weights.shape, axis if isinstance(axis, tuple) else (axis,), strict=True):
                shape[number] = extent
            weights = np.broadcast_to(weights.reshape(shape), a.shape)
        scale = np.sum(weights, axis=axis, keepdims=keepdims)
        mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / scale
    return (mean, np.broadcast_to(scale, np.shape(mean))) if returned else mean


# Without NaN: what is NaN is replaced by what changes nothing ------------------------------------------------------------------


def _without_nan(function: Callable[..., Any], instead: float) -> Callable[..., Any]:
    def reduced(a: Any, axis: Any = None, *args: Any, **kwargs: Any) -> Any:
        a = as_array(a)
        return function(np.where(np.isnan(a), instead, a), axis, *args, **kwargs)

    return reduced


def _extreme_without_nan(function: Callable[..., Any], instead: float) -> Callable[..., Any]:
    def reduced(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **more: Any) -> Any:
        a = as_array(a)
        bad = np.isnan(a)
        found = function(np.where(bad, instead, a), axis, out, keepdims=keepdims, **more)
        return np.where(np.all(bad, axis=axis, keepdims=keepdims), np.nan, found)

    return reduced


table[np.nansum] = _without_nan(np.sum, 0.0)
table[np.nanprod] = _without_nan(np.prod, 1.0)
table[np.nanmax] = _extreme_without_nan(np.max, -np.inf)
table[np.nanmin] = _extreme_without_nan(np.min, np.inf)


@covers(np.nanmean)
def _nanmean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    counted = np.sum(1.0 - np.isnan(as_array(a)), axis=axis, keepdims=keepdims)
    return np.nansum(a, axis=axis, dtype=dtype, out=out, keepdims=keepdims) / counted


@covers(np.nanvar)
def _nanvar(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False
) -> Any:
    refuse_out(out)
    a = as_array(a)
    good = 1.0 - np.isnan(a)
    centred = np.where(np.isnan(a), 0.0, a - np.nanmean(a, axis=axis, keepdims=True))
    counted = np.sum(good, axis=axis, keepdims=keepdims) - ddof
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / np.where(counted > 0, counted, np.nan)


@covers(np.nanstd)
def _nanstd(a: Any, *args: Any, **kwargs: Any) -> Any:
    return np.sqrt(np.nanvar(a, *args, **kwargs))


# Running reductions -----------------------------------------------------------------------------------------------------------


def accumulate(ufunc: np.ufunc, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    """Return running results by doubling: after k steps each element holds the result of the 2ᵏ elements up to it."""
    refuse_out(out)
    a = as_array(a)
    if a.ndim == 0:
        raise TypeError("cannot accumulate on a scalar")
    total = np.moveaxis(1.0 * a if a._truth else a, axis, 0).copy()
    step = 1
    while step < len(total):
        total[step:] = ufunc(total[step:], total[:-step])
        step *= 2
    return np.moveaxis(total, 0, axis)


_table.accumulate = accumulate


def _running(ufunc: np.ufunc) -> Callable[..., Any]:
    def run(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
        return accumulate(ufunc, as_array(a).ravel() if axis is None or not np.ndim(a) else a, axis or 0, dtype, out)

    return run


table[np.cumsum] = _running(np.add)
table[np.cumprod] = _running(np.multiply)
