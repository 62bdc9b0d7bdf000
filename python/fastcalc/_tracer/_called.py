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
    """A function for programs: it gets the elements of an array of one shape, in C order, and gives an array of another."""

    def __init__(self, f: Callable[[Array], Any], name: str, given: tuple[int, ...], made: tuple[int, ...]) -> None:
        self.f, self.name, self.made = f, name, made
        self.in_kernel = _core.OutsideFunction(self._or_nothing, given, made)

    def __call__(self, flat: Array) -> Array:
        """Return the array, checked for its shape."""
        found = np.asarray(self.f(flat), np.float64)
        if found.shape != self.made:
            raise ValueError(f"{self.name} gave the shape {found.shape}, and {self.made} when it was first called")
        return np.ascontiguousarray(found)

    def _or_nothing(self, flat: Array) -> Array | None:
        try:
            return self(flat)
        except BaseException as error:  # the kernel runs without Python's exceptions
            keep_raised(error)
            return None

    def of(self, x: Any) -> Tracer:
        """Record a call."""
        return Tracer.holding(
            record(
                lambda builder, value: builder.call(self.in_kernel, value),
                lambda real: self(np.ravel(real)),
                (term_of(x),),
            )
        )


def with_rule(
    recording: "Recording", value: Tracer, inputs: tuple[Tracer, ...], rule: Callable[..., Any], *, forward: bool = True
) -> Any:
    """Return a value whose derivative by `inputs` is a rule, linear in its last argument: directions, or an adjoint."""
    result = independent(recording, value)
    recording.customs.append(Custom(result, inputs, rule, forward))
    return result.copy()
