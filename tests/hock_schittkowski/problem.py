"""hock_schittkowski: what a problem is.

Comes from: W. Hock, K. Schittkowski, Test Examples for Nonlinear Programming Codes, Lecture Notes in Economics and Mathematical
Systems 187, Springer 1981: function, constraints, bounds, standard start and minimum of each problem. Where the book prints few
digits, the minimum stands here as the closed form that it is, or with the digits of later collections (CUTEst).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

INFINITY = np.inf
Values = Callable[[Any], Any]


@dataclass(frozen=True)
class Problem:
    """min f(x), equalities(x) = 0, inequalities(x) ≥ 0, lower ≤ x ≤ upper."""

    fun: Values
    start: Sequence[float]
    minimum: float
    equalities: Values | None = None
    inequalities: Values | None = None
    lower: Sequence[float] | float = -INFINITY
    upper: Sequence[float] | float = INFINITY

    @property
    def bounds(self) -> tuple[Any, Any] | None:
        lower, upper = (np.broadcast_to(side, len(self.start)).astype(float) for side in (self.lower, self.upper))
        return (lower, upper) if np.isfinite(lower).any() or np.isfinite(upper).any() else None


def row(function: Values) -> Values:
    """Several constraints, written as a tuple of what each of them is."""
    return lambda x: np.stack(function(x))


def mixing(x: Any) -> Any:
    """80 and 81, and 78."""
    return np.sum(x**2) - 10, x[1] * x[2] - 5 * x[3] * x[4], x[0] ** 3 + x[1] ** 3 + 1
