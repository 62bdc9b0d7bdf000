"""problems: an equation for each element of an array.

Comes in: an equation for one number, starts and arguments as arrays. Goes out: a root for each element.

The function is traced for a row of elements, of which the kernel takes any number; if it looks at all elements at once, for all of
them; if it cannot be traced, each element is an equation by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._errors import TraceError
from .._fast import Call, NewtonLimits, RootOutcome, elementwise_newton
from .._functions._differentiated import NotElementwise
from .._functions._function import Function, leaves_of
from ._equations import Equation, agree
from ._many import Counts

__all__ = ["Found", "elementwise"]

Array = NDArray[np.float64]

#: Lanes in which an element-wise function runs: few enough for L1 cache, and a function of fewer elements is not traced for many.
MOST_LANES, LEAST_LANES = 256, 8


class Found(NamedTuple):
    """Roots of equations for one number each.

    `failed`: the elements that have none, in any order; `codes`, `nit`: the number of the status and the evaluations of each of them.
    `iterations`: the evaluations of all elements, if somebody asked.
    """

    roots: Array
    failed: Counts
    codes: Counts
    nit: Counts
    iterations: Counts | None

    def shaped(self, shape: tuple[int, ...]) -> Found:
        iterations = self.iterations
        return self._replace(
            roots=self.roots.reshape(shape), iterations=None if iterations is None else iterations.reshape(shape)
        )


def elementwise(
    equation: Equation, start: Array, arguments: tuple[Any, ...], limits: NewtonLimits, counted: bool
) -> Found:
    """Return the root for each element; the evaluations of each if they are to be counted."""
    arrays = [a if np.ndim(a) == 0 else np.asarray(a, np.float64) for a in arguments]
    try:
        shape = np.broadcast_shapes(start.shape, *(np.shape(a) for a in arrays))
    except ValueError:
        shape = None  # an argument that is an array for every element
    if shape is not None:
        start = np.ascontiguousarray(np.broadcast_to(start, shape))
        flat = [np.broadcast_to(a, shape).ravel() if np.ndim(a) else a for a in arrays]
        lanes = min(MOST_LANES, max(LEAST_LANES, 1 << (start.size - 1).bit_length()))
        found = _by_lanes(equation, lanes, start, flat, arguments, limits, counted) if start.size else None
        if found is not None:
            return found.shaped(shape)
    return _whole(equation, start, arguments, limits, counted)


def _by_lanes(
    equation: Equation,
    lanes: int,
    start: Array,
    flat: list[Any],
    arguments: tuple[Any, ...],
    limits: NewtonLimits,
    counted: bool,
) -> Found | None:
    """Return what lanes find; None if the function cannot be traced for a row of them alone. `flat`: a number for each element."""
    x = start.ravel()
    way = (lanes, tuple(np.ndim(a) for a in flat))
    if way in equation.refused:
        return None

    def row(of: Any, first: int) -> Any:
        return np.resize(of[first : first + lanes], lanes) if np.ndim(of) else of

    def given(first: int) -> list[Any]:
        return [row(a, first) for a in flat]

    try:
        call = equation.slope.at(row(x, 0), *given(0))
        if call.program.guards or not _agrees_on(equation, call, lanes, start, flat, arguments):
            raise TraceError("it looks at all elements at once")
    except NotElementwise:
        raise
    except Exception:  # whatever it does with a row of another length
        equation.refused.add(way)
        return None
    found = elementwise_newton(
        lanes,
        call,
        [(a, np.ndim(a) > 0) for a in flat],
        lambda at: equation.slope.at(at, *given(0)).program,
        x,
        limits,
        counted,
    )
    return Found(*found)


def _agrees_on(
    equation: Equation, call: Call, lanes: int, start: Array, flat: list[Any], arguments: tuple[Any, ...]
) -> bool:
    """Compare a program of lanes with the function on all elements, which may know how many there are, and where each stands."""
    if equation.has_agreed(call, start.size):
        return True
    f = equation.f.f if isinstance(equation.f, Function) else equation.f  # no program for all
    with np.errstate(all="ignore"):
        expected = np.asarray(f(start.copy(), *arguments), np.float64)
    if expected.shape != start.shape:
        return False
    x, expected = start.ravel(), expected.ravel()
    for first in range(0, start.size, lanes):
        window = slice(first, first + lanes)
        row = [np.resize(each[window], lanes) if np.ndim(each) else each for each in (x, *flat)]
        if not agree(call(*row)[0][: expected[window].size], expected[window]):
            return False
    if not _is_elementwise(call, row, len(row), 2):
        return False
    equation.agreed_on(call, start.size)
    return True


def _is_elementwise(call: Call, leaves: Sequence[Any], mixed: int, parts: int) -> bool:
    """Whether no element sees what the others have in the first `mixed` arrays: the same bits beside NaN and the largest numbers.

    `parts`: 1 for the values alone, 2 for the slopes too. (What mixes the elements of x its derivative tells, but for steps; of an
    argument, nothing else does.)
    """
    expected = call(*leaves)[:parts]
    for first in (0, 1):
        for factor in (np.nan, 3.0, -3.0):
            others = [np.array(each, np.float64, ndmin=1) if np.ndim(each) else each for each in leaves]
            for each in filter(np.ndim, others[:mixed]):
                each.reshape(-1)[first::2] = factor * (np.abs(each).max() + 1)
            for of, known in zip(call(*others)[:parts], expected, strict=True):
                if not np.array_equal(np.ravel(of)[1 - first :: 2], np.ravel(known)[1 - first :: 2], equal_nan=True):
                    return False
    return True


def _whole(equation: Equation, start: Array, arguments: tuple[Any, ...], limits: NewtonLimits, counted: bool) -> Found:
    """Run the function as it is, on all elements at once; those that have their root wait for the others."""
    shape: tuple[int, ...] = start.shape
    try:
        call = equation.checked(equation.slope, start, arguments)
    except Exception as error:
        equation.refuse((shape, "elements"), error)
        return _one_by_one(equation, start, arguments, limits, counted)
    leaves = leaves_of((start, *arguments))
    if start.size > 1 and not call.program.guards and not equation.has_agreed(call, start.size):
        if not _is_elementwise(call, leaves, 1, 1):  # a derivative that is given may look at all
            raise NotElementwise(
                f"{equation.name} looks at all elements of its argument: it must work element by element; "
                "a system of equations is solved by fastcalc.root"
            )
        equation.agreed_on(call, start.size)
    found = elementwise_newton(
        start.size,
        call,
        [(leaf, False) for leaf in leaves[1:]],
        lambda at: equation.slope.at(at.reshape(shape), *arguments).program,
        start.ravel(),
        limits,
        counted,
    )
    return Found(*found).shaped(shape)


def _one_by_one(
    equation: Equation, start: Array, arguments: tuple[Any, ...], limits: NewtonLimits, counted: bool
) -> Found:
    """Solve the equations of a function that cannot be traced one after the other, each with its own arguments."""
    given = np.broadcast_arrays(start, *arguments)

    def found_from(x: Any, *rest: Any) -> RootOutcome:
        try:
            posed = equation.called(float(x), rest)
        except (TypeError, IndexError, AttributeError):  # it takes arrays alone
            rest = tuple(np.array([part]) if np.ndim(of) else part for part, of in zip(rest, arguments, strict=True))
            posed = equation.called(np.array([x]), rest)
        return posed.from_start(float(x), limits)

    outcomes = [found_from(*each) for each in zip(*(part.ravel() for part in given), strict=True)]
    failed = [i for i, outcome in enumerate(outcomes) if not outcome.success]
    found = Found(
        np.array([outcome.x for outcome in outcomes], np.float64),
        np.array(failed, np.int64),
        np.array([outcomes[i].code for i in failed], np.int64),
        np.array([outcomes[i].nit for i in failed], np.int64),
        np.array([outcome.nit for outcome in outcomes], np.int64) if counted else None,
    )
    return found.shaped(given[0].shape)
