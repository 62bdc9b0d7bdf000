"""functions: the paths through a model function, as programs.

Comes in: a Python function, data, parameters. Goes out: the branch that holds there, traced when it is new, and compared with
the function itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._errors import TraceError
from .._fast import Branch, Data
from .._tracer import Recording
from .._tracer._kept import refuse_kept
from ._locks import new_lock

Array = NDArray[np.float64]

#: Beyond this many rows a trace is checked on three windows of rows where it works row by row, not on all of them.
MANY_ROWS = 1 << 15
WINDOW = 512

#: With more branches than this the guards of a function cost more than they save.
MOST_BRANCHES = 64


class Branches:
    """The paths through one function that were traced for data of one shape, the last used first."""

    def __init__(self, f: Callable[..., Any], *, data_constant: bool) -> None:
        self.f = f
        self.data_constant = data_constant
        self.known: tuple[Branch, ...] = ()  # replaced as a whole, under the lock, so that other threads keep theirs
        self._lock = new_lock()

    def trace(self, data: Data, parameters: Array) -> Branch:
        """Run the function on tracers at these parameters, and keep the path that it took."""
        if len(self.known) >= MOST_BRANCHES:
            raise TraceError(
                f"the function takes more than {MOST_BRANCHES} different paths; write its choices with np.where"
            )
        with Recording() as recording:
            x = data.x if self.data_constant else recording.input("x", data.x, seed=False)
            names = _parameter_names(self.f, len(parameters))
            seeds = [recording.input(name, value, seed=True) for name, value in zip(names, parameters, strict=True)]
            result = recording.result(recording.run(self.f, x, *seeds))
            refuse_kept(recording.kept, seeds, [result])
            if result.shape != data.y.shape:
                result = result.broadcast_to(data.y.shape)
            name = name_of(self.f)
            values = recording.finish(result, name)
            residuals = result - recording.input("y", data.y, seed=False)
            if data.weights is not None:
                residuals = residuals * recording.input("weights", data.weights, seed=False)
            branch = Branch(values, recording.finish(residuals, name))
        with self._lock:
            known = self._holding(data, parameters)  # another thread may have traced it meanwhile
            if known is None:
                self.known = (branch, *self.known)
        return known or branch

    def _anew(self, data: Data, parameters: Array) -> Branch:
        self.known = ()
        return self.trace(data, parameters)

    def at(self, data: Data, parameters: Array) -> Branch:
        """Return the path that the function takes at these parameters; trace it if it is new."""
        branch = self._holding(data, parameters)
        if branch is None:
            return self.trace(data, parameters)
        if self.known[:1] != (branch,):
            with self._lock:
                self.known = (branch, *(other for other in self.known if other is not branch))
        return branch

    def _holding(self, data: Data, parameters: Array) -> Branch | None:
        arguments = self.arguments(data)
        return next((branch for branch in self.known if branch.values.holds(arguments, parameters)), None)

    def arguments(self, data: Data) -> list[Any]:
        """Return the arguments of the program of the values that are not parameters."""
        return [] if self.data_constant else [data.x]

    def confirmed(self, data: Data, parameters: Array, values: Array, *, fresh: bool = True) -> Branch:
        """Return the branch at these parameters if it gives the function's own `values`; `fresh` allows to trace it anew."""
        known = self.known
        if known and (branch := known[0]).agrees(data, parameters, values):
            return branch
        if (branch := self.at(data, parameters)).agrees(data, parameters, values):
            return branch
        if fresh:  # a closure or a global may have changed since the trace
            if (branch := self._anew(data, parameters)).agrees(data, parameters, values):
                return branch
        raise TraceError(
            "the function does not give the values of its own trace (a global that changes, randomness, or a state of its own)"
        )

    def confirmed_in_windows(self, data: Data, parameters: Array, *, fresh: bool) -> Branch | None:
        """Return the branch there if the function itself, called on some windows of rows, gives what it gives for all rows.

        `fresh` traces it anew in any case, which takes a tenth of a fit of so many rows: what has changed since the last trace (a
        threshold, say) may change rows outside of the windows only.
        """
        if self.data_constant or data.x.shape[-1:] != data.y.shape:
            return None
        branch = self._anew(data, parameters) if fresh else self.at(data, parameters)
        last = data.y.size - WINDOW
        for first in (0, last // 2, last):
            try:
                values = np.asarray(self.f(data.x[..., first : first + WINDOW], *parameters))
            except Exception:  # it needs all rows
                return None
            if values.shape != (WINDOW,) or not branch.agrees(data, parameters, values, first):
                return None
        return branch


def name_of(f: Callable[..., Any]) -> str:
    return str(getattr(f, "__name__", type(f).__name__))


def _parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """Return names for the parameters: the signature's where it has as many."""
    try:
        parameters = list(inspect.signature(f).parameters.values())[1:]
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return named[:count] if len(named) >= count else [f"p{i}" for i in range(count)]
