"""backends: non-linear fits over Dask arrays. Comes in: a model, data in blocks, a start. Goes out: a `Fit`.

Levenberg–Marquardt asks of the data only the triangular factor R of [J r] = QR at a point, (p + 1)² numbers. R of all rows
is R of the stacked Rs of their blocks (TSQR: Demmel et al. 2012, SIAM J. Sci. Comput. 34, A206, section 3), so an iteration
is one pass over the blocks, where they lie, and one small matrix that comes back. For the loop, which runs here, that matrix
is the data: p + 1 rows with the residuals R[:, p] and the Jacobian R[:, :p], whose products are those of all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import dask
import numpy as np
from numpy.typing import ArrayLike

from ..._data._arguments import Array, Bounds, data, named_parameters, weighting
from ..._errors import announce_differences
from ..._fast import Data, Options, fit_stored
from ..._problems._model import Model
from ..._results._nonlinear_fit import Fit
from ._blocks import added_up, blocks_of, computed, is_collection, known_lengths
from ._travel import packed, unpacked

__all__ = ["fit"]


def fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: Any,
    p0: ArrayLike | Mapping[str, float] | None = None,
    sigma: Any = None,
    absolute_sigma: bool = False,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | Mapping[str, Any] | None = None,
    *,
    ftol: float | None = None,
    xtol: float | None = None,
    gtol: float | None = None,
    max_nfev: int | None = None,
) -> Fit:
    """
    Fit a function to data in Dask arrays by non-linear least squares.

    Parameters
    ----------
    f : callable
        The model ``f(x, *parameters)``, an ordinary NumPy function. It is called on blocks of the data, so each of its values may
        depend on its own row of x only; it travels to the workers, so what it uses must be there.
    xdata : (N,), (N, k) or (k, N) dask.array.Array, or dask.dataframe.Series
        Where the data were measured.
    ydata : (N,) dask.array.Array or dask.dataframe.Series
        The measured values. Its blocks are the parts; xdata and sigma are cut like it.
    sigma : scalar or (N,) dask.array.Array, optional
        Standard deviations of `ydata`.
    p0, absolute_sigma, fixed, bounds, ftol, xtol, gtol, max_nfev
        As in `fastcalc.fit`.

    Returns
    -------
    Fit
        Its `xdata` and `ydata` are the Dask arrays.

    Raises
    ------
    ValueError
        As `fastcalc.fit`, with the number of the block; if the values of `f` depend on other rows, too; if the lengths differ.
    TypeError
        If `ydata` is no Dask collection.

    Warns
    -----
    FallbackWarning
        If `f` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    fastcalc.fit : The same in memory.

    Notes
    -----
    The data are read once for each evaluation: ``xdata.persist()`` keeps them in the workers' memory. The result is the same
    bits for any number of workers, and differs from the fit in memory by the rounding of sums in another order.

    Examples
    --------
    >>> import dask.array as da
    >>> import numpy as np
    >>> from fastcalc.dask import fit
    >>> t = da.linspace(0.0, 4.0, 1000, chunks=250)
    >>> found = fit(lambda t, a, rate: a * np.exp(-rate * t), t, 2.5 * np.exp(-1.3 * t), p0=[1.0, 1.0])
    >>> found.x.round(8).tolist()
    [2.5, 1.3]
    """
    if not is_collection(ydata):
        raise TypeError(
            f"ydata is {type(ydata).__name__}, not a Dask array: fc.fit(f, xdata, ydata) fits what is in memory."
        )
    parameters = named_parameters(f, p0, fixed, bounds)
    y, x = known_lengths(ydata, "ydata"), known_lengths(xdata, "xdata")
    if y.ndim != 1:
        raise ValueError(f"ydata must be one-dimensional, but has the shape {y.shape}.")
    axis = next((axis for axis in range(x.ndim)[::-1] if x.shape[axis] == y.shape[0]), None)
    if axis is None:
        raise ValueError(f"xdata has the shape {x.shape}, but ydata has {y.shape[0]} rows.")
    parameters.require_rows(y.size)

    travelling = packed(f)
    deviations = blocks_of(y, sigma, "sigma")
    shards = list(zip(blocks_of(y, x, "xdata", axis), blocks_of(y, y, "ydata"), deviations, strict=True))
    computed(dask.delayed(_require_own_rows, pure=False)(travelling, shards[0][0], axis, parameters.start))
    began = perf_counter()
    whole = _Whole(travelling, shards)
    size = len(parameters.names)
    options = Options(parameters.start, parameters.lower, parameters.upper, ftol, xtol, gtol, max_nfev)
    outcome = fit_stored(
        Data(None, np.zeros(size + 1)),
        None,
        options,
        lambda p: whole.at(p)[:, size],
        lambda p: np.ascontiguousarray(whole.at(p)[:, :size].T),
    )
    if outcome.status == "not_finite_at_start":
        raise ValueError(outcome.message)
    seconds = perf_counter() - began
    outcome.derivative_source, outcome.derivative_note = whole.source, whole.note
    model = Model.of(f)
    if whole.source == "finite differences":
        announce_differences(model.name, whole.note, is_known=False)
    return Fit(
        model,
        parameters.names,
        outcome,
        x,
        y,
        deviations=sigma,
        absolute_sigma=absolute_sigma,
        held=parameters.held,
        time=seconds,
    )


class _Whole:
    """The factor of all rows, at one point after another."""

    def __init__(self, travelling: bytes, shards: list[tuple[Any, Any, Any]]) -> None:
        self._travelling, self._shards = travelling, shards
        self._point: bytes | None = None
        self._factor: Array
        self.source, self.note = "program", ""

    def at(self, point: Array) -> Array:
        """Return R there. The loop asks for residuals and Jacobian apart, and these are one pass."""
        if point.tobytes() != self._point:
            task = dask.delayed(_factor, pure=False)
            parts = [task(number, self._travelling, point, *shard) for number, shard in enumerate(self._shards)]
            self._factor, self.source, self.note = computed(added_up(parts, _stacked))
            self._point = point.tobytes()
        return self._factor


Part = tuple[Array, str, str]  # R, where the derivatives came from, and why not from the program


def _factor(number: int, travelling: bytes, point: Array, x: Any, y: Any, sigma: Any) -> Part:
    """Return R of one block."""
    if not len(y):
        return np.zeros((point.size + 1, point.size + 1)), "program", ""
    try:
        x, y, sigma = data(x, y, sigma, True, None)
        weights, whitener = weighting(sigma, y)
        if whitener is not None:
            raise ValueError(
                "`sigma` must be one standard deviation for each of ydata: covariances are fitted in memory."
            )
        with np.errstate(all="ignore"):  # the function is called at every trial, and one that overflows is no news
            return _model(travelling).triangle(x, y, point, weights)
    except (TypeError, ValueError) as error:
        raise type(error)(f"block {number}: {error}") from error


def _stacked(parts: list[Part]) -> Part:
    """Return R of the rows of several blocks."""
    factors, sources, notes = zip(*parts, strict=True)
    worst = next((i for i, source in enumerate(sources) if source != "program"), 0)
    return np.asarray(np.linalg.qr(np.vstack(factors), mode="r")), sources[worst], notes[worst]


def _require_own_rows(travelling: bytes, x: Any, axis: int, start: Array) -> None:
    """Refuse a model that gives other values for a part of the rows: its blocks would not be those of one function."""
    half = x.shape[axis] // 2
    if half == 0:
        return
    model = _model(travelling)
    with np.errstate(all="ignore"):
        whole = np.broadcast_to(model.values(x, start), x.shape[axis])[:half]
        part = np.broadcast_to(model.values(x[..., :half] if axis else x[:half], start), half)
    finite = np.isfinite(whole) & np.isfinite(part)
    largest = np.abs(whole[finite]).max(initial=0.0)
    # Rounding is far below, and a mean or a sum over rows far above.
    if (np.abs(whole[finite] - part[finite]) > 1e-9 * largest).any():
        raise ValueError(
            f"the values of the model {model.name} depend on other rows of xdata, too (a mean, a sum, a maximum), and so not on a "
            "block alone: compute that before, and let the model use the number."
        )


def _model(travelling: bytes) -> Model:
    return Model.of(unpacked(travelling))
