"""cli room, errors: the one kind that a user of the command line sees, and the "did you mean" of its sentences."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(Exception):
    """What the user gave is wrong: `main` prints the sentence on stderr and exits with code 2."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'exp'?)"`` for the known name nearest to `name`, or an empty string."""
    nearest = get_close_matches(name, known, n=1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""
