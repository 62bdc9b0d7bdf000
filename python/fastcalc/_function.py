"""function: a compiled function. Comes in: a plain NumPy function. Goes out: the same function, run in C++.

It is traced at its first call for each combination of shapes, and again where it takes another branch.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _core
from ._branches import MOST_BRANCHES, name_of
from ._errors import TraceError
from ._fast import Call
from ._tracer import Recording, Tracer

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

    def __call__(self, *arguments: Any) -> Any:
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
        if any(
            isinstance(argument, Tracer) for argument in arguments
        ):  # a part of another function that is being traced
            return self.f(*arguments)
        if any(np.asarray(argument).dtype.kind == "c" for argument in arguments):
            raise TypeError(
                "complex arguments: a program computes with real numbers; give the real and imaginary part apart"
            )
        shapes = tuple(np.shape(argument) for argument in arguments)
        known = self._calls.setdefault(shapes, [])
        for call in known:
            if call.program.holds(arguments):
                return call(*arguments)
        if len(known) < MOST_BRANCHES:
            call = Call(self._trace(arguments))
            known.insert(0, call)
            if call.program.holds(arguments):
                return call(*arguments)
        # Its path depends on the last bit of a value, or there is no end of paths: Python itself follows it.
        return np.asarray(
            self.f(*(np.asarray(argument, dtype=np.float64)[()] for argument in arguments)), dtype=np.float64
        )

    def _trace(self, arguments: tuple[Any, ...]) -> _core.Program:
        names = [p.name for p in self._positional() if p.kind is not p.VAR_POSITIONAL]
        names += [f"x{i}" for i in range(len(names), len(arguments))]
        recording = Recording()
        tracers = [
            recording.input(name, argument, seed=False) for name, argument in zip(names, arguments, strict=False)
        ]
        return recording.finish(recording.run(self.f, *tracers), name_of(self.f))

    def _positional(self) -> list[inspect.Parameter]:
        kinds = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        )
        return [p for p in inspect.signature(self.f).parameters.values() if p.kind in kinds]

    def __str__(self) -> str:
        """Return a listing of every program; one for plain numbers, all 1, if the function has not been called yet."""
        if self._calls:
            return "\n".join(str(call.program) for calls in self._calls.values() for call in calls)
        try:
            return str(self._trace((1.0,) * len([p for p in self._positional() if p.default is p.empty])))
        except Exception as error:
            raise TraceError(
                f"{name_of(self.f)} cannot be listed for plain numbers ({error}); call it once, then print it"
            ) from error

    def __repr__(self) -> str:
        return f"<fastcalc.Function {name_of(self.f)}>"


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
