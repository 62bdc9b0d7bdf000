"""backends: linear least squares over Dask collections. Comes in: X and y in blocks. Goes out: a `LinearFit`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

import dask

from ..._data._observations import block
from ..._doors._lstsq import by_name
from ..._doors._normal_equations import NormalEquations
from ..._fast import Remainder
from ..._results._linear_fit import LinearFit
from ._blocks import added_up, blocks_of, computed, is_collection, is_frame

__all__ = ["lstsq", "normal_equations"]

State = TypeVar("State", NormalEquations, Remainder)
Block = tuple[int, Any, Any, dict[str, Any]]  # its number, X, y, and what else its rows have


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
    for any number of workers. Where the condition number exceeds 10⁷ the solution is improved as in memory, on residuals without
    rounding: each of these passes, one to three, reads the blocks again (``X.persist()`` keeps them in the workers' memory).
    So the coefficients are those of `fastcalc.lstsq` in memory to the last digit or its neighbour.

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
    constant = line if intercept is None else intercept
    blocks = _cut(X, y, weights=weights, sigma=sigma, where=where)
    sums = _summed(blocks, constant, names, nan_policy)
    task = dask.delayed(_remainder, pure=False)

    def remainder(exponent: Sequence[int], high: Any, low: Any) -> Remainder:
        coefficients = (exponent, high, low)
        shape = (len(exponent) - (sums.targets or 1), sums.targets or 1)
        parts = [task(each, constant, names, nan_policy, shape, coefficients) for each in blocks]
        left: Remainder = computed(added_up(parts, _merged))
        return left

    return sums._solve(ridge, deficient, rcond, absolute_sigma, remainder=remainder)


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
    return _summed(_cut(X, y, weights=weights, sigma=sigma, where=where), intercept, names, nan_policy)


def _cut(X: Any, y: Any, **rows: Any) -> list[Block]:
    """Return the blocks: tasks, or the names of columns."""
    if not is_collection(X):
        raise TypeError(
            f"X is {type(X).__name__}, not a Dask array or data frame: fc.lstsq(X, y) fits what is in memory."
        )
    named = isinstance(y, str)
    for name, values in rows.items():
        if isinstance(values, str) != named and values is not None:
            raise TypeError(f"`{name}` must be the name of a column if `y` is one, and an array if `y` is one.")
    if named and not is_frame(X):
        raise TypeError(f"y={y!r} names a column, but X has no names: pass a Dask data frame.")
    targets = [y] * X.npartitions if named else blocks_of(X, y, "y")
    options = {name: [values] * len(targets) if named else blocks_of(X, values, name) for name, values in rows.items()}
    return [
        (number, part, target, {name: values[number] for name, values in options.items()})
        for number, (part, target) in enumerate(zip(blocks_of(X, X, "X"), targets, strict=True))
    ]


def _summed(
    blocks: list[Block], intercept: bool, names: Sequence[str] | None, nan_policy: str | None
) -> NormalEquations:
    task = dask.delayed(_sums, pure=False)
    total: NormalEquations = computed(added_up([task(each, intercept, names, nan_policy) for each in blocks], _merged))
    return total


def _sums(part: Block, intercept: bool, names: Sequence[str] | None, nan_policy: str | None) -> NormalEquations:
    """Return the normal equations of one block. Workers share the machine by their own threads, so this takes one."""
    number, X, y, rows = part
    sums = NormalEquations(intercept=intercept, names=names)
    if not len(X):
        return sums
    try:
        return sums.update(X, y, **rows, nan_policy=nan_policy, threads=1)
    except (TypeError, ValueError) as error:
        raise type(error)(f"block {number}: {error}") from error


def _remainder(
    part: Block,
    intercept: bool,
    names: Sequence[str] | None,
    nan_policy: str | None,
    shape: tuple[int, int],
    coefficients: tuple[Sequence[int], Any, Any],
) -> Remainder:
    """Return what coefficients leave of one block; `shape` is theirs."""
    number, X, y, rows = part
    if not len(X):
        return Remainder(*shape)
    weights, sigma = rows["weights"], rows["sigma"]
    if isinstance(y, str):
        X, y, weights, sigma = by_name(X, y, weights, sigma, names)
    found = block(X, y, weights, sigma, rows["where"], nan_policy)
    try:
        return found.remainder(intercept, names or found.names or (), threads=1)(*coefficients)
    except ValueError as error:  # a block that is made anew and comes out otherwise
        raise ValueError(f"block {number}: {error}") from error


def _merged(parts: list[State]) -> State:
    total = copy.deepcopy(parts[0])  # what a task was given is not its own
    merge: Any = total.merge
    for other in parts[1:]:
        merge(other)
    return total
