"""results: what a solver found. Comes in: its numbers by name. Goes out: an `OptimizeResult`, as SciPy's users know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._fast import Fields

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["InverseHessian", "OptimizeResult"]

Array = NDArray[np.float64]


class OptimizeResult(Fields):
    """A dictionary whose entries are attributes too; the fields are those of `scipy.optimize.OptimizeResult`.

    Attributes
    ----------
    x : ndarray or pytree
        The solution, in the structure of the start.
    success : bool
        Whether a test of convergence ended the run.
    status : int
        0 for success; 1 at a limit, 2 where precision is exhausted, 3 where a value is not finite, 4 if the objective falls without
        bound, 5 if the constraints cannot hold, 6 at a saddle of theirs, 99 if `callback` stopped the run.
    message : str
        Why the run ended; `reason` is the name of that.
    fun, jac, hess, hess_inv
        The objective and its derivatives at `x`, as far as the method has them.
    nit, nfev, njev, nhev : int
        Iterations, and evaluations of the objective, of its gradient, and of its Hessian or products with it.
    path, path_values : ndarray
        The iterates, the start first, and the objective there; only with ``path=True``.
    derivative_source : str
        ``"program"``, ``"jac"`` or ``"finite differences"``.
    """

    __slots__ = ()

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __dir__(self) -> list[str]:
        return [*self.keys(), "plot_path"]

    def __repr__(self) -> str:
        shown = {name: value for name, value in self.items() if not name.startswith("_")}
        if not shown:
            return f"{type(self).__name__}()"
        width = max(map(len, shown)) + 1
        return "\n".join(f"{name.rjust(width)}: {_indented(value, width + 2)}" for name, value in shown.items())

    def plot_path(self, ax: Axes | None = None) -> Axes:
        """Draw the way to the solution: over contours for two variables, else the objective against the iteration.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure without it.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        ValueError
            If no path was recorded.

        Examples
        --------
        >>> import fastcalc as fc
        >>> found = fc.minimize(lambda x: x[0] ** 2 + 3 * x[1] ** 2, [2.0, 1.0], path=True)
        >>> ax = found.plot_path()
        """
        from ._plots import plot_path

        if "path" not in self:
            raise ValueError("no path was recorded: minimise with path=True")
        return plot_path(self, self.get("_objective"), ax)


class InverseHessian:
    """L-BFGS's estimate of the inverse Hessian, as what it is made of: steps s and changes y of the gradient."""

    def __init__(self, sk: ArrayLike, yk: ArrayLike) -> None:
        self.sk, self.yk = np.asarray(sk, np.float64), np.asarray(yk, np.float64)
        self.rho = 1 / np.einsum("ij,ij->i", self.sk, self.yk)
        self.n_corrs, size = self.sk.shape
        self.shape, self.dtype = (size, size), np.dtype(np.float64)

    def matvec(self, v: ArrayLike) -> Array:
        """Return the product with a vector, by the two-loop recursion (Nocedal and Wright 2006, algorithm 7.4) from H = 1."""
        q = np.array(v, np.float64)
        alpha = np.zeros(self.n_corrs)
        for i in reversed(range(self.n_corrs)):
            alpha[i] = self.rho[i] * (self.sk[i] @ q)
            q = q - alpha[i] * self.yk[i]
        for i in range(self.n_corrs):
            q = q + (alpha[i] - self.rho[i] * (self.yk[i] @ q)) * self.sk[i]
        return q

    __matmul__ = dot = __call__ = matvec

    def todense(self) -> Array:
        """Return the matrix."""
        return np.stack([self.matvec(row) for row in np.eye(self.shape[0])], axis=1)

    def __repr__(self) -> str:
        return f"<InverseHessian of shape {self.shape}, from {self.n_corrs} steps>"


def _indented(value: Any, width: int) -> str:
    with np.printoptions(precision=4, threshold=20):
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("\n", "\n" + " " * width)
