"""backends: a function with a state of its own. Comes in: the user's function. Goes out: what it writes to that others can see.

A program computes what its function computes, but it does not count its calls or keep its arguments. A caller who looks at such
a state relies on each call, so the function itself has to be called. The code is looked at before anything is run.
"""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Iterator
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any

import numpy as np

__all__ = ["keeps_state"]

_WRITES = {"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"}
_LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"}
_METHODS = {"LOAD_METHOD", "LOAD_ATTR"}
_CHANGES = {"append", "extend", "insert", "pop", "add", "update", "setdefault", "remove", "clear"}
_CONTAINERS = (list, dict, set)
_PASSIVE = (
    ModuleType,
    type,
    np.ndarray,
    np.generic,
    np.ufunc,
    BuiltinFunctionType,
    str,
    int,
    float,
    complex,
    tuple,
    NoneType,
    *_CONTAINERS,
)


def keeps_state(f: Any) -> bool:
    """Return whether a function writes to what outlives the call, or one that it calls: an outer one, its module's, or a method."""
    seen: set[tuple[int, int]] = set()
    waiting = [f]
    while waiting:
        called = waiting.pop()
        function = _plain(called)
        owner = called.func if isinstance(called, functools.partial) else called
        thing = owner.__self__ if isinstance(owner, MethodType) else None if isinstance(owner, FunctionType) else owner
        if function is None or (id(function), id(thing)) in seen:
            continue
        seen.add((id(function), id(thing)))
        if _writes(function):
            return True
        objects = [] if thing is None else [thing]
        outer = list(_outer(function).values())
        for value in (*outer, *_globals(function)):
            if isinstance(value, FunctionType | MethodType | functools.partial):
                waiting.append(value)
            elif not isinstance(value, _PASSIVE):
                objects.append(value)
        for thing in objects:
            waiting += _methods(thing, function)
    return False


def _methods(thing: Any, function: FunctionType) -> Iterator[Any]:
    """Yield the methods of an object that a function names, and what it keeps under a name and may call."""
    kept = getattr(thing, "__dict__", {})
    for code in _codes(function.__code__):
        for name in code.co_names:
            member = inspect.getattr_static(type(thing), name, None)
            member = getattr(member, "fget", None) or getattr(member, "__func__", member)
            if isinstance(member, FunctionType):
                yield MethodType(member, thing)
            if callable(kept.get(name)) and not isinstance(kept[name], _PASSIVE):
                yield kept[name]


def _plain(f: Any) -> FunctionType | None:
    """Return the Python function behind a callable."""
    while isinstance(f, functools.partial):
        f = f.func
    if not isinstance(f, FunctionType | MethodType):
        f = inspect.getattr_static(type(f), "__call__", None)
    f = getattr(f, "__func__", f)
    return f if isinstance(f, FunctionType) else None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a function's code and that of the functions made in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _outer(function: FunctionType) -> dict[str, Any]:
    """Return the outer variables of a function that are filled."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found = {}
    for name, cell in cells:
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _globals(function: FunctionType) -> Iterator[Any]:
    """Yield what the function finds in its own module by name, but for what that imported: a library's functions keep no state."""
    for code in _codes(function.__code__):
        for value in (function.__globals__[name] for name in code.co_names if name in function.__globals__):
            if getattr(value, "__module__", function.__module__) == function.__module__:
                yield value


@functools.lru_cache(maxsize=1024)
def _acts(code: CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """Return what the code does, and the names of the outside that it reads."""
    acts, read = set(), set()
    for part in _codes(code):
        for step in dis.get_instructions(part):
            if step.opname in _WRITES or (
                step.opname in ("STORE_DEREF", "DELETE_DEREF") and step.argval in code.co_freevars
            ):
                acts.add("writes")
            elif step.opname in _LOADS:
                read.add(step.argval)
            elif step.opname == "STORE_SUBSCR" or (step.opname in _METHODS and step.argval in _CHANGES):
                acts.add("changes")
    return frozenset(acts), frozenset(read)


def _writes(function: FunctionType) -> bool:
    acts, read = _acts(function.__code__)
    if "changes" not in acts:
        return "writes" in acts
    outside = function.__globals__ | _outer(function)
    return "writes" in acts or any(isinstance(outside.get(name), _CONTAINERS) for name in read)
