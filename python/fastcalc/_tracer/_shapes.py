"""tracer: the same elements in another shape. Comes in: NumPy's functions of shape. Goes out: views."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _table
from ._array import Tracer
from ._operands import as_array
from ._table import covers, table
from ._terms import constant, viewed

table[np.shape] = lambda a: as_array(a).shape
table[np.ndim] = lambda a: as_array(a).ndim
table[np.size] = lambda a, axis=None: as_array(a).size if axis is None else as_array(a).shape[axis]
table[np.copy] = lambda a, order="K", subok=False: as_array(a).copy()
table[np.real] = lambda val: val
table[np.imag] = lambda val: val.imag
table[np.isrealobj] = lambda x: True
table[np.iscomplexobj] = lambda x: False
table[np.real_if_close] = lambda a, tol=100: a
table[np.transpose] = lambda a, axes=None: as_array(a).transpose(axes)
table[np.swapaxes] = lambda a, axis1, axis2: as_array(a).swapaxes(axis1, axis2)
table[np.squeeze] = lambda a, axis=None: as_array(a).squeeze(axis)
table[np.ravel] = lambda a, order="C": as_array(a).ravel(order)
table[np.broadcast_to] = lambda array, shape, subok=False: as_array(array).broadcast_to(shape)
table[np.shares_memory] = table[np.may_share_memory] = lambda a, b, max_work=None: _root(a) is _root(b)


def _root(array: Any) -> Any:
    return array._owner if type(array) is Tracer else array


def _viewing(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, *args, **kwargs: as_array(a)._viewed(lambda array: function(array, *args, **kwargs))


_views: tuple[Any, ...] = (
    np.moveaxis,
    np.rollaxis,
    np.expand_dims,
    np.flip,
    np.fliplr,
    np.flipud,
    np.rot90,
    np.matrix_transpose,
    np.lib.stride_tricks.sliding_window_view,
)
for _function in _views:
    table[_function] = _viewing(_function)


@covers(np.diagonal)
def _diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return as_array(a)._viewed(
        lambda array: np.diagonal(array, offset, axis1, axis2), lock=("a diagonal", "np.fill_diagonal, or by indices")
    )


@covers(np.reshape)
def _reshape(a: Any, /, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: bool | None = None) -> Any:
    return as_array(a).reshape(newshape if shape is None else shape, order=order, copy=copy)


def _at_least(function: Callable[..., Any], axes: int) -> Callable[..., Any]:
    def grow(*arrays: Any) -> Any:
        grown = []
        for array in map(as_array, arrays):
            if type(array) is not Tracer:
                grown.append(function(array))
            elif array._number:
                grown.append(Tracer.holding(viewed(array._term, function), number=False))
            else:
                grown.append(array if array.ndim >= axes else array._viewed(function))
        return grown[0] if len(grown) == 1 else tuple(grown)

    return grow


for _axes, _function in enumerate((np.atleast_1d, np.atleast_2d, np.atleast_3d), 1):
    table[_function] = _at_least(_function, _axes)


@covers(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    arrays = [as_array(arg) for arg in args]
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return tuple(np.broadcast_to(array, shape) for array in arrays)


def _splitting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what splits as `function` does: the places are those at which it splits an array of the same shape."""

    def split(ary: Any, *args: Any, **kwargs: Any) -> Any:
        array = as_array(ary)
        number = len(function(np.empty(array.shape, dtype=np.int8), *args, **kwargs))
        return [array._viewed(lambda whole, i=i: function(whole, *args, **kwargs)[i]) for i in range(number)]

    return split


for _function in (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit):
    table[_function] = _splitting(_function)
if hasattr(np, "unstack"):
    table[np.unstack] = lambda x, /, *, axis=0: tuple(np.moveaxis(as_array(x), axis, 0))


# Fresh arrays of the shape of others -----------------------------------------------------------------------------------------


def _like(value: float) -> Callable[..., Any]:
    def fresh(a: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any) -> Any:
        like = as_array(a)
        kind = np.dtype(like.dtype if dtype is None else dtype)
        made = np.full(
            like.shape if shape is None else shape, value if kind == np.float64 else int(value == 1), dtype=kind
        )
        return Tracer.holding(constant(made), number=False) if made.dtype in (np.float64, np.bool_) else made

    return fresh


table[np.zeros_like] = _like(0)
table[np.ones_like] = _like(1)
table[np.empty_like] = _like(np.nan)


@covers(np.full_like)
def _full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, **more: Any
) -> Any:
    made = _table.table[np.zeros_like](a, dtype=dtype, shape=shape)
    made[...] = fill_value
    return made
