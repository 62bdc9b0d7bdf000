"""Front door `lstsq`: linear least squares with standard errors, in one call.

What the caller has is made into columns that are read where they lie (`_observations`); their normal equations are
summed up in one pass (`_normal_equations`), solved, and where the columns are nearly dependent the solution is improved
on the rows; a `LinearFit` goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from .._core import hand_over_routines
from .._data._observations import Block, block
from .._data._tables import is_streamed, split
from .._fast import solve_linear_by_blocks
from .._results._linear_fit import ROBUST, LinearFit
from ._normal_equations import NormalEquations, check_options, tolerance_of

__all__ = ["by_name", "lstsq"]

_MANY = 100  # predictors, from which on BLAS, and a second look at the rows, take less time than double-double sums


def lstsq(
    X: Any,
    y: Any = None,
    weights: ArrayLike | None = None,
    ridge: float = 0.0,
    intercept: bool | None = None,
    *,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    names: Sequence[str] | None = None,
    where: ArrayLike | None = None,
    nan_policy: str | None = None,
    deficient: str = "minimum-norm",
    rcond: float | None = None,
    cov: str = "classical",
    threads: int | None = None,
    progress: bool = False,
) -> LinearFit:
    """
    Fit a linear model by least squares: min Σ w (y − X b)².

    Parameters
    ----------
    X : (N, p) or (N,) array_like, table or iterable
        The predictors: an array of any real type and any strides, a memmap, a DataFrame, an Arrow table, a mapping of columns; nothing
        is copied. One-dimensional: a straight line. Without `y`: an iterable of blocks ``(X, y)`` or ``(X, y, weights)``, which is
        read once, so that there may be more rows than memory. If `y` names a column: a table with that column, a path to a Parquet,
        Arrow or CSV file (read by pyarrow in batches), an Arrow data set, an iterable of tables.
    y : (N,) or (N, K) array_like, or str
        The targets; or the name of their column in X, of whose other columns those of `names` are the predictors, else all.
    weights : (N,) array_like or str, optional
        Each row's weight, at least 0; a row of the weight 0 does not count.
    ridge : float, default 0.0
        Times the sum of the squared coefficients without the intercept, added to the sum of squares.
    intercept : bool, optional
        Whether the model has a constant term. The default is yes for a straight line, no for all else.
    sigma : scalar or (N,) array_like or str, optional
        The standard deviations of y instead of weights, whose inverse squares these are.
    absolute_sigma : bool, default False
        Whether `sigma` is known absolutely. If not, the errors are scaled so that chi² equals the degrees of freedom.
    names : sequence of str, optional
        The predictors' names, if X has none.
    where : (N,) array_like of bool, optional
        The rows that count.
    nan_policy : {'raise', 'omit'}, optional
        Refuse rows with NaN, which is the default, or leave them out.
    deficient : {'minimum-norm', 'drop', 'raise'}, default 'minimum-norm'
        What to do if columns depend on others: of all solutions the shortest, or one without these columns, or `LinAlgError`.
    rcond : float, optional
        A column is dependent if less than this part of its length is not explained by the columns before it.
        The default is 4.5 · eps · √p, about what rounding leaves of a column that was computed from others.
    cov : {'classical', 'HC0', 'HC1', 'HC2', 'HC3'}
        Which covariance gives the standard errors; see `LinearFit.covariance`.
    threads : int, optional
        How many threads at most; all by default. The result is the same bits for any number.
    progress : bool, default False
        Show a progress bar (needs tqdm).

    Returns
    -------
    LinearFit

    Raises
    ------
    ValueError
        If a number is not finite, a weight is negative, all weights are 0, the lengths differ, or there are no rows.
    TypeError
        If a column holds text.
    numpy.linalg.LinAlgError
        If columns are dependent and `deficient` is 'raise'.

    Warns
    -----
    numpy.exceptions.RankWarning
        If columns are dependent; it names them.

    See Also
    --------
    fastcalc.NormalEquations : The same in parts, on one machine or many.

    Notes
    -----
    XᵀX squares the condition number of X, so plain normal equations lose all digits from 10⁸ on. Here XᵀX and Xᵀy are summed in
    double-double arithmetic, of 32 digits, in the one pass that reads X; where the condition number exceeds 10⁷, the solution is
    improved by unrounded residuals until it no longer changes. Multiplying a column by a power of two changes no digit.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> t = np.arange(6.0)
    >>> fit = fc.lstsq(t, [1.1, 2.9, 5.1, 7.0, 9.0, 10.9], sigma=0.1)
    >>> round(fit.slope, 4), round(fit.intercept, 4)
    (1.9771, 1.0571)
    >>> fit = fc.lstsq({"a": t, "b": t**2}, 3.0 * t - t**2, intercept=True)
    >>> {name: round(value, 10) for name, value in fit.params.items()}
    {'intercept': 0.0, 'a': 3.0, 'b': -1.0}
    """
    if cov != "classical" and cov not in ROBUST:
        raise ValueError(f"`cov` is 'classical' or one of {', '.join(ROBUST)}, not {cov!r}.")
    if isinstance(y, str) and not is_streamed(X):
        X, y, weights, sigma = by_name(X, y, weights, sigma, names)
    if y is None or isinstance(y, str):
        sums = NormalEquations(intercept=bool(intercept), names=names)
        sums.update(X, y, weights, sigma=sigma, where=where, nan_policy=nan_policy, threads=threads, progress=progress)
        rows, fit = None, None
    else:
        rows = block(X, y, weights, sigma, where, nan_policy)
        line = rows.predictors[0].ndim == 1 and (rows.names is None or len(getattr(X, "shape", (0, 0))) == 1)
        if names is None and line:
            names = rows.names or ["slope"]
        sums = NormalEquations(intercept=line if intercept is None else intercept, names=names)
        fit = None
        if rows.width >= _MANY:
            fit = _by_blocks(sums, rows, ridge, deficient, rcond, absolute_sigma, threads)
        if fit is None:
            sums._add(rows, 1, threads, progress)
    if fit is None:
        remainder = None if rows is None else rows.remainder(sums.intercept, sums.names, threads or 0)
        fit = sums._solve(ridge, deficient, rcond, absolute_sigma, rows, remainder)
    if cov != "classical":
        fit.cov_type = cov
        _ = fit.cov  # raises where the rows are gone
    return fit


def _by_blocks(
    sums: NormalEquations,
    rows: Block,
    ridge: float,
    deficient: str,
    rcond: float | None,
    absolute_sigma: bool,
    threads: int | None,
) -> LinearFit | None:
    """Fit many predictors by BLAS; None where columns depend on others, which the sums in double-double tell for certain."""
    check_options(ridge, deficient)
    sums.match(rows)
    hand_over_routines()
    found = solve_linear_by_blocks(
        rows.bound(sums.intercept), sums.intercept, float(ridge), tolerance_of(rcond, rows.width), threads or 0
    )
    if found is None:
        return None
    solution, nobs, passes = found
    if isinstance(solution, int):
        raise rows.refusal((solution, nobs, passes), sums.names)
    return sums.fit_of(solution, nobs, ridge, deficient, absolute_sigma, rows, passes)


def by_name(table: Any, y: str, weights: Any, sigma: Any, names: Sequence[str] | None) -> tuple[Any, Any, Any, Any]:
    """Return X, y, weights and sigma of a table in memory."""
    weight = sigma if sigma is not None else weights
    X, target, values = split(table, y, weight if isinstance(weight, str) else None, names)
    if isinstance(weight, str):
        weight = values
    return (X, target, None, weight) if sigma is not None else (X, target, weight, None)
