"""tracer: what scipy.special has in Python, where no protocol of NumPy's catches it.

Comes in: a function of scipy.special that a traced function calls. Goes out: the same in terms of its ufuncs and NumPy's functions.
"""

import sys
from collections.abc import Callable
from math import factorial, log, pi
from typing import Any

import numpy as np


def _largest(a: Any, axis: Any) -> Any:
    """Return the maximum, or 0 where it is not finite: what exp of a difference is taken against."""
    most = np.max(a, axis=axis, keepdims=True)
    return np.where(np.isfinite(most), most, 0.0)


def _logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False, return_sign: bool = False) -> Any:
    """Return ln Σ b eᵃ = m + ln Σ b e^(a − m), m the largest a."""
    if b is not None:
        a, b = np.broadcast_arrays(a, b)
        a = np.where(b == 0, -np.inf, a)
    most = _largest(a, axis)
    terms = np.exp(a - most) if b is None else b * np.exp(a - most)
    total = np.sum(terms, axis=axis, keepdims=True)
    sign = np.sign(total)
    out = np.log(np.abs(total) if return_sign else total) + most
    if not keepdims:
        out, sign = np.squeeze(out, axis=axis), np.squeeze(sign, axis=axis)
    return (out, sign) if return_sign else out


def _softmax(x: Any, axis: Any = None) -> Any:
    weights = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any = None) -> Any:
    shifted = x - _largest(x, axis)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def _polygamma(n: int, x: Any) -> Any:
    """ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x), for one whole number n."""
    special = sys.modules["scipy.special"]
    n = int(n)
    return special.psi(x) if n == 0 else (-1.0) ** (n + 1) * factorial(n) * special.zeta(n + 1.0, x)


def _softplus(x: Any) -> Any:
    return np.logaddexp(0.0, x)


def _multigammaln(a: Any, d: int) -> Any:
    """Return ln Γ_d(a) = d (d − 1) / 4 · ln π + Σ ln Γ(a − j / 2), j = 0 … d − 1."""
    special = sys.modules["scipy.special"]
    if np.ndim(d) or np.floor(d) != d or np.any(a <= 0.5 * (d - 1)):
        return special.multigammaln(0.0, d)  # raises what it raises
    return d * (d - 1) * 0.25 * log(pi) + sum(special.gammaln(a - 0.5 * j) for j in range(int(d)))


_compositions: dict[str, Callable[..., Any]] = {
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "polygamma": _polygamma,
    "softplus": _softplus,
    "multigammaln": _multigammaln,
}


def composition(function: Any) -> Callable[..., Any] | None:
    """Return what a Python function of scipy.special is in terms of ufuncs, if it is here."""
    name = getattr(function, "__name__", "")
    real = getattr(sys.modules.get("scipy.special"), name, None)
    return _compositions.get(name) if real is function else None
