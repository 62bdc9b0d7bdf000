"""tracer: functions of scipy.special with several parameters, differentiated by the last argument alone.

Comes in: constants and a traced array. Goes out: the ufunc's own values, which each run asks SciPy for, and the rule of the derivative
by the last argument. By the parameters there is no closed form.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ._array import Tracer
from ._called import OutsideFunction, with_rule
from ._operands import term_of
from ._refusal import refuse
from ._ufuncs import composed


def _special(name: str) -> Any:
    return getattr(sys.modules["scipy.special"], name)


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    """x^(a − 1) (1 − x)^(b − 1) / B(a, b) (DLMF 8.17.1), by logarithms: the powers overflow before it does."""
    special = sys.modules["scipy.special"]
    return np.exp(special.xlogy(a - 1.0, x) + special.xlog1py(b - 1.0, -x) - special.betaln(a, b))


#: ∂f/∂x of f(parameters…, x).
_slopes: dict[str, Callable[..., Any]] = {
    "hyp2f1": lambda a, b, c, x: a * b / c * _special("hyp2f1")(a + 1.0, b + 1.0, c + 1.0, x),  # DLMF 15.5.1
    "betainc": _beta_density,
    "betaincc": lambda a, b, x: -_beta_density(a, b, x),
}


def _recorded(name: str, *operands: Any) -> Any:
    *parameters, x = map(term_of, operands)
    ufunc = _special(name)
    if any(parameter.recording is not None for parameter in parameters):
        raise refuse(
            f"a traced parameter of scipy.special.{name}", "its derivative there has no closed form: make it a constant"
        )
    constants = [np.array(parameter.real) for parameter in parameters]
    if x.recording is None:
        return ufunc(*constants, x.real)
    recording, shape = x.recording, x.shape
    made = np.broadcast_shapes(shape, *(constant.shape for constant in constants))
    call = OutsideFunction(lambda flat: ufunc(*constants, flat.reshape(shape)), f"scipy.special.{name}", shape, made)
    at = Tracer.holding(x)
    return with_rule(
        recording, call.of(at), (at,), lambda inputs, along: _slopes[name](*constants, inputs[0]) * along[0]
    )


for _name in _slopes:
    composed[f"special.{_name}"] = lambda *operands, name=_name: _recorded(name, *operands)
