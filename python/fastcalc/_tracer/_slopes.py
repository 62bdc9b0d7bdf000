"""tracer: the derivatives of scipy.special's functions that are no operations of the kernel.

Comes in: the arguments, traced or not. Goes out: a partial derivative in terms of NumPy's and scipy.special's functions, of which each
is an operation, has a composition, or stands here itself. (DLMF: the NIST Digital Library of Mathematical Functions.)
"""

import sys
from collections.abc import Callable
from math import pi, sqrt
from typing import Any

import numpy as np

Slope = Callable[..., Any]


class _Special:
    """scipy.special, which is loaded by who uses it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.modules["scipy.special"], name)


_sp = _Special()


def _last(parameters: int, slope: Slope) -> tuple[tuple[Slope | None, ...], ...]:
    """Return the rows of a function of which only the derivative by the last argument is known."""
    return ((*[None] * parameters, slope),)


# Densities, by logarithms: the powers overflow before they do ---------------------------------------------------------------


def _where(holds: Any, density: Any) -> Any:
    """Return a density, NaN where the function itself has no value."""
    return density * np.where(holds, 1.0, np.nan)


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    """x^(a − 1) (1 − x)^(b − 1) / B(a, b) (DLMF 8.17.1)."""
    powers = _sp.xlogy(a - 1.0, x) + _sp.xlog1py(b - 1.0, -x)
    return _where((a >= 0) & (b >= 0) & (x >= 0) & (x <= 1), np.exp(powers - _sp.betaln(a, b)))


def _gamma_density(a: Any, x: Any) -> Any:
    """x^(a − 1) e^(−x) / Γ(a) (DLMF 8.2.4)."""
    return _where((a >= 0) & (x >= 0), np.exp(_sp.xlogy(a - 1.0, x) - x - _sp.gammaln(a)))


def _chi_square_density(k: Any, x: Any) -> Any:
    return 0.5 * _gamma_density(0.5 * k, 0.5 * x)


def _student_density(k: Any, t: Any) -> Any:
    """(1 + t² / k)^(−(k + 1) / 2) / (√k B(1/2, k/2))."""
    return np.exp(-0.5 * (k + 1.0) * np.log1p(t * t / k) - _sp.betaln(0.5, 0.5 * k)) / np.sqrt(k)


def _f_density(m: Any, n: Any, x: Any) -> Any:
    """(m/n)^(m/2) x^(m/2 − 1) (1 + m x / n)^(−(m + n) / 2) / B(m/2, n/2)."""
    powers = _sp.xlogy(0.5 * m, m / n) + _sp.xlogy(0.5 * m - 1.0, x) - _sp.xlog1py(0.5 * (m + n), m / n * x)
    return _where((m > 0) & (n > 0) & (x >= 0), np.exp(powers - _sp.betaln(0.5 * m, 0.5 * n)))


# Others of more than a line ------------------------------------------------------------------------------------------------


def _exprel_slope(x: Any) -> Any:
    """∫₀¹ t e^(xt) dt (DLMF 13.4.1)."""
    return 0.5 * _sp.hyp1f1(2.0, 3.0, x)


def _box_cox_1p_by_power(x: Any, power: Any) -> Any:
    """L² exprel′(λ L), L = ln(1 + x): for ((1 + x)^λ − 1) / λ = L exprel(λ L)."""
    logarithm = np.log1p(x)
    return logarithm * logarithm * _exprel_slope(power * logarithm)


def _struve_rest(v: Any, x: Any) -> Any:
    """(x/2)^v / (√π Γ(v + 3/2)) (DLMF 11.4.25, 11.4.26)."""
    return np.power(0.5 * x, v) * _sp.rgamma(v + 1.5) / sqrt(pi)


def _jacobi(n: Any, a: Any, b: Any, x: Any) -> Any:
    """DLMF 18.9.15."""
    return 0.5 * (n + a + b + 1.0) * _sp.eval_jacobi(n - 1, a + 1.0, b + 1.0, x)


def _wright_omega_slope(x: Any) -> Any:
    """ω / (1 + ω), for ω + ln ω = x."""
    omega = _sp.wrightomega(x)
    return omega / (1.0 + omega)


def _chebyshev_u(n: Any, x: Any) -> Any:
    """2 C⁽²⁾ₙ₋₁ (DLMF 18.7.4, 18.9.19); U₋ₙ = −Uₙ₋₂, where Gegenbauer's of degree below 0 is none."""
    return np.where(n < 0, -2.0, 2.0) * _sp.eval_gegenbauer(np.where(n < 0, -3 - n, n - 1), 2.0, x)


def _exponential_integral(n: Any, x: Any) -> Any:
    """−Eₙ₋₁ (DLMF 8.19.13), with E₀ = e^(−x) / x; of an order that is not whole SciPy takes the whole part."""
    whole = np.trunc(n)
    return -np.where(whole == 0, _sp.expn(0, x) * (1.0 + 1.0 / x), _sp.expn(whole - 1, x))


def _owens_t_by_height(h: Any, a: Any) -> Any:
    """−φ(h) erf(a h / √2) / 2."""
    return -0.5 / sqrt(2.0 * pi) * np.exp(-0.5 * h * h) * _sp.erf(a * h * sqrt(0.5))


def _owens_t_by_slope(h: Any, a: Any) -> Any:
    """Return the integrand, e^(−h² (1 + a²) / 2) / (2π (1 + a²))."""
    return np.exp(-0.5 * h * h * (1.0 + a * a)) / (2.0 * pi * (1.0 + a * a))


#: name → a row for each result, and in it ∂f/∂x for each argument x, None where it has no closed form.
slopes: dict[str, tuple[tuple[Slope | None, ...], ...]] = {
    # hypergeometric functions: DLMF 15.5.1, 13.3.15, 13.3.22, 16.3.1
    "hyp2f1": _last(3, lambda a, b, c, x: a * b / c * _sp.hyp2f1(a + 1.0, b + 1.0, c + 1.0, x)),
    "hyp1f1": _last(2, lambda a, b, x: a / b * _sp.hyp1f1(a + 1.0, b + 1.0, x)),
    "hyperu": _last(2, lambda a, b, x: -a * _sp.hyperu(a + 1.0, b + 1.0, x)),
    "hyp0f1": _last(1, lambda b, x: _sp.hyp0f1(b + 1.0, x) / b),
    # elliptic integrals; complete ones are π/2 ₂F₁ (DLMF 19.5.1, 19.5.2), whose derivative has no 0/0 at 0
    "ellipk": _last(0, lambda m: pi / 8 * _sp.hyp2f1(1.5, 1.5, 2.0, m)),
    "ellipe": _last(0, lambda m: -pi / 8 * _sp.hyp2f1(0.5, 1.5, 2.0, m)),
    "ellipkinc": ((lambda phi, m: 1.0 / np.sqrt(1.0 - m * np.sin(phi) ** 2), None),),
    "ellipeinc": ((lambda phi, m: np.sqrt(1.0 - m * np.sin(phi) ** 2), None),),
    # Jacobi's functions, and their amplitude: DLMF 22.13.1 to 22.13.3, 22.16.3
    "ellipj": (
        (lambda u, m: _sp.ellipj(u, m)[1] * _sp.ellipj(u, m)[2], None),
        (lambda u, m: -_sp.ellipj(u, m)[0] * _sp.ellipj(u, m)[2], None),
        (lambda u, m: -m * _sp.ellipj(u, m)[0] * _sp.ellipj(u, m)[1], None),
        (lambda u, m: _sp.ellipj(u, m)[2], None),
    ),
    # distributions and their inverses, whose slope is one over the density
    "betainc": _last(2, _beta_density),
    "betaincc": _last(2, lambda a, b, x: -_beta_density(a, b, x)),
    "betaincinv": _last(2, lambda a, b, p: 1.0 / _beta_density(a, b, _sp.betaincinv(a, b, p))),
    "betainccinv": _last(2, lambda a, b, p: -1.0 / _beta_density(a, b, _sp.betainccinv(a, b, p))),
    "gammaincinv": _last(1, lambda a, p: 1.0 / _gamma_density(a, _sp.gammaincinv(a, p))),
    "gammainccinv": _last(1, lambda a, p: -1.0 / _gamma_density(a, _sp.gammainccinv(a, p))),
    "chdtr": _last(1, _chi_square_density),
    "chdtrc": _last(1, lambda k, x: -_chi_square_density(k, x)),
    "chdtri": _last(1, lambda k, p: -1.0 / _chi_square_density(k, _sp.chdtri(k, p))),
    "stdtr": _last(1, _student_density),
    "stdtrit": _last(1, lambda k, p: 1.0 / _student_density(k, _sp.stdtrit(k, p))),
    "fdtr": _last(2, _f_density),
    "fdtrc": _last(2, lambda m, n, x: -_f_density(m, n, x)),
    "fdtri": _last(2, lambda m, n, p: 1.0 / _f_density(m, n, _sp.fdtri(m, n, p))),
    "gdtr": ((lambda a, b, x: x * _gamma_density(b, a * x), None, lambda a, b, x: a * _gamma_density(b, a * x)),),
    "gdtrc": ((lambda a, b, x: -x * _gamma_density(b, a * x), None, lambda a, b, x: -a * _gamma_density(b, a * x)),),
    "ndtri_exp": _last(0, lambda y: sqrt(2.0 * pi) * np.exp(y + 0.5 * _sp.ndtri_exp(y) ** 2)),
    "owens_t": ((_owens_t_by_height, _owens_t_by_slope),),
    # orthogonal polynomials of whole degree or of any: DLMF 18.9.15, 18.9.19, 18.9.23, 18.9.21, 18.9.25, 18.9.27
    "eval_jacobi": _last(3, _jacobi),
    "eval_legendre": _last(1, lambda n, x: _jacobi(np.where(n < 0, -1 - n, n), 0.0, 0.0, x)),
    "eval_chebyt": _last(1, lambda n, x: n * _sp.eval_chebyu(n - 1, x)),
    "eval_chebyu": _last(1, _chebyshev_u),
    "eval_gegenbauer": _last(2, lambda n, a, x: 2.0 * a * _sp.eval_gegenbauer(n - 1, a + 1.0, x)),
    "eval_laguerre": _last(1, lambda n, x: -_sp.eval_genlaguerre(n - 1, 1.0, x)),
    "eval_genlaguerre": _last(2, lambda n, a, x: -_sp.eval_genlaguerre(n - 1, a + 1.0, x)),
    "eval_hermite": _last(1, lambda n, x: 2.0 * n * _sp.eval_hermite(np.where(n == 0, 0, n - 1), x)),
    "eval_hermitenorm": _last(1, lambda n, x: n * _sp.eval_hermitenorm(np.where(n == 0, 0, n - 1), x)),
    # Bessel's with the factors that are 1 for real arguments (DLMF 10.6.1), Struve's, Airy's
    "jve": _last(1, lambda v, x: 0.5 * (_sp.jve(v - 1.0, x) - _sp.jve(v + 1.0, x))),
    "yve": _last(1, lambda v, x: 0.5 * (_sp.yve(v - 1.0, x) - _sp.yve(v + 1.0, x))),
    "struve": _last(1, lambda v, x: 0.5 * (_sp.struve(v - 1.0, x) - _sp.struve(v + 1.0, x) + _struve_rest(v, x))),
    "modstruve": _last(
        1, lambda v, x: 0.5 * (_sp.modstruve(v - 1.0, x) + _sp.modstruve(v + 1.0, x) + _struve_rest(v, x))
    ),
    "airy": (
        (lambda x: _sp.airy(x)[1],),
        (lambda x: x * _sp.airy(x)[0],),
        (lambda x: _sp.airy(x)[3],),
        (lambda x: x * _sp.airy(x)[2],),
    ),
    # integrals of what is elementary: DLMF 7.2.7, 7.2.8, 6.2.9, 6.2.11, 6.2.15, 6.2.16, 8.19.13, 25.12.2
    "fresnel": ((lambda x: np.sin(0.5 * pi * x * x),), (lambda x: np.cos(0.5 * pi * x * x),)),
    "sici": ((lambda x: np.sinc(x / pi),), (lambda x: np.cos(x) / x,)),
    "shichi": ((lambda x: 0.5 * (_sp.exprel(x) + _sp.exprel(-x)),), (lambda x: np.cosh(x) / x,)),
    "erfi": _last(0, lambda x: 2.0 / sqrt(pi) * np.exp(x * x)),
    "expn": _last(1, _exponential_integral),
    "spence": _last(0, lambda x: -1.0 / _sp.exprel(np.log(x))),  # ln x / (1 − x), without its 0/0 at 1
    # what is elementary, computed otherwise
    "cosm1": _last(0, lambda x: -np.sin(x)),
    "sindg": _last(0, lambda x: pi / 180 * _sp.cosdg(x)),
    "cosdg": _last(0, lambda x: -pi / 180 * _sp.sindg(x)),
    "tandg": _last(0, lambda x: pi / 180 * (1.0 + _sp.tandg(x) ** 2)),
    "cotdg": _last(0, lambda x: -pi / 180 * (1.0 + _sp.cotdg(x) ** 2)),
    "powm1": ((lambda x, y: y * np.power(x, y - 1.0), lambda x, y: np.power(x, y) * np.log(x)),),
    "boxcox1p": ((lambda x, power: np.exp((power - 1.0) * np.log1p(x)), _box_cox_1p_by_power),),
    "inv_boxcox1p": ((lambda y, power: (1.0 + _sp.inv_boxcox1p(y, power)) / (1.0 + power * y), None),),
    "wrightomega": _last(0, _wright_omega_slope),
    "poch": (
        (
            lambda z, m: _sp.poch(z, m) * (_sp.psi(z + m) - _sp.psi(z)),
            lambda z, m: _sp.poch(z, m) * _sp.psi(z + m),
        ),
    ),
    "binom": (
        (
            lambda n, k: _sp.binom(n, k) * (_sp.psi(n + 1.0) - _sp.psi(n - k + 1.0)),
            lambda n, k: _sp.binom(n, k) * (_sp.psi(n - k + 1.0) - _sp.psi(k + 1.0)),
        ),
    ),
}
