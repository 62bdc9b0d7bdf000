"""tracer: what Python or NumPy decides by a real value.

Comes in: conditions and whole numbers. Goes out: their real outcomes, with a guard, so that the program holds only where they
are the same.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _table
from ._array import Tracer
from ._refusal import refuse


def decide(condition: Any) -> bool:
    """Return the real outcome of a condition of one element."""
    if type(condition) is not Tracer:
        return bool(condition)
    term = condition._term
    outcome = bool(term.real.all())
    if term.recording is not None:
        term.recording.guard(term, outcome)
    return outcome


def pinned(condition: Any) -> NDArray[np.bool_]:
    """Return the real outcomes of an array of conditions; one guard for all of them."""
    if type(condition) is not Tracer:
        return np.asarray(condition, dtype=np.bool_)
    outcomes: NDArray[np.bool_] = condition._real().astype(np.bool_)
    if condition._recording is not None and outcomes.size:
        require(condition if outcomes.all() else ~condition if not outcomes.any() else condition == outcomes)
    return outcomes


def require(condition: Any) -> None:
    """Guard what holds for every element here and now."""
    if not decide(np.all(condition)):
        raise refuse("a search in what is not sorted", "sort it first")


def pinned_numbers(whole: Any) -> NDArray[np.int64]:
    """Return the real values of whole numbers; one guard for all of them."""
    if type(whole) is not Tracer:
        return np.asarray(whole).astype(np.int64)
    real: NDArray[np.float64] = whole._real()
    if not np.isfinite(real).all():
        raise refuse("a whole number made of inf or NaN", "choose the finite values first")
    if whole._recording is not None and real.size:
        require(whole == real)
    return real.astype(np.int64)


_table.decide = decide
_table.pinned_numbers = pinned_numbers
