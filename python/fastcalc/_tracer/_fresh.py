"""tracer: arrays that a traced function makes for itself, and what else of NumPy the protocols do not catch.

Comes in: NumPy's functions that make arrays, `float`, `np.float64`, `type`, `np.vectorize`. Goes out: what stands in for each.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy._core import _multiarray_umath  # type: ignore[attr-defined]

from . import _table
from ._array import Tracer
from ._operands import as_array, assembled, is_traced, term_of
from ._refusal import refuse
from ._table import covers
from ._terms import constant, ghost


def fresh(array: Any) -> Any:
    """Return an array that was just made as one into which traced values can be written; others than float64 and bool as they are."""
    if type(array) is np.ndarray and array.dtype in (np.float64, np.bool_):
        return Tracer.holding(constant(array if array.flags.owndata else np.array(array)), number=False)
    return array


def concerns(args: Any, kwargs: Any) -> bool:
    """Whether a call has traced arrays among its arguments, in lists too."""
    return any(map(is_traced, args)) or (bool(kwargs) and any(map(is_traced, kwargs.values())))


def _making(real: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        if concerns(args, kwargs):
            return _table.call_function(real, args, kwargs)
        made = real(*args, **kwargs)
        is_old = real in _aliasing and (not made.flags.owndata or any(made is arg for arg in args))
        return made if is_old else fresh(made)

    return make


#: Functions that may return an array that there was before.
_aliasing = {
    np.array, np.asarray, np.asanyarray, np.asarray_chkfinite, np.ascontiguousarray, np.asfortranarray, np.diag, np.require,
}  # fmt: skip


def _emptying(real: Callable[..., Any]) -> Callable[..., Any]:
    def make(*args: Any, **kwargs: Any) -> Any:
        if concerns(args, kwargs):
            return _table.call_function(real, args, kwargs)
        array = real(*args, **kwargs)
        if array.dtype == np.float64:
            array.fill(np.nan)  # what is never written must not look like a number
        return fresh(array)

    return make


class Lifted:
    """A function or ufunc of NumPy that also takes lists of traced values."""

    __slots__ = ("_function",)

    def __init__(self, function: Any) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not concerns(args, kwargs):
            return self._function(*args, **kwargs)
        if isinstance(self._function, np.ufunc):
            if kwargs.get("out") is Ellipsis:  # an array also where it has no axes
                return Tracer.holding(term_of(self(*args, **{**kwargs, "out": None})), number=False)
            return self._function(*(as_array(arg) if isinstance(arg, list | tuple) else arg for arg in args), **kwargs)
        return _table.call_function(self._function, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._function, name)
        if name not in ("reduce", "accumulate"):
            return found
        return lambda array, *more, **options: found(as_array(array) if is_traced(array) else array, *more, **options)

    def __repr__(self) -> str:
        return repr(self._function)


# Arrays of what there is ------------------------------------------------------------------------------------------------


@covers(np.array)
def _array(
    obj: Any,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: str = "K",
    subok: bool = False,
    ndmin: int = 0,
    like: Any = None,
) -> Any:
    made = obj if type(obj) is Tracer and not copy else Tracer.holding(term_of(obj), number=False)
    if dtype is not None:
        made = made.astype(dtype, copy=False)
    return made if np.ndim(made) >= ndmin else made[(None,) * (ndmin - made.ndim)]


@covers(np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite, np.require)
def _asarray(a: Any, dtype: Any = None, order: Any = None, **more: Any) -> Any:
    made = a if type(a) is Tracer and not a._number else Tracer.holding(term_of(a), number=False)
    return made if dtype is None else made.astype(dtype, copy=False)


def _fromiter(iterable: Any, dtype: Any, count: int = -1, **more: Any) -> Any:
    elements = list(iterable if count < 0 else itertools.islice(iterable, count))
    return _asarray(elements, dtype) if is_traced(elements) else fresh(np.fromiter(elements, dtype, count, **more))


@covers(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    if type(dst) is not Tracer:
        raise refuse("np.copyto into an array that the function did not make", "copy the array first")
    dst[...] = src if where is True else np.where(where, src, dst)


@covers(np.can_cast)
def _can_cast(from_: Any, to: Any, casting: str = "safe") -> bool:
    return np.can_cast(getattr(from_, "dtype", from_), getattr(to, "dtype", to), casting)  # type: ignore[arg-type]


def _broadcast(*arrays: Any) -> np.broadcast:
    return np.broadcast(*(ghost(array.shape) for array in map(as_array, arrays)))


@covers(np.result_type)
def _result_type(*operands: Any) -> Any:
    return np.result_type(*(operand.dtype if type(operand) is Tracer else operand for operand in operands))


# Types that convert -----------------------------------------------------------------------------------------------------


class _Converting(type):
    """The type of a class that stands in for `real`: to convert, to test with ``isinstance``, to name a dtype."""

    real: Any
    make: Callable[..., Any]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls.make(*args, **kwargs)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.real)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(getattr(subclass, "real", subclass), cls.real)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls.real

    def __hash__(cls) -> int:
        return hash(cls.real)

    def __getattr__(cls, name: str) -> Any:
        return getattr(cls.real, name)


def _converting(real: Any, make: Callable[..., Any], **more: Any) -> Any:
    return _Converting(real.__name__, (), {"real": real, "make": staticmethod(make), **more})


def _float(x: Any = 0.0) -> Any:
    if type(x) is not Tracer:
        return float(x)
    if x.size != 1:
        raise TypeError("only length-1 arrays can be converted to Python scalars")
    return 1.0 * x.item() if x._truth else x.item()


def _float64(x: Any = 0.0) -> Any:
    if not is_traced(x):
        return np.float64(x)
    made = as_array(x)
    return (1.0 * made if made._truth else made.copy()) if made.ndim else _float(made)


def _type(thing: Any, *more: Any, **kwargs: Any) -> Any:
    if more:
        return type(thing, *more, **kwargs)
    return _by_type.get(thing.__class__ if type(thing) is Tracer else type(thing)) or (
        thing.__class__ if type(thing) is Tracer else type(thing)
    )


class Vectorized:
    """What np.vectorize makes: the function is called for each element, traced or not."""

    def __init__(
        self,
        pyfunc: Any,
        otypes: Any = None,
        doc: Any = None,
        excluded: Any = None,
        cache: bool = False,
        signature: Any = None,
    ) -> None:
        self._pyfunc = pyfunc
        self._is_plain = not excluded and signature is None
        self._real = np.vectorize(pyfunc, otypes, doc, excluded, cache, signature)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not concerns(args, kwargs):
            return self._real(*args, **kwargs)
        if kwargs or not self._is_plain:
            raise refuse("np.vectorize with excluded=, signature= or names", "write the loop out")
        arrays = np.broadcast_arrays(*map(as_array, args))
        results = [self._pyfunc(*elements) for elements in zip(*(array.flat for array in arrays), strict=True)]
        whole = Tracer.holding(assembled(results), number=False)
        return whole.reshape(arrays[0].shape) if arrays[0].ndim else whole[0]


def _ndenumerate(arr: Any) -> Any:
    return ((place, arr[place]) for place in np.ndindex(arr.shape)) if type(arr) is Tracer else np.ndenumerate(arr)


class _Errstate(np.errstate):
    """The context in which NumPy warns; a program cannot raise."""

    def __init__(self, **kwargs: Any) -> None:
        if {"raise", "call"} & set(kwargs.values()):
            raise refuse("np.errstate that raises", "test for the bad values with np.isfinite")
        super().__init__(**kwargs)


# What stands in for what --------------------------------------------------------------------------------------------------

makers_of_arrays: dict[Any, Any] = {
    real: _making(real)
    for real in (
        np.array, np.asarray, np.asanyarray, np.asarray_chkfinite, np.ascontiguousarray, np.asfortranarray, np.arange, np.copy,
        np.diag, np.eye, np.full, np.full_like, np.geomspace, np.identity, np.linspace, np.logspace, np.ones, np.ones_like,
        np.require, np.tri, np.zeros, np.zeros_like,
    )
}  # fmt: skip
makers_of_arrays[np.empty] = _emptying(np.empty)
makers_of_arrays[np.empty_like] = _emptying(np.empty_like)
makers_of_arrays[np.fromiter] = _fromiter


class _Converter:
    """What NumPy's own code uses to convert its arguments, and to wrap its result in their type."""

    def __init__(self, *arrays: Any) -> None:
        self._arrays = tuple(map(as_array, arrays))
        self.scalar_input = tuple(not isinstance(array, np.ndarray) or array.ndim == 0 for array in arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __getitem__(self, place: Any) -> Any:
        return self._arrays[place]

    def as_arrays(self, **options: Any) -> tuple[Any, ...]:
        """Return the arguments."""
        return self._arrays

    def result_type(self, extra_dtype: Any = None, ensure_inexact: bool = False) -> np.dtype[Any]:
        """Return the type in which they are computed with."""
        return np.dtype(np.float64)

    def wrap(self, result: Any, to_scalar: Any = None) -> Any:
        """Return the result as it is."""
        return result


types_that_convert: dict[Any, Any] = {
    float: _converting(float, _float, dtype=np.dtype(np.float64)),
    np.float64: _converting(np.float64, _float64, dtype=np.dtype(np.float64)),
    type: _converting(type, _type),
    np.vectorize: Vectorized,
    np.broadcast: _broadcast,
    np.ndenumerate: _ndenumerate,
    np.errstate: _Errstate,
}
# NumPy's own code reaches these, under names of its own that may be missing in other versions.
for _name, _ours in {"_array_converter": _Converter, "_unique_hash": lambda *args, **kwargs: NotImplemented}.items():
    if hasattr(_multiarray_umath, _name):
        types_that_convert[getattr(_multiarray_umath, _name)] = _ours

_by_type = {real: ours for real, ours in types_that_convert.items() if isinstance(ours, _Converting)}
