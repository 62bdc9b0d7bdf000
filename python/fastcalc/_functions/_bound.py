"""functions: a function as a part of another one, which may be traced or not.

Comes in: a function, and what it is given. Goes out: what it gives, or a
function of its first argument alone, or of one of its results.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._tracer import Recording
from ._branches import name_of

__all__ = ["bound", "part", "run"]


def run(f: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that may be a part of a trace."""
    recording = Recording.active()
    return f(*arguments) if recording is None else recording.run(f, *arguments)


def bound(f: Callable[..., Any], constants: tuple[Any, ...]) -> Callable[..., Any]:
    """Return the function of its first argument, with the others given."""

    def of_x(x: Any) -> Any:
        return run(f, x, *constants)

    of_x.__name__ = name_of(f)
    return of_x


def part(both: Callable[..., Any], number: int) -> Callable[..., Any]:
    """Return the function that gives one of several results."""

    def one(*arguments: Any) -> Any:
        return run(both, *arguments)[number]

    one.__name__ = name_of(both)
    return one
