"""fastcalc: plain NumPy functions, differentiated exactly and fitted at C++ speed.

Every public name is listed here; each is imported when it is first used, so that ``import fastcalc`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import dask as dask
    from . import sklearn as sklearn
    from ._check import DerivativeCheck, check_derivatives
    from ._config import show_config
    from ._constraints import Constraint, equality, inequality
    from ._curve_fit import curve_fit
    from ._derivatives import (
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
    from ._dual import Dual
    from ._errors import FallbackWarning, FastcalcError, TraceError
    from ._fit import fit
    from ._function import Function, compile
    from ._linear_fit import LinearFit
    from ._lstsq import lstsq
    from ._minimize import minimize
    from ._minimize_many import minimize_many
    from ._normal_equations import NormalEquations
    from ._polynomials import MultivariateTaylorPolynomial, TaylorPolynomial
    from ._results import Fit
    from ._root import root, root_many
    from ._root_of_one import fixed_point, newton, root_scalar
    from ._solutions import OptimizeResult
    from ._taylor import derivative, taylor
    from ._train import train
    from .backends.scipy import methods, patch_report, patch_scipy, patched_scipy, scipy_is_patched, unpatch_scipy

__version__ = "0.1.0"

_rooms = {
    "DerivativeCheck": "_check",
    "check_derivatives": "_check",
    "compile": "_function",
    "Constraint": "_constraints",
    "curve_fit": "_curve_fit",
    "custom_derivative": "_derivatives",
    "derivative": "_taylor",
    "Dual": "_dual",
    "FallbackWarning": "_errors",
    "FastcalcError": "_errors",
    "equality": "_constraints",
    "Fit": "_results",
    "fit": "_fit",
    "fixed_point": "_root_of_one",
    "Function": "_function",
    "grad": "_derivatives",
    "hessian": "_derivatives",
    "hvp": "_derivatives",
    "inequality": "_constraints",
    "jacobian": "_derivatives",
    "jvp": "_derivatives",
    "Linearization": "_derivatives",
    "linearize": "_derivatives",
    "LinearFit": "_linear_fit",
    "lstsq": "_lstsq",
    "methods": "backends.scipy",
    "minimize": "_minimize",
    "minimize_many": "_minimize_many",
    "MultivariateTaylorPolynomial": "_polynomials",
    "NormalEquations": "_normal_equations",
    "newton": "_root_of_one",
    "OptimizeResult": "_solutions",
    "patch_report": "backends.scipy",
    "patch_scipy": "backends.scipy",
    "patched_scipy": "backends.scipy",
    "scipy_is_patched": "backends.scipy",
    "root": "_root",
    "root_many": "_root",
    "root_scalar": "_root_of_one",
    "show_config": "_config",
    "taylor": "_taylor",
    "TaylorPolynomial": "_polynomials",
    "TraceError": "_errors",
    "train": "_train",
    "unpatch_scipy": "backends.scipy",
    "value_and_grad": "_derivatives",
    "vjp": "_derivatives",
    "where": "_derivatives",
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
