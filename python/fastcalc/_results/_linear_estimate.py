"""Results: the solution of a linear fit in numbers: coefficients, goodness of fit, conditioning, what depends on what.

Comes in: the solution of the normal equations, in units of the columns' lengths, and how many rows went into them. Goes out: what they
alone tell. Whatever needs the rows, or is said of errors, is in `_linear_fit`.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .._data._arguments import Array

if TYPE_CHECKING:
    from .._fast import LinearSolution

__all__ = ["LinearEstimate"]


class LinearEstimate:
    """The numbers of a solution, of one target or of several."""

    def __init__(
        self, solution: LinearSolution, names: tuple[str, ...], nobs: int, *, intercept: bool, single_target: bool,
        ridge: float, deficient: str, passes: int,
    ) -> None:  # fmt: skip
        self.names, self.nobs = names, nobs
        self.has_intercept, self.ridge, self.deficient = intercept, ridge, deficient
        self._single, self._passes = single_target, passes
        self._take(solution)

    def _take(self, solution: LinearSolution) -> None:
        self._coef = solution.coefficients
        self._inverse, self._gram, self._length = solution.inverse, solution.gram, solution.length
        self._residual_norm, self._total_norm = solution.residual_norm, solution.total_norm
        self.has_constant = solution.has_constant
        self._dropped = solution.dependent
        self._null_space = solution.null_space
        self.rank = len(self.names) - len(self._dropped)
        self._parameters = solution.parameters
        free = self.nobs - solution.parameters
        self.dof: float = free if self.ridge else round(free)
        self._refinements = solution.refinements

    def _per_target(self, values: Array) -> Any:
        """One number or array for a single target, else with the targets as last axis."""
        if not self._single:
            return values
        value = values[..., 0]
        return float(value) if value.ndim == 0 else value

    @property
    def coef(self) -> Array:
        return np.asarray(self._per_target(self._coef))

    @property
    def params(self) -> dict[str, Any]:
        return dict(zip(self.names, self.coef.tolist(), strict=True))

    @property
    def intercept(self) -> Any:
        """The constant term; 0 without one."""
        return self._per_target(self._coef[0] if self.has_intercept else np.zeros(self._coef.shape[1]))

    @property
    def slopes(self) -> Array:
        """The coefficients without the intercept."""
        return self.coef[1:] if self.has_intercept else self.coef

    @property
    def slope(self) -> Any:
        """The slope of a straight line."""
        if len(self.slopes) != 1:
            raise AttributeError(
                f"a fit with {len(self.slopes)} predictors has no one slope: see coef, params or slopes."
            )
        return self.slopes[0] if not self._single else float(self.slopes[0])

    @property
    def chi2(self) -> Any:
        with np.errstate(over="ignore"):
            return self._per_target(self._residual_norm**2)

    @property
    def _variance(self) -> Array:
        """The common factor of all variances, which the scatter gives; inf where nothing is left over to give it."""
        if self.dof <= 0:
            return np.full(self._residual_norm.shape, np.inf)
        with np.errstate(over="ignore"):
            return np.asarray((self._residual_norm / math.sqrt(self.dof)) ** 2)

    @property
    def reduced_chi2(self) -> Any:
        return self._per_target(self._variance if self.dof > 0 else np.full(self._residual_norm.shape, np.nan))

    @property
    def r2(self) -> Any:
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._per_target(1.0 - (self._residual_norm / self._total_norm) ** 2)

    @property
    def adjusted_r2(self) -> Any:
        if self.dof <= 0:
            return self._per_target(np.full(self._residual_norm.shape, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            unexplained = (self._residual_norm / self._total_norm) ** 2
            return self._per_target(1.0 - unexplained * (self.nobs - self.has_constant) / self.dof)

    @property
    def f_value(self) -> Any:
        explaining = self._parameters - self.has_constant
        if self.dof <= 0 or explaining <= 0:
            return self._per_target(np.full(self._residual_norm.shape, np.nan))
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = (self._total_norm / self._residual_norm) ** 2 - 1.0
            return self._per_target(ratio * self.dof / explaining)

    @property
    def f_p_value(self) -> Any:
        from scipy.special import fdtrc

        explaining = self._parameters - self.has_constant
        if self.dof <= 0 or explaining <= 0:
            return self._per_target(np.full(self._residual_norm.shape, np.nan))
        return self._per_target(fdtrc(explaining, self.dof, np.atleast_1d(self.f_value)))

    @cached_property
    def condition(self) -> float:
        pair = self._equilibrated()
        if pair is None:
            return math.inf
        gram, inverse = pair
        if self.ridge:
            return float(np.sqrt(np.linalg.cond(gram)))
        # The largest eigenvalue of each is found to all digits, which the smallest of XᵀX would not be.
        return float(np.sqrt(np.linalg.eigvalsh(gram)[-1] * np.linalg.eigvalsh(inverse)[-1]))

    @property
    def condition_bound(self) -> float:
        """At least the condition number of the equations, at most √p times that, in O(p²): no eigenvalue exceeds a sum of a row."""
        pair = self._equilibrated()
        if pair is None:
            return math.inf
        gram, inverse = (float(np.abs(matrix).sum(axis=1).max()) for matrix in pair)
        return math.sqrt(gram * inverse)

    def _equilibrated(self) -> tuple[Array, Array] | None:
        """Return XᵀX and the inverse without dependent columns, each column of X scaled to one length; None where one is zero."""
        kept = [j for j in range(len(self.names)) if j not in self._dropped]
        root = np.sqrt(self._gram.diagonal())[kept]
        if not kept or not root.all():
            return None
        units = np.outer(root, root)
        return self._gram[np.ix_(kept, kept)] / units, self._inverse[np.ix_(kept, kept)] * units

    @cached_property
    def singular_values(self) -> Array:
        first = int(self.has_intercept)
        units = np.outer(self._length, self._length)[first:, first:]
        gram = self._gram[first:, first:]
        if first:  # Σ w (x − x̄)(x − x̄)ᵀ = XᵀWX − Σw x̄ x̄ᵀ
            gram = gram - np.outer(self._gram[0, 1:], self._gram[0, 1:]) / self._gram[0, 0]
        with np.errstate(over="ignore"):
            squares = np.maximum(np.linalg.eigvalsh(gram * units)[::-1], 0.0)
        if self._dropped or self.ridge or not len(squares):
            return np.asarray(np.sqrt(squares))
        # Eigenvalues of XᵀX are right to eps of the largest, those of its inverse to eps of the smallest: each value from the
        # side that it is nearer to is right to eps · cond, as by a decomposition of X.
        inverse_squares = 1.0 / np.linalg.eigvalsh(self._inverse[first:, first:] / units)
        middle = np.sqrt(squares[0]) * np.sqrt(max(inverse_squares[-1], 0.0))
        return np.asarray(np.sqrt(np.where(squares > middle, squares, np.maximum(inverse_squares, 0.0))))

    @property
    def _undetermined(self) -> NDArray[np.bool_]:
        if self.deficient == "drop" or not len(self._null_space):
            return np.zeros(len(self.names), bool)
        # In units of the columns' length: what is 10⁸ times smaller than the largest is rounding.
        moved = np.abs(self._null_space) * np.sqrt(self._gram.diagonal()) * self._length
        scale = moved.max(axis=1, keepdims=True)
        return np.asarray(
            (moved > 1e-8 * np.where(scale > 0, scale, 1.0)).any(axis=0)
            | np.isin(np.arange(len(self.names)), self._dropped)
        )

    @property
    def dependent(self) -> dict[str, dict[str, float]]:
        found = {}
        for d, direction in zip(self._dropped, self._null_space, strict=True):
            moved = np.abs(direction) * np.sqrt(self._gram.diagonal()) * self._length
            others = np.flatnonzero(moved > 1e-8 * moved.max())
            found[self.names[d]] = {self.names[j]: -float(direction[j]) for j in others if j != d}
        return found

    @property
    def method(self) -> str:
        again = f", refined {self._refinements} × on the rows" if self._refinements else ""
        if self._passes:
            return f"CholeskyQR by BLAS in {self._passes} pass{'es' * (self._passes > 1)}{again}"
        return f"Cholesky of double-double normal equations{again}"
