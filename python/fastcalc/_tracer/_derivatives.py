"""tracer: derivatives of what is being traced.

Comes in: tracers of a recording. Goes out: their derivatives as tracers of the same recording, so that a derivative can be an
operand, can be compared, and can be differentiated again. The kernel records the rules; here stand those that users give.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import _core
from .._fast import Call
from ._array import Tracer
from ._content import locked_argument
from ._terms import Term

if TYPE_CHECKING:
    from ._recording import Recording


class Custom(NamedTuple):
    """A value whose derivative somebody gave: a rule that is linear in its last argument, a direction or an adjoint."""

    value: Tracer
    inputs: tuple[Tracer, ...]
    rule: Callable[..., Any]
    forward: bool
    traced: bool  # whether the rule is run as functions are that are traced: the user's own

    def run(self, recording: "Recording", *arguments: Any) -> Any:
        """Call the rule."""
        return recording.run(self.rule, *arguments) if self.traced else self.rule(*arguments)


def numbers(recording: "Recording", x: Any) -> Tracer:
    """Return `x` as a tracer of numbers: truth values become 0 and 1."""
    found = recording.tracer(x)
    as_numbers: Tracer = 1.0 * found if found._truth else found
    return as_numbers


def real(recording: "Recording", x: Any) -> NDArray[Any]:
    """Return the real value of `x`."""
    return recording.tracer(x)._term.real


def argument(recording: "Recording", x: Any) -> Tracer:
    """Return `x` as an argument, which is not written into."""
    return Tracer.holding(recording.tracer(x)._term, lock=locked_argument)


def independent(recording: "Recording", x: Any) -> Tracer:
    """Return a copy of `x` that nothing else reads: what a derivative is taken by."""
    term = numbers(recording, x)._term
    copy = Term(recording, recording.builder.independent(term.value), False, np.array, (term,))
    return Tracer.holding(copy, lock=locked_argument)


def gradient(
    recording: "Recording", result: Tracer, inputs: Sequence[Tracer], adjoint: Any = None, first: int = 0
) -> list[Tracer]:
    """Return the adjoint (ones, where it is None) times the derivative of `result` by each of `inputs`, in reverse mode.

    The adjoint has the shape of the result, or one more leading axis; then each gradient has it too. Of the custom values only those
    from number `first` on are looked at.
    """
    customs = _dependent(recording, inputs, first)
    wrt = [*inputs, *(custom.value for custom in customs)]
    parts = _gradient(recording, result, wrt, adjoint)
    for custom in reversed(customs):
        adjoint_of_value = parts.pop()
        if _is_zero(recording, adjoint_of_value):
            continue
        for x, pulled in zip(custom.inputs, _pull(recording, custom, adjoint_of_value), strict=True):
            for i, more in enumerate(_gradient(recording, x, wrt[: len(parts)], pulled)):
                parts[i] = parts[i] + more
    return parts


def tangent(
    recording: "Recording", result: Tracer, inputs: Sequence[Tracer], directions: Sequence[Any], first: int = 0
) -> Tracer:
    """Return the derivative of `result` along `directions` of the `inputs`, in forward mode.

    The directions have the shapes of the inputs, or all one more leading axis; then the derivative has it too. Of the custom values
    only those from number `first` on are looked at.
    """
    wrt, along = list(inputs), [recording.tracer(direction) for direction in directions]
    for custom in _dependent(recording, inputs, first):
        pushed = _push(recording, custom, [_tangent(recording, x, wrt, along) for x in custom.inputs])
        wrt.append(custom.value)
        along.append(pushed)
    return _tangent(recording, result, wrt, along)


def scattered(recording: "Recording", data: Tracer, places: NDArray[np.int64], shape: tuple[int, ...]) -> Tracer:
    """Return an array of zeros but for `data`, which stands at `places`, counted in C order."""
    zeros = recording.builder.constant(np.zeros(())).view(shape, (0,) * len(shape), 0)
    return _computed(recording, recording.builder.scatter(zeros, data._value, places))


def selected(recording: "Recording", x: Tracer, places: NDArray[np.int64]) -> Tracer:
    """Return the elements of `x` at `places`, counted in C order."""
    return _computed(recording, recording.builder.gather(x._value, places))


def _dependent(recording: "Recording", inputs: Sequence[Tracer], first: int) -> list[Custom]:
    """Return the custom values that depend on `inputs`, each after those that it depends on."""
    found: list[Custom] = []
    wrt = list(inputs)
    for custom in recording.customs[first:]:
        if any(not _is_zero(recording, part) for x in custom.inputs for part in _gradient(recording, x, wrt, None)):
            found.append(custom)
            wrt.append(custom.value)
    return found


def _is_zero(recording: "Recording", x: Tracer) -> bool:
    return bool(x._value.node == recording.builder.constant(np.zeros(())).node)


def _gradient(recording: "Recording", result: Tracer, wrt: Sequence[Tracer], adjoint: Tracer | None) -> list[Tracer]:
    given = None if adjoint is None else recording.tracer(adjoint)._value
    values = recording.builder.gradient(result._value, [x._value for x in wrt], given)
    return [_computed(recording, value) for value in values]


def _tangent(recording: "Recording", result: Tracer, wrt: Sequence[Tracer], directions: Sequence[Tracer]) -> Tracer:
    along = [direction._value for direction in directions]
    return _computed(recording, recording.builder.tangent(result._value, [x._value for x in wrt], along))


# A rule is linear in its last argument: its derivative by that argument is the rule itself, or its transpose. So either kind of rule
# serves both modes, and many directions at once.


def _pull(recording: "Recording", custom: Custom, adjoint: Tracer) -> list[Tracer]:
    """Return the adjoints of a custom value's inputs."""
    first = len(recording.customs)
    if custom.forward:
        directions = [independent(recording, np.zeros(x.shape)) for x in custom.inputs]
        return gradient(recording, _of_jvp(recording, custom, directions), directions, adjoint, first)
    w = independent(recording, np.zeros(custom.value.shape))
    return [tangent(recording, part, [w], [adjoint], first) for part in _of_vjp(recording, custom, w)]


def _push(recording: "Recording", custom: Custom, directions: Sequence[Tracer]) -> Tracer:
    """Return the derivative of a custom value along directions of its inputs."""
    first = len(recording.customs)
    if custom.forward:
        at = [independent(recording, np.zeros(x.shape)) for x in custom.inputs]
        return tangent(recording, _of_jvp(recording, custom, at), at, directions, first)
    w = independent(recording, np.zeros(custom.value.shape))
    parts = [
        gradient(recording, part, [w], direction, first)[0]
        for part, direction in zip(_of_vjp(recording, custom, w), directions, strict=True)
    ]
    return sum(parts[1:], start=parts[0])


def _of_jvp(recording: "Recording", custom: Custom, along: Sequence[Tracer]) -> Tracer:
    found = recording.result(custom.run(recording, custom.inputs, tuple(along)))
    if found.shape != custom.value.shape:
        raise ValueError(f"jvp gives the shape {found.shape} for a value of the shape {custom.value.shape}")
    return found


def _of_vjp(recording: "Recording", custom: Custom, w: Tracer) -> list[Tracer]:
    found = custom.run(recording, custom.inputs, w)
    parts = [recording.result(part) for part in (found if isinstance(found, tuple | list) else (found,))]
    shapes, wanted = [part.shape for part in parts], [x.shape for x in custom.inputs]
    if shapes != wanted:
        raise ValueError(f"vjp gives the shapes {shapes} for arguments of the shapes {wanted}")
    return parts


def _computed(recording: "Recording", value: _core.Value) -> Tracer:
    """Return a tracer of a value that the kernel recorded: its real value is what the program gives for the real inputs."""

    def real(*inputs: Any) -> Any:
        return Call(recording.builder.finish(value, "value").unguarded())(*inputs)

    return Tracer.holding(Term(recording, value, False, real, tuple(recording.inputs)))
