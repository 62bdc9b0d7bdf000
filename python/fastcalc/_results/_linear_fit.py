"""Results: what a linear fit found, under the columns' names.

A `LinearFit` adds to the solution's numbers (`_linear_estimate`) the errors, predictions and reports, and, where the rows are still
there, what needs them: residuals, leverages and the covariance that is robust against unequal variances. As in `Fit`, the covariance
takes sigma as known absolutely or up to a common factor, which the scatter gives.
"""

from __future__ import annotations

import math
import warnings
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .._data._arguments import Array
from .._data._observations import Arrays, Block, rows_of
from . import _linear_report
from ._linear_estimate import LinearEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .._fast import LinearSolution

__all__ = ["LinearFit"]

_CHUNK = 8192  # rows that are converted at a time
ROBUST = ("HC0", "HC1", "HC2", "HC3")


class LinearFit(LinearEstimate):
    """
    The result of `fastcalc.lstsq`.

    With K targets what belongs to one of them has an axis more, the last: `coef` is (P, K), `chi2` (K,), `cov` (P, P, K).

    Attributes
    ----------
    names : tuple of str
        The coefficients' names; an intercept is the first.
    coef, params : (P,) ndarray, dict
        The coefficients, in that order and by name.
    stderr : (P,) ndarray
        Their standard errors: `stderr_absolute` if `absolute_sigma` was true, else `stderr_relative`, or robust ones if these were
        asked for. Zero for a column that was dropped, inf for one that the data do not determine.
    stderr_absolute, stderr_relative : (P,) ndarray
        The errors if sigma is known absolutely, and if it is known up to a common factor, which the scatter gives.
    t_values, p_values : (P,) ndarray
        ``coef / stderr``, and the probability of one as far from zero if the coefficient is zero.
    cov, correlation : (P, P) ndarray
        Of the coefficients, consistent with `stderr`.
    nobs, dof : int, float
        Rows, and degrees of freedom: rows less rank; with a ridge, less the trace of (XᵀX + λ)⁻¹XᵀX.
    chi2, reduced_chi2 : float
        The weighted sum of the squared residuals, and the same per degree of freedom.
    has_constant : bool
        Whether there is an intercept or a constant column.
    r2, adjusted_r2 : float
        The part of y's sum of squares that is explained: about the mean if the model has a constant column, else about zero.
    f_value, f_p_value : float
        Of all coefficients but the constant's together, and the probability of one as large if they are all zero.
    condition : float
        The condition number of X, with its columns scaled to one length.
    rank : int
        How many columns are independent.
    singular_values : (p,) ndarray
        Of the predictors, weighted, without their means if there is an intercept; the largest first.
    dependent : dict
        Columns that others give, each with what it is made of: ``{"total": {"a": 1.0, "b": 1.0}}``.
    residuals : (N,) ndarray
        ``y - X @ coef``, not divided by sigma; only if the rows were in memory.
    method : str
        How the solution was found.
    """

    def __init__(
        self,
        solution: LinearSolution,
        names: tuple[str, ...],
        nobs: int,
        *,
        intercept: bool,
        single_target: bool,
        ridge: float = 0.0,
        deficient: str = "minimum-norm",
        absolute_sigma: bool = False,
        weighting: str | None = None,
        rows: Block | None = None,
        passes: int = 0,
    ) -> None:
        super().__init__(
            solution,
            names,
            nobs,
            intercept=intercept,
            single_target=single_target,
            ridge=ridge,
            deficient=deficient,
            passes=passes,
        )
        self.absolute_sigma, self.weighting = absolute_sigma, weighting
        self.cov_type = "classical"
        self._rows = rows

    def with_solution(self, solution: LinearSolution) -> LinearFit:
        """Return the same fit with a better solution."""
        other = copy(self)
        other.__dict__.pop("condition", None)
        other._take(solution)
        return other

    def warn_of_dependence(self) -> None:
        """Say which columns depend on others, or raise if that was asked for."""
        if self.rank == len(self.names):
            return
        sentence = " ".join(_linear_report.dependence(self))
        if self.deficient == "raise":
            raise np.linalg.LinAlgError(sentence)
        warnings.warn(sentence, np.exceptions.RankWarning, stacklevel=4)

    @cached_property
    def _shape(self) -> Array:
        """The covariance for variances of one, in units of the columns' lengths: A⁻¹XᵀX A⁻¹ with A = XᵀX + λ."""
        if not self.ridge:
            return self._inverse
        return np.asarray(self._inverse @ self._gram @ self._inverse)

    @property
    def stderr_absolute(self) -> Array:
        return np.asarray(self._per_target(self._errors(np.ones_like(self._residual_norm))))

    @property
    def stderr_relative(self) -> Array:
        return np.asarray(self._per_target(self._errors(self._variance)))

    def _errors(self, variance: Array) -> Array:
        with np.errstate(invalid="ignore"):
            errors = np.sqrt(self._shape.diagonal())[:, np.newaxis] / self._length[:, np.newaxis] * np.sqrt(variance)
        errors[self._undetermined] = np.inf
        errors[[j for j in self._dropped if self.deficient == "drop"]] = 0.0
        return np.asarray(errors)

    @property
    def stderr(self) -> Array:
        if self.cov_type != "classical":
            return np.sqrt(np.diagonal(self.cov).T if self._single else np.einsum("iik->ik", self.cov))
        return self.stderr_absolute if self.absolute_sigma else self.stderr_relative

    @property
    def errors(self) -> dict[str, Any]:
        return dict(zip(self.names, self.stderr.tolist(), strict=True))

    @property
    def cov(self) -> Array:
        return self.covariance(self.cov_type)

    def covariance(self, kind: str = "classical") -> Array:
        """
        Return the covariance of the coefficients.

        Parameters
        ----------
        kind : {'classical', 'HC0', 'HC1', 'HC2', 'HC3'}
            Classical: all rows have the variance that their weights say, times a common factor. HC: each row has its own,
            of which its residual is the only witness (White 1980; MacKinnon and White 1985): the square e² of the weighted residual,
            times n/(n − p) for HC1, over 1 − h for HC2 or its square for HC3, h the row's leverage. These need the rows.

        Returns
        -------
        (P, P) ndarray
            With K targets (P, P, K).

        Raises
        ------
        ValueError
            If the rows are not in memory.

        Examples
        --------
        >>> import numpy as np
        >>> import fastcalc as fc
        >>> fit = fc.lstsq(np.arange(5.0), [0.0, 1.2, 1.9, 3.1, 4.0])
        >>> fit.covariance("HC3").shape
        (2, 2)
        """
        units = np.outer(self._length, self._length)[:, :, np.newaxis]
        with np.errstate(invalid="ignore", over="ignore"):
            if kind == "classical":
                variance = np.ones_like(self._residual_norm) if self.absolute_sigma else self._variance
                shape = self._shape[:, :, np.newaxis] * variance
            elif kind in ROBUST:
                shape = self._sandwich(kind)
            else:
                raise ValueError(f"a covariance is 'classical' or one of {', '.join(ROBUST)}, not {kind!r}.")
            found = shape / units
        loose = self._undetermined
        found[loose, :] = found[:, loose] = np.inf
        return np.asarray(self._per_target(found))

    def _sandwich(self, kind: str) -> Array:
        """A⁻¹ (Σ e² x xᵀ) A⁻¹ with x, e times the roots of the weights, in units of the columns' lengths."""
        meat = np.zeros((*self._inverse.shape, self._coef.shape[1]))
        for x, y, root in self._chunks("a robust covariance"):
            e = (y - x @ self._coef) * root[:, np.newaxis]
            scaled = x / self._length * root[:, np.newaxis]
            square = e**2
            if kind in ("HC2", "HC3"):
                h = np.einsum("ij,jk,ik->i", scaled, self._inverse, scaled)
                square /= ((1.0 - h) ** (1 if kind == "HC2" else 2))[:, np.newaxis]
            meat += np.einsum("ij,il,ik->jlk", scaled, scaled, square, optimize=True)
        if kind == "HC1":
            meat *= self.nobs / self.dof
        return np.asarray(np.einsum("ij,jlk,lm->imk", self._inverse, meat, self._inverse, optimize=True))

    def _chunks(self, what: str) -> Any:
        """Yield rows of X, y and the roots of the weights, a few thousand at a time; without rows that do not count."""
        if self._rows is None:
            raise ValueError(
                f"{what} needs the rows, and they are not in memory: fit them in one call, fc.lstsq(X, y)."
            )
        rows = self._rows
        for first in range(0, rows.rows, _CHUNK):
            part = rows.part(first, min(first + _CHUNK, rows.rows))
            x, y = self._design(part.predictors), np.column_stack(part.targets).astype(np.float64)
            root = np.ones(len(y))
            if part.weight is not None:
                weight = part.weight.astype(np.float64)
                root = 1.0 / weight if part.weighting == "sigma" else np.sqrt(weight)
            counts = (root > 0) if part.keep is None else (root > 0) & part.keep
            if part.omit_missing:
                counts &= ~(np.isnan(x).any(axis=1) | np.isnan(y).any(axis=1))
            yield (x, y, root) if counts.all() else (x[counts], y[counts], root[counts])

    def _design(self, predictors: Arrays) -> Array:
        ones = [np.ones(len(predictors[0]))] if self.has_intercept else []
        return np.column_stack([*ones, *predictors]).astype(np.float64, copy=False)

    @property
    def t_values(self) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.coef / self.stderr)

    @property
    def p_values(self) -> Array:
        from scipy.special import ndtr, stdtr

        t = -np.abs(self.t_values)
        return np.asarray(2.0 * (ndtr(t) if self.absolute_sigma else stdtr(self.dof if self.dof > 0 else np.nan, t)))

    def conf_int(self, level: float = 0.95) -> Array:
        """
        Return the confidence interval of each coefficient.

        Parameters
        ----------
        level : float, default 0.95
            The probability with which each interval covers its coefficient.

        Returns
        -------
        (P, 2) ndarray
            Lower and upper ends; (P, 2, K) for K targets.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.lstsq([0.0, 1.0, 2.0, 3.0], [1.0, 2.9, 5.1, 7.0])
        >>> fit.conf_int().shape
        (2, 2)
        """
        half = self._quantile(level) * self.stderr
        return np.stack([self.coef - half, self.coef + half], axis=1)

    def _quantile(self, level: float) -> float:
        if not 0.0 < level < 1.0:
            raise ValueError(f"a level is a probability between 0 and 1 (0.95 for 95 %), not {level}.")
        from scipy.special import ndtri, stdtrit

        if self.absolute_sigma:
            return float(ndtri(0.5 + 0.5 * level))
        return float(stdtrit(self.dof, 0.5 + 0.5 * level)) if self.dof > 0 else math.nan

    @property
    def correlation(self) -> Array:
        if not self._single:
            raise ValueError("correlation is that of the coefficients of one target: see cov.")
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.cov / np.outer(self.stderr, self.stderr))

    @property
    def residuals(self) -> Array:
        if self._rows is None:
            raise ValueError("residuals need the rows, and they are not in memory: y - fit.predict(X) of each block.")
        parts = []
        for first in range(0, self._rows.rows, _CHUNK):
            part = self._rows.part(first, min(first + _CHUNK, self._rows.rows))
            parts.append(np.column_stack(part.targets) - self._design(part.predictors) @ self._coef)
        return np.asarray(self._per_target(np.concatenate(parts)))

    def predict(self, X: Any, interval: float | None = None, *, of: str = "observation") -> Any:
        """
        Evaluate the fitted model.

        Parameters
        ----------
        X : (N, p) array_like or table
            Where: the predictors, as in the fit; a table's columns are found by name.
        interval : float, optional
            Ask for an interval, too, that covers with this probability.
        of : {'observation', 'mean'}, default 'observation'
            Whether it covers a new observation of weight one, or the model's mean.

        Returns
        -------
        (N,) ndarray, or a pair of them
            The prediction; with `interval`, also the half width about it.

        Raises
        ------
        ValueError
            If X has another number of columns than the fit.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fit = fc.lstsq([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0])
        >>> fit.predict([10.0]).round(6).tolist()
        [21.0]
        """
        if np.isscalar(X):
            X = [X]
        predictors = rows_of(X, len(self.names) - self.has_intercept, self.names[self.has_intercept :])
        x = self._design(predictors)
        centre = self._per_target(x @ self._coef)
        if interval is None:
            return centre
        if of not in ("observation", "mean"):
            raise ValueError(f"an interval is of an 'observation' or of the 'mean', not of {of!r}.")
        scaled = x / self._length
        variance = np.ones_like(self._residual_norm) if self.absolute_sigma else self._variance
        if self.cov_type == "classical":
            spread = np.einsum("ij,jk,ik->i", scaled, self._shape, scaled)[:, np.newaxis] * variance
        else:
            spread = np.einsum("ij,jlk,il->ik", scaled, self._sandwich(self.cov_type), scaled, optimize=True)
        if of == "observation":
            spread = spread + variance
        return centre, self._per_target(self._quantile(interval) * np.sqrt(spread))

    def report(self) -> str:
        """
        Tell the fit in words and figures.

        Returns
        -------
        str
            Coefficients with their errors, goodness of fit, and what to know before trusting the numbers.

        Examples
        --------
        >>> import fastcalc as fc
        >>> print(fc.lstsq([0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.1]).report().splitlines()[0])
        2 coefficients fitted to 4 rows
        """
        return _linear_report.report(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """
        Draw the data with the fitted line and its 95 % confidence band; with several predictors, observed against fitted.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure without it.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the rows are not in memory, or there is more than one target.

        Examples
        --------
        >>> import fastcalc as fc
        >>> fc.lstsq([0.0, 1.0, 2.0], [1.0, 3.0, 5.1]).plot().figure.savefig("line.png")  # doctest: +SKIP
        """
        from ._plots import plot_linear

        return plot_linear(self, ax)

    def __repr__(self) -> str:
        return _linear_report.line(self)

    def _repr_html_(self) -> str:
        return _linear_report.html(self)
