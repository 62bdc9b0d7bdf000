"""tracer: what a traced array is between two writes.

Comes in: primitive operations of the kernel's builder and how NumPy computes them. Goes out: terms, which never change. A term
is either recorded in a builder, and knows how its real value would be computed, or it is a constant, which is its real value.
Operations on constants alone are done at once and recorded nowhere.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from .. import _core
from . import _ops
from ._refusal import refuse

if TYPE_CHECKING:
    from ._recording import Recording

Array = NDArray[Any]
Look = Callable[[Any], Any]

_nothing = np.zeros(1, dtype=np.int8)  # one byte an element: strides in bytes are strides in elements
_address = _nothing.__array_interface__["data"][0]


class _Interface:
    """What NumPy asks for to see memory as an array."""

    __slots__ = ("__array_interface__",)
    __array_interface__: dict[str, Any]


def ghost(shape: tuple[int, ...], strides: tuple[int, ...] | None = None) -> Array:
    """Return an array of this shape that has strides (those of C order unless given) but no data: views of it can be made."""
    made = _Interface()
    if strides is None:
        steps, step = [], 1
        for extent in reversed(shape):
            steps.append(step)
            step *= max(extent, 1)
        strides = tuple(reversed(steps))
    made.__array_interface__ = {
        "data": (_address, True), "shape": shape, "strides": strides, "typestr": "|i1", "version": 3,
    }  # fmt: skip
    return np.asarray(made)


def place_in(array: Array) -> int:
    """Return at which element of a ghost a view of it starts."""
    start: int = array.__array_interface__["data"][0]
    return start - int(_address)


def at(*keys: Any) -> Look:
    """Return the look at the elements of an index."""
    return lambda array: array[keys]


class Reshape:
    """The same elements in another shape, as a view or a copy."""

    __slots__ = ("shape",)

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __call__(self, array: Array) -> Array:
        return array.reshape(self.shape)

    def is_view(self, array: Array) -> bool:
        """Whether it is a view of this array. The memory is not read."""
        try:
            array.reshape(self.shape, copy=False)
        except ValueError:
            return False
        return True


class Term:
    """An array that never changes: recorded, or a constant.

    Attributes
    ----------
    home, value
        Where it is recorded and as what; None for a constant.
    recording
        Its home, but None while that is suspended: then it is a constant too.
    truth : bool
        Whether its elements are truth values.
    work, operands
        How the real value is computed, from those of which terms.
    cached : ndarray or None
        The real value, once it is known.
    ordered : bool
        Whether NumPy certainly holds this array in C order. Of an array in another order some reshapes are copies, not views.
    held : bool
        Whether a constant is an operand of something: then it must not be written into.
    """

    __slots__ = ("cached", "held", "home", "operands", "ordered", "truth", "value", "work")

    def __init__(
        self,
        recording: "Recording | None",
        value: Any,
        truth: bool,
        work: Callable[..., Any] | None,
        operands: tuple[Self, ...],
        cached: Array | None = None,
        ordered: bool = True,
    ) -> None:
        self.home = recording
        self.value = value
        self.truth = truth
        self.work = work
        self.operands = operands
        self.cached = cached
        self.ordered = ordered
        self.held = False

    @property
    def recording(self) -> "Recording | None":
        home = self.home
        return None if home is None or home.is_suspended else home

    @property
    def is_of_the_outside(self) -> bool:
        """Whether it is a constant because its recording is suspended."""
        return self.home is not None and self.home.is_suspended

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents of the axes."""
        shape: tuple[int, ...] = self.real.shape if self.home is None else self.value.shape
        return shape

    @property
    def real(self) -> Array:
        """The real value: operands first, by a stack of our own since a loop's trace may be long."""
        if self.cached is None:
            stack = [self]
            with np.errstate(all="ignore"):
                while stack:
                    top = stack[-1]
                    missing = [operand for operand in top.operands if operand.cached is None]
                    if top.cached is None and missing:
                        stack.extend(missing)
                        continue
                    if top.cached is None:
                        assert top.work is not None
                        top.cached = np.asarray(top.work(*(operand.cached for operand in top.operands)))
                    stack.pop()
        assert self.cached is not None
        return self.cached


def constant(array: Any) -> Term:
    """Return a constant."""
    array = np.asarray(array)
    return Term(None, None, array.dtype.kind == "b", None, (), array, array.flags.c_contiguous)


def detached(term: Term) -> Term:
    """Return the term, a constant in memory of its own: what holds it may be written into."""
    return term if term.recording is not None else constant(np.array(term.real))


def recording_of(terms: Sequence[Term]) -> "Recording | None":
    """Return where these terms are recorded; None if all are constants."""
    found = None
    for term in terms:
        home = term.home
        if home is not None and home is not found and not home.is_suspended:
            if found is not None:
                raise refuse("a value kept from another trace", "pass it as an argument")
            found = home
    return found


def record(
    make: Callable[..., _core.Value], real: Callable[..., Any], terms: tuple[Term, ...], *, truth: bool = False
) -> Term:
    """Return what `make(builder, *values)` records and `real` computes; at once, if all terms are constants."""
    recording = recording_of(terms)
    if recording is None:
        return constant(real(*(term.real for term in terms)))
    value = make(recording.builder, *(recording.value_of(term) for term in terms))
    ordered = all(term.ordered for term in terms) or len(value.shape) < 2
    return Term(recording, value, truth, real, terms, ordered=ordered)


def apply(operation: _ops.Operation, real: Callable[..., Any], terms: tuple[Term, ...]) -> Term:
    """Record one element-wise operation; `real` computes it on real values."""
    truth = operation.truth or (operation.name == "where" and terms[1].truth and terms[2].truth)
    return record(lambda builder, *values: builder.apply(operation.number, list(values)), real, terms, truth=truth)


def viewed(term: Term, look: Look) -> Term:
    """Return the view of a term that `look` makes of an array, worked out on a ghost of the same strides."""
    if term.recording is None:
        return constant(look(term.real))
    whole = ghost(term.value.shape, term.value.strides)
    if type(look) is Reshape and not look.is_view(whole):
        return viewed(contiguous(term), look)
    seen = look(whole)
    if not isinstance(seen, np.ndarray):  # NumPy's own look at an array without axes
        seen = whole
    value = term.value.view(seen.shape, seen.strides, term.value.offset + place_in(seen))
    ordered = seen.ndim < 2 or (term.ordered and seen.flags.c_contiguous)
    return Term(term.home, value, term.truth, look, (term,), ordered=ordered)


def contiguous(term: Term) -> Term:
    """Return the term as a C-ordered array of its own."""
    return record(lambda builder, value: builder.contiguous(value), np.array, (term,), truth=term.truth)


def gathered(term: Term, look: Look) -> Term:
    """Return what `look` selects from an array, in any order and as often as it likes, as a new array."""
    if term.recording is None:
        return constant(np.array(look(term.real)))
    numbers = np.array(look(np.arange(math.prod(term.shape), dtype=np.int64).reshape(term.shape)), order="C")
    return gathered_by_number(term, numbers, look)


def gathered_by_number(term: Term, numbers: NDArray[np.int64], look: Look | None = None) -> Term:
    """Return the elements of these numbers in C order."""
    real = look or (lambda array: np.ravel(array)[numbers])
    found = record(lambda builder, value: builder.gather(value, numbers), real, (term,), truth=term.truth)
    found.ordered = numbers.ndim < 2  # NumPy orders what it selects as it goes
    return found


def placed(base: Term, value: Term, look: Look) -> Term:
    """Return `base` with `look` of it overwritten by `value`, which has its shape."""
    region = look(ghost(base.shape))
    if not region.size:
        return base
    if (
        value.recording is not None
        and value.shape == base.shape
        and base.truth == value.truth
        and region.flags.c_contiguous
    ):
        return value

    def real(array: Array, part: Array) -> Array:
        whole = array.copy()
        look(whole)[...] = part
        return whole

    return record(
        lambda builder, whole, part: builder.place(whole, part, region.strides, place_in(region)),
        real,
        (base, value),
        truth=base.truth,
    )
