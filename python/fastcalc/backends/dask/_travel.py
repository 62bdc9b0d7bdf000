"""backends: functions that travel to workers. Comes in: a Python function. Goes out: bytes; there, one function for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["packed", "unpacked"]


def packed(f: Callable[..., Any]) -> bytes:
    import cloudpickle

    data: bytes = cloudpickle.dumps(f)
    return data


@lru_cache(maxsize=32)
def unpacked(data: bytes, make: Callable[[Any], Any] | None = None) -> Any:
    """Return the function, or what `make` makes of it: one object for the same bytes, so that what was traced of it is found again."""
    import cloudpickle

    f = cloudpickle.loads(data)
    return f if make is None else make(f)
