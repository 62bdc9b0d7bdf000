"""backends: the fields that only `trust-constr` of `scipy.optimize.minimize` has. Comes in: what fastcalc found. Goes out: them.

SciPy's Lagrangian is f + vᵀc, fastcalc's f − yᵀc. What there is no counterpart of (the last trust radius, penalty, barrier) is NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._errors import NotOffered

__all__ = ["describe"]


def describe(result: Any, gradient: Any, bounds: tuple[Any, Any] | None, gtol: float, seconds: float) -> None:
    """Put the fields into a result; refuse one that is not optimal to `gtol`, which SciPy's status 1 promises."""
    constraints, multipliers, jacobians = [], [], []
    if bounds is not None:
        low, high = bounds
        held = ((result.x <= low) & (gradient > 0)) | ((result.x >= high) & (gradient < 0))
        constraints.append(result.x.copy())
        multipliers.append(np.where(held, -gradient, 0.0))
        jacobians.append(np.eye(result.x.size))
    slope = gradient + sum((j.T @ v for j, v in zip(jacobians, multipliers, strict=True)), np.zeros(result.x.size))
    optimality = float(np.max(np.abs(slope)))
    if result.success and not optimality < gtol:
        raise NotOffered(f"a gradient of {optimality:.1e} remains where gtol is {gtol:g}")
    count = len(constraints)
    result.update(
        grad=gradient,
        lagrangian_grad=slope,
        optimality=optimality,
        constr=constraints,
        jac=jacobians,
        v=multipliers,
        constr_violation=0.0,
        constr_nfev=[0] * count,
        constr_njev=[0] * count,
        constr_nhev=[0] * count,
        niter=result.nit,
        cg_niter=0,
        cg_stop_cond=0,
        tr_radius=np.nan,
        constr_penalty=np.nan,
        execution_time=seconds,
        method="equality_constrained_sqp" if bounds is None else "tr_interior_point",
    )
    if bounds is not None:
        result.update(barrier_parameter=np.nan, barrier_tolerance=np.nan)
