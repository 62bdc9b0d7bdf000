"""backends: the door of `scipy.optimize.curve_fit`. fastcalc's own `curve_fit` has its signature, results and texts already."""

from __future__ import annotations

from typing import Any

from ..._data._arguments import UNBOUNDED
from ..._doors._curve_fit import fitted
from ._door import Call, Conditions, Door
from ._state import keeps_state

__all__ = ["doors"]


def _read(
    f: Any,
    xdata: Any,
    ydata: Any,
    p0: Any = None,
    sigma: Any = None,
    absolute_sigma: Any = False,
    check_finite: Any = None,
    bounds: Any = UNBOUNDED,
    method: Any = None,
    jac: Any = None,
    *,
    full_output: Any = False,
    nan_policy: Any = None,
    **options: Any,
) -> Call:
    return Call(**locals())


def _take(call: Call) -> Any:
    return fitted(
        call.f, call.xdata, call.ydata, call.p0, call.sigma, call.absolute_sigma, call.check_finite, call.bounds, call.method,
        call.jac, call.full_output, call.nan_policy, call.options,
    )  # fmt: skip


_conditions: Conditions = (
    (lambda call: not keeps_state(call.f), "the function keeps a state that a program would not"),
)

doors = {"curve_fit": Door("curve_fit", _read, _conditions, _take)}
