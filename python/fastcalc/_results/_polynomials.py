"""results: Taylor polynomials. Comes in: coefficients and where they were taken. Goes out: values, derivatives, pictures."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

#: So many terms are written out; what follows is "…".
_MOST_TERMS = 8

_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class TaylorPolynomial:
    """A Taylor polynomial of a function of one variable: p(x) = Σ coefficients[k] (x − x0)ᵏ.

    Made by `fastcalc.taylor`. It is evaluated by calling it, at a number or at an array of them.

    Attributes
    ----------
    coefficients : ndarray
        The constant term first; f⁽ᵏ⁾(x0) / k! is ``coefficients[k]``. Shape ``(order + 1,)``; ``(order + 1, *x0.shape)`` for an array
        of points x0, with one polynomial for each; ``(order + 1, *s)`` for a function whose value has the shape s.
    x0 : float or ndarray
        The point, or the points, of expansion.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> p = fc.taylor(np.exp, 0.0, 3)
    >>> p
    1 + x + 0.5·x² + 0.166667·x³
    >>> p(0.1).item()
    1.1051666666666666
    >>> p.derivative()
    1 + x + 0.5·x²
    """

    __slots__ = ("coefficients", "x0")

    def __init__(self, coefficients: Array, x0: float | Array) -> None:
        self.coefficients = coefficients
        self.x0 = x0

    @property
    def order(self) -> int:
        """The highest power."""
        return len(self.coefficients) - 1

    def __call__(self, x: ArrayLike) -> Any:
        """Evaluate the polynomial by Horner's rule.

        Parameters
        ----------
        x : array_like
            Where. It is broadcast against `x0`, if that is an array.

        Returns
        -------
        ndarray or numpy.float64
            Its values.
        """
        step = np.asarray(x, dtype=np.float64) - self.x0
        if not np.ndim(self.x0):  # of a function with many values: all of them at each x
            step = step.reshape(step.shape + (1,) * (self.coefficients.ndim - 1))
        value = np.zeros(np.broadcast_shapes(step.shape, self.coefficients.shape[1:]))
        for coefficient in self.coefficients[::-1]:
            value = value * step + coefficient
        return value

    def derivative(self) -> TaylorPolynomial:
        """Return the polynomial's derivative: the Taylor polynomial of f′, of one order less."""
        if self.order == 0:
            return TaylorPolynomial(np.zeros_like(self.coefficients), self.x0)
        return TaylorPolynomial(self._column(np.arange(1, self.order + 1)) * self.coefficients[1:], self.x0)

    def integral(self, constant: float = 0.0) -> TaylorPolynomial:
        """Return the antiderivative that is `constant` at `x0`, of one order more."""
        raised = self.coefficients / self._column(np.arange(1, self.order + 2))
        return TaylorPolynomial(np.concatenate([np.full_like(raised[:1], constant), raised]), self.x0)

    def _column(self, numbers: NDArray[np.int_]) -> NDArray[np.int_]:
        return numbers.reshape((-1,) + (1,) * (self.coefficients.ndim - 1))

    def plot(
        self,
        f: Callable[..., Any],
        interval: tuple[float, float] | None = None,
        orders: Sequence[int] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the function and its Taylor polynomials of rising order (needs matplotlib).

        Parameters
        ----------
        f : callable
            The function.
        interval : tuple of float, optional
            From where to where; by default 3 to either side of `x0`.
        orders : sequence of int, optional
            Which orders, none above `order`; by default up to five of them, the last one `order`.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        from . import _plots

        return _plots.plot_taylor(self, f, interval, orders, ax)

    def __repr__(self) -> str:
        if self.coefficients.ndim > 1:
            return f"<TaylorPolynomial of order {self.order}, coefficients of shape {self.coefficients.shape}>"
        variable = _variable("x", float(self.x0))
        return _written_out(
            [(c, variable + str(k).translate(_SUPERSCRIPTS) if k > 1 else variable * k) for k, c in self._terms()]
        )

    def _repr_html_(self) -> str:
        if self.coefficients.ndim > 1:
            return repr(self).replace("<", "&lt;").replace(">", "&gt;")
        variable = _variable("<i>x</i>", float(self.x0))
        return _written_out([(c, f"{variable}<sup>{k}</sup>" if k > 1 else variable * k) for k, c in self._terms()])

    def _terms(self) -> list[tuple[int, float]]:
        return [(k, float(c)) for k, c in enumerate(self.coefficients) if c != 0]


class MultivariateTaylorPolynomial:
    """A Taylor polynomial of a function of several variables: p(x) = Σ coefficients[m] (x − x0)**exponents[m].

    Made by `fastcalc.taylor` where x0 is an array and f gives one number.

    Attributes
    ----------
    coefficients : ndarray, shape (terms,)
        The factor of each term: the partial derivative ∂ᵉf(x0) / e! for the term's exponents e. Lower orders come first.
    exponents : ndarray of int, shape (terms, n)
        The power of each variable in each term.
    x0 : ndarray
        The point of expansion; n is its number of elements.
    order : int
        The highest sum of a term's exponents.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> p = fc.taylor(lambda v: np.exp(v[0]) * v[1], np.array([0.0, 2.0]), 2)
    >>> p.value, p.gradient
    (2.0, array([2., 1.]))
    >>> p.hessian
    array([[2., 1.],
           [1., 0.]])
    >>> p
    2 + 2·x₀ + (x₁ − 2) + x₀² + x₀·(x₁ − 2)
    """

    __slots__ = ("coefficients", "exponents", "order", "x0")

    def __init__(self, coefficients: Array, exponents: NDArray[np.int_], x0: Array) -> None:
        self.coefficients = coefficients
        self.exponents = exponents
        self.x0 = x0
        self.order = int(exponents[-1].sum())

    def __call__(self, x: ArrayLike) -> Any:
        """Evaluate the polynomial.

        Parameters
        ----------
        x : array_like, shape (..., *x0.shape)
            Where: one point, or many along leading axes.

        Returns
        -------
        ndarray or numpy.float64
            One value for each point.
        """
        points = np.asarray(x, dtype=np.float64)
        if points.shape[max(points.ndim - self.x0.ndim, 0) :] != self.x0.shape:
            raise ValueError(
                f"a point has the shape {self.x0.shape} of x0, possibly behind axes of many points; got {points.shape}"
            )
        step = (points - self.x0).reshape(*points.shape[: points.ndim - self.x0.ndim], 1, -1)
        return np.prod(step**self.exponents, axis=-1) @ self.coefficients

    @property
    def value(self) -> float:
        """f(x0)."""
        return float(self.coefficients[0])

    @property
    def gradient(self) -> Array:
        """The gradient of f at x0, in the shape of x0."""
        return self._derivatives(1).reshape(self.x0.shape)

    @property
    def hessian(self) -> Array:
        """The Hessian of f at x0, of shape (*x0.shape, *x0.shape)."""
        return self._derivatives(2).reshape(self.x0.shape * 2)

    def _derivatives(self, order: int) -> Array:
        """Return the tensor of all partial derivatives of an order."""
        if order > self.order:
            raise ValueError(f"the polynomial is of order {self.order}: derivatives of order {order} are not in it")
        tensor = np.zeros((self.x0.size,) * order)
        chosen = self.exponents.sum(axis=1) == order
        for exponents, coefficient in zip(self.exponents[chosen], self.coefficients[chosen], strict=True):
            variables = np.repeat(np.arange(self.x0.size), exponents)
            derivative = coefficient * math.prod(math.factorial(int(e)) for e in exponents)
            for place in set(itertools.permutations(variables.tolist())):
                tensor[place] = derivative
        return tensor

    def __repr__(self) -> str:
        def power(variable: int, exponent: int) -> str:
            at = float(self.x0.ravel()[variable])
            return _variable("x" + str(variable).translate(_SUBSCRIPTS), at) + (
                str(exponent).translate(_SUPERSCRIPTS) if exponent > 1 else ""
            )

        return self._written(power)

    def _repr_html_(self) -> str:
        def power(variable: int, exponent: int) -> str:
            base = _variable(f"<i>x</i><sub>{variable}</sub>", float(self.x0.ravel()[variable]))
            return base + (f"<sup>{exponent}</sup>" if exponent > 1 else "")

        return self._written(power)

    def _written(self, power: Callable[[int, int], str]) -> str:
        terms = []
        for coefficient, exponents in zip(self.coefficients, self.exponents, strict=True):
            if coefficient != 0:
                factors = [power(variable, int(e)) for variable, e in enumerate(exponents) if e]
                terms.append((float(coefficient), "·".join(factors)))
        return _written_out(terms)


def _variable(name: str, at: float) -> str:
    """Return x − x0 as it is written."""
    if at == 0:
        return name
    return f"({name} − {at:.6g})" if at > 0 else f"({name} + {-at:.6g})"


def _written_out(terms: list[tuple[float, str]]) -> str:
    """Return a sum of coefficients times products as it is written: ``1 − 0.5·x²``."""
    text = ""
    for coefficient, factor in terms[:_MOST_TERMS]:
        size = f"{abs(coefficient):.6g}"
        term = size if not factor else factor if size == "1" else f"{size}·{factor}"
        sign = "−" if coefficient < 0 else "+"
        text += f" {sign} {term}" if text else term if sign == "+" else f"−{term}"
    return (text or "0") + (" + …" if len(terms) > _MOST_TERMS else "")
