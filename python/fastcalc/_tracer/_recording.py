"""tracer: one trace under way.

Comes in: a function and real arguments. Goes out: the kernel's builder, filled.

Every term knows how its real value would be computed, so that a comparison that Python looks at can be decided; it is computed
only then. What was decided becomes a guard.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import _core, _fast
from .._errors import TraceError
from . import _functions as _functions  # fills the table of what is covered
from . import _stand_ins
from ._array import Tracer
from ._content import locked_argument
from ._derivatives import Custom
from ._kept import Kept, equal_to_outside
from ._operands import term_of
from ._outside import Reads
from ._refusal import refusals_aside, refuse
from ._terms import Term

_thread = threading.local()


class Recording:
    """A function being recorded.

    Attributes
    ----------
    builder : _core.Builder
        What has been recorded so far.
    decisions : int
        How many outcomes have been guarded.
    inputs : list of Term
        The arguments.
    customs : list of Custom
        The values whose derivatives somebody gave.
    reads : Reads
        What the functions that were run read besides their arguments.
    kept : list of Kept
        What conditions found equal to something of the outside.
    is_suspended : bool
        Whether what it recorded is a constant now.
    """

    def __init__(self) -> None:
        self.builder = _core.Builder()
        self.decisions = 0
        self.inputs: list[Term] = []
        self.customs: list[Custom] = []
        self.reads = Reads()
        self.kept: list[Kept] = []
        self.is_suspended = False
        self._constants: dict[Term, _core.Value] = {}
        self._stand_ins: list[_stand_ins.StandIns] = []

    def input(self, name: str, value: np.ndarray[Any, Any] | float, *, seed: bool) -> Tracer:
        """Return the tracer of an argument whose real value is `value`."""
        array = np.asarray(value, dtype=np.float64)
        term = Term(self, self.builder.input(name, array.shape, seed), False, None, (), array, array.ndim < 2)
        self.inputs.append(term)
        return Tracer.holding(term, lock=locked_argument)

    def run(self, f: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Call `f` to be recorded: every function that is traced is called here, as a copy that sees stand-ins."""
        outer, _thread.recording = Recording.active(), self
        _fast.trace_begins()
        try:
            return _stand_ins.run(f, arguments, named, self.reads, self._stand_ins, is_outermost=outer is not self)
        except Exception as error:
            if isinstance(error.__cause__, TraceError):  # NumPy wraps what its own loops refuse
                raise error.__cause__ from None
            if isinstance(error, ValueError) and "read-only" in str(error):
                raise refuse(
                    "writing into an array of the outside", "copy it, or make the array inside of the function"
                ) from error
            raise
        finally:
            _fast.trace_ends()
            _thread.recording = outer

    @contextlib.contextmanager
    def suspended(self) -> Iterator[None]:
        """Let functions run, and be traced, inside of the block as they are outside of a trace.

        What was recorded so far is a constant for them, its real value.
        """
        _thread.recording, self.is_suspended = None, True
        try:
            with refusals_aside():
                yield
        finally:
            _thread.recording, self.is_suspended = self, False

    @staticmethod
    def active() -> "Recording | None":
        """Return the recording for which a function is being run in this thread."""
        found: Recording | None = getattr(_thread, "recording", None)
        return found

    def value_of(self, term: Term) -> _core.Value:
        """Return what a term is in the builder."""
        value: _core.Value | None = term.value if term.home is self else self._constants.get(term)
        if value is None:
            value = self._constants[term] = self.builder.constant(np.asarray(term.real, dtype=np.float64))
        return value

    def guard(self, condition: Term, outcome: bool) -> None:
        """Record that the program holds only where the condition comes out the same."""
        self.decisions += 1
        self.builder.guard(condition.value, outcome)
        self.kept.extend(equal_to_outside(condition, self.reads))

    def tracer(self, operand: Any) -> Tracer:
        """Return `operand` as a tracer of this recording: a constant unless it is one already."""
        term = term_of(operand)
        if term.recording not in (None, self):
            raise refuse("a value kept from another trace", "pass it as an argument")
        value = self.value_of(term)
        return Tracer.holding(term if term.recording else Term(self, value, term.truth, None, (), term.real))

    def result(self, value: Any) -> Tracer:
        """Return what a function returned as a tracer."""
        if not isinstance(value, Tracer | np.ndarray | np.generic | float | int):
            raise refuse(f"a function that returned {type(value).__name__}", "return one array or one number")
        return self.tracer(value)

    def joined(self, parts: Sequence[Any]) -> tuple[Tracer, list[tuple[int, ...]]]:
        """Return the elements of all parts behind each other, and the shape of each part."""
        tracers = [self.result(part) for part in parts]
        ends = np.cumsum([tracer.size for tracer in tracers]).tolist()
        value = self.builder.constant(np.zeros(())).view((ends[-1] if ends else 0,), (0,), 0)
        # Arrays first: a number, such as the value beside a gradient, is there only when a step that makes the arrays is over.
        for tracer, end in sorted(zip(tracers, ends, strict=True), key=lambda part: part[0].size == 1):
            value = self.builder.place(value, tracer.ravel()._value, (1,), end - tracer.size)
        return Tracer(self, value, False, None, ()), [tracer.shape for tracer in tracers]

    def finish(self, value: Any, name: str) -> _core.Program:
        """Return the program for a function that returned `value`, ready to run."""
        return self.builder.finish(self.result(value)._value, name)

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the arguments: terms know their recording, a circle in which arrays would wait for the garbage collector."""
        self.inputs.clear()
        self.customs.clear()
        self.kept.clear()
        self._constants.clear()
