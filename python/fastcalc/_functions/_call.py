"""functions: what is called, and not traced.

Comes in: a function that cannot be traced: of another language, of a simulation, of a table. Goes out: one that a traced function may
call, and whose derivative is taken by differences of second order.

The derivative of such a function is a function of the same kind, so that there is a second one too. With values to a relative accuracy
ε a step of ε^(1/3) leaves an error of ε^(2/3) (`tasks/differences.cpp`): 4e-11 in the first derivative, 1e-7 in the second.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._errors import TraceError
from .._fast import differences
from .._tracer import Recording, Tracer
from .._tracer._called import OutsideFunction, with_rule
from .._tracer._derivatives import argument, real
from .._tracer._stand_ins import is_copy
from ._branches import name_of
from ._function import reference_to

__all__ = ["call"]

Array = NDArray[np.float64]
Shape = tuple[int, ...]

EPSILON = float(np.finfo(np.float64).eps)

#: What is less accurate has no derivative: so there are two.
LEAST_ACCURATE = 1e-8


def call(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that is called as it is, instead of traced, where a function that fastcalc traces calls it.

    For what cannot be traced: a simulation in another library, a table, compiled code. Everything around it is traced and
    differentiated exactly; its own derivative is taken by differences of second order.

    Parameters
    ----------
    f : callable
        A function of arrays and numbers by position, that gives one of them. Of the same arguments it must give the same. A
        `numpy.ufunc` is known to work element by element.

    Returns
    -------
    callable
        The function, for use in functions that fastcalc traces. The first derivative has about 10 right digits and takes 2 calls
        for each element of the arguments (of a ufunc 2 calls for each argument), the second about 6. There is no third one.

    Raises
    ------
    TraceError
        If it is made inside of a function that is being traced: then `f` is a copy that is being traced as well.

    See Also
    --------
    custom_derivative : Where the derivative is known.

    Examples
    --------
    >>> import math
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> @fc.call
    ... def simulate(p):
    ...     return np.array([math.exp(float(p[0])), float(p[0]) * float(p[1])])
    >>> fc.jacobian(lambda p: simulate(2 * p))(np.array([0.0, 1.0])).round(9)
    array([[2., 0.],
           [4., 0.]])
    """
    if not callable(f):
        raise TypeError(f"a function is called, not {type(f).__name__}")
    if is_copy(f):
        raise TraceError(
            f"fc.call({name_of(f)}) inside of a function that is traced: make it outside, g = fc.call({name_of(f)}), and call g inside"
        )
    return _Called(f)


class _Called:
    def __init__(self, f: Callable[..., Any]) -> None:
        functools.update_wrapper(self, f, updated=())
        self.f = f

    def __call__(self, *arguments: Any) -> Any:
        recording = Recording.active()
        if recording is None:
            return self.f(*arguments)
        inputs = tuple(argument(recording, x) for x in arguments)
        numbers = [np.array(real(recording, x))[()] for x in inputs]
        with recording.suspended():
            made = np.shape(self.f(*numbers))
        shapes = tuple(x.shape for x in inputs)
        kind = _Elementwise if isinstance(self.f, np.ufunc) else _Whole
        return kind(self.f, name_of(self.f), shapes, made, EPSILON)(recording, inputs)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return reference_to(self) or (call, (self.f,))


class _Whole:
    """A function of arrays of some shapes that makes one of the shape `made`, and its derivative.

    What the kernel is given knows no object of this class: see `OutsideFunction`.
    """

    def __init__(
        self, f: Callable[..., Any], name: str, shapes: tuple[Shape, ...], made: Shape, accuracy: float
    ) -> None:
        self.f, self.name, self.shapes, self.made, self.accuracy = f, name, shapes, made, accuracy
        self.size = sum(map(math.prod, shapes))
        self.outside = OutsideFunction(lambda flat: f(*_parts(flat, shapes)), name, (self.size,), made)

    def __call__(self, recording: Recording, inputs: tuple[Tracer, ...]) -> Any:
        """Record a call."""
        flat: Any = np.concatenate([np.ravel(x) for x in inputs])
        value = self.outside.of(flat)
        return with_rule(recording, value, inputs, self.rule) if self.accuracy < LEAST_ACCURATE else value

    def rule(self, arguments: tuple[Any, ...], directions: tuple[Any, ...]) -> Any:
        """J v."""
        recording = Recording.active()
        assert recording is not None
        return self.jacobian(recording, arguments) @ np.concatenate([np.ravel(d) for d in directions])

    @functools.cached_property
    def jacobian(self) -> _Whole:
        """A column for each element of the arguments."""
        values, accuracy, made = self.outside.checked, self.accuracy, (*self.made, self.size)

        def by_differences(*arguments: Any) -> Array:
            at = np.concatenate([np.ravel(x) for x in arguments])
            rows = math.prod(made[:-1])
            return differences(lambda flat: np.ravel(values(flat)), at, rows, accuracy).reshape(made)

        return _Whole(by_differences, self.name, self.shapes, made, accuracy ** (2 / 3))


class _Elementwise(_Whole):
    """The same, element by element of arguments that are broadcast."""

    def rule(self, arguments: tuple[Any, ...], directions: tuple[Any, ...]) -> Any:
        """Σ ∂f/∂x v over the arguments x."""
        recording = Recording.active()
        assert recording is not None
        terms = [slope(recording, arguments) * v for slope, v in zip(self.partial_derivatives, directions, strict=True)]
        return sum(terms[1:], start=terms[0])

    @functools.cached_property
    def partial_derivatives(self) -> list[_Elementwise]:
        """By each argument."""
        return [
            _Elementwise(
                _difference(self.f, k, self.accuracy), self.name, self.shapes, self.made, self.accuracy ** (2 / 3)
            )
            for k in range(len(self.shapes))
        ]


def _difference(f: Callable[..., Any], k: int, accuracy: float) -> Callable[..., Array]:
    """Return the derivative of an element-wise function by argument `k`."""

    def slope(*arguments: Any) -> Array:
        x = np.asarray(arguments[k])
        step = accuracy ** (1 / 3) * np.where(x == 0, 1.0, np.abs(x))
        above, below = x + step, x - step
        rise = f(*arguments[:k], above, *arguments[k + 1 :]) - f(*arguments[:k], below, *arguments[k + 1 :])
        return np.asarray(rise / (above - below))

    return slope


def _parts(flat: Array, shapes: tuple[Shape, ...]) -> list[Any]:
    """Return the arguments that stand one behind the other."""
    ends = np.cumsum([math.prod(shape) for shape in shapes])[:-1]
    return [part.reshape(shape).copy()[()] for part, shape in zip(np.split(flat, ends), shapes, strict=True)]
