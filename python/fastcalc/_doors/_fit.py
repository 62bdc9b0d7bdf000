"""Front door `fit`: parameters by name, and a `Fit` that tells how far to trust it.

Arguments come in as lists, arrays or mappings by parameter name and are checked in `_arguments`; `Model.fit` runs the
loop in C++; a `Fit` goes out, also when the data do not determine all parameters or the loop did not converge: then its
`diagnosis` says so. A parameter is held by equal bounds, so the loop knows one mechanism and not two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .._data._arguments import Array, Bounds, data, named_parameters, weighting
from .._problems._model import Model
from .._results._nonlinear_fit import Fit

__all__ = ["fit"]


def fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | Mapping[str, float] | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    fixed: Mapping[str, float] | None = None,
    bounds: Bounds | Mapping[str, Any] | None = None,
    *,
    nan_policy: str | None = None,
    ftol: float | None = None,
    xtol: float | None = None,
    gtol: float | None = None,
    max_nfev: int | None = None,
) -> Fit:
    """
    Fit a function to data by non-linear least squares, with named parameters and a report.

    Parameters
    ----------
    f : callable
        The model ``f(x, *parameters)``, an ordinary NumPy function.
    xdata : array_like or object
        Where the data were measured. Lists, tuples and arrays become float64 arrays, all else reaches `f` untouched.
    ydata : array_like
        The measured values.
    p0 : array_like or dict, optional
        Start values, in order or by name. A parameter without one starts at one, or inside its bounds.
    sigma : scalar, (M,) array_like or (M, M) array_like, optional
        Standard deviations of `ydata`, or their covariance matrix.
    absolute_sigma : bool, default False
        Whether `sigma` is known absolutely. If not, the errors are scaled so that chi² equals the degrees of freedom.
        The report gives both.
    fixed : dict, optional
        Parameters to hold, with their values.
    bounds : dict, 2-tuple of array_like or scipy.optimize.Bounds, optional
        By name, ``{"a": (0, None)}`` with None for an open side; or all lower and all upper bounds as SciPy takes them.
    nan_policy : {'raise', 'omit'}, optional
        Refuse data with NaN, or fit without them. Without it NaN and inf are refused.
    ftol, xtol, gtol : float, optional
        Tolerances of the tests that end the loop.
    max_nfev : int, optional
        The most evaluations of the model.

    Returns
    -------
    Fit
        Also if the fit is singular or did not converge: see `Fit.success` and `Fit.diagnosis`.

    Raises
    ------
    ValueError
        If the data are empty, not finite, complex or of differing lengths, fewer than the free parameters, `sigma` is
        not positive, a name is not a parameter, the start lies outside `bounds`, or the residuals are not finite there.

    Warns
    -----
    FallbackWarning
        If `f` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    fastcalc.curve_fit : The same fit under SciPy's signature.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def decay(t, a, rate, offset):
    ...     return a * np.exp(-rate * t) + offset
    >>> t = np.linspace(0.0, 4.0, 50)
    >>> y = decay(t, 2.5, 1.3, 0.5)
    >>> fit = fc.fit(decay, t, y, p0={"a": 2.0}, fixed={"offset": 0.5}, bounds={"rate": (0, None)})
    >>> {name: round(value, 6) for name, value in fit.params.items()}
    {'a': 2.5, 'rate': 1.3, 'offset': 0.5}
    """
    parameters = named_parameters(f, p0, fixed, bounds)
    x, y, sigma = data(xdata, ydata, sigma, None, nan_policy)
    parameters.require_rows(y.size)
    weights, whitener = weighting(sigma, y)

    model = Model.of(f)
    began = perf_counter()
    outcome = model.fit(
        x, y, parameters.start, weights=weights, whitener=whitener, lower=parameters.lower, upper=parameters.upper,
        ftol=ftol, xtol=xtol, gtol=gtol, max_nfev=max_nfev,
    )  # fmt: skip
    seconds = perf_counter() - began
    return Fit(
        model, parameters.names, outcome, x, y,
        deviations=_deviations(weights, whitener), absolute_sigma=absolute_sigma,
        held=parameters.held, time=seconds,
    )  # fmt: skip


def _deviations(weights: Array | None, whitener: Array | None) -> Array | None:
    """Return the standard deviation of each point; with a covariance L·Lᵀ the root of its diagonal."""
    if weights is not None:
        with np.errstate(divide="ignore"):
            return 1.0 / weights
    return None if whitener is None else np.asarray(np.linalg.norm(whitener, axis=1))
