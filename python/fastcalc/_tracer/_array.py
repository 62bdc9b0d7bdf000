"""tracer: an array that writes down what is asked of it.

Comes in: operators, ufuncs, NumPy functions, conversions. Goes out: terms of the recording, or a refusal that says what to write
instead. What it holds, its views and what is written into it are `_content`'s.
"""

import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from . import _table
from ._content import Content
from ._refusal import refuse
from ._terms import Term, ghost

if TYPE_CHECKING:
    from ._recording import Recording

# Methods of an array that are NumPy's functions.
method_names = frozenset(
    {
        "all", "any", "argmax", "argmin", "argsort", "choose", "clip", "cumprod", "cumsum", "diagonal", "dot", "max", "mean",
        "min", "nonzero", "prod", "put", "repeat", "round", "searchsorted", "std", "sum", "take", "trace", "var",
    }
)  # fmt: skip


class Tracer(Content, NDArrayOperatorsMixin):
    """An array of a function that is being traced.

    It has a shape, a dtype (float64 or bool) and NumPy's operators and methods, but no data until a comparison must be decided.
    To ``isinstance`` it is what NumPy would have there: a number (`numpy.float64`) or an array.
    """

    __slots__ = ()

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

    # What an array tells about itself ------------------------------------------------------------------------------

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What NumPy would have here, so that ``isinstance`` finds it."""
        if not self._number:
            return np.ndarray
        return np.bool_ if self._now.truth else np.float64

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64, or bool for the result of a comparison."""
        return np.dtype(np.bool_ if self._truth else np.float64)

    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.dtype.itemsize)

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

    def partition(self, kth: Any, axis: int = -1, kind: Any = None) -> None:
        """Partition in place."""
        self[...] = np.partition(self, kth, axis=axis)

    def sort(self, axis: int = -1, kind: Any = None) -> None:
        """Sort in place."""
        self[...] = np.sort(self, axis=axis, kind=kind)

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
