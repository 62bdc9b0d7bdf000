"""function: constraints beside an objective, ready for the kernel.

Comes in: constraints in any of the spellings that people use. Goes out: one vector of their values, traced, with its derivatives and
the Hessian of the Lagrangian f + λᵀc, or what takes their place where something cannot be traced.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._branches import name_of
from ._differentiated import Hessian, Jacobian
from ._errors import TraceError, announce_differences
from ._fast import AtPoint, ConstrainedMinimum, minimize_constrained
from ._function import Function, leaves_of
from ._objective import Functions, Objective, OfVector, Vector
from ._remembered import Remembered
from ._tracer import Recording

__all__ = ["Constraint", "Constraints", "constraints_of", "equality", "inequality"]

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
    if given is None:
        return []
    if isinstance(given, Constraint | dict) or hasattr(given, "lb"):
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
    """A x."""

    def __init__(self, matrix: Array) -> None:
        self.matrix = matrix

    def __call__(self, x: Any) -> Any:
        return self.matrix @ x


# Functions -------------------------------------------------------------------------------------------------------------------


def _run(f: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that may be a part of a trace."""
    recording = Recording.active()
    return f(*arguments) if recording is None else recording.run(f, *arguments)


class Together:
    """All constraints' values, one behind the other, as a function of a vector."""

    def __init__(self, functions: Sequence[tuple[Callable[..., Any], tuple[Any, ...]]], vector: Vector | None) -> None:
        self.functions, self.vector = functions, vector
        self.__name__ = "constraints"

    def __call__(self, x: Any) -> Any:
        point = x if self.vector is None else self.vector.unflatten(x)
        values = [_run(fun, point, *args) for fun, args in self.functions]
        return np.concatenate([np.ravel(np.stack(v) if isinstance(v, list | tuple) else v) for v in values])


class LagrangeFunction:
    """f + λᵀc, as a function of a vector, the multipliers, and the arguments of f."""

    def __init__(self, objective: OfVector, together: Together) -> None:
        self.objective, self.together = objective, together
        self.__name__ = "lagrangian"

    def __call__(self, x: Any, multipliers: Any, *arguments: Any) -> Any:
        return self.objective(x, *arguments) + np.sum(multipliers * self.together(x))


class _Same:
    """A function as a key: equal to itself alone."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.f is other.f

    def __hash__(self) -> int:
        return id(self.f)


class Programs:
    """An objective and constraints as functions of a vector, ready to be traced."""

    def __init__(
        self, f: Callable[..., Any], vector: Vector | None, funs: tuple[tuple[_Same, tuple[Any, ...]], ...]
    ) -> None:
        self.f, self.vector = f, vector
        self.together = Together([(fun.f, args) for fun, args in funs], vector)
        self.objective = Function(OfVector(f, vector))
        self.values = Function(self.together)
        self.both = Function(Jacobian(self.together, 0, "auto", False, True))
        self.lagrangian = Function(Hessian(LagrangeFunction(OfVector(f, vector), self.together), 0, False))

    @staticmethod
    def of(f: Callable[..., Any], vector: Vector | None, constraints: Sequence[Constraint]) -> Programs:
        """Return them, remembered from the last calls where no constraint has arguments of its own."""
        funs = tuple((_Same(each.fun), each.args) for each in constraints)
        return Programs(f, vector, funs) if any(args for _, args in funs) else _programs(f, vector, funs)


_programs = Remembered(Programs)


@dataclass
class Asked:
    """What the loop asks; derivatives that are None are differences."""

    value: AtPoint
    value_and_gradient: AtPoint | None
    values: AtPoint
    values_and_jacobian: AtPoint | None
    hessian: AtPoint | None  # of the Lagrangian, of x and the multipliers
    source: str


class Constraints:
    """The constraints of one problem: how many numbers each of them is, and between what they must lie."""

    def __init__(self, constraints: Sequence[Constraint], objective: Objective, x: Array) -> None:
        self.constraints, self.objective = constraints, objective
        point = objective.unflatten(x)
        self.shapes: list[tuple[int, ...]] = []
        lower, upper = [], []
        with np.errstate(all="ignore"):  # the kernel tells what is not finite, where it is not
            for each in constraints:
                values = _values(each, point)
                self.shapes.append(values.shape)
                low, high = (_bounds(each, side, values.shape) for side in (each.lower, each.upper))
                if np.any(low > high):
                    raise ValueError(
                        f"{each.name}: a lower bound is above its upper bound, so that nothing satisfies it"
                    )
                lower.append(low.ravel())
                upper.append(high.ravel())
        self.lower, self.upper = np.concatenate(lower), np.concatenate(upper)

    @property
    def size(self) -> int:
        return self.lower.size

    def values(self, x: Array) -> Array:
        """Return what the functions themselves give."""
        point = self.objective.unflatten(x)
        parts = []
        for each, shape in zip(self.constraints, self.shapes, strict=True):
            values = _values(each, point)
            if values.shape != shape:
                raise ValueError(f"{each.name} gave the shape {shape} at the start and {values.shape} elsewhere")
            parts.append(values.ravel())
        return np.concatenate(parts)

    def jacobian(self, x: Array) -> Array:
        """Return the Jacobian by the callers' own functions."""
        point = self.objective.unflatten(x)
        rows = []
        for each, shape in zip(self.constraints, self.shapes, strict=True):
            assert each.jac is not None
            matrix = each.jac(point, *each.args)
            matrix = np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, np.float64)
            if matrix.size != math.prod(shape) * x.size:
                raise ValueError(
                    f"the jac of {each.name} gave the shape {matrix.shape} for {math.prod(shape)} values of {x.size} variables"
                )
            rows.append(matrix.reshape(-1, x.size))
        return np.concatenate(rows)

    def split(self, numbers: Array) -> list[Any]:
        """Return one number or array for each constraint."""
        parts, first = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            part = numbers[first : first + size].reshape(shape)
            parts.append(part if shape else float(part))
            first += size
        return parts

    def names(self, rows: Sequence[int]) -> list[str]:
        """Return how the user would call these numbers among all constraints' values."""
        names = []
        ends = np.cumsum([math.prod(shape) for shape in self.shapes])
        for row in rows:
            place = int(np.searchsorted(ends, row, side="right"))
            shape, name = self.shapes[place], self.constraints[place].name
            inside = row - (int(ends[place - 1]) if place else 0)
            name = f"constraint {place}" if name == "<lambda>" else name
            names.append(f"{name}[{', '.join(map(str, np.unravel_index(inside, shape)))}]" if shape else name)
        return names

    def minimize(
        self,
        functions: Functions,
        x: Array,
        arguments: tuple[Any, ...],
        lower: Array | None,
        upper: Array | None,
        options: dict[str, Any],
        listener: Callable[..., Any] | None,
        path: bool,
    ) -> tuple[ConstrainedMinimum, str]:
        """Run the kernel's loop; return what it found, and where the derivatives of the constraints come from."""
        try:
            asked = self._traced(functions, x, arguments)
        except Exception as error:  # whatever the functions do on tracers
            asked = self._called(functions, x, arguments, error)

        def run(asked: Asked) -> ConstrainedMinimum:
            return minimize_constrained(
                asked.value,
                asked.value_and_gradient,
                asked.values,
                asked.values_and_jacobian,
                asked.hessian,
                x,
                lower,
                upper,
                self.lower,
                self.upper,
                options,
                listener,
                path,
            )

        found = run(asked)
        if asked.source == "program" and found.success and not _agree(found.constraints, self.values(found.x), found.x):
            changed = TraceError(
                "they do not give the values of their own trace (a global that changes, or randomness)"
            )
            asked = self._called(functions, x, arguments, changed)
            found = run(asked)
        return found, asked.source

    def _traced(self, functions: Functions, x: Array, arguments: tuple[Any, ...]) -> Asked:
        programs = Programs.of(self.objective.f, self.objective.vector, self.constraints)
        with np.errstate(all="ignore"):
            if not _agree(np.asarray(programs.values(x)), self.values(x), x):
                raise TraceError("they do not give the values of their own trace (randomness, or a state of their own)")
        value, pair = self._of_objective(functions, x, arguments)
        hessian = None
        if functions.source == "program":
            hessian = _asked(programs.lagrangian, x, (np.ones(self.size),), arguments)
        return Asked(value, pair, _asked(programs.values, x), _asked(programs.both, x), hessian, "program")

    def _called(self, functions: Functions, x: Array, arguments: tuple[Any, ...], error: Exception) -> Asked:
        value, pair = self._of_objective(functions, x, arguments)
        values = AtPoint(self.values, self.size)
        if all(each.jac is not None for each in self.constraints):
            both = AtPoint(
                lambda x: np.concatenate([self.values(x), self.jacobian(x).ravel()]), self.size * (x.size + 1)
            )
            return Asked(value, pair, values, both, None, "jac")
        note = str(error) if isinstance(error, TraceError) else f"{type(error).__name__}: {error}"
        announce_differences("constraints", textwrap.shorten(note, 500))
        return Asked(value, pair, values, None, None, "finite differences")

    def _of_objective(
        self, functions: Functions, x: Array, arguments: tuple[Any, ...]
    ) -> tuple[AtPoint, AtPoint | None]:
        if functions.source == "program":
            value = _asked(
                Programs.of(self.objective.f, self.objective.vector, self.constraints).objective, x, (), arguments
            )
        else:
            value = functions.value or AtPoint(lambda x: self.objective.value(x, arguments), 1)
        return value, functions.value_and_gradient


def _asked(
    function: Function, x: Array, directions: tuple[Array, ...] = (), arguments: tuple[Any, ...] = ()
) -> AtPoint:
    leaves = leaves_of((x, *arguments))[1:] if arguments else ()
    known = function.at(x, *directions, *arguments).program
    return AtPoint(
        lambda at: function.at(at, *directions, *arguments).program, 0, programs=True, arguments=leaves, known=known
    )


def _values(constraint: Constraint, point: Any) -> Array:
    values = np.asarray(constraint.fun(point, *constraint.args))
    if values.dtype.kind not in "biuf":
        raise TypeError(
            f"{constraint.name} gives {values.dtype} numbers: a constraint is a real number or an array of them"
        )
    return values.astype(np.float64)


def _bounds(constraint: Constraint, side: ArrayLike, shape: tuple[int, ...]) -> Array:
    bounds = np.array(side, np.float64)
    if bounds.size == math.prod(shape):
        bounds = bounds.reshape(shape)
    try:
        bounds = np.array(np.broadcast_to(bounds, shape))
    except ValueError:
        raise ValueError(
            f"{constraint.name} gives the shape {shape}, but its bounds have the shape {np.shape(side)}"
        ) from None
    if np.isnan(bounds).any():
        raise ValueError(f"{constraint.name}: a bound is NaN; give -np.inf or np.inf for none")
    return bounds


def _agree(values: Array, expected: Array, x: Array) -> bool:
    """Whether they are the same but for rounding, which adds up in another order; NaN and inf in the same places.

    Where a constraint holds its value is what rounding leaves of terms that cancel: of about the size of x.
    """
    finite = np.isfinite(expected)
    if values.shape != expected.shape or not np.array_equal(finite, np.isfinite(values)):
        return False
    size = np.max(np.abs(expected), where=finite, initial=0.0) + max(1.0, np.max(np.abs(x), initial=0.0))
    return bool(np.all(np.abs(values - expected)[finite] <= 1e-9 * size))
