"""problems: what a constraint is. Comes in: any of the spellings that people use. Goes out: a list of `Constraint`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._functions._branches import name_of
from .._functions._pytrees import flatten_result

__all__ = ["Constraint", "constraints_of", "equality", "inequality"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Constraint:
    """A function of x and what its values must lie between; equal bounds make an equation.

    Made by `equality` and `inequality`.

    Attributes
    ----------
    fun : callable
        ``fun(x, *args)`` gives a number or an array.
    lower, upper : array_like
        Of the shape of the values, or one number for all.
    jac : callable, optional
        Its Jacobian, used where `fun` cannot be traced.
    args : tuple
        Further arguments.
    name : str
        How messages call it.
    """

    fun: Callable[..., Any]
    lower: ArrayLike
    upper: ArrayLike
    jac: Callable[..., Any] | None = None
    args: tuple[Any, ...] = ()
    name: str = field(default="", compare=False)


def equality(fun: Callable[..., Any], value: ArrayLike = 0.0, *, name: str | None = None) -> Constraint:
    """
    Return the constraint ``fun(x) == value``, for `fastcalc.minimize`.

    Parameters
    ----------
    fun : callable
        ``fun(x)`` gives a number or an array; a plain NumPy function of the same `x` as the objective.
    value : array_like, default 0
        What it must be, of the shape of ``fun(x)`` or one number for all.
    name : str, optional
        How messages call it; by default the name of the function.

    Returns
    -------
    Constraint

    Examples
    --------
    The largest rectangle of perimeter 4; its multiplier says that a longer fence by ε encloses ε/2 more.

    >>> import fastcalc as fc
    >>> found = fc.minimize(lambda x: -x[0] * x[1], [0.1, 1.0], constraints=fc.equality(lambda x: 2 * x[0] + 2 * x[1], 4))
    >>> found.x.round(12), round(found.multipliers[0], 12)
    (array([1., 1.]), -0.5)
    """
    return Constraint(fun, value, value, name=name or name_of(fun))


def inequality(
    fun: Callable[..., Any], lower: ArrayLike = 0.0, upper: ArrayLike = np.inf, *, name: str | None = None
) -> Constraint:
    """
    Return the constraint ``lower <= fun(x) <= upper``, for `fastcalc.minimize`.

    Parameters
    ----------
    fun : callable
        ``fun(x)`` gives a number or an array; a plain NumPy function of the same `x` as the objective.
    lower, upper : array_like, default 0 and inf
        Bounds, of the shape of ``fun(x)`` or one number for all; ±inf for none.
    name : str, optional
        How messages call it; by default the name of the function.

    Returns
    -------
    Constraint

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> found = fc.minimize(lambda x: x[0] + x[1], [0.5, 0.5], constraints=fc.inequality(lambda x: np.sum(x**2), -np.inf, 1))
    >>> found.x.round(12)
    array([-0.70710678, -0.70710678])
    """
    return Constraint(fun, lower, upper, name=name or name_of(fun))


# Spellings -------------------------------------------------------------------------------------------------------------------


def constraints_of(given: Any, size: int) -> list[Constraint]:
    """Return what a caller gave as a list: fastcalc's own, SciPy's dicts, `NonlinearConstraint`, `LinearConstraint`, or several."""
    if given is None or (type(given) is tuple and not given):
        return []
    if isinstance(given, Constraint | dict) or hasattr(given, "lb") or not hasattr(given, "__iter__"):
        given = [given]
    return [_constraint(each, number, size) for number, each in enumerate(given)]


def _constraint(given: Any, number: int, size: int) -> Constraint:
    if isinstance(given, Constraint):
        return given
    if isinstance(given, dict):
        return _of_dict(given, number)
    if hasattr(given, "A") and hasattr(given, "lb"):
        matrix = given.A.toarray() if hasattr(given.A, "toarray") else np.atleast_2d(np.asarray(given.A, np.float64))
        if matrix.shape[1] != size:
            raise ValueError(f"constraint {number}: A has {matrix.shape[1]} columns for {size} variables")
        return Constraint(Linear(matrix), given.lb, given.ub, name=f"constraint {number}")
    if hasattr(given, "fun") and hasattr(given, "lb"):
        jac = given.jac if callable(given.jac) else None
        return Constraint(given.fun, given.lb, given.ub, jac, name=_named(given.fun, number))
    raise TypeError(
        f"constraint {number} is a {type(given).__name__}: give fc.equality(g), fc.inequality(h), "
        "a dict {'type': 'eq' or 'ineq', 'fun': …}, or SciPy's NonlinearConstraint or LinearConstraint"
    )


def _of_dict(given: dict[str, Any], number: int) -> Constraint:
    if "type" not in given:
        raise KeyError(f"Constraint {number} has no type defined.")
    kind = given["type"]
    if not isinstance(kind, str):
        raise TypeError("Constraint's type must be a string.")
    if kind.lower() not in ("eq", "ineq"):
        raise ValueError(f"Unknown constraint type '{kind}'.")
    if "fun" not in given:
        raise KeyError(f"Constraint {number} has no function defined.")
    jac = given.get("jac")
    args = given.get("args", ())
    return Constraint(
        given["fun"],
        0.0,
        0.0 if kind.lower() == "eq" else np.inf,
        jac if callable(jac) else None,
        args if isinstance(args, tuple) else (args,),
        _named(given["fun"], number),
    )


def _named(fun: Callable[..., Any], number: int) -> str:
    name = name_of(fun)
    return f"constraint {number}" if name == "<lambda>" else f"{name} (constraint {number})"


class Linear:
    """A x; of a structure, its numbers in their order."""

    def __init__(self, matrix: Array) -> None:
        self.matrix = matrix

    def __call__(self, x: Any) -> Any:
        if np.ndim(x) != 1 or isinstance(x, list | tuple):
            x = np.concatenate([np.ravel(leaf) for leaf in flatten_result(x)[0]])
        return self.matrix @ x
