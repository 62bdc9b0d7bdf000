"""backends: the door of `scipy.optimize.root`: the method 'hybr', which is Powell's, with exact derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..._doors._root import root
from ..._errors import NotOffered
from ._door import Call, Conditions, Door
from ._state import keeps_state

__all__ = ["doors"]

_XTOL = 1.49012e-08  # SciPy's default


def _read(
    fun: Any,
    x0: Any,
    args: Any = (),
    method: Any = "hybr",
    jac: Any = None,
    tol: Any = None,
    callback: Any = None,
    options: Any = None,
) -> Call:
    call = Call(**locals())
    call.args = args if isinstance(args, tuple) else (args,)
    call.options = dict(options or {})
    return call


_conditions: Conditions = (
    (lambda call: str(call.method).lower() == "hybr", "the method {method}"),
    (lambda call: call.callback is None, "a callback, which the method does not call"),
    (lambda call: set(call.options) <= {"xtol"}, "an option of the method {method} that fastcalc does not have"),
    (
        lambda call: not any(map(keeps_state, filter(callable, (call.fun, call.jac)))),
        "a function that keeps a state, which a program would not",
    ),
)


def _take(call: Call) -> Any:
    from scipy.optimize import OptimizeResult

    start = np.asarray(call.x0, np.float64).ravel()
    has_jacobian = callable(call.jac) or bool(call.jac)
    xtol = call.options.get("xtol", _XTOL if call.tol is None else call.tol)
    found = root(
        call.fun, start, call.args, jac=(call.jac if callable(call.jac) else True) if has_jacobian else None, tol=xtol
    )
    if not found.success:
        raise NotOffered(f"fastcalc found no root: {found.message}")
    q, r = _factors(found.jac)
    result = OptimizeResult(
        x=found.x, success=True, status=1, method="hybr", nfev=found.nfev, fjac=q.T.copy(), r=r, qtf=q.T @ found.fun, fun=found.fun
    )  # fmt: skip
    if has_jacobian:
        result["njev"] = found.njev
    result["message"] = "The solution converged."
    return result


def _factors(jacobian: Any) -> tuple[Any, Any]:
    """Return MINPACK's factors of a Jacobian: J = Q·R, R by rows of its triangle."""
    from scipy.linalg.lapack import dgeqrf, dorgqr  # np.linalg.qr, which calls them, takes three times as long

    factors, tau, _, _ = dgeqrf(jacobian.toarray() if hasattr(jacobian, "toarray") else jacobian)
    return dorgqr(factors, tau)[0], np.concatenate([row[i:] for i, row in enumerate(factors)])


doors = {"root": Door("root", _read, _conditions, _take)}
