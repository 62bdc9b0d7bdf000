"""functions: exact derivatives held against differences. Comes in: a function and a point. Goes out: where they agree, entry by entry.

The differences call the function itself, not its program, so that a trace that went wrong is found too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._branches import name_of
from ._derivatives import jacobian

__all__ = ["DerivativeCheck", "check_derivatives"]

Array = NDArray[np.float64]

#: An estimate of an error may be too small by this factor.
SAFETY = 20.0


@dataclass(frozen=True)
class DerivativeCheck:
    """Derivatives beside differences; true if they agree everywhere.

    Attributes
    ----------
    derivative : ndarray
        The exact derivative, shape ``f(x).shape + x.shape``.
    differences : ndarray
        Central differences, extrapolated.
    error : ndarray
        An estimate of the error of the differences: of truncation and of rounding.
    agrees : ndarray of bool
        Where the two differ by no more than that error allows. Where either is not finite, both must be the same.
    """

    name: str
    derivative: Array
    differences: Array
    error: Array
    agrees: NDArray[np.bool_]

    def __bool__(self) -> bool:
        return bool(np.all(self.agrees))

    def __str__(self) -> str:
        """Return what was found, the worst entry by name."""
        found = f"{self.name}: {np.count_nonzero(self.agrees)} of {self.agrees.size} derivatives agree with differences"
        if self:
            return found
        with np.errstate(all="ignore"):
            excess = np.where(self.agrees, -1.0, np.nan_to_num(np.abs(self.derivative - self.differences), nan=np.inf))
        worst = tuple(int(i) for i in np.unravel_index(np.argmax(excess), excess.shape))
        return (
            f"{found}; at {worst}: derivative {self.derivative[worst]:.10g}, "
            f"differences {self.differences[worst]:.10g} ± {self.error[worst]:.1g}"
        )


def check_derivatives(f: Callable[..., Any], x: ArrayLike, *others: Any) -> DerivativeCheck:
    """Hold the derivative of `f` by its first argument against differences.

    Parameters
    ----------
    f : callable
        A plain NumPy function that gives an array or a number.
    x : array_like
        Where; the first argument.
    *others
        The other arguments.

    Returns
    -------
    DerivativeCheck
        True where all entries agree; printed, it says which do not. Near a kink or a jump differences are wrong, not derivatives.

    Raises
    ------
    TraceError
        If `f` cannot be traced.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> print(fc.check_derivatives(lambda x: np.sum(np.sin(x) * x), np.array([1.0, 2.0])))
    <lambda>: 2 of 2 derivatives agree with differences
    """
    point = np.array(x, dtype=np.float64)
    exact = np.asarray(jacobian(f)(point[()], *others))
    differences, error = _differences(lambda at: np.asarray(f(at[()], *others), dtype=np.float64), point)
    with np.errstate(invalid="ignore"):
        agrees = np.abs(exact - differences) <= SAFETY * error
    agrees |= (exact == differences) | (np.isnan(exact) & np.isnan(differences))
    return DerivativeCheck(name_of(f), exact, differences, error, agrees)


def _differences(f: Callable[[Array], Array], x: Array) -> tuple[Array, Array]:
    """Return the derivative by differences, and its error: from D(h) = f′ + c h² + …, D = (4 D(h/2) − D(h)) / 3."""
    rounding = np.finfo(np.float64).eps
    columns, errors = [], []
    with np.errstate(all="ignore"):
        for i in range(x.size):
            # a step for which truncation, h² once more after extrapolation, and rounding, ε/h, are about alike: ε^(1/5)
            h = rounding**0.2 * max(abs(x.flat[i]), 0.1)

            def at(step: float, i: int = i) -> Array:
                moved = x.copy()
                moved.flat[i] += step
                return f(moved)

            coarse = (at(h) - at(-h)) / (2 * h)
            fine = (at(h / 2) - at(-h / 2)) / h
            size = np.maximum(np.abs(at(h / 2)), np.abs(at(-h / 2)))
            columns.append((4 * fine - coarse) / 3)
            # truncation: what remains is of order h⁴, no more than the correction that was made
            errors.append(np.abs(fine - coarse) * rounding**0.2 + 4 * rounding * size / h)
    if not columns:
        shape = (*f(x).shape, *x.shape)
        return np.zeros(shape), np.zeros(shape)
    shape = (*columns[0].shape, *x.shape)
    return np.stack(columns, axis=-1).reshape(shape), np.stack(errors, axis=-1).reshape(shape)
