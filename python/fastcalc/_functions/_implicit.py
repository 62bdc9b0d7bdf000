"""functions: a solution as a part of a function that is being traced.

Comes in: equations F(x, a) = 0, and a search that solves them. Goes out: the solution as tracers that depend on a, as the implicit
function theorem says: dx/da = −J⁻¹ ∂F/∂a.

The search runs as it does outside of a trace, on programs, and what it reads of the trace has its real value. The solution x* that it
finds is a constant; from it Newton's steps x − J⁻¹F are recorded. In value they change nothing, but the k-th has the derivatives of
the solution up to order 2ᵏ − 1, whatever F depends on: arguments, closures, a solution itself (Christianson 1994, Optimization Methods
and Software 3, 311). The program holds while x* is a solution; at other values the equations are solved anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .._errors import exact_or_refused
from .._fast import Equations, RootOutcome
from .._tracer import Recording
from .._tracer._derivatives import real
from ._bound import bound, run
from ._differentiated import Gradient, Hessian, System, ValueAndSlope
from ._function import Function

__all__ = ["Momentary", "is_tracing", "minimum_in_trace", "real_value", "root_in_trace"]

#: Newton's steps that are recorded: derivatives up to order 7.
STEPS = 3

#: The relative length of a first step that says that x* is no longer the solution.
MOVED = 1e-10

#: How far beside a solution its Jacobian is looked at, and by what part a quotient of both says that it vanishes at the solution.
BESIDE, VANISHED = 1e-5, 1e-2

#: A first step of this relative length, of which the next is no small part, is no step to a simple solution.
UNSETTLED = 1e-7

SINGULAR = (
    "inside of a function that is differentiated a solution was found that has no derivative: the Jacobian of its equations is "
    "singular there, as at a multiple root or a minimum that is flat to second order"
)


def is_tracing() -> bool:
    """Whether a function that is being traced is running in this thread."""
    return Recording.active() is not None


class Momentary(Function):
    """The function of one search inside of a trace: what it reads of that trace is a constant, its real value. Nobody remembers it."""


def at_real_values(
    f: Callable[..., Any], x: Any, arguments: tuple[Any, ...], search: Callable[[Momentary, Any], Any]
) -> Any:
    """Return what ``search(f, start)`` finds for the real values."""
    recording = Recording.active()
    assert recording is not None
    start = real_value(x)
    with recording.suspended(), exact_or_refused(), np.errstate(all="ignore"):
        return search(Momentary(bound(f, arguments)), start if start.ndim else float(start))


def root_in_trace(
    f: Callable[..., Any],
    x: Any,
    arguments: tuple[Any, ...],
    solve: Callable[[Momentary, Any], tuple[RootOutcome, Equations]],
) -> tuple[tuple[RootOutcome, Equations], Any, Any]:
    """Solve for the real values, from a number or an array; return what was found, and the solution and F there as tracers."""
    outcome, posed = at_real_values(f, x, arguments, solve)
    if not outcome.success:
        raise ValueError(f"inside of a function that is differentiated no root was found: {outcome.message}")
    shape = np.shape(x)
    derivative = System(f) if shape else ValueAndSlope(f)
    found = solution_in_trace(derivative, np.reshape(outcome.x, shape) if shape else float(outcome.x), arguments)
    return (outcome, posed), found, np.reshape(derivative(found, *arguments)[0], shape)


def minimum_in_trace(
    f: Callable[..., Any], x: Any, arguments: tuple[Any, ...], minimize: Callable[[Momentary, Any], Any]
) -> Any:
    """Minimise for the real values; in what is found the solution is traced.

    The equations are those of a stationary point, ∇f = 0.
    """

    def number(at: Any, *given: Any) -> Any:
        return np.reshape(run(f, at, *given), ())  # an array of one element is one too; the search has looked

    gradient, hessian = Gradient(number, 0, valued=True), Hessian(number, 0, sparse=False)

    def stationary(at: Any, *given: Any) -> tuple[Any, Any]:
        size = np.size(at)
        return gradient(at, *given)[1].ravel(), hessian(at, *given).reshape(size, size)

    found = at_real_values(f, x, arguments, minimize)
    if not found.success:
        raise ValueError(f"inside of a function that is differentiated no minimum was found: {found.message}")
    found["x"] = solution_in_trace(stationary, found.x, arguments)
    found["fun"] = gradient(found["x"], *arguments)[0]
    return found


def solution_in_trace(derivative: Callable[..., Any], solution: Any, arguments: tuple[Any, ...]) -> Any:
    """Return a solution as tracers. `derivative(x, *arguments)` gives F, and J as a matrix or, for a number, its slope."""
    x, before = solution, None
    for step in range(STEPS):
        values, slopes = derivative(x, *arguments)
        if step == 0 and _is_singular(real_value(slopes), real_value(derivative(_beside(solution), *arguments)[1])):
            raise ValueError(SINGULAR)
        change = (
            np.reshape(np.linalg.solve(slopes, values), np.shape(solution)) if np.ndim(solution) else values / slopes
        )
        now = np.abs(real_value(change))
        if step == 0:
            np.all(np.abs(change) <= np.maximum(MOVED * np.abs(solution), 8 * now) + 1e-300).__bool__()  # a guard
        elif before is not None and np.any((now > 0.1 * before) & (before > UNSETTLED * np.abs(solution))):
            raise ValueError(SINGULAR)  # steps of Newton's to a simple solution shorten quadratically
        x, before = x - change, now
    return x


def _beside(solution: Any) -> Any:
    return solution * (1 + BESIDE)


def _is_singular(slopes: np.ndarray[Any, Any], beside: np.ndarray[Any, Any]) -> bool:
    """Whether J all but vanishes along a direction in which it does not beside the solution; their quotient has no units."""
    size = 1 if slopes.ndim == 0 else len(slopes)
    slopes, beside = slopes.reshape(size, size), beside.reshape(size, size)
    if not np.isfinite(beside).all():
        return False
    try:
        quotient = np.linalg.solve(beside, slopes)
    except np.linalg.LinAlgError:
        return False  # nor is it regular there: `solve` tells
    if np.linalg.norm(quotient - np.eye(size)) < 1 - VANISHED:  # no eigenvalue is farther from 1 than that
        return False
    return bool(np.min(np.abs(np.linalg.eigvals(quotient)), initial=1.0) < VANISHED)


def real_value(x: Any) -> np.ndarray[Any, Any]:
    """Return the real value of what may be traced."""
    recording = Recording.active()
    assert recording is not None
    return np.asarray(real(recording, x), np.float64)
