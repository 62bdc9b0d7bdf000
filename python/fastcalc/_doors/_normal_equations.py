"""`NormalEquations`: linear least squares in parts, on one machine or many, with a state of O(p²) numbers.

Blocks of rows come in; a `LinearFit` goes out, at any time. The sums are kept in double-double, so that adding parts in any grouping
gives one and the same state to 1e-30, and the digits that XᵀX usually costs are there.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._data._observations import Block, RemainderOf, block
from .._data._streams import checked, is_read_in_parts, parts_of, shown
from .._data._tables import batches, is_streamed, split
from .._fast import LinearSolution, NormalSums
from .._results._linear_fit import LinearFit

__all__ = ["NormalEquations"]

NO_ROWS = "there are no rows to fit: all were left out, or have the weight 0, or none was added."
_WORTH_REFINING = 1e7  # error of the solution: cond² · 2⁻¹⁰⁴, which is below the last place of a double up to here


class NormalEquations:
    """
    The sums XᵀWX, XᵀWy and yᵀWy of a linear model, to which blocks of rows are added as they come.

    Parameters
    ----------
    p : int, optional
        The number of predictors, without the intercept; without it, that of the first block.
    targets : int, optional
        The number of columns of y; without it, that of the first block.
    intercept : bool, default False
        Whether the model has a constant term.
    names : sequence of str, optional
        The predictors' names; without them those of the first block's columns, else x1, x2, …

    Attributes
    ----------
    nobs : int
        Rows so far, without those that were left out or have the weight 0.
    sum_of_weights : float
        Of these rows.
    p, targets, intercept, names
        As above.

    See Also
    --------
    fastcalc.lstsq : The same in one call.

    Notes
    -----
    Pickles, and so travels between processes; `merge` adds what they have summed. The state before a block that cannot
    be used is kept.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(1000, 3))
    >>> y = X @ [1.0, 2.0, 3.0]
    >>> morning = fc.NormalEquations().update(X[:600], y[:600])
    >>> evening = fc.NormalEquations().update(X[600:], y[600:])
    >>> morning.merge(evening).solve().coef.round(6).tolist()
    [1.0, 2.0, 3.0]
    """

    def __init__(
        self,
        p: int | None = None,
        targets: int | None = None,
        *,
        intercept: bool = False,
        names: Sequence[str] | None = None,
    ) -> None:
        self.intercept = bool(intercept)
        self._names = None if names is None else tuple(map(str, names))
        if p is None and self._names is not None:
            p = len(self._names)
        self.p, self.targets = p, targets
        self._sums: NormalSums | None = None
        self._single_target = targets is None
        self._weighting: str | None = None
        if p is not None and (p != int(p) or p + intercept < 1):
            raise ValueError(f"p must be a whole number of predictors, at least 1, not {p!r}.")
        if self._names is not None and p != len(self._names):
            raise ValueError(f"{len(self._names)} names for {p} predictors.")

    @property
    def nobs(self) -> int:
        return self._sums.rows if self._sums else 0

    @property
    def sum_of_weights(self) -> float:
        return self._sums.weight if self._sums else 0.0

    @property
    def names(self) -> tuple[str, ...]:
        if self._names is not None:
            return self._names
        return tuple(f"x{i + 1}" for i in range(self.p or 0))

    def update(
        self,
        X: Any,
        y: Any = None,
        weights: ArrayLike | None = None,
        *,
        sigma: ArrayLike | None = None,
        where: ArrayLike | None = None,
        nan_policy: str | None = None,
        threads: int | None = None,
        progress: bool = False,
    ) -> NormalEquations:
        """
        Add rows.

        Parameters
        ----------
        X : (N, p) array_like, table or iterable
            The predictors: an array of any real type and any strides, a memmap, a DataFrame, an Arrow table, a mapping of columns.
            Without `y`: an iterable of blocks, each ``(X, y)`` or ``(X, y, weights)``. If `y` names a column: a table with that
            column, a path to a Parquet, Arrow or CSV file (read by pyarrow in batches), an Arrow data set, an iterable of tables.
        y : (N,) or (N, K) array_like, or str
            The targets; or the name of their column in X, of whose other columns those of `names` are the predictors, else all.
        weights : (N,) array_like or str, optional
            Each row's weight, at least 0; a column's name if `y` is one.
        sigma : scalar or (N,) array_like or str, optional
            The standard deviations of y instead, whose inverse squares are the weights.
        where : (N,) array_like of bool, optional
            The rows that count.
        nan_policy : {'raise', 'omit'}, optional
            Refuse rows with NaN, which is the default, or leave them out.
        threads : int, optional
            How many threads at most; all by default. The sums are the same bits for any number.
        progress : bool, default False
            Show a progress bar (needs tqdm).

        Returns
        -------
        NormalEquations
            This object.

        Raises
        ------
        ValueError
            If a number is not finite, a weight is negative, or the shape is not that of the blocks before. Nothing has
            been added then.
        TypeError
            If a column holds text.

        Examples
        --------
        >>> import fastcalc as fc
        >>> sums = fc.NormalEquations(1).update([[1.0], [2.0]], [2.0, 4.0])
        >>> sums.nobs, sums.solve().coef.tolist()
        (2, [2.0])
        """
        if isinstance(y, str):
            return self._update_by_tables(X, y, weights, sigma, where, nan_policy, threads, progress)
        if y is None:
            if weights is not None or sigma is not None or where is not None:
                raise TypeError("blocks bring their own weights: yield (X, y, weights).")
            return self._update_by_blocks(X, nan_policy, threads, progress)
        self._add(block(X, y, weights, sigma, where, nan_policy), 1, threads, progress)
        return self

    def downdate(
        self,
        X: Any,
        y: Any,
        weights: ArrayLike | None = None,
        *,
        sigma: ArrayLike | None = None,
        where: ArrayLike | None = None,
        nan_policy: str | None = None,
        threads: int | None = None,
    ) -> NormalEquations:
        """
        Take rows off that were added before: a window that moves on, a fold of a cross-validation.

        Parameters
        ----------
        X, y, weights, sigma, where, nan_policy, threads
            As in `update`.

        Returns
        -------
        NormalEquations
            This object.

        Raises
        ------
        ValueError
            As `update`, and if fewer rows were added than are taken off.

        Examples
        --------
        >>> import fastcalc as fc
        >>> sums = fc.NormalEquations(1).update([[1.0], [2.0], [3.0]], [2.0, 4.0, 99.0])
        >>> sums.downdate([[3.0]], [99.0]).solve().coef.tolist()
        [2.0]
        """
        removed = block(X, y, weights, sigma, where, nan_policy)
        if removed.rows > self.nobs:
            raise ValueError(f"cannot take {removed.rows} rows off {self.nobs}.")
        self._add(removed, -1, threads, False)
        return self

    def merge(self, other: NormalEquations) -> NormalEquations:
        """
        Add the rows of another state, which stays as it is.

        Parameters
        ----------
        other : NormalEquations
            Of the same model.

        Returns
        -------
        NormalEquations
            This object.

        Raises
        ------
        ValueError
            If the other state is of another number of columns, or has an intercept where this has none.

        Examples
        --------
        >>> import fastcalc as fc
        >>> one = fc.NormalEquations(1).update([[1.0]], [2.0])
        >>> other = fc.NormalEquations(1).update([[2.0]], [4.0])
        >>> one.merge(other).nobs
        2
        """
        if not isinstance(other, NormalEquations):
            raise TypeError(f"merge takes another NormalEquations, not {type(other).__name__}.")
        if other._sums is None:
            return self
        if other.intercept != self.intercept:
            raise ValueError("one of the two states has an intercept and the other has none.")
        self._match(other.p, other.targets, other._names, other._single_target)
        assert self._sums is not None
        self._sums.merge(other._sums)
        self._weighting = self._weighting or other._weighting
        return self

    def __add__(self, other: NormalEquations) -> NormalEquations:
        if not isinstance(other, NormalEquations):
            return NotImplemented
        return self.copy().merge(other)

    def copy(self) -> NormalEquations:
        """
        Return a copy with a state of its own.

        Returns
        -------
        NormalEquations

        Examples
        --------
        >>> import fastcalc as fc
        >>> fc.NormalEquations(2).copy().p
        2
        """
        return copy.deepcopy(self)

    def solve(
        self,
        ridge: float = 0.0,
        *,
        deficient: str = "minimum-norm",
        rcond: float | None = None,
        absolute_sigma: bool = False,
    ) -> LinearFit:
        """
        Return the solution for the rows so far; more may be added afterwards.

        Parameters
        ----------
        ridge : float, default 0.0
            Times the sum of the squared coefficients without the intercept, added to the sum of squares.
        deficient : {'minimum-norm', 'drop', 'raise'}, default 'minimum-norm'
            What to do if columns depend on others: of all solutions the shortest, or one without these columns, or `LinAlgError`.
        rcond : float, optional
            A column is dependent if less than this part of its length is not explained by the columns before it.
            The default is 4.5 · eps · √p, about what rounding leaves of a column that was computed from others.
        absolute_sigma : bool, default False
            Whether `sigma` is known absolutely. If not, the errors are scaled so that chi² equals the degrees of freedom.

        Returns
        -------
        LinearFit

        Raises
        ------
        ValueError
            If there are no rows, or all weights are 0.
        numpy.linalg.LinAlgError
            If columns are dependent and `deficient` is 'raise'.

        Warns
        -----
        numpy.exceptions.RankWarning
            If columns are dependent; it names them.

        Examples
        --------
        >>> import fastcalc as fc
        >>> sums = fc.NormalEquations(1, intercept=True).update([[1.0], [2.0], [3.0]], [3.0, 5.0, 7.0])
        >>> sums.solve().params
        {'intercept': 1.0, 'x1': 2.0}
        """
        return self._solve(ridge, deficient, rcond, absolute_sigma)

    def _solve(
        self,
        ridge: float,
        deficient: str,
        rcond: float | None,
        absolute_sigma: bool,
        rows: Block | None = None,
        remainder: RemainderOf | None = None,
    ) -> LinearFit:
        """Solve; with what coefficients leave of the rows that were summed, improve the solution where that adds digits."""
        check_options(ridge, deficient)
        if self._sums is None or self.nobs == 0:
            raise ValueError(NO_ROWS)
        width = self._sums.predictors
        arguments = self.intercept, float(ridge), tolerance_of(rcond, width), deficient == "minimum-norm"
        solution = self._sums.solve(*arguments)
        fit = self.fit_of(solution, self.nobs, ridge, deficient, absolute_sigma, rows)
        if remainder is not None and not fit.condition_bound < _WORTH_REFINING:
            fit = fit.with_solution(self._sums.refine(solution, remainder, *arguments))
        fit.warn_of_dependence()
        return fit

    def fit_of(
        self,
        solution: LinearSolution,
        nobs: int,
        ridge: float,
        deficient: str,
        absolute_sigma: bool,
        rows: Block | None,
        passes: int = 0,
    ) -> LinearFit:
        """Return a solution under this model's names."""
        return LinearFit(
            solution, (("intercept",) if self.intercept else ()) + self.names, nobs,
            intercept=self.intercept, single_target=self._single_target, ridge=float(ridge), deficient=deficient,
            absolute_sigma=absolute_sigma, weighting=rows.weighting if rows else self._weighting, rows=rows, passes=passes,
        )  # fmt: skip

    def _update_by_blocks(
        self, blocks: Any, nan_policy: str | None, threads: int | None, progress: bool
    ) -> NormalEquations:
        if not isinstance(blocks, Iterable) or hasattr(blocks, "dtype"):
            raise TypeError("y is missing: pass y, or blocks (X, y) one after the other.")
        for number, (X, y, weights) in enumerate(checked(shown(blocks, progress))):
            try:
                self._add(block(X, y, weights, nan_policy=nan_policy), 1, threads, False)
            except (TypeError, ValueError) as error:
                raise self._told_of(f"block {number}", error) from error
        return self

    def _update_by_tables(
        self,
        source: Any,
        y: str,
        weights: Any,
        sigma: Any,
        where: Any,
        nan_policy: str | None,
        threads: int | None,
        progress: bool,
    ) -> NormalEquations:
        if any(each is not None and not isinstance(each, str) for each in (weights, sigma)) or where is not None:
            raise TypeError("y names a column of X, and so must `weights` or `sigma`; leave rows out of X itself.")
        weight = weights or sigma
        wanted = None if self._names is None else [*self._names, y, *([weight] if weight else [])]
        tables = batches(source, wanted) if is_streamed(source) else [source]
        for number, table in enumerate(shown(tables, progress)):
            try:
                X, target, values = split(table, y, weight, self._names)
                by = {"sigma": values} if sigma else {"weights": values}
                self._add(block(X, target, keep=None, nan_policy=nan_policy, **by), 1, threads, False)
            except (TypeError, ValueError) as error:
                raise self._told_of(f"batch {number}", error) from error
        return self

    def _told_of(self, part: str, error: Exception) -> Exception:
        return type(error)(f"{part}: {error} The {self.nobs} rows before it are kept.")

    def _add(self, rows: Block, sign: int, threads: int | None, progress: bool) -> None:
        fresh = self._sums is None
        self.match(rows)
        assert self._sums is not None
        in_parts = progress or is_read_in_parts(rows)
        total = NormalSums(self._sums.predictors, self._sums.targets) if in_parts else self._sums
        for part in parts_of(rows, progress) if in_parts else [rows]:
            refused = total.add(part.bound(self.intercept), sign, threads or 0)
            if refused:
                error = part.refusal(refused, self.names)
                if fresh:
                    self._sums = None
                raise error
        if in_parts:
            self._sums.merge(total)
        self._weighting = self._weighting or rows.weighting

    def match(self, rows: Block) -> None:
        """Take the shape of the first block, and see that all others have it."""
        self._match(rows.width, rows.target_count, rows.names, rows.single_target)

    def _match(self, width: int | None, targets: int | None, names: tuple[str, ...] | None, single: bool) -> None:
        if self.p is not None and width != self.p:
            raise ValueError(f"this block has {width} predictors, but the model has {self.p}: {', '.join(self.names)}.")
        if self.targets is not None and targets != self.targets:
            raise ValueError(f"this block has {targets} targets, but the model has {self.targets}.")
        if self._sums is not None and names is not None and self._names is not None and names != self._names:
            raise ValueError(
                f"this block has the columns {', '.join(names)}, but the model has {', '.join(self._names)}."
            )
        if self._sums is None:
            self.p, self.targets = width, targets
            self._single_target = single
            if self._names is None:
                self._names = names
            assert width is not None and targets is not None
            self._sums = NormalSums(width + self.intercept, targets)

    def __repr__(self) -> str:
        constant = ", with an intercept" if self.intercept else ""
        return f"<NormalEquations of {self.nobs} rows, {self.p if self.p is not None else '?'} predictors{constant}>"


def check_options(ridge: float, deficient: str) -> None:
    """Refuse what `solve` cannot do."""
    if deficient not in ("minimum-norm", "drop", "raise"):
        raise ValueError(f"deficient must be 'minimum-norm', 'drop' or 'raise', not {deficient!r}.")
    if not (ridge >= 0 and np.isfinite(ridge)):
        raise ValueError(f"ridge must be a finite number, at least 0, not {ridge!r}.")


def tolerance_of(rcond: float | None, width: int) -> float:
    """Return what of a column's length must remain beside the columns before it."""
    return float(4.5 * np.finfo(float).eps * np.sqrt(width)) if rcond is None else float(rcond)
