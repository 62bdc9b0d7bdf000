"""problems: equations ready to be solved.

Comes in: a Python function, and its derivative if somebody gave it. Goes out: both as a loop in the kernel asks them.

The ladder stands here. The function is traced with its other arguments as arguments; if that fails, with them as constants; if that
fails too, it is differentiated by finite differences, and says so. A new trace is compared with the function itself; from then on
`Call.current` tells whether what it read besides its arguments is as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._core import Program
from .._errors import TraceError, announce_differences, why_untraceable
from .._fast import (
    AtPoint,
    Call,
    Equations,
    Known,
    Remembered,
    RootOutcome,
    differences,
    kind_with,
)
from .._functions._bound import bound, part, run
from .._functions._branches import name_of
from .._functions._differentiated import Mismatch, NotElementwise, System, ValueAndSlope
from .._functions._function import Function, leaves_of
from .._functions._implicit import Momentary
from .._tracer import Tracer
from ._many import Codes, Counts, Many
from ._paths import call_at
from ._sparse_system import (
    LEAST_BAND,
    LEAST_SPARSE,
    Dense,
    PatternGrew,
    SparseSystem,
    eliminated_by,
    entries_of,
    is_narrow,
)

__all__ = ["Equation", "known_equations"]

Array = NDArray[np.float64]

#: Programs that have given the function's own values; beyond that the oldest is compared again.
MOST_AGREED = 16

#: From so many unknowns on LAPACK eliminates a full Jacobian faster than the kernel does.
LARGE = 32

#: How far two values may differ, by rounding that adds up in another order, relative to the largest of them.
AGREEMENT = 1e-9


class Equation(Known):
    """A function of which a root is sought, and what is known of it: its programs, or why there are none."""

    def __init__(self, f: Callable[..., Any], derivative: Callable[..., Any] | bool | None = None) -> None:
        self.name = name_of(f)
        self.kept = f  # by whose identity this is remembered
        self.derivative: Callable[..., Any] | None = None
        if derivative is True:  # SciPy's way to say that f gives both
            self.f, self.derivative = part(f, 0), part(f, 1)
        else:
            self.f, self.derivative = f, derivative or None
        self.note = ""
        self.slope, self.system = self._functions(self.f, self.derivative)
        self._sparse: dict[Any, SparseSystem] = {}  # by shape
        self._agreed: tuple[tuple[Call, Any], ...] = ()
        self.refused: set[Any] = set()  # ways that failed
        self._has_warned = False

    @staticmethod
    def of(f: Callable[..., Any], derivative: Callable[..., Any] | bool | None = None) -> Equation:
        """Return what is known of `f`, remembered from the last calls. `derivative` True: `f` gives the pair of both."""
        if isinstance(f, Momentary):
            return Equation(f)
        return known_equations(f, derivative) if derivative else known_equations(f)

    @staticmethod
    def _functions(f: Callable[..., Any], derivative: Callable[..., Any] | None) -> tuple[Function, Function]:
        """Return a number's f and f′, and a vector's F and J."""
        if derivative is None:
            return Function(ValueAndSlope(f)), Function(System(f))
        return Function(_Pair(f, derivative, square=False)), Function(_Pair(f, derivative, square=True))

    def pose(self, x: Any, arguments: tuple[Any, ...]) -> Equations:
        """Return the equation for a number `x`, or the system for an array, by the first way that works there."""
        x = x if isinstance(x, float) else np.asarray(x, np.float64)
        kind = (np.shape(x), tuple(map(type, arguments)))
        if self.derivative is not None and np.size(x) >= LEAST_SPARSE:
            matrix = self.derivative(x.copy(), *arguments)
            if hasattr(matrix, "tocsr"):
                return self._given_sparsely(x, arguments, matrix)
        if (*kind, "arguments") not in self.refused:
            try:
                return self._traced(x, arguments, (), "program")
            except Exception as error:  # whatever the function does on tracers, the next way may work
                self.refuse((*kind, "arguments"), error)
        if arguments:
            try:
                return self._traced(x, (), arguments, "program (arguments as constants)")
            except Exception as error:
                self.refuse((*kind, "arguments"), error)
        return self.called(x, arguments)

    def root(self, x: Array, arguments: tuple[Any, ...], *limits: Any) -> tuple[RootOutcome, Equations]:
        """Return a root of the system, and what it was found by."""
        for _ in range(MOST_AGREED):
            try:
                return self.asked(x, arguments, lambda posed: posed.root(x.ravel(), *limits))
            except PatternGrew as grown:
                self._sparse[x.shape] = SparseSystem(self.f, grown.pattern)
        raise TraceError(f"the Jacobian of {self.name} has entries in other places on each of many paths")

    def asked(
        self, x: Any, arguments: tuple[Any, ...], ask: Callable[[Equations], RootOutcome]
    ) -> tuple[RootOutcome, Equations]:
        """Return what is found by equations that were given back, or are posed, and are given back after it."""
        kind = kind_with(np.shape(x), arguments)
        posed = (None if arguments else self.take(kind)) or self.pose(x, arguments)
        try:
            found = ask(posed)
        except TraceError as error:  # on another path
            self.note = why_untraceable(error)
            posed = self.called(x, arguments)
            return ask(posed), posed
        if kind is not None and posed.lets_go(arguments):
            self.give_back(kind, posed)
        return found, posed

    def many(
        self, many: Many, xtol: float | None, maxiter: int | None
    ) -> tuple[Array, Array, Codes, Counts, Counts, str]:
        """Return the root of each system, the values, the numbers of the statuses, iterations, evaluations; and the source."""
        shape = many.starts.shape[1:]

        def program_at(problem: int, x: Array) -> Program:
            return self.system.at(x.reshape(shape), *many.arguments(problem)).program

        try:
            program = self.checked(self.system, many.starts[0], many.arguments(0)).program
        except Exception as error:
            self.refuse((shape, "many"), error)
            return self._in_turn(many, xtol, maxiter)
        problems = many.posed()
        values = problems.roots((program, program_at), xtol, maxiter, many.threads)
        return problems.x, values, problems.codes, problems.nit, problems.nfev, "program"

    def _in_turn(
        self, many: Many, xtol: float | None, maxiter: int | None
    ) -> tuple[Array, Array, Codes, Counts, Counts, str]:
        source = ""
        x, values = np.zeros_like(many.starts), np.zeros_like(many.starts)
        codes, nit, nfev = np.zeros(len(many), np.intc), np.zeros(len(many), np.int64), np.zeros(len(many), np.int64)
        for k, start in enumerate(many.starts):
            found, posed = self.root(start, many.arguments(k), xtol, maxiter)
            x[k], values[k] = found.x.reshape(start.shape), found.fun.reshape(start.shape)
            codes[k], nit[k], nfev[k], source = found.code, found.nit, found.nfev, posed.source
        return x, values, codes, nit, nfev, source

    def _function(self, x: Any, constants: tuple[Any, ...]) -> Function:
        slope, system = self.slope, self.system
        if constants:
            slope, system = self._functions(
                bound(self.f, constants), self.derivative and bound(self.derivative, constants)
            )
        return slope if isinstance(x, float) else system

    def _traced(self, x: Any, arguments: tuple[Any, ...], constants: tuple[Any, ...], source: str) -> Equations:
        shape, size = np.shape(x), np.size(x)
        if size >= LEAST_BAND and self.derivative is None and (shape, "sparse") not in self.refused:
            try:
                return self._sparsely(x, arguments, constants, source)
            except Dense:
                self.refused.add((shape, "sparse"))
        if size >= LARGE:
            _core.hand_over_routines()
        calls, pair = self._pair(self._function(x, constants), x, arguments, constants)
        return Equations(size, pair, source if self.derivative is None else "derivative given, program", calls)

    def _sparsely(self, x: Array, arguments: tuple[Any, ...], constants: tuple[Any, ...], source: str) -> Equations:
        known = self._sparse.setdefault(x.shape, SparseSystem(self.f))
        system = SparseSystem(bound(self.f, constants), known.pattern) if constants else known
        calls, pair = self._pair(system.compiled, x, arguments, constants)
        pattern = system.pattern
        assert pattern is not None  # it was traced
        if x.size >= LEAST_SPARSE:
            return Equations(x.size, pair, source, calls, pattern, eliminated_by(pattern))
        if not is_narrow(pattern):
            raise Dense
        return Equations(x.size, pair, source, calls, band=pattern)

    def _pair(
        self, function: Function, x: Any, arguments: tuple[Any, ...], constants: tuple[Any, ...]
    ) -> tuple[list[Call], AtPoint]:
        """Return the programs that were used so far, at first that of `x`, and the function as the loop asks it."""
        calls = [self.checked(function, x, arguments, constants)]
        shape = np.shape(x)

        def program_at(at: Array) -> Program:
            point = float(at[0]) if shape == () else at.reshape(shape)
            call = call_at(function, (point, *arguments), lambda: self.f(point, *arguments, *constants))
            if call not in calls:
                calls.append(call)
            return call.program

        fixed = leaves_of((x, *arguments))[1:] if arguments else ()
        return calls, AtPoint(program_at, 0, programs=True, arguments=fixed, known=calls[0].program)

    def checked(self, function: Function, x: Any, arguments: tuple[Any, ...], constants: tuple[Any, ...] = ()) -> Call:
        """Return the program for `x`; compared with the function itself, if it is new."""
        call = function.at(x, *arguments)
        types = tuple(map(type, arguments))
        if not isinstance(self.f, Function) and not self.has_agreed(call, types):
            with np.errstate(all="ignore"):
                expected = _real(self.f, self.f(x, *arguments, *constants))
            values = np.reshape(np.asarray(call(*leaves_of((x, *arguments)))[0]), expected.shape)
            if not agree(values, expected):
                raise TraceError(
                    f"{self.name} does not give the values of its own trace (randomness, or a state of its own)"
                )
            self.agreed_on(call, types)
        return call

    def has_agreed(self, call: Call, given: Any) -> bool:
        """Return whether a program has given the function's own values: of arguments of these types, or of so many elements."""
        return any(known is call and told == given for known, told in self._agreed)

    def agreed_on(self, call: Call, given: Any) -> None:
        """Note that it has."""
        self._agreed = ((call, given), *self._agreed[: MOST_AGREED - 1])

    def refuse(self, way: Any, error: Exception) -> None:
        if isinstance(error, Mismatch | NotElementwise | PatternGrew | Unreal):
            raise error
        self.note = why_untraceable(error)
        self.refused.add(way)

    # The last rung -----------------------------------------------------------------------------------------------------------

    def called(self, x: Any, arguments: tuple[Any, ...]) -> Equations:
        source = "finite differences" if self.derivative is None else "derivative given"
        shape, size = np.shape(x), np.size(x)

        def at(flat: Array) -> Any:
            return float(flat[0]) if shape == () else flat.reshape(shape)

        def values(flat: Array) -> Array:
            return self._values(at(flat), arguments)

        def slopes(flat: Array) -> Array:
            if self.derivative is None:
                return differences(values, flat, size).ravel()
            made = self.derivative(at(flat), *arguments)
            if shape == ():
                return np.ravel(_by_element(self.derivative, "fprime", made, x))
            return np.ravel(_matrix(self.derivative, made, size))

        values(np.ravel(x))  # what is wrong with the function itself comes out here
        if self.derivative is None:
            announce_differences(self.name, self.note, is_known=self._has_warned)
            self._has_warned = True
        pair = AtPoint(lambda flat: np.concatenate([values(flat), slopes(flat)]), size + size * size)
        return Equations(size, pair, source)

    def _given_sparsely(self, x: Array, arguments: tuple[Any, ...], matrix: Any) -> Equations:
        """Pose a system whose Jacobian somebody gives as a sparse matrix; `matrix`: that at `x`."""
        derivative, known = self.derivative, self._sparse.get(x.shape)
        assert derivative is not None
        if matrix.shape != (x.size, x.size):
            raise Mismatch(derivative, (x.size, x.size), matrix.shape)
        pattern = entries_of(matrix, known.pattern if known else None)[1]

        def both(flat: Array) -> Array:
            at = flat.reshape(x.shape)
            entries, _ = entries_of(derivative(at.copy(), *arguments), pattern)
            return np.concatenate([self._values(at, arguments), entries])

        pair = AtPoint(both, x.size + len(pattern.columns))
        return Equations(x.size, pair, "derivative given", None, pattern, eliminated_by(pattern))

    def _values(self, x: Any, arguments: tuple[Any, ...]) -> Array:
        made = _real(self.f, self.f(x, *arguments))
        if made.size != np.size(x):
            raise Mismatch(self.f, np.shape(x), made.shape)
        return made.ravel()


class _Pair:
    """A function and its derivative as somebody gave them, in the order that a loop reads them."""

    def __init__(self, f: Callable[..., Any], derivative: Callable[..., Any], *, square: bool) -> None:
        self.f, self.derivative, self.square = f, derivative, square
        self.__name__ = name_of(f)

    def __call__(self, x: Any, *arguments: Any) -> Any:
        value, slope = run(self.f, x, *arguments), run(self.derivative, x, *arguments)
        if not self.square:
            return _by_element(self.f, "func", value, x), _by_element(self.derivative, "fprime", slope, x)
        values = np.ravel(np.array(value) if isinstance(value, list | tuple) else value)
        if values.size != x.size:
            raise Mismatch(self.f, x.shape, np.shape(value))
        return values, _matrix(self.derivative, slope, x.size)


def _by_element(f: Callable[..., Any], argument: str, made: Any, x: Any) -> Any:
    """Return a number for each element of `x`: what was made, or, of a derivative, as in SciPy, the one number for all of them."""
    shape, numbers = np.shape(x), _numbers(f, made)
    if np.shape(numbers) == shape:
        return numbers
    if np.size(numbers) == 1 and (shape == () or (np.ndim(numbers) == 0 and argument == "fprime")):
        return np.broadcast_to(np.reshape(numbers, ()), shape)
    raise Mismatch(f, shape, np.shape(numbers), argument)


def _matrix(derivative: Callable[..., Any], made: Any, size: int) -> Any:
    matrix = _numbers(derivative, made.toarray() if hasattr(made, "toarray") else made)
    if np.size(matrix) != size * size or (size > 1 and np.shape(matrix) != (size, size)):
        raise Mismatch(derivative, (size, size), np.shape(matrix))
    return np.reshape(matrix, (size, size))


class Unreal(TypeError):
    """A function gives what no way of asking it makes real numbers of."""


def _numbers(f: Callable[..., Any], made: Any) -> Any:
    """Return what `f` made, or traced, if these are real numbers."""
    if isinstance(made, Tracer):
        return made
    array = np.asarray(made)
    if array.dtype.kind not in "biuf" and (array.dtype != object or any(entry is None for entry in array.flat)):
        what = "None; is its `return` missing?" if made is None else f"{array.dtype} numbers"
        what += "; give the real and the imaginary part as equations of their own" if array.dtype.kind == "c" else ""
        raise Unreal(f"{name_of(f)} gives {what}")
    return array


def _real(f: Callable[..., Any], made: Any) -> Array:
    return _numbers(f, made).astype(np.float64)  # type: ignore[no-any-return]


def agree(values: Array, expected: Array) -> bool:
    """Whether a program gives the function's own values, but for rounding; NaN and inf in the same places."""
    finite = np.isfinite(expected)
    if not np.array_equal(finite, np.isfinite(values)):
        return False
    largest = np.max(np.abs(expected), where=finite, initial=0.0)
    return bool(np.all(np.abs(values[finite] - expected[finite]) <= AGREEMENT * largest + 1e-300))


known_equations = Remembered(Equation)
