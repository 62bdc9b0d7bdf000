"""tracer: Python's `math` on traced numbers.

Comes in: its functions. Goes out: what stands in for them.

Where the result is finite, `math` and NumPy agree, so that one guard is enough. Where it is not, `math` itself is asked for the
real values, since it may raise where NumPy gives inf or NaN.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _guards, _ops
from ._array import Tracer
from ._operands import is_traced, term_of, wrapped
from ._terms import apply


def _special(name: str) -> Callable[..., Any]:
    """Return a ufunc of scipy.special, found when it is first used."""

    def call(x: Any) -> Any:
        import scipy.special

        return wrapped(apply(_ops.by_ufunc[f"special.{name}"], getattr(scipy.special, name), (term_of(x),)))

    return call


def _log(x: Any, base: Any = None) -> Any:
    return np.log(x) if base is None else np.log(x) / np.log(base)


def _hypot(*legs: Any) -> Any:
    return np.hypot(*legs) if len(legs) == 2 else np.sqrt(sum(leg * leg for leg in legs))


_traced: dict[str, Callable[..., Any]] = {
    "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan, "atan2": np.arctan2,
    "atanh": np.arctanh, "cbrt": np.cbrt, "copysign": np.copysign, "cos": np.cos, "cosh": np.cosh, "degrees": np.degrees,
    "erf": _special("erf"), "erfc": _special("erfc"), "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "fabs": np.abs,
    "fmod": np.fmod, "gamma": _special("gamma"), "hypot": _hypot, "lgamma": _special("gammaln"), "log": _log, "log10": np.log10,
    "log1p": np.log1p, "log2": np.log2, "pow": np.power, "radians": np.radians, "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt,
    "tan": np.tan, "tanh": np.tanh,
}  # fmt: skip


def _number(x: Any) -> Any:
    if type(x) is not Tracer:
        return float(x)
    if x._number:
        return x
    if x.size != 1:
        raise TypeError("only length-1 arrays can be converted to Python scalars")
    return x.item()


def _finite(real: Callable[..., Any], traced: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        if not any(type(arg) is Tracer for arg in args):
            return real(*args)
        numbers = [_number(arg) for arg in args]
        result = traced(*numbers)
        if _guards.decide(np.isfinite(result)):
            return result
        # Which error it is depends on these alone.
        if all([_guards.decide(np.isfinite(number)) for number in numbers]):
            _guards.decide(np.isnan(result))
            for number in numbers:
                _guards.decide(number == 0)
        real(*(float(number._real()) if type(number) is Tracer else number for number in numbers))
        return result

    return function


def _either(real: Callable[..., Any], traced: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: traced(*args, **kwargs) if any(map(is_traced, args)) else real(*args, **kwargs)


def _fsum(terms: Any) -> Any:
    """Sum with the rounding errors carried along: (s, e) = s + t exactly by Knuth's two-sum."""
    total: Any = 0.0
    errors: Any = 0.0
    for term in terms:
        after = total + term
        part = after - total
        errors = errors + ((total - (after - part)) + (term - part))
        total = after
    return total + errors


def _sequences(real: Callable[..., Any], traced: Callable[..., Any]) -> Callable[..., Any]:
    def function(*sequences: Any, **kwargs: Any) -> Any:
        lists = [list(sequence) for sequence in sequences]
        return traced(*lists, **kwargs) if any(map(is_traced, lists)) else real(*lists, **kwargs)

    return function


def _prod(factors: Any, *, start: Any = 1) -> Any:
    for factor in factors:
        start = start * factor
    return start


def _isclose(a: Any, b: Any, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> bool:
    return bool((a == b) | (abs(a - b) <= np.maximum(rel_tol * np.maximum(abs(a), abs(b)), abs_tol)))


#: What stands in for which function of `math`.
functions_of_math: dict[Any, Any] = {
    getattr(math, name): _finite(getattr(math, name), traced) for name, traced in _traced.items() if hasattr(math, name)
}
functions_of_math |= {
    math.isnan: _either(math.isnan, lambda x: bool(np.isnan(x))),
    math.isinf: _either(math.isinf, lambda x: bool(np.isinf(x))),
    math.isfinite: _either(math.isfinite, lambda x: bool(np.isfinite(x))),
    math.isclose: _either(math.isclose, _isclose),
    math.modf: _either(math.modf, np.modf),
    math.dist: _sequences(math.dist, lambda p, q: np.sqrt(sum((a - b) * (a - b) for a, b in zip(p, q, strict=True)))),
    math.fsum: _sequences(math.fsum, _fsum),
    math.prod: _sequences(math.prod, _prod),
}
