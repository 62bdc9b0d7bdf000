"""Front door `curve_fit`: SciPy's signature, return, exceptions and warnings over fastcalc's own fit loop.

Arguments come in as SciPy takes them and are checked in `_arguments`; `Model.fit` runs the whole fit in C++; here its
`Outcome` is told in SciPy's terms. A call that asks for something that the loop does not have (a robust loss, x_scale,
a callback, an unknown method …) goes to `scipy.optimize.curve_fit` as it came, so it is SciPy that answers or refuses
it. SciPy is imported for such a call, for its warning class and for the `infodict`, and never for an ordinary fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from .._data._arguments import (
    UNBOUNDED,
    Array,
    Bounds,
    bound_vectors,
    data,
    default_start,
    parameter_names,
    require_inside,
    start_values,
    weighting,
)
from .._data._derivatives import DIFFERENCES
from .._errors import NotOffered, warn
from .._problems._model import Model, Outcome

__all__ = ["curve_fit"]

_EPSILON = float(np.finfo(np.float64).eps)
_FULL = tuple[Array, Array, dict[str, Any], str, int]

# SciPy's `ier`: MINPACK's numbers for 'lm', those of least_squares for the others.
_IER_LM = {"cost_settled": 1, "step_small": 2, "cost_and_step_settled": 3, "gradient_small": 4, "residual_zero": 4}
_IER_TRF = {"gradient_small": 1, "residual_zero": 1, "cost_settled": 2, "step_small": 3, "cost_and_step_settled": 4}


@overload
def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Bounds = UNBOUNDED,
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    *,
    full_output: Literal[False] = False,
    nan_policy: str | None = None,
    **kwargs: Any,
) -> tuple[Array, Array]: ...


@overload
def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Bounds = UNBOUNDED,
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    *,
    full_output: Literal[True],
    nan_policy: str | None = None,
    **kwargs: Any,
) -> _FULL: ...


def curve_fit(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None = None,
    sigma: ArrayLike | None = None,
    absolute_sigma: bool = False,
    check_finite: bool | None = None,
    bounds: Bounds = UNBOUNDED,
    method: str | None = None,
    jac: Callable[..., Any] | str | None = None,
    *,
    full_output: bool = False,
    nan_policy: str | None = None,
    **kwargs: Any,
) -> tuple[Array, Array] | _FULL:
    """
    Fit a function to data by non-linear least squares, as `scipy.optimize.curve_fit` does.

    Parameters
    ----------
    f : callable
        The model ``f(x, *parameters)``, an ordinary NumPy function.
    xdata : array_like or object
        Where the data were measured. Lists, tuples and arrays become float64 arrays, all else reaches `f` untouched.
    ydata : array_like
        The M measured values.
    p0 : array_like, optional
        Start values. Without them each is one, or inside `bounds`.
    sigma : scalar, (M,) array_like or (M, M) array_like, optional
        Standard deviations of `ydata`, or their covariance matrix.
    absolute_sigma : bool, default False
        Whether `sigma` is known absolutely. If not, ``pcov`` is scaled so that chi² equals the degrees of freedom.
    check_finite : bool, optional
        Refuse NaN and inf in the data. True, unless `nan_policy` is given.
    bounds : 2-tuple of array_like or scipy.optimize.Bounds, optional
        Lower and upper bounds of the parameters.
    method : {'lm', 'trf', 'dogbox'}, optional
        All three name fastcalc's one loop, Levenberg-Marquardt with bounds; they differ in the checks, the options and
        the `infodict` that SciPy gives each of them.
    jac : callable or str, optional
        ``jac(x, *parameters)`` of shape (M, N), used in place of the traced derivatives. The names of SciPy's
        difference schemes are accepted for 'trf' and 'dogbox' and not followed: the derivatives are exact.
    full_output : bool, default False
        Return also `infodict`, `mesg` and `ier`.
    nan_policy : {'raise', 'omit'}, optional
        Refuse data with NaN, or fit without them.
    **kwargs
        ``ftol``, ``xtol``, ``gtol`` and ``maxfev`` ('lm') or ``max_nfev`` (the others) are honoured. Any other option
        of SciPy's hands the whole call to `scipy.optimize.curve_fit`.

    Returns
    -------
    popt : (N,) ndarray
        The parameters that minimise the sum of squares.
    pcov : (N, N) ndarray
        Their covariance; all inf, with a warning, if the data do not determine every parameter, or if float64 cannot hold it.
    infodict : dict
        ``nfev`` and ``fvec``, for 'lm' also ``fjac``, ``ipvt`` and ``qtf``, as in `scipy.optimize.leastsq`. Only the
        upper triangle of ``fjac`` is filled. Only if `full_output`.
    mesg : str
        Which test stopped the loop. Only if `full_output`.
    ier : int
        1 to 4. Only if `full_output`.

    Raises
    ------
    ValueError
        If the data are empty, not finite, complex or of differing lengths, `sigma` is not positive, the start lies
        outside `bounds`, or the residuals are not finite there.
    TypeError
        If 'lm' is asked to fit more parameters than there are data.
    RuntimeError
        If the loop does not converge.

    Warns
    -----
    scipy.optimize.OptimizeWarning
        If the covariance could not be estimated.
    FallbackWarning
        If `f` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    fastcalc.fit : Named parameters, errors, a report, and no exception for a poor fit.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def decay(t, a, rate):
    ...     return a * np.exp(-rate * t)
    >>> t = np.linspace(0.0, 4.0, 50)
    >>> popt, pcov = fc.curve_fit(decay, t, decay(t, 2.5, 1.3))
    >>> np.allclose(popt, [2.5, 1.3])
    True
    """
    try:
        return fitted(
            f, xdata, ydata, p0, sigma, absolute_sigma, check_finite, bounds, method, jac, full_output, nan_policy, kwargs
        )  # fmt: skip
    except NotOffered:
        import scipy.optimize

        delegate: Callable[..., Any] = scipy.optimize.curve_fit
        answer: tuple[Array, Array] | _FULL = delegate(
            f, xdata, ydata, p0, sigma, absolute_sigma, check_finite, bounds, method, jac,
            full_output=full_output, nan_policy=nan_policy, **kwargs,
        )  # fmt: skip
        return answer


def fitted(
    f: Callable[..., Any],
    xdata: Any,
    ydata: ArrayLike,
    p0: ArrayLike | None,
    sigma: ArrayLike | None,
    absolute_sigma: bool,
    check_finite: bool | None,
    bounds: Bounds,
    method: str | None,
    jac: Callable[..., Any] | str | None,
    full_output: bool,
    nan_policy: str | None,
    options: dict[str, Any],
) -> tuple[Array, Array] | _FULL:
    """Return what `curve_fit` returns; raise `NotOffered` for what fastcalc's loop does not have."""
    start = None if p0 is None else start_values(p0)
    count = len(parameter_names(f)) if start is None else start.size
    lower, upper = (None, None) if bounds is UNBOUNDED else bound_vectors(bounds, count)
    if method is None:
        method = "lm" if lower is None else "trf"
    elif method == "lm" and lower is not None:
        raise ValueError("Method 'lm' only works for unconstrained problems. Use 'trf' or 'dogbox' instead.")

    x, y, sigma_kept = data(xdata, ydata, sigma, check_finite, nan_policy)
    _require_offered(method, jac, options)
    if start is None:
        start = default_start(count, lower, upper)
    elif start.ndim > 1:
        if method != "lm":
            raise ValueError("`x0` must have at most 1 dimension.")
        start = start.ravel()
    require_inside(start, lower, upper)
    model = Model.of(f)
    too_many = "The number of func parameters={} must not exceed the number of data points={}"
    if y.size == 1:  # all of the model's values are held against it
        too_many = "Improper input: func input vector length N={} must not exceed func output vector length M={}"
        y = np.broadcast_to(y, np.atleast_1d(model.values(x, start)).shape).copy()
    weights, whitener = weighting(sigma_kept, y)
    if method == "lm" and count > y.size:
        raise TypeError(too_many.format(count, y.size))
    limit = _evaluation_limit(method, count, jac, options)

    outcome = model.fit(
        x, y, start, weights=weights, whitener=whitener, lower=lower, upper=upper,
        jac=None if isinstance(jac, str) else jac,
        ftol=options.get("ftol"), xtol=options.get("xtol"), gtol=options.get("gtol"), max_nfev=limit,
    )  # fmt: skip
    if outcome.status == "stalled":  # at a kink, or in noise: SciPy's own tests say whether that is the end
        raise NotOffered(f"a fit that ends where it has no slope to go by: {outcome.message}")
    if not outcome.success:
        raise RuntimeError("Optimal parameters not found: " + _failure(outcome, method, limit))

    surplus, pcov = y.size - count, None
    if outcome.rank == count and (absolute_sigma or surplus > 0):
        pcov = outcome.scaled_covariance(1.0 if absolute_sigma else outcome.sum_of_squares / surplus)
    if pcov is None:
        pcov = np.full((count, count), np.inf)
        from scipy.optimize import OptimizeWarning

        warn("Covariance of the parameters could not be estimated", OptimizeWarning)
    if not full_output:
        return outcome.x, pcov
    residuals = _whitened(model.values(x, outcome.x) - y, weights, whitener)
    infodict = {"nfev": outcome.nfev, "fvec": residuals}
    if method == "lm":
        infodict |= _factors(outcome, y.size)
    ier = (_IER_LM if method == "lm" else _IER_TRF)[outcome.status]
    return outcome.x, pcov, infodict, outcome.message, ier


def _require_offered(method: str, jac: Callable[..., Any] | str | None, options: dict[str, Any]) -> None:
    """Raise `NotOffered` unless fastcalc's loop has all that is asked for."""
    if method == "lm":
        limits = {"maxfev"}
        schemes: tuple[str, ...] = ()
    elif method in ("trf", "dogbox"):
        limits = {"max_nfev"} if "max_nfev" in options else {"maxfev"}
        schemes = DIFFERENCES
    else:
        raise NotOffered(f"the method {method!r}")
    if isinstance(jac, str) and jac not in schemes:
        raise NotOffered(f"jac={jac!r}")
    for name, value in options.items():
        if name in ("ftol", "xtol", "gtol"):
            # SciPy switches a test off by None, and for some methods by a value below the rounding unit.
            if value is None or (value < _EPSILON and method != "lm"):
                raise NotOffered(f"the option {name}={value}")
        elif name not in limits:
            raise NotOffered(f"the option {name}")


def _evaluation_limit(method: str, count: int, jac: Callable[..., Any] | str | None, options: dict[str, Any]) -> int:
    """Return the most evaluations that SciPy allows by default: more for 'lm', where it counts difference schemes."""
    if method == "lm":
        return int(options.get("maxfev", 0) or (100 if callable(jac) else 200) * (count + 1))
    limit = options.get("max_nfev", options.get("maxfev"))
    if limit is not None and limit <= 0:
        raise ValueError("`max_nfev` must be None or positive integer.")
    return int(limit or 100 * count)


def _failure(outcome: Outcome, method: str, limit: int) -> str:
    if outcome.status != "max_evaluations":
        return outcome.message
    if method == "lm":
        return f"Number of calls to function has reached maxfev = {limit}."
    return "The maximum number of function evaluations is exceeded."


def _whitened(residuals: Array, weights: Array | None, whitener: Array | None) -> Array:
    if weights is not None:
        return residuals * weights
    if whitener is not None:
        from scipy.linalg import solve_triangular

        return np.asarray(solve_triangular(whitener, residuals, lower=True), np.float64)
    return residuals


def _factors(outcome: Outcome, rows: int) -> dict[str, Any]:
    """MINPACK's ``fjac``, ``ipvt`` and ``qtf``: J·P = Q·R with |diagonal of R| not increasing, and Qᵀr.

    The loop leaves [J r] = Q₁·[R₁ c]; with R₁·P = Q₂·R the whole is J·P = (Q₁Q₂)·R and Qᵀr = Q₂ᵀc.
    """
    from scipy.linalg import qr

    count = outcome.x.size
    q, r, pivots = qr(outcome.triangle[:count, :count], pivoting=True)
    fjac = np.zeros((count, rows))
    fjac[:, :count] = r.T
    return {"fjac": fjac, "ipvt": pivots.astype(np.int32), "qtf": q.T @ outcome.triangle[:count, count]}
