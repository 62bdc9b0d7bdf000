"""backends: constraints as SciPy's callers give them. Comes in: dicts and objects. Goes out: what a door asks of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "are_equations",
    "are_kept_feasible",
    "are_mixed",
    "functions",
    "have_jacobians",
    "hold_strictly",
    "listed",
    "multipliers_of_slsqp",
    "number_of_equations",
]


def listed(constraints: Any) -> list[Any]:
    """Return one or several constraints, or none, as a list."""
    if constraints is None:
        return []
    return [constraints] if isinstance(constraints, dict) or hasattr(constraints, "lb") else list(constraints)


def _part(constraint: Any, name: str) -> Any:
    return constraint.get(name) if isinstance(constraint, dict) else getattr(constraint, name, None)


def functions(constraints: Sequence[Any]) -> Iterator[Any]:
    """Yield what the constraints would have called."""
    for each in constraints:
        yield from filter(callable, (_part(each, name) for name in ("fun", "jac", "hess")))


def are_kept_feasible(constraints: Sequence[Any]) -> bool:
    """Return whether any must hold at every point on the way."""
    return any(np.any(_part(each, "keep_feasible") or False) for each in constraints)


def are_equations(constraints: Sequence[Any]) -> bool:
    """Return whether all of them are."""
    return all(
        each["type"].lower() == "eq" if isinstance(each, dict) else np.array_equal(each.lb, each.ub)
        for each in constraints
    )


def are_mixed(constraints: Sequence[Any]) -> bool:
    """Return whether one of them is of equations and inequalities, of which SciPy warns for SLSQP."""
    return any(
        not isinstance(each, dict) and bool(np.any(equal := np.equal(each.lb, each.ub))) and not bool(np.all(equal))
        for each in constraints
    )


def hold_strictly(constraints: Sequence[Any], values: Sequence[Any]) -> bool:
    """Return whether all inequalities hold to the last bit."""
    for each, value in zip(constraints, values, strict=True):
        low, high = (
            (0.0, 0.0 if each["type"].lower() == "eq" else np.inf) if isinstance(each, dict) else (each.lb, each.ub)
        )
        if np.any(np.not_equal(low, high) & ((np.asarray(value) < low) | (np.asarray(value) > high))):
            return False
    return True


def number_of_equations(constraints: Sequence[Any], values: Sequence[Any]) -> int:
    """Return how many of the constraints' values must be one number."""
    return sum(
        np.size(c) * (each["type"].lower() == "eq")
        if isinstance(each, dict)
        else int(np.count_nonzero(np.broadcast_to(np.equal(each.lb, each.ub), np.shape(c))))
        for each, c in zip(constraints, values, strict=True)
    )


def have_jacobians(constraints: Sequence[Any]) -> bool:
    """Return whether SciPy would take no differences of any."""
    return all(callable(_part(each, "jac")) for each in constraints)


def multipliers_of_slsqp(constraints: Sequence[Any], found: Any) -> NDArray[np.float64]:
    """Return the multipliers in the order of SLSQP's own constraints: equations first, then c − lb ≥ 0 and ub − c ≥ 0 of each."""
    equations: list[NDArray[np.float64]] = []
    inequalities: list[NDArray[np.float64]] = []
    for each, multiplier in zip(constraints, found.multipliers, strict=True):
        y = np.ravel(multiplier)
        if isinstance(each, dict):
            (equations if each["type"].lower() == "eq" else inequalities).append(y)
        else:
            low, high = np.broadcast_to(each.lb, y.shape), np.broadcast_to(each.ub, y.shape)
            equations.append(y[low == high])
            inequalities.append(np.maximum(y[(low != high) & (low > -np.inf)], 0))
            inequalities.append(np.maximum(-y[(low != high) & (high < np.inf)], 0))
    return np.concatenate([*equations, *inequalities])
