"""tracer: NumPy's ufuncs on traced arrays.

Comes in: calls that NumPy's protocol hands over. Goes out: recorded operations.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _ops, _table
from ._array import Tracer
from ._operands import as_array, term_of, wrapped
from ._refusal import nearest, refuse
from ._terms import Term, apply, recording_of

#: Ufuncs that are written in terms of others: given the operands, returns the result.
composed: dict[str, Callable[..., Any]] = {
    "divmod": lambda x, y: (np.floor_divide(x, y), np.remainder(x, y)),
    "modf": lambda x: (np.where(np.isinf(x), np.copysign(0.0, x), np.copysign(x - np.trunc(x), x)), np.trunc(x)),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "matmul": lambda x, y: _table.table[np.matmul](x, y),
    "vecdot": lambda x, y: _table.table[np.vecdot](x, y),
    "matvec": lambda x, y: (x @ as_array(y)[..., None])[..., 0],
    "vecmat": lambda x, y: (as_array(x)[..., None, :] @ y)[..., 0, :],
    "ldexp": lambda x, y: x * np.exp2(y),
}

#: Operations of which running results are those of ever longer reductions, in any order.
_associative = {"add", "multiply", "maximum", "minimum", "fmax", "fmin", "logical_and", "logical_or"}


def call(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Do what a call of a ufunc or one of its methods does."""
    out = kwargs.pop("out", None)
    if method == "at":
        return _at(ufunc, *inputs)
    result = _result(ufunc, method, inputs, kwargs, out)
    if out is None:
        return result
    targets = out if isinstance(out, tuple) else (out,)
    written = tuple(map(_into, targets, result if ufunc.nout > 1 else (result,)))
    return written if ufunc.nout > 1 else written[0]


def _into(out: Any, result: Any) -> Any:
    """Write a result into `out`, and return what stands for it then."""
    if type(out) is not Tracer:
        if out is None:
            return result
        raise refuse(
            "writing into an array that the function did not make (out=, +=)",
            "write a = a + b, or copy the array first",
        )
    if out._number:
        raise TypeError("return arrays must be of ArrayType")
    if np.shape(result) != out.shape and np.broadcast_shapes(np.shape(result), out.shape) != out.shape:
        raise ValueError(
            f"non-broadcastable output operand with shape {out.shape} doesn't match the broadcast shape {np.shape(result)}"
        )
    out[...] = result
    return out


def _result(ufunc: np.ufunc, method: str, inputs: Sequence[Any], kwargs: dict[str, Any], out: Any) -> Any:
    if method == "reduce" and _ops.name_of(ufunc) in _ops.by_reduced_ufunc:
        operation = _ops.by_reduced_ufunc[_ops.name_of(ufunc)]
        return _table.reduce(operation, ufunc.reduce, *inputs, **{"axis": 0, **kwargs})
    if method == "accumulate" and ufunc.__name__ in _associative:
        return _table.accumulate(ufunc, *inputs, **{"axis": 0, **kwargs})
    if method == "outer":
        first, second = map(as_array, inputs)
        return ufunc(first.reshape(first.shape + (1,) * second.ndim), second)
    if method != "__call__":
        raise refuse(f"np.{ufunc.__name__}.{method}", "use a sum, a product or a loop")
    where = kwargs.pop("where", True)
    dtype = kwargs.pop("dtype", None)
    for name in ("casting", "order", "subok"):
        kwargs.pop(name, None)
    refuse_dtype(dtype, ufunc.__name__)
    if kwargs:
        raise refuse(f"np.{ufunc.__name__} with {', '.join(kwargs)}=", "leave it out")
    if where is not True:
        if out is None or out[0] is None or ufunc.nout > 1:
            raise refuse(f"np.{ufunc.__name__} with where= but without out=", "use np.where for a condition")
        # Where the condition is false the operand is not used, so that no NaN of it spoils a derivative.
        return np.where(where, record(ufunc, inputs), out[0])
    return record(ufunc, inputs)


def record(ufunc: np.ufunc, inputs: Sequence[Any]) -> Any:
    """Record a call of a ufunc."""
    name = _ops.name_of(ufunc)
    if name in composed:
        return composed[name](*inputs)
    terms = tuple(map(term_of, inputs))
    if recording_of(terms) is None:
        real = ufunc(*(term.real for term in terms))
        return tuple(map(_fresh, real)) if isinstance(real, tuple) else _fresh(real)
    if name in _ops.identities:
        return Tracer.holding(terms[0])
    return wrapped(_recorded(ufunc, name, terms, inputs))


def _fresh(real: Any) -> Any:
    return (
        Tracer.holding(Term(None, None, real.dtype.kind == "b", None, (), real))
        if isinstance(real, np.ndarray)
        else real
    )


def _recorded(ufunc: np.ufunc, name: str, terms: tuple[Term, ...], inputs: Sequence[Any]) -> Term:
    if name == "power" and terms[0].shape and isinstance(inputs[1], float) and inputs[1] == 0.5:
        return apply(_ops.by_ufunc["sqrt"], np.sqrt, terms[:1])  # as NumPy does for an array and this number
    operation = _ops.by_ufunc.get(name)
    if operation is None:
        raise refuse(f"the ufunc {name}", nearest(name, [*_ops.by_ufunc, *composed]))
    truths = all(term.truth for term in terms)
    if name in _ops.bitwise and not truths:
        raise refuse(f"np.{name} of floating-point numbers", "NumPy has no such operation either")
    if truths and not operation.truth:
        logic = _ops.on_truths.get(name)
        if logic is None:
            raise refuse(f"np.{name} of truth values", "make numbers of them first: 1.0 * mask")
        operation = _ops.by_ufunc[logic]
    for place, constant in enumerate(operation.constant):
        if constant and terms[place].recording is not None:
            raise refuse(
                f"a traced {'second' if place else 'first'} argument of scipy.{name}",
                "its derivative there has no closed form: make it a constant",
            )
    return apply(operation, ufunc, terms)


def refuse_dtype(dtype: Any, name: str) -> None:
    """Refuse to compute in another type than float64."""
    if dtype is not None and dtype is not type(np.dtype(np.float64)) and np.dtype(dtype) != np.float64:
        raise refuse(f"np.{name} with dtype={np.dtype(dtype).name}", "all arithmetic is float64")


def _at(ufunc: np.ufunc, array: Any, index: Any, *values: Any) -> None:
    """Apply a ufunc in place at an index that may name an element more than once: in rounds that name each once."""
    if type(array) is not Tracer:
        raise refuse(f"np.{ufunc.__name__}.at on an array that the function did not make", "copy the array first")
    places = np.arange(array.size).reshape(array.shape)[index]
    operands = [as_array(value) for value in values]
    operands = [np.broadcast_to(operand, places.shape).reshape(-1) for operand in operands]
    left = np.arange(places.size)
    flat = places.reshape(-1)
    while left.size:
        _, first = np.unique(flat[left], return_index=True)
        now = left[np.sort(first)]
        target = np.unravel_index(flat[now], array.shape)
        array[target] = ufunc(array[target], *(operand[now] for operand in operands))
        left = np.setdiff1d(left, now)


_table.call_ufunc = call
