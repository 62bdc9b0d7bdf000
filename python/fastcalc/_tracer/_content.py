"""tracer: what a traced array holds, how it is looked at, and what is written into it.

Comes in: views (slices, transposes, reshapes) and assignments. Goes out: terms. An array that the function itself made may be
written into: what it holds is then another term. A slice, a transpose or a reshape is a view: it knows of which array and how,
so that a write through either is seen by both.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from . import _table
from ._refusal import refuse
from ._terms import Look, Reshape, Term, constant, detached, ghost, placed, viewed

if TYPE_CHECKING:
    from ._recording import Recording

locked_argument = "an argument", "x = x + 1 makes a new array, x.copy() one to write into"
_unordered = "an array of which a reshape may or may not be a view", "reshape a copy"
_read_only = "a read-only view", "copy it first"


class Content:
    """A term that stands for an array, and can be another one after a write; or a view of what has one."""

    # _now: what it holds; for a view what it held when _writes was the count of writes into the array _root that it views,
    # by _look at the array or view _parent. _lock: why it must not be written into, and what to write instead.
    __slots__ = ("_lock", "_look", "_now", "_number", "_parent", "_root", "_writes", "shape")

    _parent: Self
    _look: Look

    def _hold(self, term: Term, number: bool, lock: tuple[str, str] | None = None) -> None:
        self._now = term
        self._number = number
        self._lock = lock
        self._root: Self | None = None
        self._writes = 0
        self.shape: tuple[int, ...] = term.shape

    @classmethod
    def holding(cls, term: Term, *, number: bool | None = None, lock: tuple[str, str] | None = None) -> Self:
        """Return a new array of this content; one without axes is a number unless told otherwise."""
        made = cls.__new__(cls)
        made._hold(term, not term.shape if number is None else number, lock)
        return made

    @property
    def _term(self) -> Term:
        root = self._root
        if root is not None and self._writes != root._writes:
            self._now = viewed(self._parent._term, self._look)
            self._writes = root._writes
        return self._now

    @property
    def _owner(self) -> Self:
        return self if self._root is None else self._root

    @property
    def _recording(self) -> "Recording | None":
        return self._term.recording

    @property
    def _value(self) -> Any:
        return self._term.value

    @property
    def _truth(self) -> bool:
        return self._now.truth

    def _real(self) -> Any:
        return self._term.real

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    # Views ---------------------------------------------------------------------------------------------------------------

    def _viewed(self, look: Look, *, lock: tuple[str, str] | None = None) -> Self:
        """Return the view that `look` makes of an array of this shape."""
        made = self.holding(viewed(self._term, look), number=self._number, lock=lock or self._lock)
        made._root, made._parent, made._look = self._owner, self, look
        made._writes = made._root._writes
        return made

    def _trail(self, array: Any) -> Any:
        """Return of the array `_root` what this is of it."""
        return array if self._root is None else self._look(self._parent._trail(array))

    def __getitem__(self, index: Any) -> Any:
        keys = index if isinstance(index, tuple) else (index,)
        for key in keys:
            if not (
                type(key) is int or type(key) is slice or key is None or key is Ellipsis or isinstance(key, np.integer)
            ):
                return _table.read(self, keys)
        for key in keys:
            if key is Ellipsis:
                return self._viewed(lambda array: array[keys])
        keys = (*keys, Ellipsis)  # so that one element is a view of no axes, not a number read from memory
        if len(keys) <= len(self.shape):
            return self._viewed(lambda array: array[keys])
        term = viewed(self._term, lambda array: array[keys])
        if term.shape:
            return self._viewed(lambda array: array[keys])
        return self.holding(term) if term.recording is not None else term.real[()]  # a number is no view

    def transpose(self, *axes: Any) -> Self:
        """Permute the axes, as `numpy.ndarray.transpose` does."""
        return self._viewed(lambda array: array.transpose(*axes))

    def swapaxes(self, first: int, second: int) -> Self:
        """Exchange two axes."""
        return self._viewed(lambda array: array.swapaxes(first, second))

    def squeeze(self, axis: Any = None) -> Self:
        """Drop axes of length one."""
        return self._viewed(lambda array: array.squeeze(axis))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Self:
        """Give the same elements another shape: a view where NumPy gives one."""
        if order == "F":
            return self.T.reshape(*reversed(_extents(shape, self.size)), copy=copy).T
        if order != "C" and self.ndim > 1 and not (self._owner._term.ordered and self._is_in_one_piece()):
            raise refuse(f"reshape in order {order!r}, that of the memory", "transpose, then reshape in C order")
        look = Reshape(_extents(shape, self.size))
        root = self._owner
        if copy:
            return self.holding(viewed(detached(self._term), look), number=self._number)
        if root._lock is None and not root._term.ordered:
            root._lock = _unordered
            return self.holding(viewed(self._term, look), number=self._number, lock=_unordered)
        if look.is_view(self._trail(ghost(root.shape))):
            return self._viewed(look)
        return self.holding(viewed(detached(self._term), look), number=self._number)

    def ravel(self, order: str = "C") -> Self:
        """Return the elements as one axis: a view only of what lies in one piece, as `numpy.ndarray.ravel` does."""
        is_copy = self._owner._term.ordered and not self._is_in_one_piece()
        return self.reshape(-1, order=order, copy=is_copy or None)

    def _is_in_one_piece(self) -> bool:
        return bool(self._trail(ghost(self._owner.shape)).flags.c_contiguous)

    def flatten(self, order: str = "C") -> Self:
        """Return the elements as one axis of a new array."""
        return self.reshape(-1, order=order, copy=True)

    def broadcast_to(self, shape: Any) -> Self:
        """Repeat the elements to a larger shape."""
        return self._viewed(lambda array: np.broadcast_to(array, shape), lock=_read_only)

    def copy(self, order: str = "C") -> Self:
        """Return a new array of the same content."""
        term = self._term
        if term.recording is None:
            term = detached(term)
        elif not term.ordered:
            term = Term(term.recording, term.value, term.truth, np.array, (term,), ordered=order == "C")
        return self.holding(term, number=self._number)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Self:
        return self.copy()

    def view(self, *types: Any) -> Self:
        """Return a view of the whole; memory read as another type cannot be traced."""
        if types and types != (np.ndarray,):
            raise refuse("a view of memory as another type", "use astype")
        return self._viewed(lambda array: array[...])

    @property
    def T(self) -> Self:  # noqa: N802
        """The transposed array."""
        return self.transpose()

    @property
    def mT(self) -> Self:  # noqa: N802
        """The array with its last two axes exchanged."""
        return self.swapaxes(-1, -2)

    @property
    def flat(self) -> "Flat":
        """The elements in C order."""
        return Flat(self)

    # Writes ----------------------------------------------------------------------------------------------------------------

    def _writable(self) -> None:
        lock = self._lock or (self._root._lock if self._root is not None else None)
        if lock is not None:
            raise refuse(f"writing into {lock[0]}", lock[1])
        if self._number:
            raise TypeError("'numpy.float64' object does not support item assignment")

    def _write(self, look: Look, value: Term) -> None:
        """Overwrite `look` of this by `value`, broadcast to its shape."""
        self._writable()
        root = self._owner
        base = root._now
        whole: Look = lambda array: look(self._trail(array))  # noqa: E731
        if base.is_of_the_outside:
            raise refuse("writing into an array of the outside", "copy it, or make the array inside of the function")
        if base.recording is None and value.recording is None:
            array = base.real
            if base.held or not array.flags.writeable:
                array = np.array(array)
                root._now = constant(array)
            whole(array)[...] = value.real
        else:
            if base.truth and not value.truth:
                raise refuse("numbers written into an array of truth values", "make the array of dtype float")
            if value.recording is None:
                value = constant(np.asarray(value.real, dtype=np.float64))
            region = whole(ghost(base.shape))
            if value.shape != region.shape:
                if len(value.shape) > region.ndim:
                    spare = len(value.shape) - region.ndim
                    value = viewed(
                        value,
                        lambda array: array.reshape(array.shape[spare:]) if set(array.shape[:spare]) == {1} else array,
                    )
                value = viewed(value, lambda array: np.broadcast_to(array, region.shape))
            root._now = placed(base, value, whole)
        root._writes += 1

    def __setitem__(self, index: Any, value: Any) -> None:
        keys = index if isinstance(index, tuple) else (index,)
        for key in keys:
            if not (
                type(key) is int or type(key) is slice or key is None or key is Ellipsis or isinstance(key, np.integer)
            ):
                self._writable()
                _table.write(self, keys, value)
                return
        if Ellipsis not in [key for key in keys if key is Ellipsis]:
            keys = (*keys, Ellipsis)
        self._write(lambda array: array[keys], _table.term_of(value))

    def fill(self, value: Any) -> None:
        """Write one number everywhere."""
        self[...] = value


class Flat:
    """What `flat` of an array is: its elements in C order, to read and to write."""

    __slots__ = ("_array",)

    def __init__(self, array: Content) -> None:
        self._array = array

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array.ravel())

    def __getitem__(self, index: Any) -> Any:
        found = self._array.ravel()[index]
        return found.copy() if isinstance(found, Content) else found

    def __setitem__(self, index: Any, value: Any) -> None:
        places = np.arange(self._array.size).reshape(self._array.shape).ravel()[index]
        if np.ndim(value) and np.size(value) < np.size(places):
            raise refuse(
                "a write through flat that repeats its values", "np.tile them to the length of what is written"
            )
        self._array[np.unravel_index(places, self._array.shape)] = value


def _extents(shape: Any, size: int) -> tuple[int, ...]:
    """Return the extents that reshape was given, −1 worked out."""
    given = shape[0] if len(shape) == 1 and np.ndim(shape[0]) else shape
    return tuple(np.empty(size, dtype=np.int8).reshape(given).shape)
