"""problems: constraints beside an objective, ready for the kernel.

Comes in: an objective and constraints. Goes out: one vector of the constraints' values, traced, with its derivatives and the Hessian
of the Lagrangian f + λᵀc, or what takes their place where something cannot be traced.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._errors import TraceError, announce_differences, why_untraceable
from .._fast import AtPoint, ConstrainedMinimum, Remembered, minimize_constrained
from .._functions._differentiated import Hessian, Jacobian
from .._functions._function import Function, leaves_of
from .._tracer import Recording
from ._constraints import Constraint
from ._objective import Functions, Objective, OfVector
from ._space import Vector

__all__ = ["Constraints"]

Array = NDArray[np.float64]


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
                if np.any(low == np.inf) or np.any(high == -np.inf):
                    raise ValueError(
                        f"{each.name}: a lower bound is inf or an upper one -inf, so that nothing satisfies it"
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
        announce_differences("constraints", why_untraceable(error))
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
