"""data: the arguments that `curve_fit` and `fit` share, checked and made into float64 arrays.

In come the caller's own objects; out go what `Model.fit` takes: data, weights, a start and bounds as plain arrays. The
conventions (what is converted, what is refused, in which words) are those of `scipy.optimize.curve_fit` 1.17, so that
code which matches on SciPy's messages keeps working. What SciPy accepts and then answers with nonsense (a sigma that
is zero, negative or NaN; complex data, whose imaginary part it drops; masked data, which it unmasks) is refused here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._fast import float_vector, is_box, is_finite_float64, is_inside

Array: TypeAlias = NDArray[np.float64]
Bounds: TypeAlias = Any  # (lower, upper), each a scalar or one value a parameter; or a scipy.optimize.Bounds

UNBOUNDED = (-np.inf, np.inf)
_FLOAT64 = np.dtype(np.float64)
_SMALLEST = float(np.finfo(np.float64).tiny)  # the inverses of smaller numbers overflow


def real_array(values: Any, name: str, check_finite: bool) -> Array:
    """`values` as float64; complex numbers are refused, and non-finite ones if `check_finite`."""
    if is_finite_float64(values):
        return values  # type: ignore[no-any-return]
    if getattr(values, "dtype", _FLOAT64) is not _FLOAT64 and np.iscomplexobj(values):
        raise ValueError(
            f"`{name}` is complex, but fits are real: "
            "fit the real and the imaginary part stacked, np.concatenate([z.real, z.imag])."
        )
    if isinstance(values, np.ma.MaskedArray) and values.mask.any():
        raise ValueError(
            f"`{name}` has masked values, and a fit would read what lies below the mask: "
            "leave these points out of all arrays, as in xdata[~y.mask], y.compressed()."
        )
    array = np.asarray(values, np.float64)
    if check_finite and not np.isfinite(array).all():
        raise ValueError("array must not contain infs or NaNs")
    return array


def independent(xdata: Any, check_finite: bool = False) -> Any:
    """`xdata` as float64 if it is a list, tuple or array; anything else only the model knows, and passes untouched."""
    return real_array(xdata, "xdata", check_finite) if isinstance(xdata, (np.ndarray, list, tuple)) else xdata


def data(
    xdata: Any, ydata: ArrayLike, sigma: ArrayLike | None, check_finite: bool | None, nan_policy: str | None
) -> tuple[Any, Array, ArrayLike | None]:
    """Return the data as arrays, without the rows that hold NaN if `nan_policy` is 'omit'."""
    if check_finite is None:
        check_finite = nan_policy is None
    y = real_array(ydata, "ydata", check_finite)
    x = independent(xdata, check_finite)
    if y.size == 0:
        raise ValueError("`ydata` must not be empty!")
    if y.ndim > 1:
        raise ValueError(
            f"`ydata` must be one-dimensional, but has the shape {y.shape}: "
            "pass ydata.ravel(), and return the model's values .ravel()ed."
        )
    if y.ndim == 0:
        y = y.reshape(1)
    if nan_policy is not None and not check_finite:
        return _without_nan(x, y, sigma, nan_policy)
    return x, y, sigma


def _without_nan(x: Any, y: Array, sigma: ArrayLike | None, nan_policy: str) -> tuple[Any, Array, ArrayLike | None]:
    if nan_policy == "propagate":
        raise ValueError("`nan_policy='propagate'` is not supported by this function.")
    if nan_policy not in ("raise", "omit"):
        raise ValueError("nan_policy must be one of {None, 'raise', 'omit'}")
    missing = np.isnan(y)
    if isinstance(x, np.ndarray):
        missing = missing | np.isnan(x).any(axis=tuple(range(x.ndim - 1)))
    if not missing.any():
        return x, y, sigma
    if nan_policy == "raise":
        raise ValueError("The input contains nan values")
    if not isinstance(x, np.ndarray):
        raise ValueError(f"nan_policy='omit' cannot drop rows of an xdata of type {type(x).__name__}: pass an array.")
    kept = ~missing
    if sigma is not None:
        sigma = np.asarray(sigma)
        if sigma.ndim == 1 and sigma.size > 1:
            sigma = sigma[kept]
        elif sigma.ndim == 2 and sigma.size > 1:
            sigma = sigma[np.ix_(kept, kept)]
    return x[..., kept], y[kept], sigma


def weighting(sigma: ArrayLike | None, y: Array) -> tuple[Array | None, Array | None]:
    """Weights 1/sigma from standard deviations, or a whitener L from a covariance matrix L·Lᵀ; None for the other."""
    if sigma is None:
        return None, None
    sigma = real_array(sigma, "sigma", check_finite=False)
    if sigma.size == 1:
        sigma = np.full(y.shape, sigma.item())
    if sigma.shape == (y.size,):
        if not sigma.min() >= _SMALLEST:
            row = int(np.argmin(sigma >= _SMALLEST))
            raise ValueError(
                f"`sigma` must be positive, but sigma[{row}] = {sigma[row]:g}: "
                "give each point its standard deviation (np.inf gives a point no weight)."
                + (f" Below {_SMALLEST:.2g} a number has no inverse: choose other units." if sigma[row] > 0.0 else "")
            )
        return 1.0 / sigma, None
    if sigma.shape == (y.size, y.size):
        if not np.isfinite(sigma).all():
            raise ValueError("array must not contain infs or NaNs")
        try:
            return None, np.linalg.cholesky(sigma)
        except np.linalg.LinAlgError as error:
            raise ValueError("`sigma` must be positive definite.") from error
    raise ValueError("`sigma` has incorrect shape.")


def parameter_names(f: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of the parameters in `f(x, *parameters)`, without the `self` of a bound method."""
    names = _positional(f)[1:]
    if not names:
        raise ValueError("Unable to determine number of fit parameters.")
    return names


def _positional(f: Callable[..., Any]) -> tuple[str, ...]:
    # An undecorated function or method tells its names a hundred times faster than inspect.signature does.
    function, bound = (f.__func__, 1) if isinstance(f, MethodType) else (f, 0)
    if isinstance(function, FunctionType) and not function.__dict__:
        code = function.__code__
        return code.co_varnames[bound : code.co_argcount]
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return tuple(p.name for p in inspect.signature(f).parameters.values() if p.kind in kinds)


def start_values(p0: ArrayLike) -> Array:
    """`p0` as a new float64 vector."""
    start = float_vector(p0)
    if start is not None:
        return start
    start = np.array(p0, ndmin=1)
    if start.dtype.kind == "c":
        raise ValueError("`x0` must be real.")
    return start.astype(np.float64, copy=False)


def default_start(count: int, lower: Array | None, upper: Array | None) -> Array:
    """SciPy's start without `p0`: one; between two finite bounds their midpoint; one unit inside a single bound."""
    start = np.array([1.0] * count)
    if lower is not None and upper is not None:
        below, above = np.isfinite(lower), np.isfinite(upper)
        both = below & above
        start[both] = 0.5 * (lower[both] + upper[both])
        start[below & ~above] = lower[below & ~above] + 1.0
        start[above & ~below] = upper[above & ~below] - 1.0
    return start


def bound_vectors(bounds: Bounds, count: int) -> tuple[Array | None, Array | None]:
    """Lower and upper bounds of `count` parameters, or `(None, None)` if no bound is finite."""
    if hasattr(bounds, "lb"):
        lower, upper = np.asarray(bounds.lb, np.float64), np.asarray(bounds.ub, np.float64)
    elif len(bounds) == 2:
        lower, upper = (_bound_vector(bound, count) for bound in bounds)
    else:
        raise ValueError("`bounds` must contain 2 elements: all lower bounds, then all upper bounds.")
    if lower.shape != (count,) or upper.shape != (count,):
        raise ValueError("Inconsistent shapes between bounds and `x0`.")
    if not is_box(lower, upper):
        raise ValueError("Each lower bound must be strictly less than each upper bound.")
    for bound in lower, upper:
        if is_finite_float64(bound) or np.isfinite(bound).any():
            return lower, upper
    return None, None


def _bound_vector(bound: ArrayLike, count: int) -> Array:
    vector = float_vector(bound)
    if vector is None:
        vector = np.asarray(bound, np.float64)
    return np.full(count, vector) if vector.ndim == 0 else vector


def require_inside(start: Array, lower: Array | None, upper: Array | None, names: Sequence[str] | None = None) -> None:
    """Refuse a start outside its bounds, in SciPy's words; with `names` also say which."""
    if lower is None or upper is None or is_inside(start, lower, upper):
        return
    message = "Initial guess is outside of provided bounds"
    if names is not None:
        i = int(((lower <= start) & (start <= upper)).argmin())
        message += f": {names[i]} starts at {start[i]:g}, which is not between {lower[i]:g} and {upper[i]:g}."
    raise ValueError(message)


def signature_names(f: Callable[..., Any], count: int | None) -> tuple[str, ...]:
    """`count` parameter names of `f`: `*c` becomes c[0], c[1], …; trailing ones that have defaults may be left out."""
    if count is None:
        return parameter_names(f)
    names = _positional(f)[1:]
    if count == len(names):
        return names
    parameters = inspect.signature(f).parameters
    rest = next((p.name for p in parameters.values() if p.kind is p.VAR_POSITIONAL), None)
    if count > len(names) and rest is not None:
        return names + tuple(f"{rest}[{i}]" for i in range(count - len(names)))
    if count > len(names) or any(parameters[name].default is inspect.Parameter.empty for name in names[count:]):
        raise ValueError(f"`p0` has {count} values, but the model has the parameters {', '.join(names)}.")
    return names[:count]


@dataclass(frozen=True)
class Parameters:
    """A model's parameters: names, start, bounds (None for none; equal ones hold a parameter), and which are held."""

    names: tuple[str, ...]
    start: Array
    lower: Array | None
    upper: Array | None
    held: NDArray[np.bool_]

    def require_rows(self, count: int) -> None:
        """Refuse fewer data than free parameters."""
        free = int(np.sum(~self.held))
        if count < free:
            raise ValueError(
                f"The number of free parameters={free} must not exceed "
                f"the number of data points={count}: hold some of them by `fixed`."
            )


def named_parameters(
    f: Callable[..., Any],
    p0: ArrayLike | Mapping[str, float] | None,
    fixed: Mapping[str, float] | None,
    bounds: Bounds | Mapping[str, Any] | None,
) -> Parameters:
    """Return the parameters of `f` with what the caller said of them, in order or by name."""
    names = signature_names(f, None if p0 is None or isinstance(p0, Mapping) else np.size(p0))
    lower, upper = named_bounds(bounds, names)
    start = named_start(p0, names, lower, upper)
    held = by_name(fixed or {}, names, "fixed")
    if len(held) == len(names):
        raise ValueError("`fixed` holds every parameter: leave at least one free to fit.")
    if held:
        lower = np.full(len(names), -np.inf) if lower is None else lower.copy()
        upper = np.full(len(names), np.inf) if upper is None else upper.copy()
        for index, value in held.items():
            start[index] = lower[index] = upper[index] = value
    require_inside(start, lower, upper, names)
    return Parameters(names, start, lower, upper, np.isin(np.arange(len(names)), list(held)))


def named_start(
    p0: ArrayLike | Mapping[str, float] | None, names: Sequence[str], lower: Array | None, upper: Array | None
) -> Array:
    """Return a start for each name; names that a mapping leaves out begin at their default."""
    if p0 is None or isinstance(p0, Mapping):
        start = default_start(len(names), lower, upper)
        for index, value in by_name(p0 or {}, names, "p0").items():
            start[index] = value
    else:
        start = start_values(p0).ravel()
    return start


def named_bounds(bounds: Bounds | Mapping[str, Any] | None, names: Sequence[str]) -> tuple[Array | None, Array | None]:
    """SciPy's form of bounds, or `{"a": (0, None)}` with None for an open side."""
    if bounds is None:
        return None, None
    if not isinstance(bounds, Mapping):
        return bound_vectors(bounds, len(names))
    lower, upper = np.full(len(names), -np.inf), np.full(len(names), np.inf)
    for index, pair in by_name(bounds, names, "bounds").items():
        try:
            low, high = pair
        except (TypeError, ValueError):
            raise ValueError(
                f"bounds[{names[index]!r}] must be a pair (lower, upper), with None for an open side."
            ) from None
        lower[index] = -np.inf if low is None else low
        upper[index] = np.inf if high is None else high
        if not lower[index] < upper[index]:
            raise ValueError(
                f"bounds[{names[index]!r}] = ({low}, {high}): the lower bound must be below the upper one; "
                f"to hold a parameter, use fixed={{{names[index]!r}: {low}}}."
            )
    return lower, upper


def by_name(values: Mapping[str, Any], names: Sequence[str], argument: str) -> dict[int, Any]:
    """Return the values by parameter index; a name that the model does not have is refused."""
    unknown = [name for name in values if name not in names]
    if unknown:
        raise ValueError(f"`{argument}` names {unknown[0]!r}, but the model has the parameters {', '.join(names)}.")
    return {names.index(name): value for name, value in values.items()}
