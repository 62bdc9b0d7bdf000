"""Front door `minimize_many`: one objective, many starts and arguments, over threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._problems._many import Codes, Counts, Many, outcomes
from .._problems._objective import Objective
from .._problems._space import box_of, start_of
from .._results._solutions import OptimizeResult
from ._minimize import OTHER_VALUE, STATUS, kernel_options, method_of, solved

__all__ = ["minimize_many"]

Array = NDArray[np.float64]
Found = tuple[Array, Array, Array, Codes, Counts, Counts, str]

#: So many solutions are compared with the function itself.
COMPARED = 16


def minimize_many(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    method: str | None = None,
    bounds: Any = None,
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    *,
    threads: int | None = None,
) -> OptimizeResult:
    """
    Minimise a function for each of many starts and arguments, over threads.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``, the objective of one problem, as `minimize` takes it.
    x0 : (K, n) array_like
        The starts, one behind the other.
    args : tuple, optional
        The other arguments of `fun`. An array whose first axis has K entries has one for each problem; numbers are for all of them.
        What else all share belongs into a closure.
    method, bounds, tol, options
        See `minimize`; the same for all problems. There is no ``max_time``.
    threads : int, optional
        By default OMP_NUM_THREADS, or as many as the machine has. The results are the same to the last bit for any number.

    Returns
    -------
    OptimizeResult
        `x` and `jac` of the shape of `x0`, `fun`, `success`, `status` (as `minimize` numbers them), `reason` (what ended each, by
        name), `message`, `nit` and `nfev`, all of K entries. A problem that has no minimum, or is not finite at its start, raises
        nothing.

    Raises
    ------
    ValueError
        If the starts, arguments or bounds do not fit together, or `fun` does not give one number.

    Warns
    -----
    FallbackWarning
        If `fun` could not be traced: then the problems are solved one after the other, by differences.

    See Also
    --------
    minimize : One problem, also under constraints.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def rosenbrock(x, a, b):
    ...     return (a - x[0]) ** 2 + b * (x[1] - x[0] ** 2) ** 2
    >>> found = fc.minimize_many(rosenbrock, np.zeros((3, 2)), args=(np.array([1.0, 2.0, 3.0]), 100.0))
    >>> found.x
    array([[1., 1.],
           [2., 4.],
           [3., 9.]])
    """
    starts = start_of(x0)
    many = Many(starts, args, threads, "problems")
    if starts.ndim != 2:
        raise ValueError(f"`x0` must have the shape (K, n), one start for each of K problems, not {starts.shape}")
    size = starts.shape[1]
    lower, upper = (None, None) if bounds is None else box_of(bounds, size)
    objective = Objective.of(fun, None)
    functions = objective.functions(starts[0], many.arguments(0))
    name = method_of(method, size, functions.source.startswith("program"))
    chosen = kernel_options(name, dict(options or {}), tol, size)
    if "max_time" in chosen:
        raise ValueError("max_time is of one search: many are limited by maxiter each")
    kernel = chosen.pop("_kernel")
    found = _at_once(objective, many, kernel, lower, upper, chosen) if functions.source == "program" else None
    if found is None:
        note = OTHER_VALUE if functions.source == "program" else ""
        found = _in_turn(objective, note, many, kernel, lower, upper, chosen)
    x, values, gradients, codes, nit, nfev, source = found
    return OptimizeResult(
        x=x, fun=values, jac=gradients, nit=nit, nfev=nfev, method=name, derivative_source=source, **outcomes(codes, STATUS)
    )  # fmt: skip


def _at_once(
    objective: Objective, many: Many, kernel: str, lower: Array | None, upper: Array | None, options: dict[str, Any]
) -> Found | None:
    """Solve them over threads by programs; None where the function itself has another value at a solution."""
    problems, values, gradients = objective.many(many, kernel, lower, upper, options)
    finite = np.flatnonzero(np.isfinite(values))
    for k in finite[:: max(1, len(finite) // COMPARED)]:
        if not objective.gives(values[k], problems.x[k], many.starts[k], many.arguments(k)):
            return None
    return problems.x, values, gradients, problems.codes, problems.nit, problems.nfev, "program"


def _in_turn(
    objective: Objective, note: str, many: Many, kernel: str, lower: Array | None, upper: Array | None, options: dict[str, Any]
) -> Found:  # fmt: skip
    """Solve one after the other, by the first way that works for each; by differences where a `note` says why."""
    x, values, gradients = np.zeros_like(many.starts), np.zeros(len(many)), np.zeros_like(many.starts)
    codes, nit, nfev = np.zeros(len(many), np.intc), np.zeros(len(many), np.int64), np.zeros(len(many), np.int64)
    source = ""
    for k, start in enumerate(many.starts):
        given = many.arguments(k)
        functions = objective.by_differences(given, note) if note else objective.functions(start, given)
        found, asked, _ = solved(objective, functions, kernel, start, given, lower, upper, options)
        x[k], values[k], gradients[k], source = found.x, found.fun, found.gradient, asked.source
        codes[k], nit[k], nfev[k] = found.code, found.nit, found.nfev
    return x, values, gradients, codes, nit, nfev, source
