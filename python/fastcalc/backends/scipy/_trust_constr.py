"""backends: the fields that only `trust-constr` of `scipy.optimize.minimize` has. Comes in: what fastcalc found. Goes out: them.

SciPy's Lagrangian is f + vᵀc, fastcalc's f − yᵀc. What there is no counterpart of (the last trust radius, penalty, barrier) is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._errors import NotOffered

__all__ = ["describe"]


def describe(
    result: Any, found: Any, bounds: tuple[Any, Any] | None, of_equations: bool, gtol: float, seconds: float
) -> None:
    """Put the fields into a result; refuse one that is not optimal to `gtol`, which SciPy's status 1 promises."""
    gradient, n = found.jac, result.x.size
    values = [np.atleast_1d(c).ravel() for c in found.get("constr", [])]
    multipliers = [-np.atleast_1d(y).ravel() for y in found.get("multipliers", [])]
    jacobians = (
        np.split(found.get("constr_jac", np.zeros((0, n))), np.cumsum([c.size for c in values])[:-1]) if values else []
    )
    if bounds is not None:
        low, high = bounds
        held = ((result.x <= low) & (gradient > 0)) | ((result.x >= high) & (gradient < 0))
        values.append(result.x.copy())
        multipliers.append(-found.bound_multipliers if "bound_multipliers" in found else np.where(held, -gradient, 0.0))
        jacobians.append(np.eye(n))
    slope = gradient + sum((j.T @ v for j, v in zip(jacobians, multipliers, strict=True)), np.zeros(n))
    optimality, violation = float(np.max(np.abs(slope))), float(found.get("constr_violation", 0.0))
    if result.success and not max(optimality, violation) < gtol:
        raise NotOffered("a gradient or a violation that is not below gtol")
    count = len(values)
    result.update(
        grad=gradient,
        lagrangian_grad=slope,
        optimality=optimality,
        constr=values,
        jac=jacobians,
        v=multipliers,
        constr_violation=violation,
        constr_nfev=[found.nfev] * count,
        constr_njev=[found.njev] * count,
        constr_nhev=[result.nhev] * count,
        niter=result.nit,
        cg_niter=0,
        cg_stop_cond=0,
        tr_radius=np.nan,
        constr_penalty=np.nan,
        execution_time=seconds,
        method="equality_constrained_sqp" if of_equations and bounds is None else "tr_interior_point",
    )
    if result.method == "tr_interior_point":
        result.update(barrier_parameter=np.nan, barrier_tolerance=np.nan)
