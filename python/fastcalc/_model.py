"""function: a model function ready to be fitted. Comes in: a Python function, data, a start. Goes out: an `Outcome`.

The ladder stands here. A model is traced with its data as an argument; if that fails, with the data as constants (then only
what depends on the parameters must be traceable); if that fails too, it is differentiated by finite differences, and says so.
A trace is never believed blindly: at the start and at the solution the user's own function is called and compared with it.
"""

from __future__ import annotations

import os
import sys
import textwrap
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MethodType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._branches import MANY_ROWS, Branch, Branches, Changed, Data, name_of
from ._errors import FallbackWarning, TraceError

Array = NDArray[np.float64]


@dataclass(slots=True)
class Outcome:
    """What a fit found, before anyone names it.

    `covariance` is (JᵀWJ)⁻¹, not scaled by the reduced chi²: all inf when the rank is below the number of free parameters, and
    zero in the rows of fixed ones. `undetermined` holds unit directions in parameter space that the data cannot determine.
    `triangle` is the factor R of [J r] at the solution.
    """

    x: Array
    covariance: Array
    rank: int
    undetermined: Array
    sum_of_squares: float
    active_mask: NDArray[np.int_]
    triangle: Array
    nfev: int
    nit: int
    status: str
    message: str
    success: bool
    derivative_source: str
    derivative_note: str


class _Options(NamedTuple):
    """What a loop in the kernel takes besides the problem, in its order."""

    start: Array
    lower: ArrayLike
    upper: ArrayLike
    ftol: float | None
    xtol: float | None
    gtol: float | None
    max_nfev: int | None


_package = os.path.dirname(os.path.abspath(__file__))
_FLOAT64 = np.dtype(np.float64)

#: Shapes of data for which a model keeps its programs; the oldest makes room.
MOST_SHAPES = 16

#: Models that are remembered from call to call; the oldest makes room.
MOST_MODELS = 128
_remembered: dict[Any, Model] = {}
_remembering = threading.Lock()


class Model:
    """A model function and what is known of it: its programs by shape and branch, or why there are none."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.name = name_of(f)
        self._branches: dict[Any, Branches] = {}
        self._constant: tuple[Any, Branches] | None = None  # a weak reference to the data that were traced as constants
        self._refused: dict[Any, str] = {}
        self._has_warned = False

    @classmethod
    def of(cls, f: Callable[..., Any]) -> Model:
        """Return the model of `f`, remembered from the last calls."""
        # By identity, not by equality: equal objects may compute different things. Each access makes a new bound method.
        key = (id(f.__self__), id(f.__func__)) if isinstance(f, MethodType) else id(f)
        model = _remembered.get(key)
        if model is None:
            model = cls(f)  # it keeps f alive, so that no other object gets its identity
            with _remembering:
                if len(_remembered) >= MOST_MODELS:
                    del _remembered[next(iter(_remembered))]
                _remembered[key] = model
        return model

    # Evaluation ----------------------------------------------------------------------------------------------------------

    def values(self, xdata: Any, parameters: Array) -> Array:
        """Return what the function gives."""
        return _real(self.f(xdata, *parameters))

    def jacobian(self, xdata: Any, parameters: Array) -> tuple[Array, Array]:
        """Return the values and the Jacobian, (M,) and (M, p): exact where the function could be traced."""
        values = np.atleast_1d(self.values(xdata, parameters))
        data = Data(xdata, values)
        for branches in self._ways(data):
            try:
                branch = branches.confirmed(data, parameters, values)
                return values, branch.values.jacobian(branches.arguments(data), parameters)[1]
            except Exception as error:  # whatever the function does on tracers, the next way may work
                self._refuse(data, branches, error)
        return values, _core.differences(lambda p: self._checked(data, p), parameters, values.size)

    def _checked(self, data: Data, parameters: Array) -> Array:
        """Return the function's values in the shape of the data."""
        values = self.values(data.x, parameters)
        if values.shape == data.y.shape:
            return values
        try:
            return np.ascontiguousarray(np.broadcast_to(values, data.y.shape))
        except ValueError:
            raise ValueError(
                f"the model {self.name} returned the shape {values.shape} for ydata of the shape {data.y.shape}; "
                "operands could not be broadcast together: return one value for each measured one"
            ) from None

    # The ladder ------------------------------------------------------------------------------------------------------------

    def _ways(self, data: Data) -> Iterator[Branches]:
        """Yield the ways to trace that have not been refused for data of this shape."""
        if data.is_traceable():
            key = self._key(data, False)
            if key not in self._refused:
                branches = self._branches.get(key)
                if branches is None:
                    with _remembering:
                        if len(self._branches) >= MOST_SHAPES:
                            del self._branches[next(iter(self._branches))]
                        branches = self._branches.setdefault(key, Branches(self.f, data_constant=False))
                yield branches
        if self._key(data, True) not in self._refused:
            yield self._with_constant(data)

    def _key(self, data: Data, constant: bool) -> Any:
        return constant, getattr(data.x, "shape", None), data.y.shape, data.weights is None

    def _with_constant(self, data: Data) -> Branches:
        constant = self._constant  # another thread may put its own in place
        if constant is not None and constant[0]() is data.x:
            return constant[1]
        branches = Branches(self.f, data_constant=True)
        try:
            self._constant = weakref.ref(data.x), branches
        except TypeError:  # not weakly referable: traced anew each time
            self._constant = None
        return branches

    def _refuse(self, data: Data, branches: Branches, error: Exception) -> None:
        if isinstance(error, TraceError):
            note = str(error)
        elif isinstance(error, Changed):
            note = "the function does not give the values of its own trace (a global that changes, randomness, or a state of its own)"
        else:
            note = f"the function fails on traced arrays: {type(error).__name__}: {error}"
        self._refused[self._key(data, branches.data_constant)] = textwrap.shorten(note, 500)  # one line

    def _note(self, data: Data) -> str:
        """Return why the data are not traced, or the function is not."""
        if not data.is_traceable():
            return self._refused.get(
                self._key(data, True), f"xdata is a {type(data.x).__name__}, which only the function can read"
            )
        return self._refused.get(self._key(data, False), "")

    # Fits ------------------------------------------------------------------------------------------------------------------

    def fit(
        self,
        xdata: Any,
        ydata: Array,
        start: Array,
        *,
        weights: Array | None = None,
        whitener: Array | None = None,
        lower: Array | None = None,
        upper: Array | None = None,
        jac: Callable[..., Any] | None = None,
        ftol: float | None = None,
        xtol: float | None = None,
        gtol: float | None = None,
        max_nfev: int | None = None,
    ) -> Outcome:
        """Fit the model to data.

        Parameters
        ----------
        xdata : object
            Passed to the function; a float64 array is traced.
        ydata : ndarray
            The measured values.
        start : (p,) ndarray
            Start values.
        weights : ndarray, optional
            1/σ of each measured value.
        whitener : (M, M) ndarray, optional
            Lower Cholesky factor of the covariance matrix of the measured values.
        lower, upper : (p,) ndarray, optional
            Bounds; equal ones fix a parameter.
        jac : callable, optional
            ``jac(xdata, *parameters)`` of shape (M, p), used instead of the model's own derivatives.
        ftol, xtol, gtol : float, optional
            Tolerances of the loop.
        max_nfev : int, optional
            Most evaluations of the residuals.

        Returns
        -------
        Outcome
            The parameters and how they were found.

        Raises
        ------
        ValueError
            If the function's values are complex, have the wrong shape, or are not finite at the start.
        """
        data = Data(xdata, ydata, weights)
        options = _Options(
            start, () if lower is None else lower, () if upper is None else upper, ftol, xtol, gtol, max_nfev
        )
        if jac is not None:
            outcome = self._stored(data, whitener, options, lambda p: jac(xdata, *p), "jac", "the caller's jac is used")
        else:
            outcome = self._by_program(data, whitener, options) or self._by_differences(data, whitener, options)
        if outcome.status == "not_finite_at_start":
            raise ValueError(outcome.message)
        return outcome

    def _by_program(self, data: Data, whitener: Array | None, options: _Options) -> Outcome | None:
        """Return what the first way that can be traced finds, or None."""
        values = self._checked(data, options.start) if data.y.size <= MANY_ROWS else None
        for branches in self._ways(data):
            try:
                branch = self._confirmed(branches, data, options.start, values)
                return self._traced(branch, branches, data, whitener, options)
            except Exception as error:  # whatever the function does on tracers, the next way may work
                self._refuse(data, branches, error)
        return None

    def _confirmed(
        self, branches: Branches, data: Data, parameters: Array, values: Array | None, *, fresh: bool = True
    ) -> Branch:
        """Return the branch at these parameters, compared with the function itself: all its rows, or windows of many."""
        if data.y.size > MANY_ROWS and branches.agrees_in_windows(data, parameters):
            return branches.known[0]
        return branches.confirmed(
            data, parameters, self._checked(data, parameters) if values is None else values, fresh=fresh
        )

    def _traced(
        self, branch: Branch, branches: Branches, data: Data, whitener: Array | None, options: _Options
    ) -> Outcome:
        source = "program (data as constants)" if branches.data_constant else "program"
        note = self._note(data)
        if whitener is None:
            found = _core.fit(
                branch.residuals, branches.inputs(data), *options, lambda p: branches.at(data, p).residuals
            )
            outcome = Outcome(*found, source, note)
        else:
            outcome = self._stored(
                data,
                whitener,
                options,
                lambda p: branches.at(data, p).values.jacobian(branches.arguments(data), p)[1],
                source,
                note,
            )
        if outcome.success:
            self._confirmed(branches, data, outcome.x, None, fresh=False)
        return outcome

    def _by_differences(self, data: Data, whitener: Array | None, options: _Options) -> Outcome:
        note = self._note(data)
        self._warn(note)
        return self._stored(data, whitener, options, None, "finite differences", note)

    def _stored(
        self,
        data: Data,
        whitener: Array | None,
        options: _Options,
        jacobian: Callable[[Array], Array] | None,
        source: str,
        note: str,
    ) -> Outcome:
        shape = (data.y.size, options.start.size)

        def columns(p: Array) -> Array:
            assert jacobian is not None
            matrix = jacobian(p)
            if np.shape(matrix) != shape:
                raise ValueError(
                    f"jac returned the shape {np.shape(matrix)}; it must return the derivatives as {shape}"
                )
            return np.ascontiguousarray(_real(matrix).T)

        found = _core.fit_stored(
            lambda p: self._checked(data, p),
            None if jacobian is None else columns,
            data.y,
            data.weights,
            whitener,
            *options,
        )
        return Outcome(*found, source, note)

    def _warn(self, note: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            frame, level = sys._getframe(), 1
            while frame.f_back is not None and frame.f_code.co_filename.startswith(_package):
                frame, level = frame.f_back, level + 1  # the line to name is the caller's
            warnings.warn(
                f"{self.name} is differentiated by finite differences: {note}", FallbackWarning, stacklevel=level
            )


def _real(values: Any) -> Array:
    if type(values) is np.ndarray and values.dtype is _FLOAT64 and values.flags.c_contiguous:
        return values  # nearly always
    array = np.asarray(values)
    if array.dtype.kind == "O":
        raise TypeError(f"the model returned {type(values).__name__} where numbers are needed: return an array")
    if array.dtype.kind == "c":
        raise ValueError(
            "the model returned complex numbers; fit real and imaginary part side by side: np.concatenate([f.real, f.imag])"
        )
    return np.ascontiguousarray(array, dtype=np.float64)
