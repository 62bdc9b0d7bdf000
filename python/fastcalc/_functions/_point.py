"""functions: where a function is differentiated.

Comes in: a function and its arguments, tracers or numbers. Goes out: nodes of their own for those that the derivative is taken by,
the function's value there, and what puts the pieces of a derivative together as the caller has them. `_differentiated` says what
is done with these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._tracer import Recording, Tracer
from .._tracer import _derivatives as record
from .._tracer._kept import refuse_kept
from ._branches import name_of
from ._pytrees import flatten_result, is_array, is_plain

Argnums = int | tuple[int, ...]


class Point:
    """Where a function is differentiated: its arguments, those of `argnums` replaced by copies that the derivative is taken by."""

    def __init__(self, recording: Recording, f: Callable[..., Any], arguments: Sequence[Any], argnums: Argnums) -> None:
        self.recording, self.f = recording, f
        self.single = not isinstance(argnums, tuple)
        numbers = argnums if isinstance(argnums, tuple) else (argnums,)
        self.places = [_place(f, number, len(arguments)) for number in numbers]
        chosen = [arguments[place] for place in self.places]
        self.structure = None
        if all(map(is_number_or_array, chosen)):
            leaves = chosen
        else:
            leaves, self.structure = flatten_result(chosen)
        self.inputs = [record.independent(recording, leaf) for leaf in leaves]
        self.arguments = list(arguments)
        for place, part in zip(self.places, self.unflatten(self.inputs), strict=True):
            self.arguments[place] = part

    def unflatten(self, leaves: Sequence[Any]) -> list[Any]:
        """Return one tree for each of the arguments that are differentiated."""
        return list(leaves) if self.structure is None else self.structure.unflatten(leaves)

    def like_arguments(self, leaves: Sequence[Any]) -> Any:
        """Return the leaves as the caller named the arguments: alone for an int, as a tuple for a tuple."""
        trees = self.unflatten(leaves)
        return trees[0] if self.single else tuple(trees)

    def leaves_of(self, given: Any, what: str) -> list[Tracer]:
        """Return what is given for the arguments, a direction for each leaf, checked for structure and shape."""
        trees = [given] if self.single else list(given)
        leaves = trees if all(map(is_number_or_array, trees)) else flatten_result(trees)[0]
        tracers = [self.recording.tracer(leaf) for leaf in leaves]
        if [t.shape for t in tracers] != [x.shape for x in self.inputs]:
            raise ValueError(
                f"{what} of the shape {shapes_of(tracers)} for arguments of the shape {shapes_of(self.inputs)} of {name_of(self.f)}"
            )
        return tracers

    def value(self, named: dict[str, Any]) -> Any:
        """Return what the function gives, unless that is what it kept from a call with the same arguments."""
        before = len(self.recording.kept)
        value = self.recording.run(self.f, *self.arguments, **named)
        kept = self.recording.kept[before:]
        if kept:
            refuse_kept(kept, self.inputs, [value] if is_array(value) else flatten_result(value)[0])
        return value

    def number(self, named: dict[str, Any], what: str) -> Tracer:
        """Return the function's value, which must be one number."""
        value = self.value(named)
        if not is_array(value) or np.shape(value) != ():
            shown = f"an array of shape {np.shape(value)}" if is_array(value) else f"a {type(value).__name__}"
            raise TypeError(
                f"{name_of(self.f)} gives {shown}: a {what} is of one number; use fc.jacobian, or sum it up"
            )
        return self._differentiable(value)

    def results(self, named: dict[str, Any]) -> tuple[list[Tracer], Callable[[Sequence[Any]], Any]]:
        """Return the leaves of the function's value, and what puts them together again."""
        value = self.value(named)
        if is_array(value):
            return [self._differentiable(value)], lambda leaves: leaves[0]
        leaves, structure = flatten_result(value)
        return [self._differentiable(leaf) for leaf in leaves], structure.unflatten

    def _differentiable(self, value: Any) -> Tracer:
        return record.numbers(self.recording, self.recording.result(value))

    def directions(self) -> list[Any]:
        """Return every direction there is, one behind the other on a leading axis, for each leaf."""
        sizes = [x.size for x in self.inputs]
        every = np.eye(sum(sizes))
        ends = np.cumsum(sizes)
        return [
            every[:, end - x.size : end].reshape(len(every), *x.shape) for end, x in zip(ends, self.inputs, strict=True)
        ]

    def cut(self, rows: Tracer) -> list[Tracer]:
        """Return, for each leaf, its part of an array whose leading axis runs over all directions."""
        ends = np.cumsum([x.size for x in self.inputs])
        return [
            rows[end - x.size : end].reshape(*x.shape, *rows.shape[1:])
            for end, x in zip(ends, self.inputs, strict=True)
        ]


def is_number_or_array(x: Any) -> bool:
    """Whether `x` is one leaf: lists of numbers are arrays."""
    return is_array(x) or (isinstance(x, list | tuple) and is_plain(x))


def _place(f: Callable[..., Any], number: int, count: int) -> int:
    if not -count <= number < count:
        raise TypeError(f"argnums has {number}, but {name_of(f)} got {count} arguments by position")
    return number % count


def shapes_of(tracers: Sequence[Tracer]) -> Any:
    """Return the shapes as a message shows them."""
    return tracers[0].shape if len(tracers) == 1 else [t.shape for t in tracers]
