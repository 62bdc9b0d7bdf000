"""problems: a model function ready to be fitted. Comes in: a Python function, data, a start. Goes out: an `Outcome`.

The ladder stands here. A model is traced with its data as an argument; if that fails, with the data as constants (then only
what depends on the parameters must be traceable); if that fails too, it is differentiated by finite differences, and says so.
A trace is never believed blindly: at the start and at the solution the user's own function is called and compared with it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._errors import announce_differences, why_untraceable
from .._fast import Branch, Data, Options, Outcome, Remembered, differences, fit_stored
from .._functions._branches import MANY_ROWS, Branches, name_of
from .._functions._locks import new_lock

__all__ = ["Model", "Outcome"]

Array = NDArray[np.float64]


class _Known:
    """What is known of a model for one kind of data: its programs, or why there are none."""

    __slots__ = ("branches", "kind_of_x", "note", "traceable", "wait", "ways")

    def __init__(self, f: Callable[..., Any], data: Data) -> None:
        self.branches = Branches(f, data_constant=False)
        self.traceable = data.traceable
        self.kind_of_x = type(data.x).__name__
        self.allow()

    def allow(self) -> None:
        """Forget every refusal."""
        #: The ways to trace that have not been refused: with the data as an argument (False), with the data as constants (True).
        self.ways: tuple[bool, ...] = (False, True) if self.traceable else (True,)
        self.note = "" if self.traceable else f"xdata is a {self.kind_of_x}, which only the function can read"
        self.wait = 0

    def refuse(self, data_constant: bool, error: Exception) -> None:
        self.ways = tuple(way for way in self.ways if way is not data_constant)
        if data_constant is not self.traceable:  # it is of no interest that the second way does not work either
            self.note = why_untraceable(error)
        self.wait = PATIENCE


#: Shapes of data for which a model keeps its programs; the oldest makes room.
MOST_SHAPES = 16

#: Fits after which a function that could not be traced, or did not give the values of its own trace, is traced again: what was wrong
#: may have been the parameters where that fit went, a global, or a state that has settled.
PATIENCE = 100

_known_shapes = new_lock()


class Model:
    """A model function and what is known of it: its programs by shape and branch, or why there are none."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.name = name_of(f)
        self._known: dict[Any, _Known] = {}
        self._constant: tuple[Any, Branches] | None = None  # a weak reference to the data that were traced as constants
        self._has_warned = False

    @classmethod
    def of(cls, f: Callable[..., Any]) -> Model:
        """Return the model of `f`, remembered from the last calls."""
        return _models(f)

    # Evaluation ----------------------------------------------------------------------------------------------------------

    def values(self, xdata: Any, parameters: Array) -> Array:
        """Return what the function gives."""
        return _real(self.f(xdata, *parameters))

    def jacobian(self, xdata: Any, parameters: Array) -> tuple[Array, Array]:
        """Return the values and the Jacobian, (M,) and (M, p): exact where the function could be traced."""
        values = np.atleast_1d(self.values(xdata, parameters))
        data = Data(xdata, values)
        known = self._known_for(data)
        for data_constant in known.ways:
            branches = self._branches(known, data, data_constant)
            try:
                branch = branches.confirmed(data, parameters, values)
                return values, branch.values.jacobian(branches.arguments(data), parameters)[1]
            except Exception as error:  # whatever the function does on tracers, the next way may work
                known.refuse(data_constant, error)
        return values, differences(lambda p: self._checked(data, p), parameters, values.size)

    def _checked(self, data: Data, parameters: Array) -> Array:
        """Return the function's values in the shape of the data."""
        values = data.call(self.f, parameters)
        if data.matches(values):
            return values  # type: ignore[no-any-return]
        values = _real(values)
        try:
            return np.ascontiguousarray(np.broadcast_to(values, data.y.shape))
        except ValueError:
            x = f"xdata of the shape {data.x.shape} and " if isinstance(data.x, np.ndarray) else ""
            raise ValueError(
                f"the model {self.name} returned the shape {values.shape} for {x}ydata of the shape {data.y.shape}; "
                "operands could not be broadcast together: return one value for each measured one"
            ) from None

    # The ladder ------------------------------------------------------------------------------------------------------------

    def _known_for(self, data: Data) -> _Known:
        known = self._known.get(data.kind)
        if known is None:
            with _known_shapes:
                if len(self._known) >= MOST_SHAPES:
                    del self._known[next(iter(self._known))]
                known = self._known.setdefault(data.kind, _Known(self.f, data))
        elif known.wait:
            known.wait -= 1
            if not known.wait:
                known.allow()
        return known

    def _branches(self, known: _Known, data: Data, data_constant: bool) -> Branches:
        return self._with_constant(data) if data_constant else known.branches

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
        options = Options(start, lower, upper, ftol, xtol, gtol, max_nfev)
        if jac is not None:
            outcome = self._stored(data, whitener, options, lambda p: jac(xdata, *p), "jac", "the caller's jac is used")
        else:
            outcome = self._by_ladder(data, whitener, options)
        if not outcome.success and outcome.status == "not_finite_at_start":
            raise ValueError(outcome.message)
        return outcome

    def triangle(
        self, xdata: Any, ydata: Array, parameters: Array, weights: Array | None = None
    ) -> tuple[Array, str, str]:
        """Return the factor R of [J r] = QR, (p + 1, p + 1), at these parameters, and where the derivatives come from.

        It is all that a fit needs of these data there; NaN where the residuals or their derivatives are not finite.
        """
        outcome = self._by_ladder(Data(xdata, ydata, weights), None, Options(parameters, max_nfev=1))
        return outcome.triangle, outcome.derivative_source, outcome.derivative_note

    def _by_ladder(self, data: Data, whitener: Array | None, options: Options) -> Outcome:
        known = self._known_for(data)
        return self._by_program(known, data, whitener, options) or self._by_differences(known, data, whitener, options)

    def _by_program(self, known: _Known, data: Data, whitener: Array | None, options: Options) -> Outcome | None:
        """Return what the first way that can be traced finds, or None."""
        values = self._checked(data, options.start) if data.y.size <= MANY_ROWS else None
        for data_constant in known.ways:
            branches = self._branches(known, data, data_constant)
            try:
                branch = self._confirmed(branches, data, options.start, values)
                outcome = self._traced(branch, branches, data, whitener, options)
            except Exception as error:  # whatever the function does on tracers, the next way may work
                if values is None:
                    values = self._checked(data, options.start)  # what the function itself raises there is the caller's
                known.refuse(data_constant, error)
            else:
                outcome.derivative_source = "program (data as constants)" if data_constant else "program"
                outcome.derivative_note = known.note
                return outcome
        return None

    def _confirmed(
        self, branches: Branches, data: Data, parameters: Array, values: Array | None, *, fresh: bool = True
    ) -> Branch:
        """Return the branch at these parameters, compared with the function itself: all its rows, or windows of many."""
        if data.y.size > MANY_ROWS:
            branch = branches.confirmed_in_windows(data, parameters, fresh=fresh)
            if branch is not None:
                return branch
        return branches.confirmed(
            data, parameters, self._checked(data, parameters) if values is None else values, fresh=fresh
        )

    def _traced(
        self, branch: Branch, branches: Branches, data: Data, whitener: Array | None, options: Options
    ) -> Outcome:
        if whitener is None:
            outcome = branch.fit(data, options, lambda p: branches.at(data, p).residuals)
        else:
            outcome = self._stored(
                data, whitener, options, lambda p: branches.at(data, p).values.jacobian(branches.arguments(data), p)[1]
            )
        if outcome.success:
            self._confirmed(branches, data, outcome.x, None, fresh=False)
        return outcome

    def _by_differences(self, known: _Known, data: Data, whitener: Array | None, options: Options) -> Outcome:
        announce_differences(self.name, known.note, is_known=self._has_warned)
        self._has_warned = True
        try:
            return self._stored(data, whitener, options, None, "finite differences", known.note)
        except Exception:
            known.allow()  # that the function fails is no reason against its trace
            raise

    def _stored(
        self,
        data: Data,
        whitener: Array | None,
        options: Options,
        jacobian: Callable[[Array], Array] | None,
        source: str = "",
        note: str = "",
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

        outcome = fit_stored(
            data, whitener, options, lambda p: self._checked(data, p), None if jacobian is None else columns
        )
        outcome.derivative_source, outcome.derivative_note = source, note
        return outcome


_models = Remembered(Model)


def _real(values: Any) -> Array:
    array = np.asarray(values)
    if array.dtype.kind not in "biufc":
        kind = f"an array of {array.dtype}" if isinstance(values, np.ndarray) else type(values).__name__
        raise TypeError(f"the model returned {kind} where numbers are needed: return an array of them")
    if array.dtype.kind == "c":
        raise ValueError(
            "the model returned complex numbers; fit real and imaginary part side by side: np.concatenate([f.real, f.imag])"
        )
    return np.ascontiguousarray(array, dtype=np.float64)
