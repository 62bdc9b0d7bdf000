"""tracer: an array that writes down what is asked of it.

Comes in: operators, ufuncs, NumPy functions, indices, assignments. Goes out: terms of the recording. An array that the function
itself made may be written into: what it holds is then another term. A slice, a transpose or a reshape is a view: it knows of
which array and how, so that a write through either is seen by both.
"""

import math
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import _table
from ._refusal import refuse
from ._terms import Look, Reshape, Term, constant, detached, ghost, placed, viewed

if TYPE_CHECKING:
    from ._recording import Recording

# Methods of an array that are NumPy's functions.
method_names = frozenset(
    {
        "all", "any", "argmax", "argmin", "argsort", "choose", "clip", "cumprod", "cumsum", "diagonal", "dot", "max", "mean",
        "min", "nonzero", "prod", "put", "repeat", "round", "searchsorted", "std", "sum", "take", "trace", "var",
    }
)  # fmt: skip

locked_argument = "an argument", "x = x + 1 makes a new array, x.copy() one to write into"
_unordered = "an array of which a reshape may or may not be a view", "reshape a copy"
_read_only = "a read-only view", "copy it first"


class Tracer(NDArrayOperatorsMixin):
    """An array of a function that is being traced.

    It has a shape, a dtype (float64 or bool) and NumPy's operators and methods, but no data until a comparison must be decided.
    To ``isinstance`` it is what NumPy would have there: a number (`numpy.float64`) or an array.
    """

    # _now: what it holds; for a view what it held when _writes was the count of writes into the array _root that it views,
    # by _look at the array or view _parent. _lock: why it must not be written into, and what to write instead.
    __slots__ = ("_lock", "_look", "_now", "_number", "_parent", "_root", "_writes", "shape")

    _parent: "Tracer"
    _look: Look

    def __init__(
        self,
        recording: "Recording | None",
        value: Any,
        truth: bool,
        work: Callable[..., Any] | None,
        operands: tuple["Tracer", ...],
        real: np.ndarray[Any, Any] | None = None,
    ) -> None:
        terms = tuple(operand._term for operand in operands)
        self._hold(Term(recording, value, truth, work, terms, real, len(value.shape) < 2), not value.shape)

    def _hold(self, term: Term, number: bool, lock: tuple[str, str] | None = None) -> None:
        self._now = term
        self._number = number
        self._lock = lock
        self._root: Tracer | None = None
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
    def _owner(self) -> "Tracer":
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

    # What an array tells about itself ------------------------------------------------------------------------------

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What NumPy would have here, so that ``isinstance`` finds it."""
        if not self._number:
            return np.ndarray
        return np.bool_ if self._now.truth else np.float64

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64, or bool for the result of a comparison."""
        return np.dtype(np.bool_ if self._truth else np.float64)

    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.dtype.itemsize)

    @property
    def T(self) -> "Tracer":  # noqa: N802
        """The transposed array."""
        return self.transpose()

    @property
    def mT(self) -> "Tracer":  # noqa: N802
        """The array with its last two axes exchanged."""
        return self.swapaxes(-1, -2)

    @property
    def real(self) -> "Tracer":
        """The array itself: it is real."""
        return self

    @property
    def imag(self) -> Any:
        """Zeros: the array is real."""
        return np.zeros(self.shape)

    @property
    def flags(self) -> Any:
        """What NumPy's own code asks of the memory; a traced array is in C order for it."""
        return ghost(self.shape).flags

    @property
    def flat(self) -> "Flat":
        """The elements in C order."""
        return Flat(self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __contains__(self, element: Any) -> bool:
        return bool(np.any(self == element))

    def __repr__(self) -> str:
        # No two values look alike, so that text made of them tells them apart.
        return f"<traced array {id(self._term):#x}, shape {self.shape}, {self.dtype}>"

    # NumPy's protocols ---------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return _table.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return _table.call_function(function, args, kwargs)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self._plain(
            "making a plain NumPy array of a traced value", "drop np.array/np.asarray around it", dtype, copy
        )

    def _plain(self, what: str, rewrite: str, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return the real array of a constant, read-only unless it is a copy; refuse what depends on an argument."""
        term = self._term
        if term.recording is not None:
            raise refuse(what, rewrite)
        if copy or (dtype is not None and np.dtype(dtype) != term.real.dtype):
            return np.array(term.real, dtype=dtype)
        self._owner._now.held = True
        seen = term.real.view()
        seen.flags.writeable = False
        return seen

    # What needs the real value -------------------------------------------------------------------------------------------

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
                if self.size
                else "The truth value of an empty array is ambiguous."
            )
        outcome: bool = _table.decide(self if self._truth else self != 0)
        return outcome

    def _whole(self, rounded: Callable[[Any], Any]) -> int:
        if self.size != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return int(_table.pinned_numbers(rounded(self)).ravel()[0])

    def __int__(self) -> int:
        return self._whole(np.trunc)

    def __trunc__(self) -> int:
        return self._whole(np.trunc)

    def __floor__(self) -> int:
        return self._whole(np.floor)

    def __ceil__(self) -> int:
        return self._whole(np.ceil)

    def __round__(self, digits: int | None = None) -> Any:
        return self._whole(np.rint) if digits is None else np.round(self, digits)

    def __float__(self) -> float:
        return float(
            self._plain(
                "float(), a function of the math module, or assignment into an array that the function did not make",
                "use NumPy's functions: np.exp for math.exp, np.where for an assignment",
            )
        )

    def __index__(self) -> int:
        if self._term.recording is None:
            return self._term.real.__index__()
        raise refuse(
            "a value used as an index or a count", "index by what does not depend on the arguments, or by int() of it"
        )

    def __complex__(self) -> complex:
        raise refuse("complex() of a value", "fit the real and the imaginary part side by side")

    def __format__(self, spec: str) -> str:
        if spec:
            raise refuse(f"a value in the format {spec!r}", "print it without a format, or outside of the function")
        return repr(self)

    def __hash__(self) -> int:
        raise refuse("the hash of a value (for a cache, a set or a key)", "compute it anew each time")

    def item(self, *place: Any) -> Any:
        """Return one element; it stays a traced number."""
        if self._number and not place:
            return self
        if not place and self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.ravel()[place[0] if place else 0] if len(place) < 2 else self[place]

    def tolist(self) -> Any:
        """Return the elements as nested lists; they stay traced numbers."""
        return [part.tolist() for part in self] if self.ndim > 1 else list(self) if self.ndim else self.item()

    # Views ---------------------------------------------------------------------------------------------------------------

    def _viewed(self, look: Look, *, lock: tuple[str, str] | None = None) -> "Tracer":
        """Return the view that `look` makes of an array of this shape."""
        made = Tracer.holding(viewed(self._term, look), number=self._number, lock=lock or self._lock)
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
        return Tracer.holding(term) if term.recording is not None else term.real[()]  # a number is no view

    def transpose(self, *axes: Any) -> "Tracer":
        """Permute the axes, as `numpy.ndarray.transpose` does."""
        return self._viewed(lambda array: array.transpose(*axes))

    def swapaxes(self, first: int, second: int) -> "Tracer":
        """Exchange two axes."""
        return self._viewed(lambda array: array.swapaxes(first, second))

    def squeeze(self, axis: Any = None) -> "Tracer":
        """Drop axes of length one."""
        return self._viewed(lambda array: array.squeeze(axis))

    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> "Tracer":
        """Give the same elements another shape: a view where NumPy gives one."""
        if order == "F":
            return self.T.reshape(*reversed(_extents(shape, self.size)), copy=copy).T
        if order != "C" and self.ndim > 1 and not (self._owner._term.ordered and self._is_in_one_piece()):
            raise refuse(f"reshape in order {order!r}, that of the memory", "transpose, then reshape in C order")
        look = Reshape(_extents(shape, self.size))
        root = self._owner
        if copy:
            return Tracer.holding(viewed(detached(self._term), look), number=self._number)
        if root._lock is None and not root._term.ordered:
            root._lock = _unordered
            return Tracer.holding(viewed(self._term, look), number=self._number, lock=_unordered)
        if look.is_view(self._trail(ghost(root.shape))):
            return self._viewed(look)
        return Tracer.holding(viewed(detached(self._term), look), number=self._number)

    def ravel(self, order: str = "C") -> "Tracer":
        """Return the elements as one axis: a view only of what lies in one piece, as `numpy.ndarray.ravel` does."""
        is_copy = self._owner._term.ordered and not self._is_in_one_piece()
        return self.reshape(-1, order=order, copy=is_copy or None)

    def _is_in_one_piece(self) -> bool:
        return bool(self._trail(ghost(self._owner.shape)).flags.c_contiguous)

    def flatten(self, order: str = "C") -> "Tracer":
        """Return the elements as one axis of a new array."""
        return self.reshape(-1, order=order, copy=True)

    def broadcast_to(self, shape: Any) -> "Tracer":
        """Repeat the elements to a larger shape."""
        return self._viewed(lambda array: np.broadcast_to(array, shape), lock=_read_only)

    def copy(self, order: str = "C") -> "Tracer":
        """Return a new array of the same content."""
        term = self._term
        if term.recording is None:
            term = detached(term)
        elif not term.ordered:
            term = Term(term.recording, term.value, term.truth, np.array, (term,), ordered=order == "C")
        return Tracer.holding(term, number=self._number)

    def __copy__(self) -> "Tracer":
        return self.copy()

    def __deepcopy__(self, memo: Any) -> "Tracer":
        return self.copy()

    def view(self, *types: Any) -> "Tracer":
        """Return a view of the whole; memory read as another type cannot be traced."""
        if types and types != (np.ndarray,):
            raise refuse("a view of memory as another type", "use astype")
        return self._viewed(lambda array: array[...])

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

    def partition(self, kth: Any, axis: int = -1, kind: Any = None) -> None:
        """Partition in place."""
        self[...] = np.partition(self, kth, axis=axis)

    def sort(self, axis: int = -1, kind: Any = None) -> None:
        """Sort in place."""
        self[...] = np.sort(self, axis=axis, kind=kind)

    def astype(self, dtype: Any, **kwargs: Any) -> Any:
        """Convert to float64, to whole numbers (which become guards) or to truth values; a new array."""
        wanted = np.dtype(dtype)
        if wanted == np.float64:
            return 1.0 * self if self._truth else self.copy() if kwargs.get("copy", True) else self
        if wanted == np.bool_:
            return self if self._truth else self != 0
        if wanted.kind in "iu":
            return _table.pinned_numbers(np.trunc(1.0 * self)).astype(wanted)
        raise refuse(f"astype({wanted.name})", "all arithmetic is float64")

    # Methods that are NumPy's functions ------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name in method_names:
            function = getattr(np, name)
            return lambda *args, **kwargs: _table.call_function(function, (self, *args), kwargs)
        if name in ("conj", "conjugate"):
            return lambda: self
        if not name.startswith("_") and hasattr(self.__class__, name):
            raise refuse(f"the method {name} of an array", "write it in terms of NumPy's ufuncs and reductions")
        raise AttributeError(f"a traced array has no attribute {name!r}")


def _in_place(operator: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the operator that changes an array, but of a number makes another number."""
    of_array: Callable[[Any, Any], Any] = getattr(NDArrayOperatorsMixin, f"__i{operator.__name__.strip('_')}__")
    return lambda self, other: operator(self, other) if self._number else of_array(self, other)


for _operator in (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow, operator.matmul,
    operator.and_, operator.or_, operator.xor,
):  # fmt: skip
    setattr(Tracer, f"__i{_operator.__name__.strip('_')}__", _in_place(_operator))


class Flat:
    """What `flat` of an array is: its elements in C order, to read and to write."""

    __slots__ = ("_array",)

    def __init__(self, array: Tracer) -> None:
        self._array = array

    def __len__(self) -> int:
        return self._array.size

    def __iter__(self) -> Iterator[Any]:
        return iter(self._array.ravel())

    def __getitem__(self, index: Any) -> Any:
        found = self._array.ravel()[index]
        return found.copy() if isinstance(found, Tracer) else found

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
