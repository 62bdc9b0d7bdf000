"""What fastcalc raises and warns of that NumPy and SciPy have no class for, and the ways down that are announced or refused."""

import contextlib
import os
import sys
import textwrap
import warnings
from collections.abc import Iterator
from contextvars import ContextVar

__all__ = [
    "FallbackWarning",
    "FastcalcError",
    "NotOffered",
    "TraceError",
    "announce_differences",
    "exact_or_refused",
    "warn",
    "why_untraceable",
]


class FastcalcError(Exception):
    """Base class of fastcalc's own exceptions."""


class TraceError(FastcalcError, TypeError):
    """A function cannot be traced; the message names the line and the spelling that traces."""


class NotOffered(FastcalcError):
    """A call asks for what fastcalc's own loops do not have: SciPy's code is to answer it. The message says what."""


class FallbackWarning(UserWarning):
    """Derivatives are taken by finite differences, since the function could not be traced."""


_package = os.path.dirname(os.path.abspath(__file__))
_is_refused: ContextVar[bool] = ContextVar("differences are refused", default=False)


def warn(message: str, category: type[Warning]) -> None:
    """Warn, and name the line that called fastcalc."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_package):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def announce_differences(name: str, note: str, *, is_known: bool = False) -> None:
    """Warn that a function is differentiated by finite differences, unless the caller is known to know; refuse where they are."""
    if _is_refused.get():
        raise TraceError(note)
    if not is_known:
        warn(f"{name} is differentiated by finite differences: {note}", FallbackWarning)


def why_untraceable(error: Exception) -> str:
    """Return in one line why a function has no trace, by what was raised in it."""
    is_told = isinstance(error, TraceError)
    return textwrap.shorten(
        str(error) if is_told else f"it fails on traced arrays: {type(error).__name__}: {error}", 500
    )


@contextlib.contextmanager
def exact_or_refused() -> Iterator[None]:
    """Raise a `TraceError` inside of the block where a function would be differentiated by finite differences."""
    token = _is_refused.set(True)
    try:
        yield
    finally:
        _is_refused.reset(token)
