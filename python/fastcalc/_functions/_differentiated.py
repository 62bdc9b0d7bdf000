"""functions: functions that differentiate another one while they are traced.

Comes in: tracers. Goes out: tracers of the derivative, recorded behind what they differentiate. So a derivative is traced, kept,
guarded and called as any `Function` is; inside of another trace, a derivative of a derivative or of a closure over what is outside,
its arguments get nodes of their own first, and no two derivatives can be confused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._tracer import Recording, Tracer
from .._tracer import _derivatives as record
from ._branches import name_of
from ._compressed import Compressed, Pattern
from ._modes import choose_mode, is_worth_looking_for_a_pattern, is_worth_using
from ._point import Argnums, Point, is_number_or_array, shapes_of
from ._pytrees import flatten_result


class Differentiated:
    """A derivative of `f` by the arguments `argnums`; to Python it looks like `f`."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums = 0) -> None:
        if not callable(f):
            raise TypeError(f"a function is differentiated, not {type(f).__name__}")
        functools.update_wrapper(self, f, updated=())  # type: ignore[arg-type]  # an instance is no function to mypy
        self.__name__ = name_of(f)
        self.f, self.argnums = f, argnums
        self.options: tuple[Any, ...] = ()  # of a subclass, in the order of its arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.f, self.argnums, *self.options)

    def at(self, arguments: Sequence[Any]) -> Point:
        recording = Recording.active()
        assert recording is not None  # Function calls this while it traces
        return Point(recording, self.f, arguments, self.argnums)


class Gradient(Differentiated):
    """The gradient of a function of one number; `valued`: behind the value."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums, valued: bool) -> None:
        super().__init__(f, argnums)
        self.options = (valued,)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        value = point.number(named, "gradient")
        gradient = point.like_arguments(record.gradient(point.recording, value, point.inputs))
        (valued,) = self.options
        return (value, gradient) if valued else gradient


class Jacobian(Differentiated):
    """The Jacobian, shape of the result then shape of the argument; `valued`: behind the value."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums, mode: str, sparse: bool, valued: bool) -> None:
        super().__init__(f, argnums)
        self.options = mode, sparse, valued

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        mode, sparse, valued = self.options
        point = self.at(arguments)
        results, together = point.results(named)
        if sparse:
            result, x = _single(self.f, results), _single(self.f, point.inputs)
            compressed = Pattern.of(point.recording, result, x).compressed(mode)
            return compressed.sparse(compressed.entries(point.recording, result, x))
        blocks = together([point.like_arguments(self._blocks(point, result, mode)) for result in results])
        return (together(results), blocks) if valued else blocks

    def _blocks(self, point: Point, result: Tracer, mode: str) -> list[Tracer]:
        recording, inputs = point.recording, point.inputs
        if mode == "auto":
            compressed = _compression_worth_using(point, result)
            if compressed is not None:
                matrix = compressed.dense(recording, compressed.entries(recording, result, inputs[0]))
                return [matrix.reshape(*result.shape, *inputs[0].shape)]
            mode = choose_mode(sum(x.size for x in inputs), result.size)
        if mode == "forward":
            rows = record.tangent(recording, result, inputs, point.directions())
            moved = rows.reshape(len(rows), result.size).T.reshape(*result.shape, len(rows))
            ends = np.cumsum([x.size for x in inputs])
            return [
                moved[..., end - x.size : end].reshape(*result.shape, *x.shape)
                for end, x in zip(ends, inputs, strict=True)
            ]
        adjoints = np.eye(result.size).reshape(result.size, *result.shape)
        columns = record.gradient(recording, result, inputs, adjoints)
        return [column.reshape(*result.shape, *x.shape) for column, x in zip(columns, inputs, strict=True)]


class Hessian(Differentiated):
    """The Hessian of a function of one number: tangents of its gradient, made exactly symmetric."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums, sparse: bool) -> None:
        super().__init__(f, argnums)
        self.options = (sparse,)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        (sparse,) = self.options
        point = self.at(arguments)
        recording, inputs = point.recording, point.inputs
        gradient = record.gradient(recording, point.number(named, "Hessian"), inputs)
        if sparse:
            part, x = _single(self.f, gradient), _single(self.f, inputs)
            compressed = Pattern.of(recording, part, x).compressed_by_symmetry()
            return compressed.sparse(compressed.entries(recording, part, x))
        worth_using = _compression_worth_using(point, gradient[0], symmetric=True)
        if worth_using is not None:
            (x,) = inputs
            matrix = worth_using.dense(recording, worth_using.entries(recording, gradient[0], x))
            return point.like_arguments([point.like_arguments([matrix.reshape(*x.shape, *x.shape)])])
        every = point.directions()
        # rows[b]: the derivative of block b of the gradient, all directions first; rows[b][a]: along those of block a
        rows = [point.cut(record.tangent(recording, part, inputs, every)) for part in gradient]
        return point.like_arguments(
            [
                point.like_arguments([_symmetric(rows[b][a], rows[a][b], x, y) for b, y in enumerate(inputs)])
                for a, x in enumerate(inputs)
            ]
        )


class JacobianVector(Differentiated):
    """The derivative along a direction, the second argument."""

    def __call__(self, x: Any, v: Any, *arguments: Any, **named: Any) -> Any:
        point = self.at((x, *arguments))
        along = point.leaves_of(v, "a direction")
        results, together = point.results(named)
        return together([record.tangent(point.recording, result, point.inputs, along) for result in results])


class NthDerivative(Differentiated):
    """The n-th derivative of an element-wise function of one variable: n times along ones."""

    def __init__(self, f: Callable[..., Any], argnums: Argnums, n: int) -> None:
        super().__init__(f, argnums)
        self.options = (n,)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        (x,) = point.inputs
        derivative = point.recording.result(point.value(named))
        if derivative.shape != x.shape:
            raise ValueError(
                f"{name_of(self.f)} makes the shape {derivative.shape} of {x.shape}: it must work element by element"
            )
        for _ in range(self.options[0]):
            derivative = record.tangent(point.recording, derivative, point.inputs, [np.ones(x.shape)])
        return derivative


class Expanded(Differentiated):
    """The function itself, of which power series are taken."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self.at(arguments).value(named)


class NotElementwise(ValueError):
    """A function that works element by element was needed."""


class Mismatch(TypeError):
    """As many equations as unknowns were needed; in SciPy's words."""

    def __init__(
        self, f: Callable[..., Any], given: tuple[int, ...], made: tuple[int, ...], argument: str = "func"
    ) -> None:
        super().__init__(
            f"There is a mismatch between the input and output shape of the {argument!r} argument {name_of(f)!r}. "
            f"Shape should be {given} but it is {made}."
        )


class ValueAndSlope(Differentiated):
    """An element-wise function of its first argument, and its derivative element by element."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        recording, (x,) = point.recording, point.inputs
        value = record.numbers(recording, recording.result(point.value(named)))
        if value.shape != x.shape:
            raise NotElementwise(
                f"{name_of(self.f)} makes the shape {value.shape} of {x.shape}: it must work element by element"
            )
        if x.size > 1 and not recording.customs:
            pattern = Pattern.of(recording, value, x)
            rows = np.repeat(np.arange(x.size), np.diff(pattern.first))
            if np.any(pattern.columns != rows):
                raise NotElementwise(
                    f"{name_of(self.f)} mixes the elements of its argument: it must work element by element; "
                    "a system of equations is solved by fastcalc.root"
                )
        return value, record.gradient(recording, value, [x])[0]


class System(Jacobian):
    """As many equations as unknowns: the values in one row, and the Jacobian, a row for each."""

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f, 0, "auto", sparse=False, valued=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.f,)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        point = self.at(arguments)
        values = self.values(point, named)
        (matrix,) = self._blocks(point, values, "auto")
        return values, matrix.reshape(values.size, values.size)

    def values(self, point: Point, named: dict[str, Any]) -> Tracer:
        """Return the values in one row, as many as unknowns."""
        results, _ = point.results(named)
        (x,) = point.inputs
        values: Any = np.concatenate([np.ravel(result) for result in results])
        if values.size != x.size:
            raise Mismatch(self.f, x.shape, results[0].shape if len(results) == 1 else values.shape)
        return values  # type: ignore[no-any-return]


class VectorJacobian(Differentiated):
    """An adjoint of the result, the last argument, times the Jacobian."""

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        *arguments, adjoint = arguments  # type: ignore[assignment]
        point = self.at(arguments)
        results, _ = point.results(named)
        given = [adjoint] if is_number_or_array(adjoint) else flatten_result(adjoint)[0]
        adjoints = [point.recording.tracer(leaf) for leaf in given]
        if [a.shape for a in adjoints] != [result.shape for result in results]:
            raise ValueError(
                f"an adjoint of the shape {shapes_of(adjoints)} for a result of the shape {shapes_of(results)} of {name_of(self.f)}"
            )
        parts = [
            record.gradient(point.recording, result, point.inputs, adjoint)
            for result, adjoint in zip(results, adjoints, strict=True)
        ]
        return point.like_arguments([functools.reduce(np.add, of_one) for of_one in zip(*parts, strict=True)])


class HessianVector(Differentiated):
    """The Hessian times a direction, the second argument: the tangent of the gradient."""

    def __call__(self, x: Any, v: Any, *arguments: Any, **named: Any) -> Any:
        point = self.at((x, *arguments))
        along = point.leaves_of(v, "a direction")
        gradient = record.gradient(point.recording, point.number(named, "Hessian"), point.inputs)
        return point.like_arguments([record.tangent(point.recording, part, point.inputs, along) for part in gradient])


def _compression_worth_using(point: Point, result: Tracer, *, symmetric: bool = False) -> Compressed | None:
    """Return the way by the pattern of a dense Jacobian if it is much the cheaper one."""
    if len(point.inputs) > 1 or point.recording.customs:
        return None
    (x,) = point.inputs
    if not is_worth_looking_for_a_pattern(x.size, result.size):
        return None
    pattern = Pattern.of(point.recording, result, x)
    compressed = pattern.compressed_by_symmetry() if symmetric else pattern.compressed()
    return compressed if is_worth_using(compressed.cost, x.size, result.size) else None


def _single(f: Callable[..., Any], tracers: Sequence[Tracer]) -> Tracer:
    if len(tracers) != 1:
        raise TypeError(f"{name_of(f)} takes or gives several arrays: a sparse matrix is of one array by one array")
    return tracers[0]


def _symmetric(ab: Tracer, ba: Tracer, x: Tracer, y: Tracer) -> Tracer:
    """Return the block (x, y) as the mean of what both orders of differentiation give, which differ by rounding."""
    both: Tracer = 0.5 * (ab.reshape(x.size, y.size) + ba.reshape(y.size, x.size).T)
    return both.reshape(*x.shape, *y.shape)


def is_traced(x: Any) -> bool:
    """Whether `x` is a value of a function that is being traced."""
    return isinstance(x, Tracer)


__all__ = [
    "Expanded",
    "Gradient",
    "Hessian",
    "HessianVector",
    "Jacobian",
    "JacobianVector",
    "Mismatch",
    "NotElementwise",
    "NthDerivative",
    "System",
    "ValueAndSlope",
    "VectorJacobian",
    "is_traced",
]
