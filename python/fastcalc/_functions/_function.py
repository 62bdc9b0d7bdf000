"""functions: a compiled function. Comes in: a plain NumPy function. Goes out: the same function, run in C++.

It is traced at its first call for each combination of shapes, and again where it takes another branch. A call that a program
is known for stays in C (`_fast.Dispatch`); everything else comes to `Function._slow`. A derivative is a `Function` too: of a
function that, while it is traced, records the derivative behind what it differentiates.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import _core, _fast
from .._errors import TraceError
from .._fast import Call, Dispatch, are_leaves, vectorcalled
from .._tracer import Recording, Tracer
from ._branches import name_of
from ._locks import new_lock
from ._pytrees import Made, Structure, flatten, flatten_result, is_array, is_plain

__all__ = ["Function", "compile"]

Array = NDArray[np.float64]

#: Programs that a function keeps, of all shapes and branches together; beyond that the one that was not used for longest goes.
MOST_PROGRAMS = 64

#: So many branches of one shape are kept. With more, their guards cost more than they save.
MOST_BRANCHES = 16


@vectorcalled
class Function(Dispatch):
    """A plain NumPy function that runs as a program.

    Made by `fastcalc.compile`, and by `fastcalc.grad` and the other derivatives. Arguments are arrays and numbers, and lists,
    tuples, dicts and dataclasses of them; they are converted to float64. Truth values, strings, None and functions among them are
    fixed when the function is traced: another one is another trace. A list or tuple of plain numbers is an array. Where what the
    function reads besides its arguments (globals, closures, attributes) has changed, it is traced anew; `docs/limitations.md` says
    which changes are not seen.

    The result has the structure that the function gives it, of float64 arrays; an array without axes becomes a number, as with
    NumPy's own functions.

    Attributes
    ----------
    f : callable
        The function itself.
    program : Program
        The program that was used last; ``print()`` shows it.
    grad, hessian : Function
        The derivatives by the first argument.

    Raises
    ------
    TraceError
        At a call, if the function does something that cannot be traced; the message names the line.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> @fc.compile
    ... def decay(t, a, rate):
    ...     return a * np.exp(-rate * t)
    >>> decay(0.0, 2.0, 1.0)
    np.float64(2.0)
    >>> print(decay)
    decay(t(), a(), rate())
      v3 = negative rate                     ()
      v4 = multiply v3 t                     ()
      v5 = exp v4                            ()
      v6 = multiply a v5                     ()
      return v6
    <BLANKLINE>
    """

    def __init__(self, f: Callable[..., Any]) -> None:
        self._lock = new_lock()
        self.f = f
        functools.update_wrapper(self, f, updated=())

    @property
    def program(self) -> _core.Program:
        """The program that was used last."""
        if not self.calls:
            raise TraceError(f"{name_of(self.f)} has no program yet; call it once")
        return self.calls[0].program

    def at(self, *arguments: Any) -> Call:
        """Return the program that holds at these arguments; traced if it is new."""
        return self._at(*_leaves(arguments, {}))

    @functools.cached_property
    def grad(self) -> Function:
        """The gradient by the first argument, as `fastcalc.grad` gives it."""
        from ._derivatives import grad

        return grad(self.f)

    @functools.cached_property
    def hessian(self) -> Function:
        """The Hessian by the first argument, as `fastcalc.hessian` gives it."""
        from ._derivatives import hessian

        return hessian(self.f)

    @functools.cached_property
    def expanded(self) -> Function:
        """The function as power series are taken of it: not where it gives what it kept of an earlier call."""
        from ._differentiated import Expanded

        return Function(Expanded(self.f))

    def lowlevel(self, *example: Any, signature: str = "double (int, double *, void *)") -> Any:
        """Return the function as SciPy's C routines call it, `scipy.integrate.quad` and `nquad` above all.

        Parameters
        ----------
        *example : array_like
            Arguments of the shapes that it will be called with; their elements, in order, are the numbers that SciPy gives. By
            default every argument without a default is one number.
        signature : {"double (int, double *, void *)", "double (double, void *)"}
            The C function that is wanted; the second is for a function of one number.

        Returns
        -------
        scipy.LowLevelCallable
            Keeps the program alive. For values that take another branch it asks this function.

        Raises
        ------
        TypeError
            If the function gives an array.

        Examples
        --------
        >>> import numpy as np
        >>> import fastcalc as fc
        >>> from scipy.integrate import nquad, quad
        >>> round(quad(fc.compile(lambda x: np.exp(-(x**2))).lowlevel(), -np.inf, np.inf)[0] ** 2, 12)
        3.14159265359
        >>> round(nquad(fc.compile(lambda x, y: x * y).lowlevel(), [(0, 1), (0, 2)])[0], 12)
        1.0
        """
        from scipy import LowLevelCallable

        leaves, structure = _leaves(example or (1.0,) * self._arity(), {})
        sizes = np.cumsum([np.size(leaf) for leaf in leaves])[:-1]

        def elsewhere(numbers: list[float]) -> Any:
            parts = np.split(np.array(numbers), sizes)
            whole = [part.reshape(np.shape(leaf)) for part, leaf in zip(parts, leaves, strict=True)]
            arguments, named = structure.unflatten(whole) if structure else (whole, {})
            return self(*arguments, **named)

        name = {"double (int, double *, void *)": "evaluate_numbers", "double (double, void *)": "evaluate_number"}.get(
            signature
        )
        if name is None:
            raise ValueError(
                f"signature {signature!r}: only 'double (int, double *, void *)' and 'double (double, void *)' are offered"
            )
        return LowLevelCallable.from_cython(_fast, name, _fast.evaluator(self._trace(leaves, structure), elsewhere))

    def _slow(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call with what no known program takes as it is."""
        recording = Recording.active()
        if recording is not None:  # a part of another function that is being traced
            result = recording.run(self.f, *arguments, **named)
            if isinstance(result, Made):
                raise TraceError(
                    f"{name_of(self.f)} gives a sparse matrix, which cannot be traced; leave out sparse=True"
                )
            return result
        leaves, structure = _leaves(arguments, named)
        result = self._attempt(leaves, structure)
        if result is not None:
            return result
        return self._at(leaves, structure)(*leaves)

    def _at(self, leaves: tuple[Any, ...], structure: Structure | None) -> Call:
        call = self._holding(leaves, structure)
        if call is not None:
            return call
        with self._lock:  # each program is traced once, whoever waits for it
            call = self._holding(leaves, structure)
            if call is None:
                made = self._trace(leaves, structure)
                if self._branches(leaves, structure) < MOST_BRANCHES:
                    self._keep(made, MOST_PROGRAMS)
                    call = self._holding(leaves, structure)
        # Its path depends on the last bit of a value, or there is no end of paths: this one was taken here.
        return call or made.unguarded()

    def _trace(self, leaves: Sequence[Any], structure: Structure | None) -> Call:
        with Recording() as recording:
            return self._recorded(recording, leaves, structure)

    def _recorded(self, recording: Recording, leaves: Sequence[Any], structure: Structure | None) -> Call:
        names = structure.names if structure else self._names(len(leaves))
        tracers = [recording.input(name, leaf, seed=False) for name, leaf in zip(names, leaves, strict=True)]
        arguments, named = structure.unflatten(tracers) if structure else (tracers, {})
        result = recording.run(self.f, *arguments, **named)
        outside = recording.reads.outside()
        if isinstance(result, Made):
            return Call(recording.finish(result.of, name_of(self.f)), None, structure, result.by, outside)
        if is_array(result) or result is None:
            return Call(recording.finish(result, name_of(self.f)), None, structure, None, outside)
        if type(result) is tuple and len(result) > 1 and all(map(is_array, result)):  # a tuple is what a call makes
            joined, extents = recording.joined(result)
            return Call(recording.finish(joined, name_of(self.f)), extents, structure, None, outside)
        parts, shape = flatten_result(result)
        joined, extents = recording.joined(parts)
        rebuild = shape.unflatten if len(parts) != 1 else lambda part: shape.unflatten([part])
        return Call(recording.finish(joined, name_of(self.f)), extents, structure, rebuild, outside)

    def _arity(self) -> int:
        """Return the number of arguments that have no default."""
        return len([p for p in self._positional() if p.default is p.empty])

    def _names(self, count: int) -> list[str]:
        names = [p.name for p in self._positional() if p.kind is not p.VAR_POSITIONAL][:count]
        return names + [f"x{i}" for i in range(len(names), count)]

    def _positional(self) -> list[inspect.Parameter]:
        kinds = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.VAR_POSITIONAL,
        )
        try:
            return [p for p in inspect.signature(self.f).parameters.values() if p.kind in kinds]
        except (TypeError, ValueError):  # a builtin that tells nothing
            return []

    def __reduce__(self) -> str | tuple[Any, ...]:
        return reference_to(self) or (type(self), (self.f,))

    def __str__(self) -> str:
        """Return a listing of every program; one for plain numbers, all 1, if the function has not been called yet."""
        if self.calls:
            return "\n".join(str(call.program) for call in self.calls)
        try:
            return str(self._trace((1.0,) * self._arity(), None).program)
        except Exception as error:
            raise TraceError(
                f"{name_of(self.f)} cannot be listed for plain numbers ({error}); call it once, then print it"
            ) from error

    def __repr__(self) -> str:
        return f"<fastcalc.Function {name_of(self.f)}>"


def reference_to(thing: Any) -> str | None:
    """Return the name under which its module has `thing`, if it has: so it is pickled by reference, as functions are."""
    name = getattr(thing, "__qualname__", "")
    found: Any = sys.modules.get(getattr(thing, "__module__", ""))
    for part in name.split("."):
        found = getattr(found, part, None)
    return name if found is thing else None


def leaves_of(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the numbers and float64 arrays that a program reads of such arguments."""
    return _leaves(arguments, {})[0]


def _leaves(arguments: tuple[Any, ...], named: dict[str, Any]) -> tuple[tuple[Any, ...], Structure | None]:
    """Return the arguments as numbers and float64 arrays, and their structure: None for arrays and numbers by position."""
    if not named and are_leaves(arguments):
        return arguments, None
    if not named and all(map(is_plain, arguments)):
        return tuple(map(_real, arguments)), None
    leaves, structure = flatten(arguments, named)
    return tuple(map(_real, leaves)), structure


def _real(x: Any) -> Any:
    if isinstance(x, Tracer):
        raise TraceError("a value kept from another trace cannot be traced; pass it as an argument")
    if isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap):
        raise TypeError(
            f"an argument of type {type(x).__name__}, which is more than its numbers: give np.asarray of it"
        )
    array = np.asarray(x)
    if array.dtype.kind == "c":
        raise TypeError(
            "complex arguments: a program computes with real numbers; give the real and imaginary part apart"
        )
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"an argument of type {type(x).__name__}: numbers, arrays of numbers and pytrees of them are differentiable"
        )
    array = np.require(array, np.float64, ["C", "A"])
    return array if array.ndim else float(array)


def compile(f: Callable[..., Any]) -> Function:
    """Make a plain NumPy function run as a program in C++.

    Parameters
    ----------
    f : callable
        A function of numbers and arrays, written with NumPy's operators, ufuncs, slices and reductions. ``if`` and ``while`` on
        values are followed: the path taken becomes part of the program, and another path is traced when it is met.

    Returns
    -------
    Function
        Called like `f`; ``print()`` shows what it runs.

    Raises
    ------
    TraceError
        At the first call, if the function does something that cannot be traced; the message names the line.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> f = fc.compile(lambda x: np.sum(x * x))
    >>> f(np.array([3.0, 4.0]))
    np.float64(25.0)
    """
    return Function(f)
