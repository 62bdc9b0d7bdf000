"""Results: what a fit found, under the parameters' names.

A `Fit` is made from the loop's `Outcome` and the data. It holds numbers; `_report` puts them into words and `_plots`
draws them. The covariance comes from the loop as (JᵀWJ)⁻¹, which takes sigma as known absolutely; for a relative sigma
it is multiplied by the reduced chi², the estimate of the common factor. Both standard errors are kept, since which of
them is right depends on where sigma came from, and that only the user knows.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._data._arguments import Array, independent
from . import _report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .._problems._model import Model, Outcome

__all__ = ["Fit"]


class Fit:
    """
    The result of `fastcalc.fit`.

    Attributes
    ----------
    name : str
        The model's name.
    names : tuple of str
        The parameters' names, in the order of the model's signature.
    x, params : (P,) ndarray, dict
        The parameters found, in that order and by name.
    stderr, errors : (P,) ndarray, dict
        Their standard errors: `stderr_absolute` if `absolute_sigma` was true, else `stderr_relative`. Zero for a
        fixed parameter, inf for one that the data do not determine.
    stderr_absolute, stderr_relative : (P,) ndarray
        The errors if sigma is known absolutely, and if it is known up to a common factor, which the scatter gives.
    covariance, correlation : (P, P) ndarray
        Of the parameters, consistent with `stderr`; the correlation is NaN where the covariance is not finite or zero.
    chi2, reduced_chi2 : float
        The sum of the squared residuals over sigma, and the same per degree of freedom.
    dof, nobs : int
        Degrees of freedom and number of data: ``dof = nobs - rank``.
    p_value : float
        The probability of a chi² at least as large if model and sigma are right; NaN without sigma.
    fixed, at_bound : tuple of str
        The parameters that were held, and those that ended at a bound.
    rank : int
        How many directions in the space of the free parameters the data determine.
    undetermined : (K, P) ndarray
        The others: changes of the parameters that leave the curve as it is, each of as few parameters as possible.
    nfev, nit : int
        Evaluations and iterations.
    success, status, message : bool, str, str
        How the loop ended.
    derivative_source, derivative_note : str
        How the derivatives were obtained and, unless it was by the traced program, why.
    time : float
        Seconds that the loop took.
    residuals : (M,) ndarray
        ``ydata - f(xdata)``, not divided by sigma.
    diagnosis : list of str
        What to know before trusting the numbers, in plain language; empty if there is nothing.
    """

    def __init__(
        self,
        model: Model,
        names: tuple[str, ...],
        outcome: Outcome,
        xdata: Any,
        ydata: Array,
        *,
        deviations: Array | None = None,
        absolute_sigma: bool = False,
        held: NDArray[np.bool_] | None = None,
        time: float = 0.0,
    ) -> None:
        held = np.zeros(len(names), bool) if held is None else held
        self._model = model
        self.xdata, self.ydata, self.deviations = xdata, ydata, deviations
        self.absolute_sigma, self.time = absolute_sigma, time
        self.name, self.names, self.x = model.name, names, outcome.x
        self.fixed = tuple(name for name, fixed in zip(names, held, strict=True) if fixed)
        self.at_bound = tuple(
            name for name, fixed, side in zip(names, held, outcome.active_mask, strict=True) if side and not fixed
        )
        self.nobs = ydata.size
        self.rank = outcome.rank
        self.dof = self.nobs - self.rank
        self.chi2 = outcome.sum_of_squares
        self.reduced_chi2 = self.chi2 / self.dof if self.dof > 0 else math.nan
        self.nfev, self.nit = outcome.nfev, outcome.nit
        self.success, self.status, self.message = outcome.success, outcome.status, outcome.message
        self.derivative_source, self.derivative_note = outcome.derivative_source, outcome.derivative_note

        if self.rank == len(names) - len(self.fixed):
            self.undetermined, absolute = outcome.undetermined, outcome.covariance
        else:
            self.undetermined, absolute = _determined_part(outcome, held)
        relative = np.where(np.logical_or.outer(held, held), 0.0, np.inf)  # stays so where neither factor is finite
        if math.isfinite(self.reduced_chi2):
            with np.errstate(over="ignore"):
                np.multiply(absolute, self.reduced_chi2, out=relative, where=np.isfinite(absolute))
        self.covariance = absolute if absolute_sigma else relative
        self.stderr_absolute, self.stderr_relative = np.sqrt(absolute.diagonal()), np.sqrt(relative.diagonal())
        self.stderr = self.stderr_absolute if absolute_sigma else self.stderr_relative

    @property
    def params(self) -> dict[str, float]:
        return dict(zip(self.names, self.x.tolist(), strict=True))

    @property
    def errors(self) -> dict[str, float]:
        return dict(zip(self.names, self.stderr.tolist(), strict=True))

    @cached_property
    def correlation(self) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.covariance / np.outer(self.stderr, self.stderr))

    @cached_property
    def p_value(self) -> float:
        if self.deviations is None or self.dof <= 0:
            return math.nan
        from scipy.special import chdtrc

        return float(chdtrc(self.dof, self.chi2))

    @cached_property
    def residuals(self) -> Array:
        return self.ydata - self.predict(self.xdata)

    @cached_property
    def diagnosis(self) -> list[str]:
        return _report.diagnosis(self)

    def predict(self, x: Any) -> Array:
        """
        Evaluate the fitted curve.

        Parameters
        ----------
        x : array_like or object
            Where; of the kind that the model was fitted with.

        Returns
        -------
        ndarray
            ``f(x, *parameters)``.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.fit(lambda t, a, b: a + b * t, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        >>> fit.predict([3.0]).round(6).tolist()
        [7.0]
        """
        return self._model.values(independent(x), self.x)

    def band(self, x: Any, level: float = 0.95) -> tuple[Array, Array]:
        """
        Evaluate the fitted curve and the half width of its confidence band.

        To first order the curve's variance at x is g·C·gᵀ with the exact gradient g = ∂f/∂parameters and the covariance
        C (the delta method). It is widened by the normal quantile if sigma is absolute, else by Student's t with `dof`
        degrees of freedom. The band is pointwise, and of the curve, not of a new observation.

        Parameters
        ----------
        x : array_like or object
            Where; of the kind that the model was fitted with.
        level : float, default 0.95
            The probability with which the band covers the true curve at each x.

        Returns
        -------
        centre, half_width : ndarray
            The half width is inf where the covariance is.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.fit(lambda t, a: a + 0.0 * t, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
        >>> centre, half_width = fit.band([0.0])
        >>> float(centre[0].round(4)), float(half_width[0].round(4))  # 2 ± t(2, 0.975) / √3
        (2.0, 2.4841)
        """
        if not 0.0 < level < 1.0:
            raise ValueError(f"`level` is the probability of the band, between 0 and 1 (0.95 for 95 %), not {level}.")
        centre, jacobian = self._model.jacobian(independent(x), self.x)
        if not np.isfinite(self.covariance).all():
            return centre, np.full(centre.shape, np.inf)
        variance = np.einsum("...i,ij,...j->...", jacobian, self.covariance, jacobian)
        return centre, self._quantile(0.5 + 0.5 * level) * np.sqrt(np.maximum(variance, 0.0))

    def _quantile(self, probability: float) -> float:
        from scipy.special import ndtri, stdtrit

        return float(ndtri(probability) if self.absolute_sigma else stdtrit(self.dof, probability))

    def report(self) -> str:
        """
        Tell the fit in words and figures.

        Returns
        -------
        str
            Parameters with their errors, goodness of fit, how the loop ended, and the diagnosis.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.fit(lambda t, a: a + 0.0 * t, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
        >>> print(fit.report().splitlines()[2].split("  (")[0])
          a = 2.0000000000 ± 0.57735026919
        """
        return _report.report(self)

    def plot(self, ax: Axes | None = None, *, residuals: bool = False) -> Axes:
        """
        Draw the data, the fitted curve and its 95 % confidence band.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure without it.
        residuals : bool, default False
            Draw the residuals in a panel below, over sigma if there is one.

        Returns
        -------
        matplotlib.axes.Axes
            The axes of the curve.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the model has more than one independent variable.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.fit(lambda t, a: a + 0.0 * t, [0.0, 1.0, 2.0], [1.0, 2.0, 3.0])
        >>> fit.plot().figure.savefig("fit.png")  # doctest: +SKIP
        """
        from ._plots import plot

        return plot(self, ax, residuals)

    def __repr__(self) -> str:
        return _report.line(self)

    def _repr_html_(self) -> str:
        return _report.html(self)


def _determined_part(outcome: Outcome, held: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the undetermined directions of a rank-deficient fit, and the covariance of the parameters outside them.

    With J = Q·R and R·D⁻¹ = U·S·Vᵀ (D the norms of the columns), the pseudo-inverse of JᵀJ over the leading singular
    values gives a parameter's variance exactly if no undetermined direction moves it; for the others it is inf.
    """
    count = held.size
    factor = np.where(held, 0.0, outcome.triangle[:count, :count])
    norms = np.linalg.norm(factor, axis=0)
    scale = np.where(norms > 0.0, norms, 1.0)
    directions = _sparse_basis(outcome.undetermined, scale)
    _, singular, vectors = np.linalg.svd(factor / scale)
    root = vectors[: outcome.rank] / singular[: outcome.rank, np.newaxis] / scale
    covariance = root.T @ root
    loose = directions.any(axis=0)
    covariance[loose, :] = covariance[:, loose] = np.inf
    covariance[held, :] = covariance[:, held] = 0.0
    return directions, covariance


def _sparse_basis(directions: Array, scale: Array) -> Array:
    """Return a basis of the span of `directions` that moves few parameters at a time, the first of each by one.

    Gauss-Jordan elimination with complete pivoting. Components are compared by `scale`, how far a unit of each moves
    the curve; one that moves it 10⁴ times less than the largest is rounding, and becomes zero.
    """
    rows = directions * scale
    for i in range(len(rows)):
        below, pivot = divmod(int(np.argmax(np.abs(rows[i:]))), rows.shape[1])
        rows[[i, i + below]] = rows[[i + below, i]]
        rows[i] /= rows[i, pivot]
        others = np.arange(len(rows)) != i
        rows[others] -= np.outer(rows[others, pivot], rows[i])
    rows[np.abs(rows) < 1e-4 * np.abs(rows).max(axis=1, keepdims=True)] = 0.0
    rows /= scale
    first = (rows != 0.0).argmax(axis=1)
    return np.asarray(rows / np.take_along_axis(rows, first[:, np.newaxis], axis=1))
