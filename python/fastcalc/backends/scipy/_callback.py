"""backends: a caller's callback, as SciPy calls it. Comes in: the callback. Goes out: what fastcalc calls in its place."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..._errors import NotOffered
from ._door import Call

__all__ = ["told"]


def told(call: Call, method: str) -> Callable[..., Any] | None:
    """Return a callback that gives the caller's what SciPy's method gives it, and remembers that something was seen."""
    callback = call.callback
    if callback is None:
        return None
    from scipy.optimize import OptimizeResult

    try:
        wants_result = set(inspect.signature(callback).parameters) == {"intermediate_result"}
    except (TypeError, ValueError):
        wants_result = False
    if wants_result and method == "tnc":
        raise NotOffered("a callback of a kind that the method does not call")

    def tell(intermediate_result: Any) -> None:
        call.is_seen = True
        x = np.copy(intermediate_result.x)
        if wants_result:
            callback(intermediate_result=OptimizeResult(x=x, fun=intermediate_result.fun))
        else:
            callback(x)

    return tell
