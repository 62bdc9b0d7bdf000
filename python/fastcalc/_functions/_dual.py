"""functions: dual numbers that compute at once, for teaching and debugging.

Comes in: a value and a tangent, and what NumPy is asked to do with them. Goes out: the same of the result. Each operation is
traced and run by itself, so that its derivative is the one that every compiled function has, and what can be traced can be
computed with dual numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, NDArray

from .._fast import Call
from .._tracer import Recording, Tracer
from .._tracer._derivatives import tangent as tangent_of

__all__ = ["Dual"]


class Dual(NDArrayOperatorsMixin):
    """A dual number: a value and how fast it moves, x + ẋ ε with ε² = 0.

    What is computed from it carries its derivative along: f(x + ẋ ε) = f(x) + f′(x) ẋ ε. It takes part in NumPy's operators and
    functions, element by element and as an array; each is computed at once, so it can be printed at any point of a function. It is
    slow: to differentiate a function, use `fastcalc.derivative`, `fastcalc.jvp` or `fastcalc.grad`.

    Parameters
    ----------
    value : array_like
        A number or an array of numbers.
    tangent : array_like, optional
        Its derivative by whatever it depends on, of a shape that broadcasts to that of `value`; 0 for a constant.

    Attributes
    ----------
    value, tangent : float or ndarray
        The two parts, of one shape.

    Examples
    --------
    The product rule, (u v)′ = u′ v + u v′, by x² and x³ at x = 3, and the chain rule, sin(x²)′ = cos(x²) 2x:

    >>> import numpy as np
    >>> import fastcalc as fc
    >>> x = fc.Dual(3.0, 1.0)
    >>> x
    Dual(3.0, tangent=1.0)
    >>> u, v = x**2, x**3
    >>> u, v
    (Dual(9.0, tangent=6.0), Dual(27.0, tangent=27.0))
    >>> (u * v).tangent == u.tangent * v.value + u.value * v.tangent
    True
    >>> bool(np.isclose(np.sin(x**2).tangent, np.cos(9.0) * 6.0))
    True
    >>> x > 2.0
    np.True_
    """

    __slots__ = ("tangent", "value")

    value: Any
    tangent: Any

    def __init__(self, value: ArrayLike, tangent: ArrayLike = 0.0) -> None:
        self.value = _numbers(value)
        self.tangent = _numbers(np.broadcast_to(_numbers(tangent), np.shape(self.value)))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return np.shape(self.value)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _computed(getattr(ufunc, method), inputs, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return _computed(function, args, kwargs)

    def __getitem__(self, index: Any) -> Any:
        return _computed(lambda array: array[index], (self,), {})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(f"a dual number has no attribute {name!r}")
        if callable(getattr(np.ndarray, name)):
            return lambda *args, **kwargs: _computed(
                lambda array, *more, **named: getattr(array, name)(*more, **named), (self, *args), kwargs
            )
        return _computed(lambda array: getattr(array, name), (self,), {})

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __float__(self) -> float:
        raise TypeError(
            "float() of a dual number, and the functions of the math module, would lose its tangent: use NumPy's functions "
            "(np.exp for math.exp), or .value where the tangent is not wanted"
        )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("a dual number is not written into: build the result with np.where, np.stack or np.concatenate")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if self.ndim == 0:
            return f"Dual({self.value}, tangent={self.tangent})"
        value, tangent = (np.array2string(part, separator=", ") for part in (self.value, self.tangent))
        return f"Dual({value}, tangent={tangent})"


def _numbers(x: ArrayLike) -> Any:
    """Return `x` as a float or a float64 array."""
    if isinstance(x, Dual):
        raise TypeError(
            "a dual number of dual numbers: for second derivatives use fastcalc.derivative(f, 2) or fastcalc.taylor"
        )
    array = np.asarray(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"a dual number needs real numbers, not {array.dtype}")
    return array.astype(np.float64) if array.ndim else float(array)


def _computed(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call `function` with dual numbers among its arguments: trace it, and run what was traced with its tangent."""
    if any(isinstance(out, Dual) for out in kwargs.get("out") or ()):
        raise TypeError("a dual number is not written into: x = x + 1 makes a new one")
    with Recording() as recording:
        return _run(recording, function, args, kwargs)


def _run(recording: Recording, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    values: list[Any] = []
    tracers: list[Tracer] = []

    def traced(x: Any) -> Any:
        if isinstance(x, Dual):
            values.append((x.value, x.tangent))
            tracers.append(recording.input(f"x{len(tracers)}", x.value, seed=False))
            return tracers[-1]
        return type(x)(map(traced, x)) if type(x) in (list, tuple) else x

    arguments, named = traced(args), {name: traced(value) for name, value in kwargs.items()}
    directions = [recording.input(f"dx{i}", tangent, seed=False) for i, (_, tangent) in enumerate(values)]
    numbers: list[NDArray[np.float64]] = [part for pair in zip(*values, strict=True) for part in pair]

    def finished(result: Any) -> Any:
        if isinstance(result, list | tuple):
            return type(result)(map(finished, result))
        if not isinstance(result, Tracer):
            return result
        value = Call(recording.finish(result, "value"))(*numbers)
        if result.dtype == np.bool_:
            return np.asarray(value, dtype=np.bool_)[()]
        return Dual(
            value, Call(recording.finish(tangent_of(recording, result, tracers, directions), "tangent"))(*numbers)
        )

    return finished(recording.run(function, *arguments, **named))
