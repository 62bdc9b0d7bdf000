"""tracer: one trace under way. Comes in: what tracers are asked. Goes out: the kernel's builder, filled.

Every tracer knows how its real value would be computed, so that a comparison that Python looks at can be decided; it is
computed only then. What was decided becomes a guard.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import _core, _fast
from .._errors import TraceError
from . import _functions, _ops
from ._array import Tracer
from ._refusal import nearest, refuse

_thread = threading.local()


class Recording:
    """A function being recorded.

    Attributes
    ----------
    builder : _core.Builder
        What has been recorded so far.
    """

    def __init__(self) -> None:
        self.builder = _core.Builder()

    def input(self, name: str, value: np.ndarray[Any, Any] | float, *, seed: bool) -> Tracer:
        """Return the tracer of an argument whose real value is `value`."""
        array = np.asarray(value, dtype=np.float64)
        return Tracer(self, self.builder.input(name, array.shape, seed), False, None, (), array)

    def run(self, f: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `f` to be recorded: every function that is traced is called here."""
        outer, _thread.recording = Recording.active(), self
        _fast.trace_begins()
        try:
            return f(*arguments, **named)
        except Exception as error:
            if isinstance(error.__cause__, TraceError):  # NumPy wraps what its own loops refuse
                raise error.__cause__ from None
            raise
        finally:
            _fast.trace_ends()
            _thread.recording = outer

    @staticmethod
    def active() -> "Recording | None":
        """Return the recording for which a function is being run in this thread."""
        found: Recording | None = getattr(_thread, "recording", None)
        return found

    def tracer(self, operand: Any) -> Tracer:
        """Return `operand` as a tracer of this recording: a constant unless it is one already."""
        if isinstance(operand, Tracer):
            if operand._recording is not self:
                raise refuse("a value kept from another trace", "pass it as an argument")
            return operand
        array = np.asarray(operand)
        if array.dtype.kind == "c":
            raise refuse("a complex number", "fit the real and the imaginary part side by side")
        if array.dtype.kind not in "biuf":
            raise refuse(f"an operand of type {type(operand).__name__}", "use numbers and arrays of numbers")
        value = self.builder.constant(np.asarray(array, dtype=np.float64))
        return Tracer(self, value, array.dtype.kind == "b", None, (), array)

    def apply(self, operation: _ops.Operation, real: Callable[..., Any], operands: Sequence[Any]) -> Tracer:
        """Record one element-wise operation; `real` computes it on real values."""
        tracers = [self.tracer(operand) for operand in operands]
        value = self.builder.apply(operation.number, [tracer._value for tracer in tracers])
        truth = operation.truth or (operation.name == "where" and tracers[1]._truth and tracers[2]._truth)
        return Tracer(self, value, truth, real, tuple(tracers))

    def call_ufunc(self, ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Answer NumPy's ``__array_ufunc__``."""
        return _functions.call_ufunc(self, ufunc, method, inputs, options)

    def call_function(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Answer NumPy's ``__array_function__``."""
        return _functions.call_function(function, args, kwargs)

    def named(self, name: str, *operands: Any) -> Tracer:
        """Record one element-wise operation by its ufunc's name in NumPy."""
        return self.apply(_ops.by_ufunc[name], getattr(np, name), operands)

    def ufunc(self, ufunc: np.ufunc, operands: Sequence[Any]) -> Tracer:
        """Record a call of a ufunc."""
        name = ufunc.__name__
        tracers = [self.tracer(operand) for operand in operands]
        if name in _ops.identities:
            return tracers[0]
        if name == "clip":
            return self.named("minimum", self.named("maximum", tracers[0], tracers[1]), tracers[2])
        if name == "power" and tracers[0].ndim and isinstance(operands[1], float) and operands[1] == 0.5:
            return self.named("sqrt", tracers[0])  # as NumPy does for an array and this number
        operation = _ops.by_ufunc.get(name)
        if operation is None:
            raise refuse(f"the ufunc {name}", nearest(name, list(_ops.by_ufunc)))
        truths = all(tracer._truth for tracer in tracers)
        if name in _ops.bitwise and not truths:
            raise refuse(f"np.{name} of floating-point numbers", "NumPy has no such operation either")
        if truths and not operation.truth:
            logic = _ops.on_truths.get(name)
            if logic is None:
                raise refuse(f"np.{name} of truth values", "make numbers of them first: 1.0 * mask")
            operation = _ops.by_ufunc[logic]
        return self.apply(operation, ufunc, tracers)

    def fold(self, operation: _ops.Operation, real: Callable[..., Any], x: Tracer, axis: Any, keepdims: bool) -> Tracer:
        """Record a reduction over `axis` (None: over all axes)."""
        given = range(x.ndim) if axis is None else (axis,) if not isinstance(axis, tuple) else axis
        axes = sorted({_axis(number, x.ndim) for number in given})
        if len(axes) != len(given):
            raise ValueError("duplicate value in 'axis'")
        if operation.name in ("max", "min") and any(x.shape[number] == 0 for number in axes):
            raise ValueError(f"zero-size array to reduction operation {operation.name} which has no identity")
        value = self.builder.fold(operation.number, x._value, axes)
        total = Tracer(self, value, operation.truth, lambda array: real(array, axis=tuple(axes)), (x,))
        if not keepdims:
            return total
        return total.reshape(tuple(1 if number in axes else extent for number, extent in enumerate(x.shape)))

    def decide(self, condition: Tracer) -> bool:
        """Return the real outcome of a condition, and record that the program holds only where it is the same."""
        outcome = bool(condition._real())
        self.builder.guard(condition._value, outcome)
        return outcome

    def result(self, value: Any) -> Tracer:
        """Return what a function returned as a tracer."""
        if not isinstance(value, Tracer | np.ndarray | np.generic | float | int):
            raise refuse(f"a function that returned {type(value).__name__}", "return one array or one number")
        return self.tracer(value)

    def finish(self, value: Any, name: str) -> _core.Program:
        """Return the program for a function that returned `value`, ready to run."""
        return self.builder.finish(self.result(value)._value, name)


def _axis(number: Any, ndim: int) -> int:
    axis = int(number)
    if not -ndim <= axis < ndim:
        raise np.exceptions.AxisError(axis, ndim)
    return axis % ndim
