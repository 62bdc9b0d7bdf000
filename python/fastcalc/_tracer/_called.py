"""tracer: functions that are called while a program runs, instead of being traced.

Comes in: a function of the numbers of one array. Goes out: its result as a traced array, which each run of the program asks it for.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._fast import keep_raised
from ._array import Tracer
from ._derivatives import Custom, independent
from ._operands import term_of
from ._terms import record

if TYPE_CHECKING:
    from ._recording import Recording

Array = NDArray[np.float64]


class OutsideFunction:
    """A function for programs: it gets the elements of an array of one shape, in C order, and gives an array of another.

    The kernel knows the function, but not this object, which knows the kernel's: a circle through C++ would never be collected.
    """

    def __init__(self, f: Callable[[Array], Any], name: str, given: tuple[int, ...], made: tuple[int, ...]) -> None:
        def checked(flat: Array) -> Array:
            found = np.asarray(f(flat), np.float64)
            if found.shape != made:
                raise ValueError(f"{name} gave the shape {found.shape}, and {made} when it was first called")
            return np.ascontiguousarray(found)

        def or_nothing(flat: Array) -> Array | None:
            try:
                return checked(flat)
            except BaseException as error:  # the kernel runs without Python's exceptions
                keep_raised(error)
                return None

        self.checked = checked
        self._in_kernel = _core.OutsideFunction(or_nothing, given, made)

    def of(self, x: Any) -> Tracer:
        """Record a call."""
        checked, in_kernel = self.checked, self._in_kernel
        return Tracer.holding(
            record(
                lambda builder, value: builder.call(in_kernel, value),
                lambda real: checked(np.ravel(real)),
                (term_of(x),),
            )
        )


def with_rule(
    recording: "Recording",
    value: Tracer,
    inputs: tuple[Tracer, ...],
    rule: Callable[..., Any],
    *,
    forward: bool = True,
    traced: bool = False,
) -> Any:
    """Return a value whose derivative by `inputs` is a rule: see `Custom`."""
    result = independent(recording, value)
    recording.customs.append(Custom(result, inputs, rule, forward, traced))
    return result.copy()
