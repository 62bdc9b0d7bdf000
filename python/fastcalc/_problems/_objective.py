"""problems: a function ready to be minimised.

Comes in: a Python function, the structure of its first argument. Goes out: it and its derivatives as a loop in the kernel asks them.

The ladder stands here. The function is traced with its other arguments as arguments; if that fails, with them as constants; if
that fails too, it is differentiated by finite differences, and says so. A new trace is not believed blindly: the function itself is
called at the start and at the solution and compared with it, unless it is compiled already, which says that it was captured. From then
on `Call.current` tells whether what it read besides its arguments is as it was.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._core import Program
from .._errors import TraceError, announce_differences, why_untraceable
from .._fast import AtPoint, Call, Known, ManyProblems, Minimum, Remembered
from .._functions._bound import run
from .._functions._branches import name_of
from .._functions._compressed import Pattern
from .._functions._derivatives import hessian, hvp, value_and_grad
from .._functions._function import Function, leaves_of
from .._functions._implicit import Momentary
from .._tracer import Tracer
from ._many import Many
from ._paths import call_at
from ._space import Vector
from ._sparse_hessian import SparseHessian, Storage
from ._sparse_system import Dense

__all__ = ["Functions", "Objective", "known_objectives"]

if TYPE_CHECKING:
    from .._fast import OfMany

Array = NDArray[np.float64]

#: Programs that have given the function's own values; beyond that the oldest is compared again.
MOST_CONFIRMED = 32

#: The source of derivatives whose function could not be traced with other arguments than numbers.
AS_CONSTANTS = "program (arguments as constants)"


class OfVector:
    """A function as one of a vector, that gives one number: what SciPy takes, an array of one element, is one too."""

    def __init__(self, f: Callable[..., Any], vector: Vector | None, constants: tuple[Any, ...] = ()) -> None:
        self.f, self.vector, self.constants = f, vector, constants
        self.__name__ = name_of(f)

    def __call__(self, x: Any, *arguments: Any) -> Any:
        point = x if self.vector is None else self.vector.unflatten(x)
        return _number(run(self.f, point, *arguments, *self.constants), self.__name__)


def _number(value: Any, name: str) -> Any:
    if isinstance(value, float):  # np.float64 too
        return value
    shape = np.shape(value)
    if math.prod(shape) != 1:
        raise ValueError(
            f"The user-provided objective function must return a scalar value: {name} returned the shape {shape}; "
            "sum it up, or use fc.root for equations"
        )
    if isinstance(value, Tracer):
        return value.reshape(())
    number: Any = np.asarray(value).reshape(())[()]
    if isinstance(number, str | complex) or not hasattr(number, "__float__"):
        hint = "; is its `return` missing?" if number is None else ""
        hint = "; return its real part, or its modulus" if isinstance(number, complex) else hint
        raise TypeError(
            f"The user-provided objective function must return a scalar value: {name} returned "
            f"{'None' if number is None else f'a {type(number).__name__}'}{hint}"
        )
    return float(number)


@dataclass
class Functions:
    """What a loop asks, and where it comes from."""

    value: AtPoint | None
    value_and_gradient: AtPoint | None
    hessian: AtPoint | None
    product: AtPoint | None
    source: str
    calls: list[Call] = field(default_factory=list)  # the programs that it met so far
    sparse: Storage | None = None  # how `hessian` gives the entries; None: all n × n
    grown: Callable[[Pattern], Functions] | None = None  # the same with more entries


class Derivatives:
    """A function of a vector and its derivatives, as programs."""

    def __init__(self, f: OfVector) -> None:
        self.f = f
        self.both, self.hessian, self.product = value_and_grad(f), hessian(f), hvp(f)
        self._kept: tuple[int, Functions] | None = None  # without arguments: of a size

    def functions(self, x: Array, arguments: Sequence[Any], source: str) -> Functions:
        kept = self._kept
        if not arguments and kept and kept[0] == x.size and all([call.current for call in kept[1].calls]):
            return kept[1]
        leaves = leaves_of((x, *arguments))[1:] if arguments else ()
        calls: list[Call] = []

        def asked(function: Function, *directions: Array, at_once: bool = False) -> AtPoint:
            def program_at(x: Array) -> Program:
                call = call_at(function, (x, *directions, *arguments), lambda: self.f(x.copy(), *arguments))
                if call not in calls:
                    calls.append(call)
                point.known = call.program
                return call.program

            point = AtPoint(program_at, 0, programs=True, arguments=leaves)
            if at_once:
                program_at(x)
            return point

        functions = Functions(
            None,
            asked(self.both, at_once=True),
            asked(self.hessian),
            asked(self.product, np.ones(x.size)),
            source,
            calls,
        )
        if not arguments:
            self._kept = x.size, functions
        return functions

    def forget(self) -> None:
        """Make them anew at the next call."""
        self._kept = None


class Objective(Known):
    """A function and what is known of it: its programs, or why there are none."""

    def __init__(self, f: Callable[..., Any], vector: Vector | None = None) -> None:
        self.f, self.vector = f, vector
        self._is_captured = isinstance(f, Function)
        self._confirmed: tuple[Call, ...] = ()
        self.name = name_of(f)
        self.note = ""
        self._derivatives = Derivatives(OfVector(f, vector))
        self._sparse: dict[int, SparseHessian | Dense] = {}  # by size
        self._has_warned = False
        self._untraceable = False

    @staticmethod
    def of(f: Callable[..., Any], vector: Vector | None) -> Objective:
        """Return what is known of `f`, remembered from the last calls."""
        if isinstance(f, Momentary):
            return Objective(f, vector)
        return known_objectives(f, vector) if vector else known_objectives(f)

    def value(self, x: Array, arguments: Sequence[Any]) -> float:
        """Return what the function itself gives; it may write into its argument."""
        value: float = OfVector(self.f, self.vector)(x.copy(), *arguments)
        return value

    def unflatten(self, x: Array) -> Any:
        """Return a vector as the function takes it."""
        return x if self.vector is None else self.vector.unflatten(x)

    def functions_quietly(self, x: Array, arguments: tuple[Any, ...]) -> Functions | None:
        """Return the same if it is traced as it is, and None if not."""
        try:
            return self._derivatives.functions(x, arguments, "program")
        except Exception:  # whatever the function does on tracers
            return None

    def functions(self, x: Array, arguments: tuple[Any, ...]) -> Functions:
        """Return the objective and its derivatives by the first way that works at `x`."""
        # First of all, so that what is wrong with it comes out; where programs are known to be right, if none of them holds here.
        expected = None if self._is_captured or self._confirmed else self.value(x, arguments)
        if not self._untraceable:
            try:
                return self._traced(self._derivatives, x, arguments, "program", arguments, expected)
            except Exception as error:  # whatever the function does on tracers, the next way may work
                self.note = why_untraceable(error)
            if arguments:
                try:
                    constant = Derivatives(OfVector(self.f, self.vector, arguments))
                    return self._traced(constant, x, (), AS_CONSTANTS, arguments, expected)
                except Exception as error:
                    self.note = why_untraceable(error)
            self._untraceable = not arguments
        if self._is_captured:
            self.value(x, arguments)  # what is wrong with it comes out here
        return self.by_differences(arguments)

    def by_entries(
        self, functions: Functions, x: Array, arguments: tuple[Any, ...], pattern: Pattern | None = None
    ) -> Functions:
        """Return traced functions with the entries of the Hessian: those of `pattern`, or of what it is at `x`. Raises `Dense`."""
        given = arguments
        if functions.source == AS_CONSTANTS:
            known, arguments = SparseHessian(OfVector(self.f, self.vector, arguments), pattern), ()
        else:
            found = self._sparse.get(x.size)
            if isinstance(found, Dense):
                raise found
            known = found if found and not pattern else SparseHessian(OfVector(self.f, self.vector), pattern)
            self._sparse[x.size] = known
        try:
            entries = known.entries(x, arguments)
            return replace(
                functions,
                hessian=entries,
                sparse=known.storage,
                grown=lambda pattern: self.by_entries(functions, x, given, pattern),
            )
        except (Dense, TraceError) as error:  # a custom derivative has no pattern
            self._sparse[x.size] = dense = error if isinstance(error, Dense) else Dense(str(error))
            raise dense from error

    def many(
        self, many: Many, method: str, lower: Array | None, upper: Array | None, options: dict[str, Any]
    ) -> tuple[ManyProblems, Array, Array]:
        """Minimise each of many problems by programs. Returns what was found, the values and the gradients."""

        def asked(function: Function, *directions: Array, at_once: bool) -> OfMany:
            def program_at(problem: int, x: Array) -> Program:
                return function.at(x, *directions, *many.arguments(problem)).program

            return program_at(0, many.starts[0]) if at_once else None, program_at

        programs, takes_matrix = self._derivatives, method == "newton"
        problems = many.posed()
        values, gradients = problems.minima(
            method,
            asked(programs.both, at_once=True),
            asked(programs.hessian, at_once=takes_matrix),
            asked(programs.product, np.ones(many.starts.shape[1]), at_once=not takes_matrix),
            lower,
            upper,
            options,
            many.threads,
        )
        return problems, values, gradients

    def _traced(
        self,
        derivatives: Derivatives,
        x: Array,
        arguments: Sequence[Any],
        source: str,
        given: Sequence[Any],
        expected: float | None,
    ) -> Functions:
        """Return the programs at `x`; those that are new are compared with the function of the arguments `given`."""
        functions = derivatives.functions(x, arguments, source)
        if self._is_captured or self._has_confirmed(derivatives.both.at(x, *arguments)):
            return functions
        value, gradient = derivatives.both(x, *arguments)
        if not agree(value, self.value(x, given) if expected is None else expected):
            raise TraceError(
                f"{self.name} does not give the value of its own trace (a global that changes, randomness, or a state of its own)"
            )
        if not gradient.any() and not self._holds_beside(derivatives, x, arguments):
            raise TraceError(
                f"the trace of {self.name} has no slope and holds at the start alone (it compares its argument with a number?)"
            )
        return functions

    def confirms(self, functions: Functions, start: Array, arguments: Sequence[Any], found: Minimum) -> bool:
        """Whether the function itself has the value that was found; it is asked if programs among these are new."""
        new = [call for call in functions.calls if not self._has_confirmed(call)]
        if new and not self.gives(found.fun, found.x, start, arguments):
            self.forget()
            self._derivatives.forget()
            return False
        self._confirmed = (*new, *self._confirmed)[:MOST_CONFIRMED]
        return True

    def gives(self, value: float, x: Array, start: Array, arguments: Sequence[Any]) -> bool:
        """Whether the function itself has the value at `x` that its programs found on the way from `start`."""
        return self._is_captured or agree(self.value(x, arguments), value, self.value(start, arguments))

    def _has_confirmed(self, call: Call) -> bool:
        return any(known is call for known in self._confirmed)

    def _holds_beside(self, derivatives: Derivatives, x: Array, arguments: Sequence[Any]) -> bool:
        # On a path such as `if x == 0`, which holds at the start alone, a constant tells nothing of the function beside it.
        beside = x + 1e-6 * np.maximum(np.abs(x), 1)
        return derivatives.both.at(x, *arguments).program.holds(leaves_of((beside, *arguments)))

    def by_differences(self, arguments: Sequence[Any], note: str = "") -> Functions:
        """Return the function itself, of which the loop takes differences."""
        if note:
            self.note = note
        announce_differences(self.name, self.note, is_known=self._has_warned)
        self._has_warned = True
        value = AtPoint(lambda x: self.value(x, arguments), 1)
        return Functions(value, None, None, None, "finite differences")


def agree(a: float, b: float, start: float = 0.0) -> bool:
    """Whether two values of a function are the same but for rounding, which adds up in another order.

    Where the value is far below that at the `start`, it may be a difference of terms of that size.
    """
    if not (math.isfinite(a) and math.isfinite(b)):
        return a == b or (math.isnan(a) and math.isnan(b))
    return abs(a - b) <= 1e-9 * max(abs(a), abs(b)) + 1e-14 * abs(start)


known_objectives = Remembered(Objective)
