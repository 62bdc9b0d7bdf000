"""problems: a path that a loop has come to. Comes in: a function and its arguments there. Goes out: the program that holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import TraceError, why_untraceable
from .._fast import Call
from .._functions._differentiated import Mismatch, NotElementwise
from .._functions._function import Function
from ._sparse_system import PatternGrew

__all__ = ["call_at"]


def call_at(function: Function, arguments: tuple[Any, ...], itself: Callable[[], Any]) -> Call:
    """Return the program that holds there.

    Where there is none, `itself`, the plain function called there, says what is wrong with it; else a `TraceError` says why.
    """
    try:
        return function.at(*arguments)
    except (Mismatch, NotElementwise, PatternGrew):
        raise
    except Exception as error:  # whatever the function does on tracers
        itself()
        raise TraceError(why_untraceable(error)) from error
