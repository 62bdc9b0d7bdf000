"""Front door `minimize`: what has constraints. Comes in: an objective and constraints, posed. Goes out: an `OptimizeResult`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fast import ConstrainedMinimum
from .._problems._constraints import Constraint
from .._problems._lagrangian import Constraints
from .._problems._objective import Functions, Objective
from .._results._solutions import OptimizeResult
from ._options import named_for_kernel

__all__ = ["METHOD", "METHODS", "minimize_constrained"]

Array = NDArray[np.float64]

METHOD = "interior-point"

#: There is one method; SciPy's names for methods that take constraints stand for it.
METHODS = (METHOD, "slsqp", "trust-constr")

#: The kernel's name of each option.
OPTIONS = {"gtol": "tolerance", "maxiter": "maxiter", "maxfun": "maxfun", "max_time": "max_time"}

#: SciPy's numbers for the ways to end, as far as it has them.
STATUS = {
    "max_iterations": 1,
    "max_evaluations": 1,
    "max_time": 1,
    "no_progress": 2,
    "problem_not_finite": 3,
    "derivative_not_finite": 3,
    "unbounded": 4,
    "infeasible": 5,
    "saddle": 6,
    "stopped_by_callback": 99,
}

#: A least eigenvalue below this part of the Hessian's largest entry is not called positive.
FLAT = 1e-7

#: A gradient that the multipliers leave, beyond this part of itself, is said.
UNBALANCED = 1e-6


def options_of(method: str | None, given: dict[str, Any], tol: float | None) -> dict[str, Any]:
    """Return the kernel's options."""
    if method is not None and str(method).lower() not in METHODS:
        raise ValueError(f"method {str(method)!r} takes no constraints: leave it out, or give {METHOD!r}")
    chosen: dict[str, Any] = {"maxiter": 3000}
    if tol is not None:
        chosen["tolerance"] = tol
    return chosen | named_for_kernel(given, OPTIONS)


def minimize_constrained(
    objective: Objective,
    functions: Functions,
    given: list[Constraint],
    x: Array,
    arguments: tuple[Any, ...],
    lower: Array | None,
    upper: Array | None,
    options: dict[str, Any],
    listener: Callable[..., Any] | None,
    path: bool,
) -> OptimizeResult:
    """Return the minimum under the constraints, inside the bounds."""
    constraints = Constraints(given, objective, x)
    found, source = constraints.minimize(functions, x, arguments, lower, upper, options, listener, path)
    if functions.calls and found.success and not objective.gives(found.fun, found.x, x, arguments):
        note = "at the solution it does not give the value of its own trace (a global that changes, or randomness)"
        functions = objective.by_differences(arguments, note)
        found, source = constraints.minimize(functions, x, arguments, lower, upper, options, listener, path)
    if found.status == "problem_not_finite":
        raise ValueError(_where_not_finite(found, constraints))
    result = _named(found, constraints, objective, functions.source, source, options.get("tolerance", 0.0))
    if path:
        result["path"], result["path_values"] = found.path, found.values
        result["_objective"] = lambda at: objective.value(at, arguments)
    return result


def _where_not_finite(found: ConstrainedMinimum, constraints: Constraints) -> str:
    if not np.isfinite(found.fun):
        return f"the objective is {found.fun} at the start: give an x0 inside of its domain"
    place = int(np.argmin(np.isfinite(found.constraints)))
    return (
        f"{constraints.names([place])[0]} is {found.constraints[place]} at the start: give an x0 inside of its domain"
    )


def _named(
    found: ConstrainedMinimum,
    constraints: Constraints,
    objective: Objective,
    source: str,
    source_of_constraints: str,
    tolerance: float,
) -> OptimizeResult:
    place = objective.unflatten
    dependent = constraints.names(found.dependent)
    size = np.max(np.abs(found.hessian), initial=0.0)
    m = constraints.size
    return OptimizeResult(
        x=place(found.x),
        fun=found.fun,
        jac=place(found.gradient),
        hess=found.hessian,
        success=found.success,
        status=STATUS.get(found.status, 0),
        message=_message(found, constraints, dependent, tolerance),
        reason=found.status,
        nit=found.nit,
        nfev=found.nfev,
        njev=found.njev,
        nhev=found.nit,
        method=METHOD,
        constr=constraints.split(found.constraints),
        constr_jac=found.jacobian,
        multipliers=constraints.split(found.multipliers),
        bound_multipliers=place(found.bound_multipliers),
        active=constraints.split(np.array(found.active[:m], np.float64)),
        constr_violation=found.violation,
        kkt_residual=found.residual,
        curvature=found.curvature,
        second_order=bool(found.success and found.curvature > FLAT * size),
        dependent=dependent,
        derivative_source=source
        if source == source_of_constraints
        else f"{source}; constraints: {source_of_constraints}",
    )


def _message(found: ConstrainedMinimum, constraints: Constraints, dependent: list[str], tolerance: float) -> str:
    message: str = found.message
    if found.status == "infeasible":
        violated = constraints.names(found.violated)
        message += (
            f" The largest violation is {found.violation:.3g}; together, these cannot hold: {', '.join(violated)}."
        )
    if dependent:
        message += (
            f" The gradients of active constraints are dependent: those of {', '.join(dependent)} follow from the others,"
            " so that multipliers are not unique."
        )
    size = max(1.0, float(np.max(np.abs(found.gradient), initial=0.0)))
    if found.success and found.residual > max(UNBALANCED, 10 * tolerance) * size:
        message += (
            f" They hold only relative to multipliers as large as {np.max(np.abs(found.multipliers)):.1g}: the gradients of the active"
            " constraints vanish there or leave no way inside, so that no multipliers exist."
        )
    return message
