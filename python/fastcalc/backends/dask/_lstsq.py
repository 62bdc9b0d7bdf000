"""backends: linear least squares over Dask collections. Comes in: X and y in blocks. Goes out: a `LinearFit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dask

from ..._doors._normal_equations import NormalEquations
from ..._results._linear_fit import LinearFit
from ._blocks import added_up, blocks_of, computed, is_collection, is_frame

__all__ = ["lstsq", "normal_equations"]


def lstsq(
    X: Any,
    y: Any,
    weights: Any = None,
    ridge: float = 0.0,
    intercept: bool | None = None,
    *,
    sigma: Any = None,
    absolute_sigma: bool = False,
    names: Sequence[str] | None = None,
    where: Any = None,
    nan_policy: str | None = None,
    deficient: str = "minimum-norm",
    rcond: float | None = None,
) -> LinearFit:
    """
    Fit a linear model to a Dask array or data frame by least squares.

    Parameters
    ----------
    X : (N, p) or (N,) dask.array.Array, or dask.dataframe.DataFrame
        The predictors. An array that is cut along its columns, too, is joined there.
    y : (N,) or (N, K) dask.array.Array, Series, array_like or str
        The targets; or the name of their column in X, of whose other columns those of `names` are the predictors, else all.
    weights, sigma, where : (N,) dask.array.Array, Series, array_like or str, optional
        As in `fastcalc.lstsq`; a column's name if `y` is one.
    ridge, intercept, absolute_sigma, names, nan_policy, deficient, rcond
        As in `fastcalc.lstsq`.

    Returns
    -------
    LinearFit
        Without what needs the rows: residuals, robust errors, plots.

    Raises
    ------
    ValueError
        As `fastcalc.lstsq`, with the number of the block; if `y` has other rows than X.
    TypeError
        If X is no Dask collection, or a column holds text.

    Warns
    -----
    numpy.exceptions.RankWarning
        If columns are dependent; it names them.

    See Also
    --------
    fastcalc.lstsq : The same in memory.
    fastcalc.dask.normal_equations : The sums themselves, to solve more than once or to add later rows to.

    Notes
    -----
    Runs on the cluster of the current `distributed.Client`, or in this process if there is none. A block becomes the sums of
    `NormalEquations` where it lies, O(p²) numbers, and these are merged in a tree of fixed shape: the result is the same bits
    for any number of workers. It is that of `fastcalc.lstsq` in memory to the last digit or its neighbour up to a condition number
    of 10⁷, beyond to cond² · 2⁻¹⁰⁴: rows are read once, so that nothing is improved on them afterwards.

    Examples
    --------
    >>> import dask.array as da
    >>> from fastcalc.dask import lstsq
    >>> X = da.random.default_rng(0).normal(size=(1000, 2), chunks=(100, 2))
    >>> fit = lstsq(X, 2.0 * X[:, 0] - X[:, 1] + 3.0, intercept=True)
    >>> {name: round(value, 10) for name, value in fit.params.items()}
    {'intercept': 3.0, 'x1': 2.0, 'x2': -1.0}
    """
    line = getattr(X, "ndim", 2) == 1
    if line and names is None:
        names = [str(X.name)] if is_frame(X) else ["slope"]
    sums = normal_equations(
        X, y, weights, intercept=line if intercept is None else intercept, sigma=sigma, names=names, where=where,
        nan_policy=nan_policy,
    )  # fmt: skip
    return sums.solve(ridge, deficient=deficient, rcond=rcond, absolute_sigma=absolute_sigma)


def normal_equations(
    X: Any,
    y: Any,
    weights: Any = None,
    *,
    intercept: bool = False,
    sigma: Any = None,
    names: Sequence[str] | None = None,
    where: Any = None,
    nan_policy: str | None = None,
) -> NormalEquations:
    """
    Sum up the normal equations of a Dask array or data frame.

    Parameters
    ----------
    X, y, weights, intercept, sigma, names, where, nan_policy
        As in `fastcalc.dask.lstsq`.

    Returns
    -------
    NormalEquations

    Examples
    --------
    >>> import dask.array as da
    >>> from fastcalc.dask import normal_equations
    >>> X = da.ones((10, 1), chunks=5)
    >>> sums = normal_equations(X, 3.0 * X[:, 0])
    >>> sums.nobs, sums.update([[1.0]], [3.0]).solve().coef.round(12).tolist()
    (10, [3.0])
    """
    if not is_collection(X):
        raise TypeError(
            f"X is {type(X).__name__}, not a Dask array or data frame: fc.lstsq(X, y) fits what is in memory."
        )
    rows = {"weights": weights, "sigma": sigma, "where": where}
    named = isinstance(y, str)
    for name, values in rows.items():
        if isinstance(values, str) != named and values is not None:
            raise TypeError(f"`{name}` must be the name of a column if `y` is one, and an array if `y` is one.")
    if named and not is_frame(X):
        raise TypeError(f"y={y!r} names a column, but X has no names: pass a Dask data frame.")
    constant = [dask.delayed(y)] * X.npartitions if named else blocks_of(X, y, "y")
    options = {name: [values] * len(constant) if named else blocks_of(X, values, name) for name, values in rows.items()}
    part = dask.delayed(_sums, pure=False)
    parts = [
        part(
            number,
            block,
            target,
            intercept,
            names,
            nan_policy,
            {name: values[number] for name, values in options.items()},
        )
        for number, (block, target) in enumerate(zip(blocks_of(X, X, "X"), constant, strict=True))
    ]
    total: NormalEquations = computed(added_up(parts, _merged))
    return total


def _sums(
    number: int,
    X: Any,
    y: Any,
    intercept: bool,
    names: Sequence[str] | None,
    nan_policy: str | None,
    rows: dict[str, Any],
) -> NormalEquations:
    """Return the normal equations of one block. Workers share the machine by their own threads, so this takes one."""
    sums = NormalEquations(intercept=intercept, names=names)
    if not len(X):
        return sums
    try:
        return sums.update(X, y, **rows, nan_policy=nan_policy, threads=1)
    except (TypeError, ValueError) as error:
        raise type(error)(f"block {number}: {error}") from error


def _merged(parts: list[NormalEquations]) -> NormalEquations:
    first, *others = parts
    total = first.copy()  # what a task was given is not its own
    for other in others:
        total.merge(other)
    return total
