"""Front door `minimize`: SciPy's signature over fastcalc's own loop, which runs wholly in C++.

Arguments are checked here; `Objective` says how the function is evaluated; the kernel runs the method; a `Minimum` goes out as an
`OptimizeResult` with SciPy's fields.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._data._derivatives import DIFFERENCES, given_derivative
from .._errors import TraceError
from .._fast import Minimisation, Minimum, kind_with, minimize_again
from .._functions._bound import part
from .._functions._implicit import is_tracing, minimum_in_trace
from .._problems._constraints import constraints_of
from .._problems._given import functions_of
from .._problems._objective import Functions, Objective, known_objectives
from .._problems._space import Vector, box_of, vector_of
from .._problems._sparse_hessian import FEW_VARIABLES
from .._problems._sparse_system import Dense, PatternGrew
from .._results._solutions import InverseHessian, OptimizeResult
from ._constrained import METHODS as CONSTRAINED
from ._constrained import minimize_constrained, options_of
from ._listener import Listener
from ._options import named_for_kernel

__all__ = ["minimize"]

Array = NDArray[np.float64]

#: The kernel's name of each method, by search where there are several.
METHODS = {
    "newton": "newton",
    "newton-cg": "newton_cg",
    "bfgs": "bfgs",
    "l-bfgs": "l_bfgs",
    "l-bfgs-b": "l_bfgs",
    "gradient-descent": "gradient_descent_armijo",
    "momentum": "momentum",
    "nesterov": "nesterov",
    "adam": "adam",
}
SEARCHES = {
    "armijo": "gradient_descent_armijo",
    "fixed": "gradient_descent",
    "barzilai-borwein": "gradient_descent_barzilai_borwein",
}
FIRST_ORDER = ("gradient-descent", "momentum", "nesterov", "adam")

#: The kernel's name of each option: of those that all methods have, and of each method's own.
OPTIONS = {
    "gtol": "gtol",
    "ftol": "ftol",
    "xtol": "xtol",
    "maxiter": "maxiter",
    "maxfun": "maxfun",
    "max_time": "max_time",
}
OWN_OPTIONS = {
    "newton": {"initial_trust_radius": "radius"},
    "newton-cg": {"initial_trust_radius": "radius"},
    "bfgs": {},
    "l-bfgs": {"maxcor": "memory"},
    "l-bfgs-b": {"maxcor": "memory"},
    "gradient-descent": {"learning_rate": "rate"},
    "momentum": {"learning_rate": "rate", "momentum": "momentum"},
    "nesterov": {"learning_rate": "rate", "momentum": "momentum"},
    "adam": {"learning_rate": "rate", "beta1": "momentum", "beta2": "decay"},
}

#: That L-BFGS keeps.
MOST_PAIRS = 10_000

OTHER_VALUE = "at the solution it does not give the value of its own trace (a global that changes, or randomness)"

#: SciPy's numbers for the ways to end.
STATUS = {
    "max_iterations": 1,
    "max_evaluations": 1,
    "max_time": 1,
    "precision_lost": 2,
    "objective_not_finite": 3,
    "curvature_not_finite": 3,
    "diverged": 3,
    "unbounded": 4,
    "stopped_by_callback": 99,
}


def minimize(
    fun: Callable[..., Any],
    x0: Any,
    args: Any = (),
    method: str | None = None,
    jac: Callable[..., Any] | bool | str | None = None,
    hess: Callable[..., Any] | str | None = None,
    hessp: Callable[..., Any] | None = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    *,
    progress: bool = False,
    path: bool = False,
) -> OptimizeResult:
    """
    Minimise a function of one or more variables, with exact derivatives.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)`` gives one number. A plain NumPy function; its derivatives are taken from a trace of it. Each new trace is
        compared with the function itself, at the start and at the solution; one that was compiled by `fastcalc.compile` is not.
    x0 : array_like or pytree
        The start: n numbers, or a dict, list, tuple or dataclass of arrays and numbers.
    args : tuple, optional
        Further arguments.
    method : str, optional
        ``"newton"`` (exact Hessian in a trust region; the default up to 100 variables, and beyond if the Hessian is sparse: then its
        entries are all that is stored), ``"newton-cg"`` (exact products with the Hessian, memory of a few vectors; the default for
        other Hessians beyond), ``"bfgs"``, ``"l-bfgs"``, ``"gradient-descent"``, ``"momentum"``,
        ``"nesterov"``, ``"adam"``. By default ``"bfgs"`` or ``"l-bfgs"`` where second derivatives are not exact. Those of
        `fastcalc.methods` are these names.
    jac : callable, bool or {"2-point", "3-point", "cs"}, optional
        ``jac(x, *args)``, used in place of the traced gradient; True: `fun` gives the value and the gradient. The names of SciPy's
        difference schemes are accepted and not followed: the derivatives are exact.
    hess, hessp : callable, optional
        ``hess(x, *args)`` of shape (n, n), from 101 variables on perhaps a `scipy.sparse` matrix, which stays sparse;
        ``hessp(x, v, *args)``. Used in place of the traced ones. Schemes, and SciPy's strategies of updates, are not followed either.
    bounds : sequence of (low, high) or scipy.optimize.Bounds, optional
        Every method keeps to them; None is no bound, equal ones fix a variable.
    constraints : constraint or list of them, optional
        `equality` and `inequality`, SciPy's dicts ``{"type": "eq" or "ineq", "fun": ...}``, `scipy.optimize.NonlinearConstraint`
        and `LinearConstraint`. They take the structure of `x0`. The method is then an interior point with exact second
        derivatives, ``"interior-point"``; with equations alone it is Newton's method on Lagrange's equations. Its tolerance is
        ``options["gtol"]`` (default 1e-9).
    tol : float, optional
        Of the largest component of the gradient: ``options["gtol"]``.
    callback : callable, optional
        ``callback(x)``, or ``callback(intermediate_result=…)`` if that is the name of its only argument, after each iteration. Raise
        StopIteration to end.
    options : dict, optional
        ``gtol`` (default 1e-8), ``ftol`` and ``xtol`` (relative changes; by default not looked at), ``maxiter`` (default 200 n, from
        1000 to 200,000; 10,000 of the first-order methods, 3000 under constraints), ``maxfun`` and ``max_time`` in seconds (none),
        ``disp``; ``learning_rate`` (default 1e-3) of the first-order methods; ``momentum`` (0.9) of momentum and Nesterov, ``beta1``
        (0.9) and ``beta2`` (0.999) of Adam; ``search`` of gradient descent, ``"armijo"`` (default), ``"fixed"`` (if a
        ``learning_rate`` is given) or ``"barzilai-borwein"``; ``maxcor`` (10) of L-BFGS; ``initial_trust_radius`` of Newton's methods.
    progress : bool, default False
        Show a bar of the iterations, by tqdm.
    path : bool, default False
        Record the iterates; the result's `plot_path` draws them.

    Returns
    -------
    OptimizeResult
        ``x``, ``fun``, ``jac``, ``success``, ``status``, ``message``, ``nit``, ``nfev``, … Under constraints also ``multipliers``, for
        each constraint by what the minimum rises if the bound that holds it is raised by 1 (∂f*/∂b, in the shape of its values),
        ``bound_multipliers`` (in the structure of x), ``constr`` and ``constr_jac`` (the constraints' values and Jacobian, as one
        matrix), ``constr_violation``, ``kkt_residual`` (the largest component of ∇f − Jᵀy − z), ``curvature`` (the least eigenvalue of
        the Lagrangian's Hessian along the active constraints), ``second_order`` (whether it is positive), ``active`` (−1 and 1 for the
        bound that holds a constraint), ``dependent`` (constraints whose gradients follow from those of others).

    Raises
    ------
    ValueError
        If the start is not finite or not one-dimensional, the method is unknown, `jac`, `hess` or `hessp` is none, the bounds
        contradict each other, or `fun` does not give one number.
    TypeError
        If the start, an option, or what `fun` gives is no real number.

    Warns
    -----
    FallbackWarning
        If `fun` could not be traced, so that derivatives are finite differences.
    scipy.optimize.OptimizeWarning
        If the method does not have one of the options.

    Notes
    -----
    A stationary point where the Hessian has a negative eigenvalue is left along its eigenvector, by every method: it is no minimum. So
    is one where the least eigenvalue is zero, to rounding, if the function is seen to fall along its eigenvector.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def rosenbrock(x):
    ...     return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    >>> found = fc.minimize(rosenbrock, [-1.2, 1.0])
    >>> found.success, found.x
    (True, array([1., 1.]))
    """
    plain = (
        (bounds is None and tol is None and callback is None and options is None)
        and (jac is None and hess is None and hessp is None)
        and type(args) is type(constraints) is tuple
        and not (constraints or progress or path)
    )
    if plain:
        again = minimize_again(known_objectives, fun, method, x0, args, STATUS)
        if again is not None:
            return _with_pairs(*again)
    arguments = args if isinstance(args, tuple) else (args,)
    if is_tracing():
        if bounds is not None or constraints not in ((), [], None):
            raise TraceError("inside of a function that is differentiated, fc.minimize takes no bounds or constraints")
        _given_derivatives(jac, hess, hessp)  # what is none is refused; the others give way to the trace's own
        return _in_trace(
            part(fun, 0) if jac is True else fun, x0, arguments, method, tol, callback, options, progress, path
        )
    return _posed_anew(
        fun, x0, arguments, method, jac, hess, hessp, bounds, constraints, tol, callback, options, progress, path, plain
    )


# What closures share makes each call of the function that they stand in slower, even one that makes none of them.


def _in_trace(
    fun: Callable[..., Any], x0: Any, arguments: tuple[Any, ...], method: str | None, tol: float | None,
    callback: Callable[..., Any] | None, options: dict[str, Any] | None, progress: bool, path: bool,
) -> OptimizeResult:  # fmt: skip
    if isinstance(x0, dict) or hasattr(x0, "__dataclass_fields__"):
        raise TraceError(
            "inside of a function that is differentiated, fc.minimize takes an array to start from, no structure"
        )
    return minimum_in_trace(  # type: ignore[no-any-return]
        fun,
        x0,
        arguments,
        lambda f, x: minimize(
            f, x, (), method, tol=tol, callback=callback, options=options, progress=progress, path=path
        ),
    )


def _posed_anew(
    fun: Callable[..., Any], x0: Any, arguments: tuple[Any, ...], method: str | None, jac: Any, hess: Any, hessp: Any, bounds: Any,
    constraints: Any, tol: float | None, callback: Callable[..., Any] | None, options: dict[str, Any] | None, progress: bool,
    path: bool, plain: bool,
) -> OptimizeResult:  # fmt: skip
    """Minimise what was not minimised before in the same way; if it is `plain`, keep it for the next time."""
    x, vector = vector_of(x0)
    if plain and vector is None and x is not x0:
        return minimize(fun, x, arguments, method)
    lower, upper = (None, None) if bounds is None else box_of(bounds, x.size)
    objective = Objective.of(fun, vector)
    jac, hess, hessp = _given_derivatives(jac, hess, hessp)
    functions = functions_of(objective, x, arguments, jac, hess, hessp)
    exact = functions.source.startswith("program") or functions.hessian is not None or functions.product is not None
    limiting = constraints_of(constraints, x.size)
    if limiting:
        limits = options_of(method, dict(options or {}), tol)
        listener = Listener.of(callback, progress, limits["maxiter"], vector)
        try:
            result = minimize_constrained(
                objective, functions, limiting, x, arguments, lower, upper, limits, listener, path
            )
        finally:
            if listener is not None:
                listener.close()
        return _shown(result, options)
    asked = functions
    if x.size > FEW_VARIABLES and _takes_matrix(method) and exact and not callable(hess) and not callable(hessp):
        with contextlib.suppress(Dense):
            asked = objective.by_entries(functions, x, arguments)
    name = method_of(method, x.size, exact, asked.sparse is not None and asked.sparse.is_cheap)
    chosen = kernel_options(name, dict(options or {}), tol, x.size)
    chosen["leave_saddles"] = functions.product is not None
    listener = Listener.of(callback, progress, chosen["maxiter"], vector)
    kernel = chosen.pop("_kernel")

    def search(functions: Functions, kernel: str, name: str) -> tuple[Minimum, Functions, Minimisation]:
        return solved(objective, functions, kernel, x, arguments, lower, upper, chosen, listener, path, name)

    try:
        found, asked, posed = search(asked, kernel, name)
    except Dense:  # on a path that begins elsewhere, or by differences
        name = "newton-cg"
        found, asked, posed = search(functions, METHODS[name], name)
    finally:
        if listener is not None:
            listener.close()
    if found.status == "objective_not_finite":
        raise ValueError(_where_not_finite(found, x))
    result = named(found, name, asked.source, vector)
    kind = kind_with((method, x.size), arguments)
    if plain and kind is not None and vector is None and asked.sparse is None and found.success:
        posed.gives_results_like(result)
        if posed.lets_go(arguments):
            objective.give_back(kind, posed)
    if asked.sparse and name == "newton":
        result["hess"] = asked.sparse.matrix(result["hess"])
    if path:
        result["path"], result["path_values"] = found.path, found.values
        result["_objective"] = lambda at: objective.value(at, arguments)
    return _shown(result, options)


def _given_derivatives(jac: Any, hess: Any, hessp: Any) -> tuple[Any, Any, Any]:
    """Return what the caller gives, if it is what it should be: a derivative, None, or the name of a scheme of SciPy's."""
    if hasattr(hess, "get_matrix"):  # one of SciPy's strategies of updates
        hess = None
    return (
        given_derivative("jac", jac, True, *DIFFERENCES),
        given_derivative("hess", hess, *DIFFERENCES),
        given_derivative("hessp", hessp),
    )


def _shown(result: OptimizeResult, options: dict[str, Any] | None) -> OptimizeResult:
    if options and options.get("disp"):
        print(result.message)
        print(f"         Current function value: {result.fun:f}\n         Iterations: {result.nit}")
    return result


def _takes_matrix(method: str | None) -> bool:
    return method is None or str(method).lower() in ("newton", *CONSTRAINED)


def method_of(method: str | None, size: int, exact: bool, is_sparse: bool = False) -> str:
    if method is None or str(method).lower() in CONSTRAINED:
        few = size <= FEW_VARIABLES
        return ("newton" if few or is_sparse else "newton-cg") if exact else ("bfgs" if few else "l-bfgs")
    name = str(method).lower()
    if name not in METHODS:
        raise ValueError(f"Unknown solver {method}; there are {', '.join(map(repr, METHODS))}: or leave the method out")
    return name


def kernel_options(name: str, given: dict[str, Any], tol: float | None, size: int) -> dict[str, Any]:
    """Return the kernel's options, and under `_kernel` its name of the method."""
    kernel = METHODS[name]
    if name == "gradient-descent":
        search = given.pop("search", "fixed" if "learning_rate" in given else "armijo")
        if search not in SEARCHES:
            raise ValueError(f"search {search!r}: gradient descent has {', '.join(map(repr, SEARCHES))}")
        kernel = SEARCHES[search]
    chosen: dict[str, Any] = {"maxiter": 10_000 if name in FIRST_ORDER else max(1000, 200 * min(size, 1000))}
    if tol is not None:
        chosen["gtol"] = tol
    if given:
        chosen.update(named_for_kernel(given, OPTIONS | OWN_OPTIONS[name]))
        if "memory" in chosen:  # there are no more pairs than iterations
            chosen["memory"] = min(chosen["memory"], max(1, chosen["maxiter"]), MOST_PAIRS)
    chosen["_kernel"] = kernel
    return chosen


def solved(
    objective: Objective, functions: Functions, kernel: str, x: Array, arguments: tuple[Any, ...], lower: Array | None,
    upper: Array | None, options: dict[str, Any], listener: Listener | None = None, path: bool = False, name: str = "",
) -> tuple[Minimum, Functions, Minimisation]:  # fmt: skip
    """Run the loop; again by differences if it met what cannot be traced, or the function itself has another value at the solution.

    Returns what was found, what it asked, and the problem as it was posed.
    """

    def pose(functions: Functions) -> Minimisation:
        return Minimisation(
            kernel, x.size, functions.value, functions.value_and_gradient, functions.hessian, functions.product, lower, upper,
            options, functions.sparse and functions.sparse.for_kernel(), functions.calls, name, functions.source,
        )  # fmt: skip

    posed = pose(functions)
    try:
        found = posed.find(x, listener, path)
        if not found.success or objective.confirms(functions, x, arguments, found):
            return found, functions, posed
        note = OTHER_VALUE
    except PatternGrew as grown:
        assert functions.grown is not None
        functions = functions.grown(grown.pattern)
        return solved(objective, functions, kernel, x, arguments, lower, upper, options, listener, path, name)
    except TraceError as error:
        note = str(error)
    if functions.sparse is not None and kernel == "newton":
        raise Dense(note)  # differences find all n × n entries
    functions = objective.by_differences(arguments, note)
    posed = pose(functions)
    return posed.find(x, listener, path), functions, posed


def _where_not_finite(found: Minimum, x: Array) -> str:
    if not np.isfinite(found.fun):
        return f"the objective is {found.fun} at the start: give an x0 inside of its domain"
    place = int(np.argmin(np.isfinite(found.gradient)))
    return f"the gradient is {found.gradient[place]} at the start, in component {place}: give an x0 where it is finite"


def named(found: Minimum, name: str, source: str, vector: Vector | None) -> OptimizeResult:
    """Return what was found under SciPy's names."""
    result = OptimizeResult()
    found.into(result, STATUS)
    if vector is not None:
        result["x"], result["jac"] = vector.unflatten(found.x), vector.unflatten(found.gradient)
    _with_pairs(result, found)
    result["method"], result["derivative_source"] = name, source
    return result


def _with_pairs(result: OptimizeResult, found: Minimum) -> OptimizeResult:
    """Return the result with the estimate of the inverse Hessian that L-BFGS's pairs are."""
    pairs = found.pairs
    if pairs is not None:
        result["hess_inv"] = InverseHessian(pairs[:, 0], pairs[:, 1])
    return result
