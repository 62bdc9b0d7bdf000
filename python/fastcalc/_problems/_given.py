"""problems: derivatives that the caller gives.

Comes in: an objective, and the caller's `jac`, `hess` and `hessp`, each a callable or not given. Goes out: what a loop asks: those of
the caller, and exact ones in place of the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fast import AtPoint
from .._functions._compressed import Pattern
from ._objective import Functions, Objective
from ._space import Vector
from ._sparse_hessian import FEW_VARIABLES, Storage
from ._sparse_system import entries_of

__all__ = ["functions_of"]

Array = NDArray[np.float64]


def functions_of(
    objective: Objective, x: Array, arguments: tuple[Any, ...], jac: Any, hess: Any, hessp: Any
) -> Functions:
    """Return what the loop asks: the caller's own derivatives where they are given, exact ones else."""
    if not callable(jac) and jac is not True:
        functions = objective.functions(x, arguments)
    else:
        first = None if callable(jac) else AtPoint(lambda x: _first(objective, x, arguments), 1)
        functions = Functions(first, _pair(objective, x.size, arguments, jac), None, None, "jac")
        if jac is not True and hess is None and hessp is None:
            exact = objective.functions_quietly(x, arguments)
            if exact is not None:
                functions.hessian, functions.product = exact.hessian, exact.product
    if not callable(hess) and not callable(hessp):
        return functions
    functions, place = replace(functions), objective.unflatten  # those that are kept stay as they are
    if callable(hess):
        functions = _with_hessian(functions, x, lambda x: hess(place(x.copy()), *arguments))
    if callable(hessp):

        def product(x: Array, v: Array) -> Array:
            return _sized(hessp(place(x.copy()), v.copy(), *arguments), "hessp", (x.size,))

        functions.product = AtPoint(product, x.size)
        if not callable(hess):
            functions.hessian = AtPoint(lambda x: np.stack([product(x, v) for v in np.eye(x.size)]), x.size**2)
    return functions


def _with_hessian(functions: Functions, x: Array, at: Callable[[Array], Any]) -> Functions:
    if x.size > FEW_VARIABLES and hasattr(first := at(x), "tocsr"):
        return _by_entries(functions, x.size, at, entries_of(first, None)[1])

    def matrix(x: Array) -> Array:
        found = at(x)
        return _sized(found.toarray() if hasattr(found, "toarray") else found, "hess", (x.size, x.size))

    product = AtPoint(lambda x, v: matrix(x) @ v, x.size)
    return replace(functions, hessian=AtPoint(matrix, x.size**2), product=product)


def _by_entries(functions: Functions, size: int, at: Callable[[Array], Any], pattern: Pattern) -> Functions:
    if pattern.shape != (size, size):
        raise ValueError(f"hess returned a matrix of the shape {pattern.shape} for {size} variables")
    return replace(
        functions,
        hessian=AtPoint(lambda x: entries_of(at(x), pattern)[0], len(pattern.columns)),
        product=AtPoint(lambda x, v: at(x) @ v, size),
        sparse=Storage.of(pattern),
        grown=lambda larger: _by_entries(functions, size, at, larger),
    )


def _sized(given: Any, name: str, shape: tuple[int, ...]) -> Array:
    array = np.asarray(given, np.float64)
    if array.size != math.prod(shape):
        raise ValueError(f"{name} returned the shape {array.shape} for {shape[0]} variables: give {shape}")
    return array.reshape(shape)


def _both(made: Any) -> tuple[Any, Any]:
    try:
        value, gradient = made
    except (TypeError, ValueError):
        raise TypeError(f"with jac=True fun gives the value and the gradient, not {made!r}") from None
    return value, gradient


def _first(objective: Objective, x: Array, arguments: tuple[Any, ...]) -> float:
    """Return the value that a function gives beside its gradient."""
    return float(np.asarray(_both(objective.f(objective.unflatten(x.copy()), *arguments))[0]).reshape(()))


def _pair(objective: Objective, size: int, arguments: tuple[Any, ...], jac: Any) -> AtPoint:
    place = objective.unflatten

    def both(x: Array) -> Array:
        if jac is True:
            value, gradient = _both(objective.f(place(x.copy()), *arguments))
        else:
            value, gradient = objective.value(x, arguments), jac(place(x.copy()), *arguments)
        slopes = Vector.of(gradient)[0] if objective.vector else np.asarray(gradient, np.float64).ravel()
        if slopes.size != size:
            raise ValueError(f"jac returned {slopes.size} numbers for {size} variables")
        return np.concatenate(([float(np.asarray(value).reshape(()))], slopes))

    return AtPoint(both, size + 1)
