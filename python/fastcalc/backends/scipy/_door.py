"""backends: a front door. Comes in: a call of one of SciPy's functions. Goes out: its result, or `NotOffered` with the reason.

A door reads the call by SciPy's signature, asks its conditions in order, and takes it. Whatever goes wrong before the caller has
seen anything of it (an untraceable function, bad input, a loop that does not converge) is SciPy's to answer, in SciPy's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from ..._errors import NotOffered, TraceError, exact_or_refused

__all__ = ["Call", "Conditions", "Door"]

#: The arguments of a call by SciPy's names. A door may put more in; `is_seen` is set once the caller's callback has been called.
Call = SimpleNamespace

#: What must hold, and the reason that is told where it does not; the reason may name arguments in braces.
Conditions = tuple[tuple[Callable[[Call], bool], str], ...]


@dataclass(frozen=True)
class Door:
    """One of SciPy's functions, as fastcalc answers it."""

    name: str
    read: Callable[..., Call]
    conditions: Conditions
    take: Callable[[Call], Any]

    def answer(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return what SciPy's function returns, or raise `NotOffered`."""
        try:
            call = self.read(*args, **kwargs)
        except TypeError as error:
            raise NotOffered("arguments that SciPy's signature does not have") from error
        call.is_seen = False
        try:
            for holds, reason in self.conditions:
                if not holds(call):
                    raise NotOffered(reason.format_map(vars(call)))
            with exact_or_refused():
                return self.take(call)
        except NotOffered:
            raise
        except TraceError as error:
            raise NotOffered(f"the function cannot be traced: {_short(error)}") from error
        except Exception as error:
            if call.is_seen:
                raise
            raise NotOffered(f"{type(error).__name__}: {_short(error)}") from error


def _short(error: Exception) -> str:
    """Return the message without the place, so that alike ones count together."""
    return re.sub(r" \(at .*", "", str(error), flags=re.DOTALL).partition("\n")[0]
