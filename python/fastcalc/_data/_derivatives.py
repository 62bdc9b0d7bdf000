"""data: derivatives that a caller gives. Comes in: an argument such as `jac`. Goes out: the same, if it is one, or None."""

from __future__ import annotations

from typing import Any

__all__ = ["DIFFERENCES", "given_derivative"]

#: SciPy's difference schemes. Accepted and not followed: derivatives are exact.
DIFFERENCES = ("2-point", "3-point", "cs")


def given_derivative(name: str, given: Any, *others: Any) -> Any:
    """Return what is given for the argument `name`: a callable, one of `others`, or None."""
    if given is None or given is False or callable(given):
        return given or None
    if isinstance(given, bool | str) and given in others:
        return given
    raise ValueError(f"`{name}` must be {' or '.join(['callable', *map(repr, others)])}, not {given!r}")
