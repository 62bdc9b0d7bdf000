"""backends: linear regression as scikit-learn's estimators.

Comes in: X, y and sample weights as scikit-learn's own estimators take them. Goes out: an estimator with their attributes, and with
the errors that they lack. An estimator is a state of `NormalEquations` that rows are added to: `fit` begins with an empty
one, `partial_fit` with what is there, so that both give the same numbers, and a fitted estimator holds O(p²) numbers and no data.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from .._data._arguments import Array
from .._doors._normal_equations import NormalEquations
from .._results._linear_fit import LinearFit

__all__ = ["LinearRegression", "Ridge"]


class _NormalRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """What both estimators are: normal equations that rows are added to, solved with a penalty."""

    # Parameters that each of them has.
    fit_intercept: bool
    positive: bool
    normal_equations_: NormalEquations

    def _penalty(self) -> float:
        raise NotImplementedError

    def _threads(self) -> int | None:
        return None

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """
        Fit the model to these rows alone.

        Parameters
        ----------
        X : (N, p) array_like
            The predictors, dense.
        y : (N,) or (N, K) array_like
            The targets.
        sample_weight : (N,) array_like, optional
            Each row's weight, at least 0: the inverse of its variance, up to a factor that all rows share.

        Returns
        -------
        self

        Raises
        ------
        TypeError
            If X is sparse.
        ValueError
            If a number is not finite, shapes do not fit, or a parameter has a value that this estimator does not have.

        Warns
        -----
        numpy.exceptions.RankWarning
            If columns are dependent; it names them. The coefficients are then the shortest ones.
        """
        return self._add(X, y, sample_weight, afresh=True)

    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """
        Add rows to those that the model was fitted to so far.

        After the last part the coefficients are those of `fit` on all rows at once.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`, with the columns of the parts before.

        Returns
        -------
        self
        """
        return self._add(X, y, sample_weight, afresh=not hasattr(self, "normal_equations_"))

    def predict(self, X: Any, return_interval: bool = False, *, level: float = 0.95) -> Any:
        """
        Predict the targets.

        Parameters
        ----------
        X : (N, p) array_like
            Where.
        return_interval : bool, default False
            Return, too, where a new observation of weight one will lie.
        level : float, default 0.95
            With which probability it will.

        Returns
        -------
        (N,) or (N, K) ndarray
            The predictions.
        (N, 2) or (N, 2, K) ndarray
            Only with `return_interval`: lower and upper ends.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the model was not fitted.
        """
        check_is_fitted(self)
        _refuse_sparse(X)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        if not return_interval:
            return X @ self.coef_.T + self.intercept_
        centre, half = self.result_.predict(X, level)
        return centre, np.stack([centre - half, centre + half], axis=1)

    def _add(self, X: Any, y: Any, sample_weight: ArrayLike | None, *, afresh: bool) -> Self:
        penalty = self._penalty()
        if self.positive:
            name = type(self).__name__
            raise ValueError(
                f"positive=True is no linear problem, and not solved here: use sklearn.linear_model.{name}(positive=True)."
            )
        _refuse_sparse(X)
        X, y = validate_data(self, X, y, reset=afresh, dtype="numeric", multi_output=True, y_numeric=True)
        names = getattr(self, "feature_names_in_", None)
        sums = (
            NormalEquations(intercept=self.fit_intercept, names=None if names is None else list(names))
            if afresh
            else self.normal_equations_
        )
        if sums.intercept != self.fit_intercept:
            raise ValueError("fit_intercept was changed between two parts: begin with fit.")
        weights = None if sample_weight is None else np.asarray(sample_weight)
        if afresh and weights is not None and not weights.any():
            raise ValueError("all sample weights are zero: no row counts.")
        sums.update(X, y, weights, threads=self._threads())
        self._take(sums.solve(penalty))
        self.normal_equations_ = sums
        return self

    def _take(self, found: LinearFit) -> None:
        """Name what was found as scikit-learn does: targets first, the intercept apart."""
        first = int(found.has_intercept)
        self.result_ = found
        self.coef_ = np.ascontiguousarray(found.slopes.T)
        self.coef_se_ = np.ascontiguousarray(found.stderr[first:].T)
        self.coef_cov_ = np.moveaxis(found.cov[first:, first:], (0, 1), (-2, -1))
        # Without an intercept its place is taken by a number, also with many targets, as in scikit-learn.
        self.intercept_ = found.intercept if first else 0.0
        self.intercept_se_ = _number_or_array(found.stderr[0]) if first else 0.0


class LinearRegression(_NormalRegressor):
    """
    Ordinary least squares under scikit-learn's name, with standard errors and in parts.

    Parameters
    ----------
    fit_intercept : bool, default True
        Whether the model has a constant term.
    copy_X : bool, default True
        Accepted; X is never written to.
    tol : float, default 1e-6
        Accepted; in scikit-learn it belongs to sparse X, which is refused here.
    n_jobs : int, optional
        How many threads at most; all by default and with -1. The result is the same bits for any number.
    positive : bool, default False
        True is refused.

    Attributes
    ----------
    coef_, coef_se_ : (p,) or (K, p) ndarray
        The coefficients and their standard errors.
    coef_cov_ : (p, p) or (K, p, p) ndarray
        Their covariance.
    intercept_, intercept_se_ : float or (K,) ndarray
        The constant term and its standard error.
    rank_ : int
        How many columns of the centred X are independent.
    singular_ : (min(N, p),) ndarray
        Its singular values.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.
    result_ : LinearFit
        The fit with p values, R², F and a report.
    normal_equations_ : NormalEquations
        What `partial_fit` adds to.

    See Also
    --------
    fastcalc.lstsq : The same with robust errors, residuals and plots.

    Notes
    -----
    Where scikit-learn's own estimator is wrong without a word, columns of very different scales, this one is right: the
    normal equations are summed in double-double arithmetic. See `fastcalc.lstsq`.

    Examples
    --------
    >>> import numpy as np
    >>> from fastcalc.sklearn import LinearRegression
    >>> X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [3.0, 1.0]])
    >>> model = LinearRegression().fit(X, X @ [2.0, -1.0] + 3.0)
    >>> model.coef_.round(6).tolist(), round(model.intercept_, 6), model.rank_
    ([2.0, -1.0], 3.0, 2)
    >>> y, interval = model.predict([[4.0, 4.0]], return_interval=True)
    >>> y.round(6).tolist(), interval.shape
    ([7.0], (1, 2))
    """

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        tol: float = 1e-6,
        n_jobs: int | None = None,
        positive: bool = False,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs
        self.positive = positive

    def _penalty(self) -> float:
        return 0.0

    def _threads(self) -> int | None:
        if self.n_jobs == 0:
            raise ValueError(f"n_jobs is a number of threads, or -1 or None for all, not {self.n_jobs!r}.")
        return int(self.n_jobs) if self.n_jobs is not None and self.n_jobs > 0 else None

    def _take(self, found: LinearFit) -> None:
        super()._take(found)
        self.rank_ = found.rank - int(found.has_intercept)
        self.singular_ = found.singular_values[: min(found.nobs, self.n_features_in_)]


class Ridge(_NormalRegressor):
    """
    Least squares with a penalty on the coefficients under scikit-learn's name: min Σ w (y − X b − c)² + alpha |b|².

    Parameters
    ----------
    alpha : float, default 1.0
        The penalty, at least 0, for all targets the same.
    fit_intercept : bool, default True
        Whether the model has a constant term, which is not penalised.
    copy_X, max_iter, tol, random_state
        Accepted: nothing is copied, iterated or drawn here.
    solver : {'auto', 'cholesky', 'svd'}, default 'auto'
        All the same: the solution is found directly. Iterative solvers, whose results depend on where they stop, are refused.
    positive : bool, default False
        True is refused.

    Attributes
    ----------
    coef_, coef_se_, coef_cov_, intercept_, intercept_se_, n_features_in_, feature_names_in_, result_, normal_equations_
        As in `LinearRegression`; the errors are those of the penalised estimate about its mean, without its bias.
    n_iter_, solver_ : int, str
        1 and 'cholesky'.

    Examples
    --------
    >>> from fastcalc.sklearn import Ridge
    >>> model = Ridge(alpha=2.0, fit_intercept=False).fit([[1.0], [1.0]], [2.0, 2.0])
    >>> model.coef_.tolist()
    [1.0]
    """

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    def _penalty(self) -> float:
        if self.solver not in ("auto", "cholesky", "svd"):
            raise ValueError(
                f"solver={self.solver!r} is not one of 'auto', 'cholesky', 'svd', which all give the exact solution."
            )
        if not isinstance(self.alpha, Real):
            raise ValueError(f"alpha is one number for all targets, not {self.alpha!r}: fit each target on its own.")
        return float(self.alpha)

    def _take(self, found: LinearFit) -> None:
        super()._take(found)
        self.n_iter_, self.solver_ = 1, "cholesky"


def _refuse_sparse(X: Any) -> None:
    if hasattr(X, "tocsr"):
        raise TypeError(
            "Sparse data was passed for X, but dense data is required: pass X.toarray(), or rows of it one after the other, "
            "model.partial_fit(X[i:j].toarray(), y[i:j])."
        )


def _number_or_array(value: Array) -> Any:
    return float(value) if np.ndim(value) == 0 else value
