"""fastcalc: plain NumPy functions, differentiated exactly and fitted at C++ speed.

Every public name is listed here; each is imported when it is first used, so that ``import fastcalc`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._config import show_config
    from ._curve_fit import curve_fit
    from ._errors import FallbackWarning, FastcalcError, TraceError
    from ._fit import fit
    from ._function import Function, compile
    from ._results import Fit

__version__ = "0.1.0"

_rooms = {
    "Fit": "_results",
    "FallbackWarning": "_errors",
    "FastcalcError": "_errors",
    "Function": "_function",
    "TraceError": "_errors",
    "compile": "_function",
    "curve_fit": "_curve_fit",
    "fit": "_fit",
    "show_config": "_config",
}

__all__ = [
    "FallbackWarning",
    "FastcalcError",
    "Fit",
    "Function",
    "TraceError",
    "__version__",
    "compile",
    "curve_fit",
    "fit",
    "show_config",
]


def __getattr__(name: str) -> Any:
    if name not in _rooms:
        raise AttributeError(f"module 'fastcalc' has no attribute {name!r}")
    found = getattr(import_module(f".{_rooms[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
