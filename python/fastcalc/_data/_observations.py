"""data: of linear least squares: what a caller has as X and y, as columns that the kernel reads where they lie.

In come arrays, tables (pandas, polars, Arrow), mappings of columns, or blocks of any of these; out goes a `Block`: lists of arrays
whose columns stand side by side, with the columns' names. Nothing is copied but what cannot be read in place: objects, half floats,
foreign byte orders, columns with gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fast import Remainder, Rows

__all__ = ["Block", "RemainderOf", "block", "columns_of", "rows_of"]

_READ_IN_PLACE = {"f8", "f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"}
_WEIGHTINGS = {"weights": 1, "sigma": 2}

Arrays = list[NDArray[Any]]
RemainderOf = Callable[[Sequence[int], Any, Any], Remainder]  # of units and of coefficients as pairs


@dataclass(frozen=True)
class Block:
    """Some rows of a problem: arrays (N,) or (N, K), and the names of all their columns together."""

    predictors: Arrays
    targets: Arrays
    names: tuple[str, ...] | None
    weight: NDArray[Any] | None
    weighting: str | None
    keep: NDArray[np.bool_] | None
    omit_missing: bool
    single_target: bool

    @property
    def rows(self) -> int:
        return len(self.targets[0])

    @property
    def width(self) -> int:
        return sum(1 if array.ndim == 1 else array.shape[1] for array in self.predictors)

    @property
    def target_count(self) -> int:
        return sum(1 if array.ndim == 1 else array.shape[1] for array in self.targets)

    def bound(self, intercept: bool) -> Rows:
        """Return the rows as the kernel takes them."""
        kind = 0 if self.weighting is None else _WEIGHTINGS[self.weighting]
        return Rows(self.predictors, self.targets, self.weight, kind, self.keep, intercept, self.omit_missing)

    def remainder(self, intercept: bool, names: Sequence[str], threads: int) -> RemainderOf:
        """Return what coefficients leave of these rows, as the kernel asks for it."""
        rows = self.bound(intercept)

        def remainder(exponent: Sequence[int], high: Any, low: Any) -> Remainder:
            found = rows.remainder(exponent, high, low, threads)
            if isinstance(found, tuple):
                raise self.refusal(found, names)
            return found

        return remainder

    def part(self, first: int, last: int) -> Block:
        """Return rows first … last − 1, which share the memory."""
        return Block(
            [array[first:last] for array in self.predictors],
            [array[first:last] for array in self.targets],
            self.names,
            None if self.weight is None else self.weight[first:last],
            self.weighting,
            None if self.keep is None else self.keep[first:last],
            self.omit_missing,
            self.single_target,
        )

    def refusal(self, found: tuple[int, int, int], names: Sequence[str]) -> ValueError:
        """Return the error for the number that cannot be used: (reason, row, column)."""
        reason, row, column = found
        if reason == 2:
            value = self.weight[row] if self.weight is not None else np.nan
            if self.weighting == "sigma":
                return ValueError(f"`sigma` must be positive, but is {value} in row {row}: leave the row out.")
            return ValueError(f"`weights` must be finite and not negative, but row {row} has {value}.")
        targets = ["y"] if self.single_target else [f"y{i + 1}" for i in range(self.target_count)]
        arrays, name = (self.predictors, (*names, *targets)[column])
        if column >= self.width:
            arrays, column = self.targets, column - self.width
        for array in arrays:
            size = 1 if array.ndim == 1 else array.shape[1]
            if column < size:
                value = array[row] if array.ndim == 1 else array[row, column]
                break
            column -= size
        hint = ", or pass nan_policy='omit'" if np.isnan(value) else ""
        return ValueError(f"the data must be finite, but row {row}, column {name!r} is {value}: drop the row{hint}.")


def block(
    X: Any, y: Any, weights: Any = None, sigma: Any = None, keep: Any = None, nan_policy: str | None = None
) -> Block:
    """Check what a caller gave and return it as columns."""
    if nan_policy not in (None, "raise", "omit"):
        raise ValueError(f"nan_policy must be 'raise' or 'omit', not {nan_policy!r}.")
    if weights is not None and sigma is not None:
        raise ValueError("give `weights` or `sigma`, not both: weights are 1 / sigma**2.")
    predictors, names = columns_of(X, "X")
    targets, _ = columns_of(y, "y")
    rows, count = len(targets[0]), len(predictors[0])
    if any(len(array) != count for array in predictors):
        raise ValueError(f"the columns of X are of different lengths: {[len(array) for array in predictors]}.")
    if rows != count:
        raise ValueError(f"X has {count} rows and y has {rows}: one value of y for each row of X.")
    weight, kind = None, None
    for name, given in (("weights", weights), ("sigma", sigma)):
        if given is not None:
            weight, kind = _one_column(given, name, rows), name
    if keep is not None:
        keep = np.ascontiguousarray(keep, bool)
        if keep.shape != (rows,):
            raise ValueError(f"`where` must be {rows} booleans, one a row, but has the shape {keep.shape}.")
    single = len(targets) == 1 and targets[0].ndim == 1
    return Block(predictors, targets, names, weight, kind, keep, nan_policy == "omit", single)


def rows_of(X: Any, width: int, names: Sequence[str]) -> Arrays:
    """Return the columns of new rows, for a prediction from `width` predictors."""
    found, given = columns_of(X, "X")
    if given is not None and set(names) <= set(given) and len(given) == sum(array.ndim == 1 for array in found):
        found = [found[given.index(name)] for name in names]
    count = sum(1 if array.ndim == 1 else array.shape[1] for array in found)
    if count != width:
        raise ValueError(f"X has {count} columns, but the fit has {width} predictors: {', '.join(names)}.")
    return found


def columns_of(table: Any, what: str) -> tuple[Arrays, tuple[str, ...] | None]:
    """Return a table as arrays whose columns stand side by side, and the columns' names if it has any."""
    if isinstance(table, Mapping):
        return [_array(column, f"column {name!r}") for name, column in table.items()], tuple(map(str, table))
    if hasattr(table, "column_names"):  # an Arrow table or batch
        names = tuple(table.column_names)
        return [
            _array(table.column(i).to_numpy(**_copying(table)), f"column {name!r}") for i, name in enumerate(names)
        ], names
    if hasattr(table, "columns") and hasattr(table, "shape") and len(table.shape) == 2:  # pandas, polars
        names = tuple(map(str, table.columns))
        series = [table.iloc[:, i] for i in range(len(names))] if hasattr(table, "iloc") else list(table)
        return [_array(_numbers(each), f"column {name!r}") for name, each in zip(names, series, strict=True)], names
    if hasattr(table, "tocsr"):
        raise TypeError(
            f"{what} is sparse: pass {what}.toarray(), or blocks of it, fc.NormalEquations().update(rows.toarray(), y)."
        )
    name = getattr(table, "name", None)
    if hasattr(table, "to_numpy") and not isinstance(table, np.ndarray):  # a series
        return [_array(_numbers(table), what)], None if name is None else (str(name),)
    array = _array(table, what)
    if array.ndim == 0 or array.ndim > 2:
        raise ValueError(f"{what} must have one or two dimensions, rows by columns, but has the shape {array.shape}.")
    if array.ndim == 2 and array.shape[1] == 0:
        raise ValueError(f"{what} has no columns.")
    return [array], None


def _copying(table: Any) -> dict[str, bool]:
    return {"zero_copy_only": False} if type(table).__name__ == "RecordBatch" else {}


def _numbers(series: Any) -> Any:
    """Return a column of pandas or polars as an array; a gap becomes NaN."""
    dtype = getattr(series, "dtype", None)
    if getattr(dtype, "na_value", None) is not None and not isinstance(dtype, np.dtype):
        try:
            return series.to_numpy(np.float64, na_value=np.nan)  # pandas' nullable types
        except (TypeError, ValueError):
            pass
    return series.to_numpy()


def _array(values: Any, what: str) -> NDArray[Any]:
    array = np.asarray(values)
    if array.dtype.kind + str(array.dtype.itemsize) in _READ_IN_PLACE and array.dtype.isnative:
        return array
    if array.dtype.kind == "c":
        raise ValueError(f"{what} is complex, but fits are real: stack the real and the imaginary part.")
    if array.dtype.kind in "mM":
        raise TypeError(
            f"{what} holds {array.dtype}: convert it to numbers first, (t - t[0]) / np.timedelta64(1, 's')."
        )
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{what} holds text or objects, not numbers ({error}): encode it, or leave it out.") from None


def _one_column(values: Any, name: str, rows: int) -> NDArray[Any]:
    arrays, _ = columns_of(values, f"`{name}`") if np.ndim(values) else ([np.full(rows, values, np.float64)], None)
    if len(arrays) != 1 or arrays[0].ndim != 1 or len(arrays[0]) != rows:
        raise ValueError(f"`{name}` must be {rows} numbers, one a row, but has the shape {np.shape(values)}.")
    return arrays[0]
