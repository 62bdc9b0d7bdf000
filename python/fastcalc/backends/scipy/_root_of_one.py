"""backends: the doors of `scipy.optimize.root_scalar` and `newton`.

Between two ends every method of SciPy's promises a root to the given tolerance, and so does the safeguarded Newton iteration,
which answers for them. From a start there is only Newton's own method; what is the secant or Halley's method is SciPy's.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from ..._doors._root_of_one import newton, root_scalar
from ..._errors import NotOffered
from ._door import Call, Conditions, Door
from ._state import keeps_state

__all__ = ["doors"]

_BRACKETING = ("brentq", "brenth", "ridder", "toms748", "bisect")
_XTOL, _RTOL = 2e-12, 4 * float(np.finfo(np.float64).eps)  # SciPy's defaults between two ends
_TOL, _MAXITER = 1.48e-8, 50  # and from a start
_LEAST_TOL = 1e-14

_stateless: Conditions = (
    (
        lambda call: not any(map(keeps_state, filter(callable, (call.func, call.fprime)))),
        "a function that keeps a state, which a program would not",
    ),
)


def _is_real_number(x: Any) -> bool:
    return np.ndim(x) == 0 and np.asarray(x).dtype.kind in "biuf"


# root_scalar -----------------------------------------------------------------------------------------------------------------


def _read_root_scalar(
    f: Any,
    args: Any = (),
    method: Any = None,
    bracket: Any = None,
    fprime: Any = None,
    fprime2: Any = None,
    x0: Any = None,
    x1: Any = None,
    xtol: Any = None,
    rtol: Any = None,
    maxiter: Any = None,
    options: Any = None,
) -> Call:
    call = Call(**locals())
    call.func, call.args = f, args if isinstance(args, tuple) else (args,)
    call.options = {
        name: value for name, value in {"xtol": xtol, "rtol": rtol, "maxiter": maxiter}.items() if value is not None
    }
    call.options |= options or {}
    if method is None:  # as SciPy chooses
        if bracket is not None:
            call.method = "brentq"
        elif fprime2 and fprime:
            call.method = "halley"
        else:
            call.method = "newton" if x1 is None or fprime else "secant"
    call.is_between = str(call.method).lower() in _BRACKETING
    return call


_root_scalar_conditions: Conditions = (
    (lambda call: call.is_between or str(call.method).lower() == "newton", "the method {method}"),
    (
        lambda call: np.shape(call.bracket) == (2,) if call.is_between else _is_real_number(call.x0),
        "a start that the method {method} cannot use",
    ),
    (
        lambda call: set(call.options) <= {"xtol", "rtol", "maxiter"},
        "an option of the method {method} that fastcalc does not have",
    ),
    *_stateless,
)


def _take_root_scalar(call: Call) -> Any:
    from scipy.optimize import RootResults

    if call.is_between:
        options = {"xtol": _XTOL, "rtol": _RTOL} | call.options
        found = root_scalar(call.f, call.args, bracket=call.bracket, **options)
    else:
        options = {"xtol": _TOL, "rtol": 0.0, "maxiter": _MAXITER} | call.options
        fprime = call.fprime if callable(call.fprime) else True if call.fprime else None
        found = root_scalar(call.f, call.args, x0=call.x0, fprime=fprime, **options)
    if not found.converged:
        raise NotOffered(f"fastcalc found no root: {found.flag}")
    # From a start SciPy counts the function and its derivative, unless one function gives both.
    calls = found.function_calls * (1 if call.is_between or call.fprime is True else 2)
    return RootResults(found.root, found.iterations, calls, 0, str(call.method).lower())


# newton ----------------------------------------------------------------------------------------------------------------------

result = namedtuple("result", ("root", "converged", "zero_der"))  # as SciPy calls it


def _read_newton(
    func: Any,
    x0: Any,
    fprime: Any = None,
    args: Any = (),
    tol: Any = _TOL,
    maxiter: Any = _MAXITER,
    fprime2: Any = None,
    x1: Any = None,
    rtol: Any = 0.0,
    full_output: Any = False,
    disp: Any = True,
) -> Call:
    return Call(**locals())


_newton_conditions: Conditions = (
    (lambda call: callable(call.fprime), "the secant method, which SciPy takes without a derivative"),
    (lambda call: call.fprime2 is None, "Halley's method"),
    (
        lambda call: _is_real_number(call.x0) or (np.size(call.x0) > 1 and np.asarray(call.x0).dtype.kind in "biuf"),
        "a start that is neither a real number nor an array of more than one",
    ),
    (lambda call: isinstance(call.args, tuple) and call.tol > 0 and call.maxiter >= 1, "arguments that SciPy refuses"),
    # Whether such an iteration ends hangs on the last bit of the function's values, and a program may round that otherwise.
    (lambda call: call.tol + call.rtol >= _LEAST_TOL, "a tolerance of the size of rounding errors"),
    *_stateless,
)


def _take_newton(call: Call) -> Any:
    from scipy.optimize import RootResults

    # The bare iteration, so that a start leads to the root to which it leads in SciPy.
    limits = {"tol": call.tol, "rtol": call.rtol, "maxiter": call.maxiter, "safeguard": False, "full_output": True}
    found = newton(call.func, call.x0, call.fprime, call.args, disp=False, **limits)
    if np.ndim(call.x0):
        if not found.converged.all():
            raise NotOffered("fastcalc found no root for some elements")
        return result(found.root, found.converged, found.zero_der) if call.full_output else found.root
    x, told = found
    if not told.converged:
        raise NotOffered(f"fastcalc found no root: {told.flag}")
    if not call.full_output:
        return x
    return x, RootResults(x, told.iterations, 2 * told.function_calls, 0, "newton")


doors = {
    "root_scalar": Door("root_scalar", _read_root_scalar, _root_scalar_conditions, _take_root_scalar),
    "newton": Door("newton", _read_newton, _newton_conditions, _take_newton),
}
