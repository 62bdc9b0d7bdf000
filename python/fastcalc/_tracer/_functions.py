"""tracer: NumPy's functions on traced arrays. Comes in: calls that NumPy's protocols hand over. Goes out: recorded operations.

One entry a function. Functions that NumPy writes in terms of others are written so here too, in NumPy's own order of
operations, so that the values agree to rounding.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _ops
from ._array import Tracer
from ._refusal import nearest, refuse

if TYPE_CHECKING:
    from ._recording import Recording

_Function = Callable[..., Any]
_table: dict[_Function, _Function] = {}


def covers(*functions: _Function) -> Callable[[_Function], _Function]:
    """Enter the decorated function as what the given NumPy functions do on traced arrays."""

    def enter(ours: _Function) -> _Function:
        for function in functions:
            _table[function] = ours
        return ours

    return enter


def _refuse_out(out: Any) -> None:
    if out is not None:
        raise refuse("writing into an array that exists (out=)", "use what the function returns")


def call_function(function: _Function, args: Any, kwargs: Any) -> Any:
    """Do what a NumPy function does."""
    ours = _table.get(function)
    if ours is None:
        name = getattr(function, "__name__", str(function))
        raise refuse(f"np.{name}", nearest(name, [known.__name__ for known in _table]))
    return ours(*args, **kwargs)


def call_ufunc(recording: "Recording", ufunc: np.ufunc, method: str, inputs: Any, kwargs: dict[str, Any]) -> Any:
    """Do what a call of a ufunc or one of its methods does."""
    if kwargs.get("out") is not None:
        raise refuse("writing into an array that exists (out=, +=)", "write a = a + b")
    if method == "reduce" and ufunc.__name__ in _ops.by_reduced_ufunc:
        return _reduce(_ops.by_reduced_ufunc[ufunc.__name__], ufunc.reduce, *inputs, **{"axis": 0, **kwargs})
    if method == "outer":
        first, second = (recording.tracer(operand) for operand in inputs)
        return recording.ufunc(ufunc, (first.reshape(first.shape + (1,) * second.ndim), second))
    if method != "__call__":
        raise refuse(f"np.{ufunc.__name__}.{method}", "use a sum, a product or a loop")
    kwargs.pop("out", None)
    if kwargs:
        raise refuse(f"np.{ufunc.__name__} with {', '.join(kwargs)}=", "use np.where for a condition")
    if ufunc is np.matmul:
        return _matmul(*inputs)
    return recording.ufunc(ufunc, inputs)


def _recording_of(*operands: Any) -> "Recording":
    return next(operand._recording for operand in operands if isinstance(operand, Tracer))


# Reductions -------------------------------------------------------------------------------------------------------------


def _reduce(operation: _ops.Operation, real: _Function, a: Any, axis: Any = None, dtype: Any = None, out: Any = None,
            keepdims: Any = False, initial: Any = np._NoValue, where: Any = np._NoValue) -> Tracer:  # fmt: skip
    if (
        dtype is not None
        or out is not None
        or initial is not np._NoValue
        or not (where is np._NoValue or where is True)
    ):
        raise refuse(f"np.{operation.name} with dtype=, out=, initial= or where=", "use np.where before the reduction")
    recording = _recording_of(a)
    kept = bool(keepdims) if keepdims is not np._NoValue else False
    return recording.fold(operation, real, a, axis, kept)


def _reduction(name: str, real: _Function) -> _Function:
    def reduce(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, **more: Any
    ) -> Tracer:
        return _reduce(_ops.by_name[name], real, a, axis, dtype, out, keepdims, **more)

    return reduce


def _reduction_without_dtype(name: str, real: _Function) -> _Function:
    def reduce(a: Any, axis: Any = None, out: Any = None, keepdims: Any = False, **more: Any) -> Tracer:
        return _reduce(_ops.by_name[name], real, a, axis, None, out, keepdims, **more)

    return reduce


_table[np.sum] = _reduction("sum", np.sum)
_table[np.prod] = _reduction("prod", np.prod)
_table[np.max] = _table[np.amax] = _reduction_without_dtype("max", np.max)
_table[np.min] = _table[np.amin] = _reduction_without_dtype("min", np.min)
_table[np.any] = _reduction_without_dtype("any", np.any)
_table[np.all] = _reduction_without_dtype("all", np.all)


def _count(a: Tracer, axis: Any) -> int:
    axes = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([a.shape[number] for number in axes]))


@covers(np.mean)
def _mean(a: Tracer, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return np.sum(a, axis=axis, dtype=dtype, out=out, keepdims=keepdims) / _count(a, axis)


@covers(np.var)
def _var(
    a: Tracer, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False
) -> Any:
    centred = a - np.mean(a, axis=axis, dtype=dtype, out=out, keepdims=True)
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / max(_count(a, axis) - ddof, 0)


@covers(np.std)
def _std(
    a: Tracer, axis: Any = None, dtype: Any = None, out: Any = None, ddof: float = 0, keepdims: Any = False
) -> Any:
    return np.sqrt(np.var(a, axis=axis, dtype=dtype, out=out, ddof=ddof, keepdims=keepdims))


@covers(np.ptp)
def _ptp(a: Tracer, axis: Any = None, out: Any = None, keepdims: Any = False) -> Any:
    return np.max(a, axis=axis, out=out, keepdims=keepdims) - np.min(a, axis=axis, out=out, keepdims=keepdims)


@covers(np.linalg.norm)
def _norm(x: Tracer, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    if ord not in (None, 2) or (ord == 2 and x.ndim != 1):
        raise refuse(f"np.linalg.norm with ord={ord!r}", "write the norm as a sum")
    return np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims))


# Choices ----------------------------------------------------------------------------------------------------------------


@covers(np.where)
def _where(condition: Any, x: Any = None, y: Any = None) -> Tracer:
    if x is None or y is None:
        raise refuse("np.where without values", "give both values: np.where(condition, x, y)")
    return _recording_of(condition, x, y).apply(_ops.by_name["where"], np.where, (condition, x, y))


@covers(np.clip)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None) -> Any:
    _refuse_out(out)
    low, high = a_min if min is None else min, a_max if max is None else max
    if low is not None:
        a = np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


# Shapes -----------------------------------------------------------------------------------------------------------------


_table[np.shape] = lambda a: a.shape
_table[np.ndim] = lambda a: a.ndim
_table[np.size] = lambda a, axis=None: a.size if axis is None else a.shape[axis]
_table[np.copy] = lambda a, order="K", subok=False: a
_table[np.real] = lambda val: val
_table[np.transpose] = lambda a, axes=None: a.transpose(axes)
_table[np.swapaxes] = lambda a, axis1, axis2: a.swapaxes(axis1, axis2)
_table[np.moveaxis] = lambda a, source, destination: a._viewed(lambda array: np.moveaxis(array, source, destination))
_table[np.squeeze] = lambda a, axis=None: a.squeeze(axis)
_table[np.expand_dims] = lambda a, axis: a._viewed(lambda array: np.expand_dims(array, axis))
_table[np.ravel] = lambda a, order="C": a.ravel(order)
_table[np.broadcast_to] = lambda array, shape, subok=False: array.broadcast_to(shape)
_table[np.flip] = lambda m, axis=None: m._viewed(lambda array: np.flip(array, axis))


@covers(np.reshape)
def _reshape(a: Tracer, /, shape: Any = None, order: str = "C", **more: Any) -> Tracer:
    return a.reshape(shape, order=order)


@covers(np.atleast_1d)
def _atleast_1d(*arrays: Any) -> Any:
    grown = tuple(a if np.ndim(a) else a.reshape(1) if isinstance(a, Tracer) else np.atleast_1d(a) for a in arrays)
    return grown[0] if len(grown) == 1 else grown


def _like(make: _Function) -> _Function:
    def fresh(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any) -> Any:
        return make(a.shape if shape is None else shape, dtype=dtype or np.float64)

    return fresh


_table[np.zeros_like] = _like(np.zeros)
_table[np.ones_like] = _like(np.ones)
_table[np.empty_like] = _like(np.empty)


@covers(np.full_like)
def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any
) -> Any:
    extent = np.shape(a) if shape is None else shape
    return (
        fill_value.broadcast_to(extent)
        if isinstance(fill_value, Tracer)
        else np.full(extent, fill_value, dtype=np.float64)
    )


# Products and polynomials --------------------------------------------------------------------------------------------


@covers(np.dot)
def _dot(a: Any, b: Any, out: Any = None) -> Any:
    _refuse_out(out)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return a * b
    if np.ndim(b) > 2 or np.ndim(a) > 2:
        raise refuse("np.dot of more than two axes", "use matmul (@)")
    return _matmul(a, b)


def _matmul(a: Any, b: Any) -> Any:
    """Σₖ aᵢₖ bₖⱼ, the axes before those two broadcast."""
    recording = _recording_of(a, b)
    a, b = recording.tracer(a), recording.tracer(b)
    if a.ndim == 0 or b.ndim == 0 or a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise ValueError(f"matmul: Input operands have mismatching shapes {a.shape} and {b.shape}")
    left = a if b.ndim == 1 else a[..., None, :]
    right = b if b.ndim == 1 else b.swapaxes(-1, -2) if a.ndim == 1 else b.swapaxes(-1, -2)[..., None, :, :]
    value = recording.builder.contract(left._value, right._value, [max(left.ndim, right.ndim) - 1])
    return Tracer(recording, value, False, np.matmul, (a, b))


@covers(np.outer)
def _outer(a: Any, b: Any, out: Any = None) -> Any:
    _refuse_out(out)
    recording = _recording_of(a, b)
    return recording.tracer(a).reshape(-1, 1) * recording.tracer(b).ravel()


@covers(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    """Horner's rule, in NumPy's order of operations."""
    total: Any = np.zeros(np.shape(x))
    for coefficient in p:
        total = total * x + coefficient
    return total


@covers(np.diff)
def _diff(a: Tracer, n: int = 1, axis: int = -1) -> Any:
    for _ in range(n):
        ahead, behind = [slice(None)] * a.ndim, [slice(None)] * a.ndim
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        a = a[tuple(ahead)] - a[tuple(behind)]
    return a


@covers(np.trapezoid)
def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    recording = _recording_of(y, x)
    y = recording.tracer(y)
    ahead, behind = [slice(None)] * y.ndim, [slice(None)] * y.ndim
    ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
    width: Any = dx if x is None else np.diff(x) if np.ndim(x) == 1 else np.diff(x, axis=axis)
    if x is not None and np.ndim(x) == 1:
        shape = [1] * y.ndim
        shape[axis] = -1
        width = width.reshape(tuple(shape))
    return np.sum(width * (y[tuple(ahead)] + y[tuple(behind)]) / 2.0, axis=axis)


@covers(np.sinc)
def _sinc(x: Any) -> Any:
    # NumPy's definition: at 0 the argument is replaced by a tiny one, where the quotient is 1 to rounding.
    y = np.pi * np.where(x == 0, 1.0e-20, x)
    return np.sin(y) / y


@covers(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    largest = np.finfo(np.float64).max
    x = np.where(np.isnan(x), nan, x)
    x = np.where(x == np.inf, largest if posinf is None else posinf, x)
    return np.where(x == -np.inf, -largest if neginf is None else neginf, x)
