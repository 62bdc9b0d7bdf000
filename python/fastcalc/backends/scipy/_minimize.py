"""backends: the door of `scipy.optimize.minimize`: its conditions, and the way there and back. The methods: `_minimize_methods`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..._doors._minimize import minimize
from ..._errors import NotOffered, warn
from ._callback import told
from ._constraints import (
    are_equations,
    are_kept_feasible,
    are_mixed,
    functions,
    have_jacobians,
    hold_strictly,
    listed,
    multipliers_of_slsqp,
    number_of_equations,
)
from ._door import Call, Conditions, Door
from ._minimize_methods import METHODS, Method
from ._state import keeps_state
from ._trust_constr import describe

__all__ = ["doors"]


def _read(
    fun: Any,
    x0: Any,
    args: Any = (),
    method: Any = None,
    jac: Any = None,
    hess: Any = None,
    hessp: Any = None,
    bounds: Any = None,
    constraints: Any = (),
    tol: Any = None,
    callback: Any = None,
    options: Any = None,
) -> Call:
    call = Call(**locals())
    call.args = args if isinstance(args, tuple) else (args,)
    call.options = dict(options or {})
    call.constraints = listed(constraints)
    if method is None:  # as SciPy chooses
        method = "slsqp" if call.constraints else "bfgs" if bounds is None else "l-bfgs-b"
    call.method = "of the caller's own" if callable(method) else str(method).lower()
    call.known = METHODS.get(call.method)
    return call


def _given(call: Call) -> set[str]:
    """Return which of the arguments are given that SciPy warns of where a method does not use them."""
    named = {"hess": call.hess, "hessp": call.hessp, "bounds": call.bounds}
    given = {name for name, value in named.items() if value is not None}
    if call.constraints:
        given.add("constraints")
    if call.options.get("return_all"):
        given.add("return_all")
    return given


#: Of the differences that SciPy takes where no derivative is given. Accepted and not followed: derivatives are exact.
_OF_DIFFERENCES = {"eps", "finite_diff_rel_step", "workers"}


def _unknown_options(call: Call) -> list[str]:
    known = {*call.known.options, *_OF_DIFFERENCES, "disp", "return_all"}
    return [
        name
        for name, value in call.options.items()
        if name not in known or (name == "disp" and value and not call.known.counts)
    ]


def _has_all_it_needs(call: Call) -> bool:
    has = {"jac": callable(call.jac) or call.jac is True, "hess": callable(call.hess) or callable(call.hessp)}
    return all(has[name] for name in call.known.needs)


def _has_limits_of_use(call: Call) -> bool:
    return all(call.options.get(name) is None or call.options[name] >= 1 for name in ("maxiter", "maxfun"))


def _has_hessian_of_use(call: Call) -> bool:
    if call.hess is None or callable(call.hess):
        return True
    # SciPy refuses differences of differences.
    return bool(call.known.updates_hessian) and not (
        isinstance(call.hess, str) and not (callable(call.jac) or call.jac is True)
    )


def _has_free_variables(call: Call) -> bool:
    if call.bounds is None:
        return True
    low, high = _ends(call.bounds, np.size(call.x0))
    return bool((low < high).any())


def _is_inside(call: Call) -> bool:
    if call.bounds is None:
        return True
    low, high = _ends(call.bounds, np.size(call.x0))
    return bool(np.all((low == high) | ((low <= call.x0) & (call.x0 <= high))))


def _functions(call: Call) -> Iterator[Any]:
    yield from filter(callable, (call.fun, call.jac, call.hess, call.hessp))
    yield from functions(call.constraints)


def _is_real_vector(call: Call) -> bool:
    start = np.atleast_1d(np.asarray(call.x0))
    return start.ndim == 1 and start.size > 0 and start.dtype.kind in "biuf" and bool(np.isfinite(start).all())


_conditions: Conditions = (
    (lambda call: call.known is not None, "the method {method}"),
    (_is_real_vector, "x0 that is no vector of finite real numbers"),
    (_has_all_it_needs, "a derivative that the method {method} demands and that is not given"),
    (lambda call: _given(call) <= set(call.known.uses), "an argument that the method {method} does not use"),
    (_has_hessian_of_use, "a Hessian by differences or updates"),
    (
        lambda call: call.method != "trust-constr" or call.callback is None,
        "a callback of the method trust-constr",
    ),
    (
        lambda call: call.method != "tnc" or _is_inside(call),
        "a start outside of the bounds, which the method tnc refuses",
    ),
    (_has_free_variables, "bounds that leave nothing to vary"),
    (lambda call: not _unknown_options(call), "an option of the method {method} that fastcalc does not have"),
    (_has_limits_of_use, "a limit below one"),
    (lambda call: not are_kept_feasible(call.constraints), "constraints that must hold all the way"),
    (
        lambda call: call.method != "slsqp" or not are_mixed(call.constraints),
        "equations and inequalities in one constraint, of which SciPy warns",
    ),
    (
        lambda call: not any(map(keeps_state, _functions(call))),
        "a function that keeps a state, which a program would not",
    ),
)


def _take(call: Call) -> Any:
    from scipy.optimize import OptimizeResult

    known: Method = call.known
    began = time.perf_counter()
    start = np.atleast_1d(np.asarray(call.x0)).astype(np.float64)
    if call.bounds is not None:  # SciPy calls the function inside of them only
        start = np.clip(start, *_ends(call.bounds, start.size))
    found = minimize(
        call.fun,
        start,
        call.args,
        method=known.ours,
        jac=call.jac if callable(call.jac) or call.jac is True else None,
        hess=call.hess if callable(call.hess) else None,
        hessp=call.hessp,
        bounds=call.bounds,
        constraints=call.constraints,
        callback=told(call, call.method),
        options=_options(call, start.size),
        path=bool(call.options.get("return_all")),
    )
    if found.reason == "stopped_by_callback":
        status, message = 99, "`callback` raised `StopIteration`."
    elif found.reason in known.ends:
        status, message = known.ends[found.reason]
    else:
        raise NotOffered(f"fastcalc did not converge: {found.reason}")
    if call.constraints and number_of_equations(call.constraints, found.constr) > start.size:
        raise NotOffered("more equations than variables")
    result = OptimizeResult(
        x=found.x, fun=found.fun, success=found.success, status=status, message=message, nfev=found.nfev, nit=found.nit
    )
    result.update({name: found[name] for name in known.fields if name in found})
    if "nhev" in known.fields:
        result.setdefault("nhev", 0)
    if "hess" in known.needs and callable(call.hess):  # where products are given, SciPy has no matrix either
        result["hess"] = call.hess(np.array(found.x), *call.args)
    _put_right(result, call, start.size)
    if call.method == "slsqp":
        result["multipliers"] = multipliers_of_slsqp(call.constraints, found) if call.constraints else np.zeros(0)
    if call.method == "trust-constr":
        if call.constraints and not hold_strictly(call.constraints, found.constr):
            raise NotOffered("a solution on the edge, by rounding outside, where SciPy's lies inside")
        gtol = call.options.get("gtol", 1e-8 if call.tol is None else call.tol)
        bounds = None if call.bounds is None else _ends(call.bounds, start.size)
        describe(result, found, bounds, are_equations(call.constraints), gtol, time.perf_counter() - began)
    if call.options.get("return_all"):
        result["allvecs"] = list(found.path)
    if call.options.get("disp"):
        _tell(result, known)
    return result


def _options(call: Call, size: int) -> dict[str, Any]:
    """Return fastcalc's options."""
    known: Method = call.known
    given = {name: value for name, value in call.options.items() if name in known.options and value is not None}
    if call.tol is not None:
        given = dict.fromkeys(known.tolerances, call.tol) | given
    chosen = known.defaults(size) | given
    for name in ("maxiter", "maxfun"):
        if name in chosen:
            chosen[name] = int(chosen[name])
    if "hess" in known.needs:
        chosen["gtol"] /= np.sqrt(size)  # |g|₂ ≤ √n |g|_∞
    return {known.options[name]: value for name, value in chosen.items()}


def _put_right(result: Any, call: Call, size: int) -> None:
    """Give the fields the types and the gaps that SciPy's have."""
    from scipy.optimize import LbfgsInvHessProduct

    if call.known.ours == "l-bfgs":
        pairs = result.get("hess_inv")
        none = np.zeros((0, size))
        result["hess_inv"] = (
            LbfgsInvHessProduct(none, none) if pairs is None else LbfgsInvHessProduct(pairs.sk, pairs.yk)
        )
    if call.known.leaves_fixed_out and call.bounds is not None:
        low, high = _ends(call.bounds, size)
        differs = not (callable(call.jac) or call.jac is True) or not have_jacobians(call.constraints)
        if (low == high).any() and (differs or call.method == "tnc"):
            result["jac"][low == high] = np.nan
            if "hess_inv" in result:
                result["hess_inv"] = None


def _ends(bounds: Any, size: int) -> tuple[Any, Any]:
    if not hasattr(bounds, "lb"):
        bounds = [(-np.inf if low is None else low, np.inf if high is None else high) for low, high in bounds]
        return tuple(np.array(bounds, np.float64).T)
    return np.broadcast_to(bounds.lb, size), np.broadcast_to(bounds.ub, size)


def _tell(result: Any, known: Method) -> None:
    """Print what SciPy prints."""
    from scipy.optimize import OptimizeWarning

    if result.success:
        print(result.message)
    else:
        warn(result.message, RuntimeWarning if "hess" in known.needs else OptimizeWarning)
    print(f"         Current function value: {result.fun:f}")
    print(f"         Iterations: {result.nit:d}")
    for text, name in zip(known.counts, ("nfev", "njev", "nhev"), strict=False):
        print(f"         {text}: {result[name]:d}")


doors = {"minimize": Door("minimize", _read, _conditions, _take)}
