"""data: limits of a loop. Comes in: what the caller gave. Goes out: what the kernel takes."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["count", "most_iterations"]


def count(name: str, value: Any) -> int:
    """Return how many may be; inf is as many as can be counted."""
    try:
        return int(min(value, sys.maxsize))
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, not {value!r}") from None


def most_iterations(maxiter: Any) -> int:
    """Return a number of iterations, at least one."""
    most = count("maxiter", maxiter)
    if most < 1:
        raise ValueError("maxiter must be greater than 0")
    return most
