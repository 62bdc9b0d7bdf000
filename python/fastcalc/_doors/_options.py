"""What an option may be. Comes in: the options that a caller gave, and the kernel's name of each. Goes out: the kernel's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .._data._limits import count
from .._errors import warn

__all__ = ["named_for_kernel"]

#: Counts, which may be inf.
COUNTS = ("maxiter", "maxfun", "maxcor")

#: Where not every number will do.
RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "learning_rate": (lambda rate: rate > 0, "greater than 0"),
    "momentum": (lambda beta: 0 <= beta < 1, "at least 0 and less than 1"),
    "beta1": (lambda beta: 0 <= beta < 1, "at least 0 and less than 1"),
    "beta2": (lambda beta: 0 <= beta < 1, "at least 0 and less than 1"),
    "maxcor": (lambda pairs: pairs >= 1, "1 or more"),
}


def named_for_kernel(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the options under the kernel's names; None is the default, and of others SciPy's warning is given."""
    unknown = [option for option in given if option not in names and option != "disp"]
    if unknown:
        from scipy.optimize import OptimizeWarning

        warn(f"Unknown solver options: {', '.join(unknown)}", OptimizeWarning)
    return {
        names[option]: _value(option, value) for option, value in given.items() if option in names and value is not None
    }


def _value(option: str, value: Any) -> Any:
    try:
        number = count(option, value) if option in COUNTS else 1.0 * value
    except (TypeError, ValueError):
        raise TypeError(f"{option} must be a number, not {value!r}") from None
    fits, what = RANGES.get(option, (None, ""))
    if fits is not None and not fits(number):
        raise ValueError(f"{option} must be {what}, not {number:g}")
    return number
