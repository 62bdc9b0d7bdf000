"""fastcalc: plain NumPy functions, differentiated exactly and fitted at C++ speed.

Every public name is listed here; each is imported when it is first used, so that ``import fastcalc`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import dask as dask
    from . import sklearn as sklearn
    from ._config import show_config
    from ._doors._curve_fit import curve_fit
    from ._doors._fit import fit
    from ._doors._lstsq import lstsq
    from ._doors._minimize import minimize
    from ._doors._minimize_many import minimize_many
    from ._doors._normal_equations import NormalEquations
    from ._doors._root import root, root_many
    from ._doors._root_of_one import fixed_point, newton, root_scalar
    from ._doors._taylor import derivative, taylor
    from ._doors._train import train
    from ._errors import FallbackWarning, FastcalcError, TraceError
    from ._functions._call import call
    from ._functions._check import DerivativeCheck, check_derivatives
    from ._functions._derivatives import (
        Linearization,
        custom_derivative,
        grad,
        hessian,
        hvp,
        jacobian,
        jvp,
        linearize,
        value_and_grad,
        vjp,
        where,
    )
    from ._functions._dual import Dual
    from ._functions._function import Function, compile
    from ._problems._constraints import Constraint, equality, inequality
    from ._results._linear_fit import LinearFit
    from ._results._nonlinear_fit import Fit
    from ._results._polynomials import MultivariateTaylorPolynomial, TaylorPolynomial
    from ._results._solutions import OptimizeResult
    from .backends.scipy import methods, patch_report, patch_scipy, patched_scipy, scipy_is_patched, unpatch_scipy

__version__ = "0.1.0"

_rooms = {
    "DerivativeCheck": "_functions._check",
    "check_derivatives": "_functions._check",
    "call": "_functions._call",
    "compile": "_functions._function",
    "Constraint": "_problems._constraints",
    "curve_fit": "_doors._curve_fit",
    "custom_derivative": "_functions._derivatives",
    "derivative": "_doors._taylor",
    "Dual": "_functions._dual",
    "FallbackWarning": "_errors",
    "FastcalcError": "_errors",
    "equality": "_problems._constraints",
    "Fit": "_results._nonlinear_fit",
    "fit": "_doors._fit",
    "fixed_point": "_doors._root_of_one",
    "Function": "_functions._function",
    "grad": "_functions._derivatives",
    "hessian": "_functions._derivatives",
    "hvp": "_functions._derivatives",
    "inequality": "_problems._constraints",
    "jacobian": "_functions._derivatives",
    "jvp": "_functions._derivatives",
    "Linearization": "_functions._derivatives",
    "linearize": "_functions._derivatives",
    "LinearFit": "_results._linear_fit",
    "lstsq": "_doors._lstsq",
    "methods": "backends.scipy",
    "minimize": "_doors._minimize",
    "minimize_many": "_doors._minimize_many",
    "MultivariateTaylorPolynomial": "_results._polynomials",
    "NormalEquations": "_doors._normal_equations",
    "newton": "_doors._root_of_one",
    "OptimizeResult": "_results._solutions",
    "patch_report": "backends.scipy",
    "patch_scipy": "backends.scipy",
    "patched_scipy": "backends.scipy",
    "scipy_is_patched": "backends.scipy",
    "root": "_doors._root",
    "root_many": "_doors._root",
    "root_scalar": "_doors._root_of_one",
    "show_config": "_config",
    "taylor": "_doors._taylor",
    "TaylorPolynomial": "_results._polynomials",
    "TraceError": "_errors",
    "train": "_doors._train",
    "unpatch_scipy": "backends.scipy",
    "value_and_grad": "_functions._derivatives",
    "vjp": "_functions._derivatives",
    "where": "_functions._derivatives",
}

__all__ = [
    "Constraint",
    "DerivativeCheck",
    "Dual",
    "FallbackWarning",
    "FastcalcError",
    "Fit",
    "Function",
    "LinearFit",
    "Linearization",
    "MultivariateTaylorPolynomial",
    "NormalEquations",
    "OptimizeResult",
    "TaylorPolynomial",
    "TraceError",
    "__version__",
    "call",
    "check_derivatives",
    "compile",
    "curve_fit",
    "custom_derivative",
    "derivative",
    "equality",
    "fit",
    "fixed_point",
    "grad",
    "hessian",
    "hvp",
    "inequality",
    "jacobian",
    "jvp",
    "linearize",
    "lstsq",
    "methods",
    "minimize",
    "minimize_many",
    "newton",
    "patch_report",
    "patch_scipy",
    "patched_scipy",
    "root",
    "root_many",
    "root_scalar",
    "scipy_is_patched",
    "show_config",
    "taylor",
    "train",
    "unpatch_scipy",
    "value_and_grad",
    "vjp",
    "where",
]


#: Modules that put fastcalc under other packages' names, and import these.
_backends = ("dask", "sklearn")


def __getattr__(name: str) -> Any:
    if name in _backends:
        return import_module(f".{name}", __name__)
    if name not in _rooms:
        raise AttributeError(f"module 'fastcalc' has no attribute {name!r}")
    found = getattr(import_module(f".{_rooms[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, *_backends])
