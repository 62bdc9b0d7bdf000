"""Front doors `root` and `root_many`: systems of equations.

Arguments come in as SciPy's `root` takes them; Newton's method in a trust region runs in C++; an `OptimizeResult` goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike

from .._data._derivatives import given_derivative
from .._data._limits import most_iterations
from .._errors import warn
from .._fast import Equations, RootOutcome, root_again
from .._functions._implicit import is_tracing, root_in_trace
from .._problems._equations import Equation, known_equations
from .._problems._many import Many, outcomes
from .._problems._space import start_of
from .._problems._sparse_system import sparse_matrix
from .._results._solutions import OptimizeResult

__all__ = ["root", "root_many"]

METHODS = ("hybr", "newton")

#: SciPy's numbers: 1 for success, 2 at a limit, 4 where nothing brings |F| down.
STATUS = {"root_found": 1, "max_iterations": 2, "max_time": 2, "stalled": 4, "no_root_nearby": 4}


def root(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    method: str | None = None,
    jac: Callable[..., Any] | bool | None = None,
    tol: float | None = None,
    options: dict[str, Any] | None = None,
) -> OptimizeResult:
    """
    Find a root of a system of equations, F(x) = 0, by Newton's method in a trust region.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: a plain NumPy function that gives as many numbers as `x` has, in an array or a list.
    x0 : array_like
        Where to start. `fun` gets an array of its shape.
    args : tuple, optional
        The other arguments of `fun`.
    method : {"newton", "hybr"}, optional
        Both are Powell's dogleg with exact derivatives.
    jac : callable or True, optional
        ``jac(x, *args)``, of shape (n, n), instead of the exact derivative of `fun`; from 500 unknowns on a `scipy.sparse` matrix
        stays sparse. True: `fun` gives the pair of both.
    tol : float, optional
        Tolerance of the relative length of the last Newton step, 1e-8 by default. The error that remains is about its square.
    options : dict, optional
        ``xtol``, the same as `tol`; ``maxiter``, by default 200 (n + 1), and no more than 2000; ``max_time`` in seconds.

    Returns
    -------
    OptimizeResult
        With `x`, `success`, `status` (1 for a root, 2 at a limit, 4 where nothing brings ``|F|`` down, 0 for the rest), `message`,
        `reason` (the name of what ended it), `fun`, `jac`, `nfev`, `njev`, `nit`, `derivative_source`. From 500 unknowns on, `jac` is
        a `scipy.sparse.csr_array` where few entries can be other than zero.

    Raises
    ------
    ValueError
        If `x0` is empty or not finite, the method is unknown, or `jac` is neither callable nor True.
    TypeError
        If there are not as many equations as unknowns, or `fun` gives no real numbers.

    Warns
    -----
    FallbackWarning
        If `fun` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    root_scalar, newton : For one number, and for many at once.

    Notes
    -----
    Inside of a function that is differentiated, `x` depends on what `fun` depends on, by the implicit function theorem:
    ``fc.grad(lambda a: fc.root(f, x0, (a,)).x[0])`` is the derivative of the solution.

    A Jacobian of 500 columns and more is stored by its entries if at most one in 20 can be other than zero, as the program shows, and
    is eliminated by SciPy's SuperLU: a differential equation on a grid of 100 × 100 takes 0.1 s and 30 MB. Where the entries lie in a
    narrow band, from 10 columns on, the loop eliminates them itself.

    M. J. D. Powell, "A hybrid method for nonlinear equations" (1970); J. J. Moré, B. S. Garbow and K. E. Hillstrom, MINPACK (1980).

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def circle_and_line(x):
    ...     return [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1]
    >>> fc.root(circle_and_line, [1.0, 1.0]).x
    array([3., 4.])
    """
    if jac is None and options is None and method is None and type(args) is tuple:
        again = root_again(known_equations, fun, x0, args, STATUS, tol)
        if again is not None:
            return _by_entries(*again)
    return _posed_anew(fun, x0, args if isinstance(args, tuple) else (args,), method, jac, tol, options)


# Apart: what closures share makes each call of the function that they stand in slower, even one that makes none of them.
def _posed_anew(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: tuple[Any, ...],
    method: str | None,
    jac: Any,
    tol: float | None,
    options: dict[str, Any] | None,
) -> OptimizeResult:
    limits = _options(method, tol, options)
    if is_tracing():
        (found, posed), x, values = root_in_trace(fun, x0, args, lambda f, at: Equation.of(f).root(at, (), *limits))
        return _by_entries(_result(found, x, values, posed.source), posed)
    start = start_of(x0)
    equation = Equation.of(fun, given_derivative("jac", jac, True))
    found, posed = equation.root(start, args, *limits)
    if found.status == "not_finite_at_start":
        raise ValueError(f"fun is not finite at x0: it gives {found.fun}")
    x, values = found.x, found.fun
    if start.ndim > 1:
        x, values = x.reshape(start.shape), values.reshape(start.shape)
    result = _result(found, x, values, posed.source)
    posed.gives_results_like(result)
    return _by_entries(result, posed)


def root_many(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    *,
    threads: int | None = None,
) -> OptimizeResult:
    """
    Find a root for each of many systems of the same equations, over threads.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``, the equations of one system, as `root` takes them.
    x0 : (K, ...) array_like
        The starts, one behind the other.
    args : tuple, optional
        The other arguments of `fun`. An array whose first axis has K entries has one for each system; numbers are for all of them.
        What else all share belongs into a closure.
    tol, options
        See `root`.
    threads : int, optional
        By default OMP_NUM_THREADS, or as many as the machine has. The results are the same to the last bit for any number.

    Returns
    -------
    OptimizeResult
        `x` and `fun` of the shape of `x0`, `success`, `status` (as `root` numbers them), `reason` (what ended each, by name),
        `message`, `nit` and `nfev`, all of K entries. A system that has no root raises nothing.

    Raises
    ------
    ValueError
        If the starts or arguments do not fit together.
    TypeError
        If there are not as many equations as unknowns.

    Warns
    -----
    FallbackWarning
        If `fun` could not be traced: then the systems are solved one after the other, by differences.

    See Also
    --------
    newton : Many equations for one number each.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def circle_and_line(x, radius):
    ...     return [x[0] ** 2 + x[1] ** 2 - radius**2, x[0] - x[1] + 1]
    >>> fc.root_many(circle_and_line, np.ones((2, 2)), args=(np.array([5.0, 13.0]),)).x
    array([[3.        , 4.        ],
           [8.67877988, 9.67877988]])
    """
    xtol, maxiter, max_time = _options(None, tol, options)
    if max_time is not None:
        raise ValueError("max_time is of one search: many are limited by maxiter each")
    many = Many(start_of(x0), args, threads, "systems")
    x, values, codes, nit, nfev, source = Equation.of(fun).many(many, xtol, maxiter)
    return OptimizeResult(x=x, fun=values, nit=nit, nfev=nfev, derivative_source=source, **outcomes(codes, STATUS))


def _options(
    method: str | None, tol: float | None, options: dict[str, Any] | None
) -> tuple[float | None, int | None, float | None]:
    """Return xtol, maxiter and max_time."""
    if method is not None and str(method).lower() not in METHODS:
        raise ValueError(f"Unknown solver {method}; there is 'newton', in a trust region: leave the method out")
    if not options:
        return tol, None, None
    known = dict(options)
    limits = known.pop("xtol", tol), known.pop("maxiter", None), known.pop("max_time", None)
    if known:
        from scipy.optimize import OptimizeWarning

        warn(f"Unknown solver options: {', '.join(known)}", OptimizeWarning)
    xtol, maxiter, max_time = limits
    return xtol, None if maxiter is None else most_iterations(maxiter), max_time


def _result(found: RootOutcome, x: Any, values: Any, source: str) -> OptimizeResult:
    result = OptimizeResult()
    found.into(result, STATUS)
    result["x"], result["fun"] = x, values
    result["method"], result["derivative_source"] = "newton", source
    return result


def _by_entries(result: OptimizeResult, posed: Equations) -> OptimizeResult:
    """Return the result with SciPy's matrix, if the entries of one pattern are stored."""
    if posed.pattern is not None:
        result["jac"] = sparse_matrix(posed.pattern, result["jac"])
    return result
