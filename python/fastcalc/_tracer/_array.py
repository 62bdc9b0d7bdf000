"""tracer: an array that writes down what is asked of it.

Comes in: operators, ufuncs, NumPy functions, indices. Goes out: nodes of the recording. Slices, transposes and reshapes are
views: they are worked out by NumPy itself on an array that has the strides but no data.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from .. import _core
from ._refusal import refuse

if TYPE_CHECKING:
    from ._recording import Recording

_nothing = np.zeros(1, dtype=np.int8)  # one byte an element: strides in bytes are strides in elements

# Methods of an array that are NumPy's functions.
method_names = frozenset({"sum", "prod", "mean", "var", "std", "max", "min", "any", "all", "ptp", "clip", "dot"})


class Tracer(NDArrayOperatorsMixin):
    """An array of a function that is being traced.

    It has a shape, a dtype (float64 or bool) and NumPy's operators, but no data until a comparison must be decided.
    """

    __slots__ = ("_cached", "_operands", "_recording", "_truth", "_value", "_work", "shape")

    def __init__(
        self,
        recording: "Recording",
        value: _core.Value,
        truth: bool,
        work: Callable[..., Any] | None,
        operands: tuple["Tracer", ...],
        real: np.ndarray[Any, Any] | None = None,
    ) -> None:
        self._recording = recording
        self._value = value
        self._truth = truth
        self._work = work
        self._operands = operands
        self._cached = real
        self.shape: tuple[int, ...] = value.shape

    # What an array tells about itself ------------------------------------------------------------------------------

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> np.dtype[Any]:
        """float64, or bool for the result of a comparison."""
        return np.dtype(np.bool_ if self._truth else np.float64)

    @property
    def T(self) -> "Tracer":  # noqa: N802
        """The transposed array."""
        return self.transpose()

    @property
    def real(self) -> "Tracer":
        """The array itself: it is real."""
        return self

    @property
    def flat(self) -> Iterator["Tracer"]:
        """The elements one by one."""
        return iter(self.ravel())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator["Tracer"]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<traced array, shape {self.shape}, {self.dtype}>"

    # NumPy's protocols ---------------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self._recording.call_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        return self._recording.call_function(function, args, kwargs)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise refuse("making a plain NumPy array of a traced value", "drop np.array/np.asarray around it")

    # What needs the real value -------------------------------------------------------------------------------------------

    def _real(self) -> Any:
        """Compute the real value: operands first, by a stack of our own since a loop's trace may be long."""
        stack = [self]
        with np.errstate(all="ignore"):
            while stack:
                top = stack[-1]
                missing = [operand for operand in top._operands if operand._cached is None]
                if top._cached is None and missing:
                    stack.extend(missing)
                    continue
                if top._cached is None:
                    assert top._work is not None
                    top._cached = np.asarray(top._work(*(operand._cached for operand in top._operands)))
                stack.pop()
        return self._cached

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"
                if self.size
                else "The truth value of an empty array is ambiguous."
            )
        return self._recording.decide(self if self._truth else self != 0)

    def __float__(self) -> float:
        raise refuse(
            "float(), a function of the math module, or assignment into an array",
            "use NumPy's functions: np.exp for math.exp, np.where for an assignment",
        )

    def __int__(self) -> int:
        raise refuse("int() of a value", "use np.floor or np.trunc, which stay numbers")

    def __index__(self) -> int:
        raise refuse("a value used as an index or a count", "index by what does not depend on the arguments")

    def __complex__(self) -> complex:
        raise refuse("complex() of a value", "fit the real and the imaginary part side by side")

    def __round__(self, digits: int | None = None) -> float:
        raise refuse("round() of a value", "use np.rint, which stays a number")

    def __floor__(self) -> int:
        raise refuse("math.floor", "use np.floor, which stays a number")

    def __ceil__(self) -> int:
        raise refuse("math.ceil", "use np.ceil, which stays a number")

    def __trunc__(self) -> int:
        raise refuse("math.trunc", "use np.trunc, which stays a number")

    def __format__(self, spec: str) -> str:
        if spec:
            raise refuse(f"a value in the format {spec!r}", "print it without a format, or outside of the function")
        return repr(self)

    def __hash__(self) -> int:
        raise refuse("the hash of a value (for a cache, a set or a key)", "compute it anew each time")

    def __setitem__(self, index: Any, value: Any) -> None:
        raise refuse("assignment into an argument", "build the result with np.where")

    def item(self, *place: int) -> float:
        """Refuse: a Python number cannot be differentiated."""
        raise refuse("item()", "keep the array of one element")

    def tolist(self) -> list[float]:
        """Refuse: Python numbers cannot be differentiated."""
        raise refuse("tolist()", "keep the array, or take its elements by iteration")

    # Views ---------------------------------------------------------------------------------------------------------------

    def _viewed(self, look: Callable[[Any], Any]) -> "Tracer":
        """Return the view that `look` makes, worked out on an array of the same strides that has no data."""
        ghost = np.lib.stride_tricks.as_strided(_nothing, self.shape, self._value.strides, writeable=False)
        seen = look(ghost)
        moved = seen.__array_interface__["data"][0] - ghost.__array_interface__["data"][0]
        value = self._value.view(seen.shape, seen.strides, self._value.offset + moved)
        return Tracer(self._recording, value, self._truth, look, (self,))

    def __getitem__(self, index: Any) -> "Tracer":
        keys = index if isinstance(index, tuple) else (index,)
        for key in keys:
            if not (key is None or key is Ellipsis or isinstance(key, slice | int | np.integer)) or isinstance(
                key, bool
            ):
                raise refuse(f"indexing by {type(key).__name__}", "use slices, or np.where for a mask")
        if Ellipsis not in [key for key in keys if key is Ellipsis]:
            keys = (*keys, Ellipsis)  # so that one element is a view of no axes, not a number read from memory
        return self._viewed(lambda array: array[keys])

    def transpose(self, *axes: Any) -> "Tracer":
        """Permute the axes, as `numpy.ndarray.transpose` does."""
        return self._viewed(lambda array: array.transpose(*axes))

    def swapaxes(self, first: int, second: int) -> "Tracer":
        """Exchange two axes."""
        return self._viewed(lambda array: array.swapaxes(first, second))

    def squeeze(self, axis: Any = None) -> "Tracer":
        """Drop axes of length one."""
        return self._viewed(lambda array: array.squeeze(axis))

    def reshape(self, *shape: Any, order: str = "C") -> "Tracer":
        """Give the same elements another shape; an array that is not C-ordered is copied first."""
        if order != "C":
            raise refuse(f"reshape in order {order!r}", "transpose, then reshape in C order")
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        whole = np.lib.stride_tricks.as_strided(_nothing, self.shape, self._value.strides, writeable=False)
        source = self
        if not whole.flags.c_contiguous:
            source = Tracer(
                self._recording, self._recording.builder.contiguous(self._value), self._truth, np.array, (self,)
            )
        return source._viewed(lambda array: array.reshape(wanted))

    def ravel(self, order: str = "C") -> "Tracer":
        """Return the elements as one axis."""
        return self.reshape(-1, order=order)

    flatten = ravel

    def broadcast_to(self, shape: tuple[int, ...]) -> "Tracer":
        """Repeat the elements to a larger shape."""
        return self._viewed(lambda array: np.broadcast_to(array, shape))

    def copy(self, order: str = "C") -> "Tracer":
        """Return the array itself: a traced array never changes."""
        return self

    def astype(self, dtype: Any, **kwargs: Any) -> "Tracer":
        """Convert to float64; other types lose what a derivative needs."""
        if np.dtype(dtype) != np.float64:
            raise refuse(f"astype({np.dtype(dtype).name})", "all arithmetic is float64")
        return 1.0 * self if self._truth else self

    # Methods that are NumPy's functions ------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        if name in method_names:
            function = getattr(np, name)
            return lambda *args, **kwargs: function(self, *args, **kwargs)
        if not name.startswith("_") and hasattr(np.ndarray, name):
            raise refuse(f"the method {name} of an array", "write it in terms of NumPy's ufuncs and reductions")
        raise AttributeError(f"a traced array has no attribute {name!r}")
