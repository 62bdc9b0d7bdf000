"""Front doors `taylor`, `derivative`: Taylor polynomials, and derivatives of any order of functions of one variable.

Comes in: a plain NumPy function and where to expand it. Goes out: polynomials and derivatives. The function's program is run over
truncated power series, at one point or at many; of several variables along lines, from whose series all mixed partial
derivatives are put together.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._errors import TraceError
from .._fast import Call, is_finite_float64, series_along, series_at
from .._functions._branches import name_of
from .._functions._differentiated import NthDerivative, is_traced
from .._functions._function import Function
from .._results._polynomials import MultivariateTaylorPolynomial, TaylorPolynomial

__all__ = ["derivative", "taylor"]

Array = NDArray[np.float64]


def taylor(f: Callable[..., Any], x0: float | ArrayLike, order: int) -> TaylorPolynomial | MultivariateTaylorPolynomial:
    """Expand a function into its Taylor polynomial.

    Parameters
    ----------
    f : callable
        A plain NumPy function of one argument. To expand one function many times, `fastcalc.compile` it first: it is then traced
        once.
    x0 : array_like
        The point of expansion. An array is the point of a function of several variables if `f` makes one number of it; if
        `f` works element by element, it is many points with a polynomial each.
    order : int
        The highest power, of any size; of several variables the highest sum of exponents.

    Returns
    -------
    TaylorPolynomial or MultivariateTaylorPolynomial
        Of one variable, or of several.

    Raises
    ------
    ValueError
        If the function has no Taylor series at `x0`, or the order is negative.
    TraceError
        If the function does something that cannot be traced; the message names the line.

    Notes
    -----
    The coefficients obey recurrences (one for each operation) that cost O(order²); nothing is differenced. Those of several
    variables are put together from the univariate series along lines through `x0` [1]_; a mixed coefficient carries the
    rounding of the largest coefficients of its order.

    References
    ----------
    .. [1] A. Griewank, J. Utke, A. Walther, "Evaluating higher derivative tensors by forward propagation of univariate Taylor
       series", Mathematics of Computation 69 (2000) 1117–1130.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.taylor(np.log, 1.0, 4)
    (x − 1) − 0.5·(x − 1)² + 0.333333·(x − 1)³ − 0.25·(x − 1)⁴
    >>> fc.taylor(lambda v: np.sin(v[0]) * v[1], np.array([0.0, 1.0]), 3)
    x₀ + x₀·(x₁ − 1) − 0.166667·x₀³
    """
    _check_order(order)
    function = (f if isinstance(f, Function) else Function(f)).expanded
    if isinstance(x0, float) or np.ndim(x0) == 0:
        point = float(x0)  # type: ignore[arg-type]
        coefficients = _at(function, point, order)
        if not is_finite_float64(coefficients):
            raise _no_series(function, point, coefficients)
        return TaylorPolynomial(coefficients, point)
    points = np.array(x0, dtype=np.float64)
    value = np.asarray(function(points))
    if value.shape == points.shape:
        coefficients = _at_points(function, points, order)
        _check_elementwise(function, coefficients[0], value)
        if not is_finite_float64(coefficients):
            raise _no_series(function, points, coefficients)
        return TaylorPolynomial(coefficients, points)
    if value.shape:
        raise ValueError(
            f"{name_of(function.f)} makes an array of shape {value.shape} of one of shape {points.shape}: it must make one number of "
            "it (a function of several variables), or one number of each element"
        )
    return _of_several_variables(function, points, order)


def derivative(f: Callable[..., Any], n: int = 1) -> Callable[[float | ArrayLike], Any]:
    """Return the n-th derivative of a function of one variable.

    Parameters
    ----------
    f : callable
        A plain NumPy function of one number. It is traced with one number at a time, so it may branch on it.
    n : int
        Which derivative; 0 is the function itself.

    Returns
    -------
    callable
        Called with a number or an array of numbers x; it gives f⁽ⁿ⁾ of each. Outside of the function's domain, and where the
        derivative does not exist, it gives NaN or inf.

    Raises
    ------
    ValueError
        If `n` is negative; at a call, if the function does not make one number of one number.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.derivative(np.sin)(0.0)
    np.float64(1.0)
    >>> fc.derivative(lambda x: x**3, n=2)(np.array([1.0, 2.0]))
    array([ 6., 12.])
    """
    if n < 0:
        raise ValueError(f"n must be 0 or more, not {n}")
    function = (f if isinstance(f, Function) else Function(f)).expanded
    factor = math.factorial(n)

    @functools.wraps(f)
    def nth_derivative(x: float | ArrayLike) -> Any:
        if is_traced(x):  # inside of another derivative or fit
            return NthDerivative(f, 0, n)(x)
        if isinstance(x, float) or np.ndim(x) == 0:
            coefficients = _at(function, float(x), n)  # type: ignore[arg-type]
            if coefficients.ndim > 1:
                raise ValueError(
                    f"{name_of(function.f)} makes an array of shape {coefficients.shape[1:]} of one number; it must make one number"
                )
            return factor * coefficients[n] if coefficients[0] == coefficients[0] else np.float64(np.nan)
        coefficients = _at_points(function, np.asarray(x, dtype=np.float64), n)
        # 1/x is a number at −1, where log has no value and so no derivative.
        return np.where(np.isnan(coefficients[0]), np.nan, factor * coefficients[n])

    return nth_derivative


def _at(function: Function, x: float, order: int) -> Array:
    """Return the coefficients of f(x + t), by the program that holds at x."""
    for _ in range(2):
        for call in function.calls:
            coefficients = series_at(call, x, order)
            if coefficients is not None:
                if call.outputs is not None:
                    raise ValueError(f"{name_of(function.f)} gives more than one array: expand one of them at a time")
                return coefficients
        function(x)  # is traced here
    raise _no_end_of_paths(function)


def _along(function: Function, lines: Array, order: int) -> Array:
    """Return the coefficients of f along many lines, shape (order + 1, lines), each by the program that holds there.

    `lines` has the shape (2, lines, *the argument's): starts and directions.
    """
    found = np.empty((order + 1, lines.shape[1]))
    left = np.arange(lines.shape[1])
    tried: set[Call] = set()
    while left.size:
        call = next((call for call in function.calls if call not in tried), None)
        if call is None:
            function(lines[0, left[0]])  # is traced here
            if all(call in tried for call in function.calls):
                raise _no_end_of_paths(function)
            continue
        tried.add(call)
        run = series_along(call, [lines[:, left]], order)
        if run is None:  # for arguments of another shape
            continue
        coefficients, holds = run
        if coefficients.ndim > 2 or call.outputs is not None:
            raise ValueError(
                f"{name_of(function.f)} makes an array of shape {coefficients.shape[2:]} of one number; "
                "at an array of points it must make one number of each"
            )
        found[:, left[holds]] = coefficients[:, holds]
        left = left[~holds]
    return found


def _at_points(function: Function, points: Array, order: int) -> Array:
    """Return the coefficients of f(x + t) for each number x of an array, shape (order + 1, *points.shape)."""
    lines = np.stack([points.ravel(), np.ones(points.size)])
    return _along(function, lines, order).reshape(order + 1, *points.shape)


def _of_several_variables(function: Function, x0: Array, order: int) -> MultivariateTaylorPolynomial:
    """Put all mixed partial derivatives together from the series along the lines x0 + t j, for all multi-indices |j| = order.

    With p_r(j) the r-th coefficient along j, for each multi-index |i| = r ≤ d = order (Griewank, Utke, Walther 2000, eq. 13):
      ∂ⁱf = Σ_j γ(i, j) p_r(j).
    """
    size = x0.size
    directions = list(_multi_indices(size, order))
    place = {direction: number for number, direction in enumerate(directions)}
    lines = np.empty((2, len(directions), size))
    lines[0], lines[1] = x0.ravel(), np.array(directions, dtype=np.float64).reshape(len(directions), size)
    along = _along(function, lines.reshape(2, len(directions), *x0.shape), order)
    exponents = [i for total in range(order + 1) for i in _multi_indices(size, total)]
    coefficients = np.empty(len(exponents))
    for number, i in enumerate(exponents):
        variables = [variable for variable in range(size) if i[variable]]
        terms = []
        for j, weight in _weights(tuple(i[variable] for variable in variables), order):
            direction = [0] * size
            for variable, step in zip(variables, j, strict=True):
                direction[variable] = step
            terms.append(weight * along[sum(i), place[tuple(direction)]])
        coefficients[number] = _sum(terms) if variables else along[0, 0]
    if not is_finite_float64(coefficients):
        raise _no_series(function, x0, coefficients)
    return MultivariateTaylorPolynomial(coefficients, np.array(exponents).reshape(len(exponents), size), x0)


def _sum(terms: list[float]) -> float:
    """Return the sum of the terms; 0 if it is no more than their rounding."""
    total = math.fsum(terms)
    return 0.0 if abs(total) <= 4 * np.finfo(np.float64).eps * math.fsum(map(abs, terms)) else total


def _multi_indices(size: int, total: int) -> Iterator[tuple[int, ...]]:
    """Yield all tuples of `size` whole numbers with this sum, the first variables' powers first."""
    if size == 0:
        if total == 0:
            yield ()
        return
    for first in range(total, -1, -1) if size > 1 else (total,):
        for rest in _multi_indices(size - 1, total - first):
            yield (first, *rest)


@functools.lru_cache(maxsize=4096)
def _weights(i: tuple[int, ...], order: int) -> list[tuple[tuple[int, ...], float]]:
    """Return the multi-indices j with |j| = order whose γ(i, j) / i! is not 0, and it; only the variables of i take part.

    γ(i, j) = Σ_k (−1)^|i−k| C(i, k) C(d k / |k|, j) (|k| / d)^|i|  over 0 < k ≤ i, with d = order.
    """
    found = []
    for j in _multi_indices(len(i), order):
        weight = Fraction(0)
        for k in itertools.product(*(range(power + 1) for power in i)):
            size = sum(k)
            if size == 0:
                continue
            term = Fraction((-1) ** (sum(i) - size)) * Fraction(size, order) ** sum(i)
            for i_v, j_v, k_v in zip(i, j, k, strict=True):
                term *= math.comb(i_v, k_v) * _binomial(Fraction(order * k_v, size), j_v)
            weight += term
        weight /= math.prod(map(math.factorial, i))
        if weight:
            found.append((j, float(weight)))
    return found


def _binomial(x: Fraction, k: int) -> Fraction:
    """Return x (x − 1) … (x − k + 1) / k!."""
    return math.prod((x - i for i in range(k)), start=Fraction(1)) / math.factorial(k)


def _check_order(order: int) -> None:
    if operator.index(order) < 0:
        raise ValueError(f"order must be 0 or more, not {order}")


def _check_elementwise(function: Function, one_by_one: Array, value: Array) -> None:
    """Refuse where f of the whole array is not f of each element; both are computed, so that they differ by rounding at least."""
    if not np.allclose(one_by_one, value, rtol=1e-9, atol=0.0, equal_nan=True):
        raise ValueError(
            f"{name_of(function.f)} gives other values for an array than for its elements one by one, so it has no polynomial "
            "in each of them; give one number x0, or reduce the result to one number"
        )


def _no_series(function: Function, x0: float | Array, coefficients: Array) -> ValueError:
    order, *place = np.argwhere(~np.isfinite(coefficients))[0].tolist()
    point = x0
    if isinstance(x0, np.ndarray) and coefficients.shape[1:] == x0.shape:  # one polynomial for each point
        point = float(x0[tuple(place)])
    return ValueError(
        f"{name_of(function.f)} has no Taylor series at x0 = {point}: coefficient {order} is {coefficients[order, *place]}. "
        "It lies outside of the domain, or at a point where a derivative does not exist; expand elsewhere, or to a lower order"
    )


def _no_end_of_paths(function: Function) -> TraceError:
    return TraceError(
        f"{name_of(function.f)} takes another path at each point, or one that depends on the last bit of a value; "
        "write its choices with np.where"
    )
