"""Front door `root`: a system of equations.

Arguments come in as SciPy's `root` takes them; Newton's method in a trust region runs in C++; an `OptimizeResult` goes out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._equations import Equation
from ._errors import warn
from ._solutions import OptimizeResult

__all__ = ["root"]

METHODS = ("hybr", "newton")
OPTIONS = ("xtol", "maxiter")

#: SciPy's numbers: 1 for success, 2 at a limit, 4 where nothing brings |F| down.
STATUS = {"root_found": 1, "max_iterations": 2, "stalled": 4, "no_root_nearby": 4}


def root(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: tuple[Any, ...] = (),
    method: str | None = None,
    jac: Callable[..., Any] | bool | None = None,
    tol: float | None = None,
    callback: None = None,
    options: dict[str, Any] | None = None,
) -> OptimizeResult:
    """
    Find a root of a system of equations, F(x) = 0, by Newton's method in a trust region.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``: a plain NumPy function that gives as many numbers as `x` has, in an array or a list.
    x0 : array_like
        Where to start. `fun` gets an array of its shape.
    args : tuple, optional
        The other arguments of `fun`.
    method : {"newton", "hybr"}, optional
        Both are Powell's dogleg with exact derivatives.
    jac : callable or True, optional
        ``jac(x, *args)``, of shape (n, n), instead of the exact derivative of `fun`. True: `fun` gives the pair of both.
    tol : float, optional
        Tolerance of the relative length of the last Newton step, 1e-8 by default. The error that remains is about its square.
    options : dict, optional
        ``xtol``, the same as `tol`; ``maxiter``, 200 by default.

    Returns
    -------
    OptimizeResult
        With `x`, `success`, `status` (1 for a root, 2 at a limit, 4 where nothing brings ``|F|`` down, 0 for the rest), `message`,
        `reason` (the name of what ended it), `fun`, `jac`, `nfev`, `njev`, `nit`, `derivative_source`.

    Raises
    ------
    ValueError
        If `x0` is empty or not finite, or the method is unknown.
    TypeError
        If there are not as many equations as unknowns.

    Warns
    -----
    FallbackWarning
        If `fun` could not be traced, so that derivatives are finite differences.

    See Also
    --------
    root_scalar, newton : For one number, and for many at once.

    Notes
    -----
    M. J. D. Powell, "A hybrid method for nonlinear equations" (1970); J. J. Moré, B. S. Garbow and K. E. Hillstrom, MINPACK (1980).

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> def circle_and_line(x):
    ...     return [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1]
    >>> fc.root(circle_and_line, [1.0, 1.0]).x
    array([3., 4.])
    """
    if method is not None and str(method).lower() not in METHODS:
        raise ValueError(f"Unknown solver {method}")
    known = dict(options or {})
    xtol, maxiter = known.pop("xtol", tol), known.pop("maxiter", None)
    if known:
        from scipy.optimize import OptimizeWarning

        warn(f"Unknown solver options: {', '.join(known)}", OptimizeWarning)
    if not isinstance(args, tuple):
        args = (args,)
    start = np.atleast_1d(np.array(x0))
    if start.dtype.kind == "c":
        raise ValueError("`x0` must be real; give the real and imaginary parts as unknowns of their own")
    start = start.astype(np.float64)
    if start.size == 0:
        raise ValueError("`x0` is empty: there is nothing to solve for")
    if not np.isfinite(start).all():
        raise ValueError(f"`x0` must be finite, but x0[{int(np.argmin(np.isfinite(start)))}] is not")
    posed = Equation.of(fun, jac).pose(start, args)
    found = posed.equations.root(start.ravel(), xtol, maxiter)
    if found.status == "not_finite_at_start":
        raise ValueError(f"fun is not finite at x0: it gives {found.fun}")
    return OptimizeResult(
        x=found.x.reshape(start.shape),
        success=found.success,
        status=STATUS.get(found.status, 0),
        message=found.message,
        reason=found.status,
        fun=found.fun.reshape(start.shape),
        jac=found.jac,
        nfev=found.nfev,
        njev=found.nfev,
        nit=found.nit,
        method="newton",
        derivative_source=posed.source,
    )
