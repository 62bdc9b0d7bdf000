"""tracer: what a function reads besides its arguments: globals, closures, attributes, and what stands in arrays and containers there.

Comes in: what the stand-ins hand out. Goes out: an `Outside`, by which every call asks whether all is as it was when it was traced;
where it is not, the function is traced anew. Of a large array parts alone are compared, of an object of another library nothing.
"""

from collections.abc import Iterator
from types import BuiltinFunctionType, CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from .._fast import Outside
from ._array import Tracer

#: Containers of more elements are compared by identity alone.
MOST_ELEMENTS = 1000

_lasting = (ModuleType, type, np.ufunc, BuiltinFunctionType, type(np.sum), Tracer)


class Reads:
    """What is read while a function is traced."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], tuple[dict[str, Any] | CellType, str, Any]] = {}
        self._arrays: dict[int, np.ndarray[Any, Any]] = {}
        self._containers: dict[int, tuple[Any, Any]] = {}

    def name(self, space: dict[str, Any] | CellType, name: str, meaning: Any) -> None:
        """Note what a name of a module, an attribute of an object, or an outer variable (its cell, without a name) means."""
        if not isinstance(meaning, _lasting):
            self._names.setdefault((id(space), name), (space, name, meaning))
            self.content(meaning)

    def content(self, thing: Any, depth: int = 2) -> None:
        """Note what stands in an array, in a container, or in an object of the user."""
        if isinstance(thing, np.ndarray):
            if thing.dtype.kind in "biufc":
                self._arrays.setdefault(id(thing), thing)
            return
        if isinstance(thing, FunctionType) or not depth:
            return
        if not isinstance(thing, list | tuple | dict | set | frozenset):
            return
        if id(thing) in self._containers or len(thing) > MOST_ELEMENTS:
            return
        elements = list(thing.values() if isinstance(thing, dict) else thing)
        if any(isinstance(element, Tracer) for element in elements):
            return
        if isinstance(thing, list | dict | set):
            self._containers[id(thing)] = thing, thing.copy()
        for element in elements:
            self.content(element, depth - 1)

    def __bool__(self) -> bool:
        """Whether anything was read."""
        return bool(self._names or self._arrays or self._containers)

    def has(self, value: np.ndarray[Any, Any]) -> bool:
        """Whether an array, or a number by name or in a container, that was read is equal to this one."""
        if value.size == 1:
            things = [meaning for _, _, meaning in self._names.values()] + [
                copy for _, copy in self._containers.values()
            ]
            if any(number == value for thing in things for number in _numbers_in(thing)):
                return True
        return any(np.array_equal(array, value) for array in self._arrays.values())

    def outside(self) -> Outside | None:
        """Return what was read, to be asked whether it is the same; None if nothing was."""
        if not self:
            return None
        return Outside(self._names.values(), self._arrays.values(), self._containers.values())


def _numbers_in(thing: Any, depth: int = 2) -> Iterator[Any]:
    """Yield what numbers a thing is or contains."""
    if isinstance(thing, int | float | np.number) and not isinstance(thing, bool):
        yield thing
    elif depth and isinstance(thing, list | tuple | dict | set | frozenset) and len(thing) <= MOST_ELEMENTS:
        for element in thing.values() if isinstance(thing, dict) else thing:
            yield from _numbers_in(element, depth - 1)
