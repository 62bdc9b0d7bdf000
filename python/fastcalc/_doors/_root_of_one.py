"""Front doors `newton`, `root_scalar`, `fixed_point`: equations for one number, or for many that have nothing to do with each other.

Arguments come in as SciPy's functions of these names take them. Newton's iteration runs in C++: a loop for one number, lanes for an
array. Roots go out, or the name of what became of the iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._data._derivatives import given_derivative
from .._data._limits import most_iterations
from .._errors import warn
from .._fast import Equations, NewtonLimits, Remembered, RootOutcome, newton_again, root_scalar_again, status_text
from .._functions._bound import run
from .._functions._differentiated import Mismatch
from .._functions._implicit import is_tracing, real_value, root_in_trace
from .._problems._elementwise import elementwise
from .._problems._equations import Equation, known_equations
from .._results._solutions import OptimizeResult

__all__ = ["NewtonRoots", "fixed_point", "newton", "root_scalar"]

Array = NDArray[np.float64]


class NewtonRoots(NamedTuple):
    """What `newton` found for an array, a number or a name each.

    Attributes
    ----------
    root : ndarray
        The roots; where the iteration failed, its last point.
    converged : ndarray of bool
        Whether it is a root.
    zero_der : ndarray of bool
        Where the derivative was zero.
    status : ndarray of str
        The name of what ended each iteration.
    iterations : ndarray of int
        Evaluations of the function and its derivative.
    """

    root: Array
    converged: NDArray[np.bool_]
    zero_der: NDArray[np.bool_]
    status: NDArray[Any]
    iterations: NDArray[np.int64]


def newton(
    func: Callable[..., Any],
    x0: ArrayLike,
    fprime: Callable[..., Any] | None = None,
    args: Any = (),
    tol: float | None = None,
    maxiter: int | None = None,
    fprime2: Any = None,
    x1: Any = None,
    rtol: float | None = None,
    full_output: bool = False,
    disp: bool = True,
    *,
    safeguard: bool = True,
) -> Any:
    """
    Find roots by Newton–Raphson with exact derivatives: of one number, or of each element of an array.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``, a plain NumPy function; for an array it works element by element, in `args` too. What elements share, such
        as a mean of an argument, is safe as an argument that is a number: where few elements use it, and only for some data, that
        it is taken of all of them is not always seen.
    x0 : float or array_like
        Where to start.
    fprime : callable, optional
        ``fprime(x, *args)``, instead of the exact derivative of `func`.
    args : tuple, optional
        The other arguments. Arrays among them are broadcast with `x0`.
    tol, rtol : float, optional
        The iteration ends with a step of at most ``tol + rtol * |x|``. By default `rtol` is 1.5e-8, after which the error is about
        the square of that, and `tol` is ``4 ε |x0|``.
    maxiter : int, optional
        The most evaluations, 100 by default.
    fprime2, x1 : None
        Of Halley's and the secant method, which SciPy's `newton` turns into; not offered.
    full_output : bool
        Return what happened too.
    disp : bool
        Raise if the iteration of a number fails, or of all of an array.
    safeguard : bool, default True
        ``|f|`` must fall from step to step: steps are shortened where it does not, and where none helps a change of sign is looked
        for further and further away, and then kept between two ends. False: the bare iteration, and the name of what becomes of it.

    Returns
    -------
    root : float or ndarray
        The root, or roots.
    results : OptimizeResult
        With ``full_output`` and a number: `root`, `converged`, `flag`, `iterations`, `function_calls`, `status`, `period`.
        With ``full_output`` and an array a `NewtonRoots` is returned alone.

    Raises
    ------
    RuntimeError
        If `disp` and the iteration fails: a zero derivative, a cycle, a flight to infinity, a minimum that is no root, a pole,
        or too many iterations.

    Warns
    -----
    RuntimeWarning
        If it fails for some elements of an array.
    FallbackWarning
        If `func` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    root_scalar : Between two ends a root is always found.
    root : For equations that depend on each other.

    Notes
    -----
    SciPy's function of this name is the secant method unless `fprime` is given. This one never is.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.newton(lambda x: x**3 - 2 * x - 5, 2.0)
    np.float64(2.0945514815423265)
    >>> fc.newton(lambda x, a: x**2 - a, 1.0, args=(np.array([2.0, 9.0]),))
    array([1.41421356, 3.        ])

    Newton's steps may go round in a circle:

    >>> fc.newton(lambda x: x**3 - 2 * x + 2, 0.0, safeguard=False)
    Traceback (most recent call last):
        ...
    RuntimeError: Newton's steps go round in a cycle. Its period is 2. Failed to converge after 4 iterations, value is 0.0.
    >>> fc.newton(lambda x: x**3 - 2 * x + 2, 0.0)
    np.float64(-1.7692923542386314)
    """
    if fprime is None and fprime2 is None and x1 is None and not full_output:
        plain = tol is None and rtol is None and maxiter is None and safeguard
        root = newton_again(known_equations, func, x0, args, None if plain else _limits(tol, rtol, maxiter, safeguard))
        if root is not None:
            return root
    if is_tracing():
        return _newton_in_trace(func, x0, _tuple(args), _limits(tol, rtol, maxiter, safeguard))
    if fprime2 is not None or x1 is not None:
        raise ValueError("fprime2 and x1 are of Halley's and the secant method; this is Newton–Raphson: leave them out")
    limits = _limits(tol, rtol, maxiter, safeguard)
    args = _tuple(args)
    equation = Equation.of(func, given_derivative("fprime", fprime))
    start = _real(x0, "x0")
    if start.ndim == 0 and not any(isinstance(a, np.ndarray | list) and np.ndim(a) > 0 for a in args):
        outcome, _ = _one(equation, float(start), args, limits)
        if disp and not outcome.success:
            _failed(outcome)
        return (outcome.x, _results(outcome, "newton")) if full_output else outcome.x
    return _many(equation, start, args, limits, full_output, disp)


def root_scalar(
    f: Callable[..., Any],
    args: Any = (),
    method: str | None = None,
    bracket: ArrayLike | None = None,
    fprime: Callable[..., Any] | bool | None = None,
    fprime2: Any = None,
    x0: float | None = None,
    x1: Any = None,
    xtol: float | None = None,
    rtol: float | None = None,
    maxiter: int | None = None,
    options: dict[str, Any] | None = None,
) -> OptimizeResult:
    """
    Find a root of a function of one number: between two ends, or from a start.

    Parameters
    ----------
    f : callable
        ``f(x, *args)``, a plain NumPy function of one number.
    args : tuple, optional
        The other arguments.
    method : {"newton"}, optional
        Newton–Raphson, safeguarded.
    bracket : (a, b), optional
        Two ends at which `f` has different signs. Newton's steps are taken while they stay between the ends and shorten quickly,
        else halves: a root is found whatever `f` does.
    fprime : callable or True, optional
        ``fprime(x, *args)``, instead of the exact derivative. True: `f` gives the pair of both.
    x0 : float, optional
        Where to start, without `bracket`. See `newton`.
    fprime2, x1 : None
        Of Halley's and the secant method; not offered.
    xtol, rtol : float, optional
        The iteration ends with a step of at most ``xtol + rtol * |x|``. By default `rtol` is 1.5e-8, after which the error is about
        the square of that; between two ends halves go on to the last bit.
    maxiter : int, optional
        The most iterations, 100 by default.
    options : dict, optional
        ``xtol``, ``rtol`` or ``maxiter``, as SciPy takes them here too.

    Returns
    -------
    OptimizeResult
        `root`, `converged`, `flag`, `iterations`, `function_calls`, `method`, `status` (the name of what ended it), `period`.

    Raises
    ------
    ValueError
        If `f` has the same sign at both ends or is not finite there, if neither `bracket` nor `x0` is given, or the method is unknown.

    See Also
    --------
    newton : Arrays of equations at once.

    Notes
    -----
    W. H. Press et al., "Numerical Recipes", 9.4; the iteration without ends is described at `newton`.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> found = fc.root_scalar(lambda x: np.cos(x) - x, bracket=(0, 1))
    >>> found.root, found.converged
    (np.float64(0.7390851332151607), True)
    """
    if type(args) is tuple and method is None and fprime is None and fprime2 is None and x1 is None:
        if options is None:
            plain = xtol is None and rtol is None and maxiter is None
            limits = None if plain else _limits(xtol, rtol, maxiter, True)
            again = root_scalar_again(known_equations, f, x0, bracket, args, limits)
            if again is not None:
                return again  # type: ignore[no-any-return]
    if method is not None and str(method).lower() != "newton":
        raise ValueError(
            f"Unknown solver {method}; there is 'newton', between two ends or from a start: leave the method out"
        )
    if fprime2 is not None or x1 is not None:
        raise ValueError("fprime2 and x1 are of Halley's and the secant method; this is Newton–Raphson: leave them out")
    given = {"xtol": xtol, "rtol": rtol, "maxiter": maxiter} | dict(options or {})
    limits = _limits(given.pop("xtol"), given.pop("rtol"), given.pop("maxiter"), True)
    if given:
        raise TypeError(f"root_scalar() got an unexpected option {next(iter(given))!r}")
    args = _tuple(args)
    if is_tracing():
        found, x = _one_in_trace(f, x0, bracket, args, limits)
        result = _results(found, "newton")
        result["root"] = x
        return result
    equation = Equation.of(f, given_derivative("fprime", fprime, True))
    if bracket is None:
        if x0 is None:
            raise ValueError("Unable to select a solver as neither bracket nor starting point provided.")
        return _kept(*_one(equation, _number(x0, "x0"), args, limits))
    ends = _real(bracket, "bracket")
    if ends.shape != (2,) or not np.isfinite(ends).all():
        raise ValueError(f"bracket must be two finite numbers (a, b), not {bracket}")
    a, b = float(ends[0]), float(ends[1])
    outcome, posed = _between(equation, a, b, args, limits)
    if outcome.status == "no_change_of_sign":
        raise ValueError("f(a) and f(b) must have different signs")
    if outcome.status == "not_finite_at_start":
        raise ValueError(f"f is not finite at the end {outcome.x} of the bracket")
    return _kept(outcome, posed)


def fixed_point(
    func: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    xtol: float | None = None,
    maxiter: int | None = None,
) -> Any:
    """
    Find where a function gives its own argument, x = func(x), by Newton's method.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``, a plain NumPy function, of as many numbers as it gives.
    x0 : float or array_like
        Where to start.
    args : tuple, optional
        The other arguments.
    xtol : float, optional
        Relative tolerance of the last step, 1e-8 by default; the error that remains is about its square.
    maxiter : int, optional
        The most iterations.

    Returns
    -------
    float or ndarray

    Raises
    ------
    RuntimeError
        If no fixed point was found; the message says why.

    See Also
    --------
    root : The equations x − func(x) = 0 are solved there. Unlike the iteration x = func(x), this converges quadratically,
        also where that one would run away.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> fc.fixed_point(np.cos, 1.0)
    np.float64(0.7390851332151607)
    """
    args = _tuple(args)
    if is_tracing():
        if np.ndim(x0) == 0:
            return _one_in_trace(_Displacement(func), x0, None, args, _limits(None, xtol, maxiter, True))[1]
        return root_in_trace(_Displacement(func), x0, args, lambda f, at: Equation.of(f).root(at, (), xtol, maxiter))[1]
    start = _real(x0, "x0")
    equation = Equation.of(_displacements(func))
    outcome: RootOutcome
    if start.ndim == 0:
        outcome, _ = _one(equation, float(start), args, _limits(None, xtol, maxiter, True))
    else:
        outcome, _ = equation.root(start, args, xtol, maxiter)
    if not outcome.success:
        raise RuntimeError(
            f"Failed to converge after {outcome.nit} iterations, value is {outcome.x}. {outcome.message}"
        )
    return outcome.x if start.ndim == 0 else outcome.x.reshape(start.shape)


class _Displacement:
    """x − f(x), of which a fixed point of f is a root."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.f = f
        self.__name__ = getattr(f, "__name__", type(f).__name__)

    def __call__(self, x: Any, *arguments: Any) -> Any:
        made = run(self.f, x, *arguments)
        if np.size(made) != np.size(x):
            raise Mismatch(self.f, np.shape(x), np.shape(made))
        return x - np.reshape(made, np.shape(x))


_displacements = Remembered(_Displacement)


def _newton_in_trace(func: Callable[..., Any], x0: Any, arguments: tuple[Any, ...], limits: NewtonLimits) -> Any:
    """Newton–Raphson inside of a function that is differentiated; an array is solved as a system whose Jacobian is diagonal."""
    if np.ndim(x0) == 0:
        return _one_in_trace(func, x0, None, arguments, limits)[1]
    return root_in_trace(func, x0, arguments, lambda f, at: Equation.of(f).root(at, ()))[1]


def _one_in_trace(
    f: Callable[..., Any], x0: Any, bracket: Any, arguments: tuple[Any, ...], limits: NewtonLimits
) -> tuple[RootOutcome, Any]:
    if bracket is not None:
        a, b = (float(real_value(end)) for end in bracket)
        (outcome, _), x, _ = root_in_trace(f, a, arguments, lambda f, at: _between(Equation.of(f), a, b, (), limits))
    else:
        (outcome, _), x, _ = root_in_trace(f, x0, arguments, lambda f, at: _one(Equation.of(f), at, (), limits))
    return outcome, x


def _one(
    equation: Equation, start: float, arguments: tuple[Any, ...], limits: NewtonLimits
) -> tuple[RootOutcome, Equations]:
    """Newton–Raphson for one number."""
    return equation.asked(start, arguments, lambda posed: posed.from_start(start, limits))


def _between(
    equation: Equation, a: float, b: float, arguments: tuple[Any, ...], limits: NewtonLimits
) -> tuple[RootOutcome, Equations]:
    return equation.asked(a, arguments, lambda posed: posed.between(a, b, limits))


def _many(
    equation: Equation, start: Array, arguments: tuple[Any, ...], limits: NewtonLimits, full_output: bool, disp: bool
) -> Any:
    found = elementwise(equation, start, arguments, limits, full_output)
    if not found.failed.size and not full_output:
        return found.roots
    kinds, kind_of, counts = np.unique(found.codes, return_inverse=True, return_counts=True)
    names = [status_text(code)[0] for code in kinds]
    if names:
        reasons = ", ".join(f"{count} × {name}" for name, count in sorted(zip(names, counts, strict=True)))
        which = "all" if found.failed.size == found.roots.size else "some"
        text = f"{which} failed to converge after {int(found.nit.max())} iterations ({reasons})"
        if which == "all" and disp:
            raise RuntimeError(text)
        warn(text, RuntimeWarning)
    if found.iterations is None:
        return found.roots
    kind = np.zeros(found.roots.shape, np.intp)
    kind.flat[found.failed] = kind_of + 1
    status = np.array(["root_found", *names])[kind]
    return NewtonRoots(found.roots, kind == 0, status == "derivative_zero", status, found.iterations)


def _failed(outcome: RootOutcome) -> Any:
    if outcome.status == "derivative_zero":
        text = "Derivative was zero."
    elif outcome.status == "max_iterations":
        text = ""
    elif outcome.period:
        text = f"{outcome.message} Its period is {outcome.period}."
    else:
        text = _message(outcome)
    raise RuntimeError(f"{text} Failed to converge after {outcome.nit} iterations, value is {outcome.x}.".lstrip())


def _message(outcome: RootOutcome) -> str:
    return "The function is not finite at the start." if outcome.status == "not_finite_at_start" else outcome.message


def _kept(outcome: RootOutcome, posed: Equations) -> OptimizeResult:
    """Return the result; later ones of the same equation are made like it."""
    result = _results(outcome, "newton")
    if outcome.success:
        posed.gives_results_like(result)
    return result


def _results(outcome: RootOutcome, method: str) -> OptimizeResult:
    return OptimizeResult(
        root=outcome.x,
        converged=outcome.success,
        flag="converged" if outcome.success else _message(outcome),
        iterations=outcome.nit,
        function_calls=outcome.nfev,
        method=method,
        status=outcome.status,
        period=outcome.period,
    )


def _tuple(args: Any) -> tuple[Any, ...]:
    return args if isinstance(args, tuple) else (args,)


def _limits(tol: float | None, rtol: float | None, maxiter: int | None, safeguard: bool) -> NewtonLimits:
    for name, value in (("tol", tol), ("rtol", rtol)):
        if isinstance(value, str):
            raise TypeError(f"{name} must be a number, not {value!r}")
    if tol is not None and not tol >= 0:
        raise ValueError(f"tol too small ({tol:g} < 0)")
    if rtol is not None and not rtol >= 0:
        raise ValueError(f"rtol too small ({rtol:g} < 0)")
    if maxiter is not None:
        maxiter = most_iterations(maxiter)
    if tol is not None and rtol is None:
        rtol = 0.0  # SciPy's own default beside a tol
    return NewtonLimits(rtol, tol, maxiter, safeguard)


def _real(x: Any, name: str) -> Array:
    array = np.asarray(x)
    if array.dtype.kind == "c":
        raise ValueError(f"`{name}` must be real; give the real and imaginary parts as unknowns of their own")
    try:
        return np.asarray(array, np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"`{name}` must be numbers, not {type(x).__name__}") from None


def _number(x: Any, name: str) -> float:
    array = _real(x, name)
    if array.size != 1:
        raise ValueError(
            f"`{name}` must be one number, but has the shape {array.shape}; for arrays see fastcalc.newton"
        )
    return float(array.reshape(()))
