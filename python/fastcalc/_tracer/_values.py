"""tracer: what stands in for a value of the outside, by what it is and by its type.

Comes in: numbers' types, arrays, tables, generators, functions of NumPy and `math`. Goes out: what a copied function is given for
them. Functions, objects and modules of the user are copied by `_stand_ins`, which enters its own types here.
"""

import functools
import itertools
import sys
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _table
from ._fresh import Lifted, Vectorized, concerns, makers_of_arrays, types_that_convert
from ._maths import functions_of_math
from ._random import Refused, function_of_module

if TYPE_CHECKING:
    from ._stand_ins import StandIns

#: By identity: what is replaced by what, whoever asks.
replaced: dict[int, tuple[Any, Any]] = {
    id(real): (real, ours)
    for real, ours in [*makers_of_arrays.items(), *functions_of_math.items(), *types_that_convert.items()]
}

# Where NumPy's own code has a function without its dispatcher.
for _function in _table.table:
    _bare = getattr(_function, "__wrapped__", None)
    if type(_bare) is BuiltinFunctionType:
        replaced[id(_bare)] = (_bare, Lifted(_function))

#: Types of generators of random numbers, of those modules that somebody has imported.
generators: set[type] = set()

_functions = {FunctionType, BuiltinFunctionType, MethodType, np.ufunc, type(np.sum), functools.partial}


class _Concatenating:
    """What stands in for np.r_ and np.c_."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        return (
            _table.own_code(type(self._real).__getitem__)(self._real, key) if concerns(parts, {}) else self._real[key]
        )


def _read_only(stand_ins: "StandIns", array: np.ndarray[Any, Any]) -> Any:
    if not array.flags.writeable:
        return array
    seen = array.view()
    seen.flags.writeable = False
    return seen


def _container(stand_ins: "StandIns", container: Any) -> Any:
    """Return a list, tuple, dict or set of the outside; a copy if there are functions in it, as in a table of them."""
    stand_ins.kept.append(container)
    elements = container.values() if type(container) is dict else container
    if type(container) is set or not any(type(element) in _functions for element in itertools.islice(elements, 100)):
        return container
    made = list(map(stand_ins.of, elements))
    copy = dict(zip(container, made, strict=True)) if type(container) is dict else type(container)(made)
    stand_ins.tables.append((copy, made))
    return copy


def _cached(stand_ins: "StandIns", f: Any) -> Any:
    """Without traced arguments a cached function is what it was; with them there is nothing to look up."""
    copy = stand_ins.of(f.__wrapped__)
    return lambda *args, **kwargs: copy(*args, **kwargs) if concerns(args, kwargs) else f(*args, **kwargs)


def _partial(stand_ins: "StandIns", partial: functools.partial[Any]) -> Any:
    return functools.partial(stand_ins.of(partial.func), *map(stand_ins.of, partial.args), **partial.keywords)


def _builtin(stand_ins: "StandIns", f: Any) -> Any:
    return function_of_module(f) if type(getattr(f, "__self__", None)) in generators else f


#: By type: how a stand-in is made.
makers: dict[type, Callable[["StandIns", Any], Any]] = {
    BuiltinFunctionType: _builtin,
    type: lambda stand_ins, real: real,
    np.ufunc: lambda stand_ins, ufunc: Lifted(ufunc),
    # A stand-in already: np.sin of a traced function, given on to fastcalc.grad.
    Lifted: lambda stand_ins, lifted: lifted,
    type(np.sum): lambda stand_ins, function: Lifted(function),
    np.ndarray: _read_only,
    type(np.r_): lambda stand_ins, r: _Concatenating(r),
    type(np.c_): lambda stand_ins, c: _Concatenating(c),
    np.vectorize: lambda stand_ins, f: Vectorized(stand_ins.of(f.pyfunc)) if type(f.pyfunc) is FunctionType else f,
    functools.partial: _partial,
    type(functools.lru_cache(lambda: None)): _cached,
    list: _container,
    tuple: _container,
    dict: _container,
    set: _container,
}


def find_generators() -> None:
    """Enter the types of generators of random numbers of those modules that have been imported by now."""
    for module, names in {"random": ("Random",), "numpy.random": ("Generator", "RandomState")}.items():
        for name in names if module in sys.modules else ():
            kind = getattr(sys.modules[module], name)
            generators.add(kind)
            makers.setdefault(kind, lambda stand_ins, generator: Refused(generator))
