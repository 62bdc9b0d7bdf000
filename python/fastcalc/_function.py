"""function: a compiled function. Comes in: a plain NumPy function. Goes out: the same function, run in C++.

It is traced at its first call for each combination of shapes, and again where it takes another branch.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ._fast import Call
from ._tracer import Recording

__all__ = ["Function", "compile"]


class Function:
    """A plain NumPy function that runs as a program.

    Made by `fastcalc.compile`. Arguments are numbers and arrays of numbers, by position; everything is float64. What the
    function reads besides its arguments (globals, closures) is captured when it is traced: compile it again if that changes.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> @fc.compile
    ... def decay(t, a, rate):
    ...     return a * np.exp(-rate * t)
    >>> decay(0.0, 2.0, 1.0).item()
    2.0
    >>> print(decay)
    decay(t(), a(), rate())
      v3 = negative rate                     ()
      v4 = multiply v3 t                     ()
      v5 = exp v4                            ()
      v6 = multiply a v5                     ()
      return v6
    <BLANKLINE>
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self._calls: dict[tuple[tuple[int, ...], ...], list[Call]] = {}
        self.f = f
        functools.update_wrapper(self, f)

    def __call__(self, *arguments: Any) -> np.ndarray[Any, Any]:
        """Run the program for arguments of these shapes.

        Parameters
        ----------
        *arguments : array_like
            Numbers and arrays of numbers, any shape.

        Returns
        -------
        ndarray
            What the function gives, as float64.

        Raises
        ------
        TraceError
            If the function does something that cannot be traced; the message names the line.
        """
        shapes = tuple(np.shape(argument) for argument in arguments)
        known = self._calls.setdefault(shapes, [])
        for call in known:
            if call.program.guards == 0 or call.program.holds(arguments):
                return call(*arguments)
        known.insert(0, Call(self._trace(arguments)))
        return known[0](*arguments)

    def _trace(self, arguments: tuple[Any, ...]) -> Any:
        names = [
            p.name
            for p in inspect.signature(self.f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        names += [f"x{i}" for i in range(len(names), len(arguments))]
        recording = Recording()
        tracers = [
            recording.input(name, argument, seed=False) for name, argument in zip(names, arguments, strict=False)
        ]
        return recording.finish(self.f(*tracers), self.f.__name__)

    def __str__(self) -> str:
        """Return a listing of every program; one for plain numbers, all 1, if the function has not been called yet."""
        if not self._calls:
            count = len([p for p in inspect.signature(self.f).parameters.values() if p.default is p.empty])
            return str(self._trace((1.0,) * count))
        return "\n".join(str(call.program) for calls in self._calls.values() for call in calls)

    def __repr__(self) -> str:
        return f"<fastcalc.Function {self.f.__name__}>"


def compile(f: Callable[..., Any]) -> Function:
    """Make a plain NumPy function run as a program in C++.

    Parameters
    ----------
    f : callable
        A function of numbers and arrays, written with NumPy's operators, ufuncs, slices and reductions. ``if`` and ``while`` on
        values are followed: the path taken becomes part of the program, and another path is traced when it is met.

    Returns
    -------
    Function
        Called like `f`; ``print()`` shows what it runs.

    Raises
    ------
    TraceError
        At the first call, if the function does something that cannot be traced; the message names the line.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> f = fc.compile(lambda x: np.sum(x * x))
    >>> f(np.array([3.0, 4.0])).item()
    25.0
    """
    return Function(f)
