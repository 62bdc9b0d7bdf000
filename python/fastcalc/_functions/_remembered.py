"""functions: what is known of a function, kept from call to call. Comes in: a function. Goes out: the one object made of it."""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any, Generic, TypeVar

from ._locks import new_lock

T = TypeVar("T")

#: Functions that are remembered; the oldest makes room.
MOST = 128


class Remembered(Generic[T]):
    """Make each object once: `make(f, *key)` for a function, and what else the object depends on.

    By the identity of the function, not by its equality: equal objects may compute different things. What is made must keep the
    function alive, so that no other object gets its identity.
    """

    def __init__(self, make: Callable[..., T]) -> None:
        self._make = make
        self._known: dict[Any, T] = {}
        self._lock = new_lock()

    def __call__(self, f: Callable[..., Any], *key: Any) -> T:
        """Return the object for `f`, remembered from the last calls."""
        # Each access makes a new bound method.
        identity = ((id(f.__self__), id(f.__func__)) if isinstance(f, MethodType) else id(f), *key)
        known = self._known.get(identity)
        if known is None:
            known = self._make(f, *key)
            with self._lock:
                if len(self._known) >= MOST:
                    del self._known[next(iter(self._known))]
                self._known[identity] = known
        return known
