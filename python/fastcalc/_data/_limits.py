"""data: limits of a loop. Comes in: what the caller gave. Goes out: what the kernel takes."""

from __future__ import annotations

import sys
from typing import Any

__all__ = ["most_iterations"]


def most_iterations(maxiter: Any) -> int:
    """Return a number of iterations, at least one; inf is as many as can be counted."""
    try:
        most = int(min(maxiter, sys.maxsize))
    except (TypeError, ValueError):
        raise TypeError(f"maxiter must be a number, not {maxiter!r}") from None
    if most < 1:
        raise ValueError("maxiter must be greater than 0")
    return most
