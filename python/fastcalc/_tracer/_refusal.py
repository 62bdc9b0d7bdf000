"""tracer: what cannot be traced is refused with what, where, and the rewrite that can.

Comes in: the refused thing, and the stack. Goes out: a `TraceError` that names the user's own line.
"""

import contextlib
import linecache
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from types import FrameType

import numpy as np

from .._errors import TraceError

_here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_numpy = os.path.dirname(os.path.abspath(np.__file__))


def user_line() -> str:
    """Return where the user's own code is right now: ``file:line: text``, or nothing outside of it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((_here, _numpy, "<frozen", "<__array_function__")):
        frame = frame.f_back
    if frame is None:
        return ""
    name, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, line).strip()
    return f"{name}:{line}: {text}" if text else f"{name}:{line}"


class _Refusals(threading.local):
    def __init__(self) -> None:
        self.made: list[TraceError] = []


_refusals = _Refusals()


def forget_refusals() -> None:
    """Begin or end a trace: what was refused before does not concern it."""
    _refusals.made.clear()


@contextlib.contextmanager
def refusals_aside() -> Iterator[None]:
    """Let other traces begin and end inside of the block: they forget nothing of this one."""
    made, _refusals.made = _refusals.made, []
    try:
        yield
    finally:
        _refusals.made = made


def raise_swallowed() -> None:
    """Raise what was refused although the function went on: where it catches every exception, it must not take another way."""
    if _refusals.made:
        raise _refusals.made[0]


def refuse(what: str, rewrite: str) -> TraceError:
    """Return the error for what cannot be traced: what, where, and the rewrite that can."""
    where = user_line()
    error = TraceError(f"{what} cannot be traced; {rewrite}" + (f" (at {where})" if where else ""))
    _refusals.made.append(error)
    return error


def nearest(name: str, known: Sequence[str]) -> str:
    """Return the rewrite that names the closest covered spelling."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not close:
        return "write it in terms of NumPy's ufuncs and reductions"
    return f"the nearest covered function is {'scipy' if close[0].startswith('special.') else 'np'}.{close[0]}"
