"""results: what a solver found. Comes in: its numbers by name. Goes out: an `OptimizeResult`, as SciPy's users know it."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["OptimizeResult"]


class OptimizeResult(dict[str, Any]):
    """A dictionary whose entries are attributes too; the fields are those of `scipy.optimize.OptimizeResult`.

    Attributes
    ----------
    x : ndarray or pytree
        The solution, in the structure of the start.
    success : bool
        Whether a test of convergence ended the run.
    status : int
        0 for success; 1 at a limit, 2 where precision is exhausted, 3 where a value is not finite, 99 if `callback` stopped the run.
    message : str
        Why the run ended.
    fun, jac, hess, hess_inv
        The objective and its derivatives at `x`, as far as the method has them.
    nit, nfev, njev, nhev : int
        Iterations, and evaluations of the objective, of its gradient, and of its Hessian or products with it.
    path, path_values : ndarray
        The iterates, the start first, and the objective there; only with ``path=True``.
    derivative_source : str
        ``"program"``, ``"jac"`` or ``"finite differences"``.
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error

    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__

    def __dir__(self) -> list[str]:
        return list(self.keys())

    def __repr__(self) -> str:
        shown = {name: value for name, value in self.items() if not name.startswith("_")}
        if not shown:
            return f"{type(self).__name__}()"
        width = max(map(len, shown)) + 1
        return "\n".join(f"{name.rjust(width)}: {_indented(value, width + 2)}" for name, value in shown.items())


def _indented(value: Any, width: int) -> str:
    with np.printoptions(precision=4, threshold=20):
        text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace("\n", "\n" + " " * width)
