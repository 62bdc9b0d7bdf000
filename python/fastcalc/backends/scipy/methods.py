"""backends: fastcalc's methods as `scipy.optimize.minimize(f, x0, method=fc.methods.newton)`, without a patch.

Comes in: what SciPy hands to a custom method. Goes out: a `scipy.optimize.OptimizeResult`. SciPy hands bounds, constraints and
callback as its caller gave them, `tol` among the options, and a difference scheme's name as None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..._doors._minimize import minimize

__all__ = [
    "adam",
    "bfgs",
    "gradient_descent",
    "interior_point",
    "l_bfgs",
    "momentum",
    "nesterov",
    "newton",
    "newton_cg",
]


class Method(str):
    """The name of one of the methods of `fastcalc.minimize`, which `scipy.optimize.minimize` calls as a method of its caller's own.

    Options are those of `fastcalc.minimize`, and ``progress`` and ``path``.

    Examples
    --------
    >>> import fastcalc as fc
    >>> from scipy.optimize import minimize, rosen
    >>> minimize(rosen, [-1.2, 1.0], method=fc.methods.newton).x
    array([1., 1.])
    """

    @property
    def __name__(self) -> str:
        return self.replace("-", "_")

    def __call__(
        self,
        fun: Callable[..., Any],
        x0: Any,
        *,
        args: Any = (),
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        callback: Any = None,
        tol: float | None = None,
        progress: bool = False,
        path: bool = False,
        **options: Any,
    ) -> Any:
        """Return what `fastcalc.minimize` finds, as SciPy's own class."""
        from scipy.optimize import OptimizeResult

        return OptimizeResult(
            minimize(
                fun,
                x0,
                args,
                str(self),
                jac,
                hess,
                hessp,
                bounds,
                constraints,
                tol,
                callback,
                options,
                progress=progress,
                path=path,
            )
        )

    def __repr__(self) -> str:
        return f"<fastcalc's method {self}, for scipy.optimize.minimize>"

    def __reduce__(self) -> str:
        return self.__name__


newton = Method("newton")
newton_cg = Method("newton-cg")
bfgs = Method("bfgs")
l_bfgs = Method("l-bfgs")
gradient_descent = Method("gradient-descent")
momentum = Method("momentum")
nesterov = Method("nesterov")
adam = Method("adam")
interior_point = Method("interior-point")  # the one that takes constraints
