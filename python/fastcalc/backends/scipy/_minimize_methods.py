"""backends: the methods of `scipy.optimize.minimize`, a line each: what fastcalc runs for it, and how SciPy tells its end.

Comes in: a method's name. Goes out: a `Method`. SciPy's options are translated where fastcalc's loop has the same one; a method that
is not in the table, or an option that is not in its line, is SciPy's own. Numbers and texts are those of SciPy 1.17.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["METHODS", "Method"]

_SUCCESS = "Optimization terminated successfully."
_ITERATIONS = "Maximum number of iterations has been exceeded."


@dataclass(frozen=True)
class Method:
    """One of SciPy's methods.

    Attributes
    ----------
    ours : str or None
        fastcalc's method; None leaves the choice to it.
    options : dict of str to str
        By SciPy's name, fastcalc's name of an option.
    defaults : callable
        SciPy's own defaults, by its names, for n variables.
    tolerances : tuple of str
        Options that `tol` sets.
    ends : dict of str to (int, str)
        By the name of fastcalc's status: SciPy's status and message. What is not in it is no answer.
    fields : tuple of str
        Of the result, beside those that all methods have.
    needs : tuple of str
        Of ``'jac'`` and ``'hess'``: derivatives without which SciPy refuses.
    uses : tuple of str
        Of ``'hess'``, ``'hessp'``, ``'bounds'``, ``'constraints'``, ``'return_all'``: what SciPy uses; it warns of the others.
    leaves_fixed_out : bool
        Whether SciPy takes fixed variables out of the problem, so that the result has no derivative by them.
    updates_hessian : bool
        Whether SciPy takes the name of a difference scheme or a strategy of updates for `hess`. Not followed: derivatives are exact.
    counts : tuple of str
        What ``disp`` prints of `nfev`, `njev` and `nhev`.
    """

    ours: str | None
    options: dict[str, str]
    defaults: Callable[[int], dict[str, Any]]
    tolerances: tuple[str, ...]
    ends: dict[str, tuple[int, str]]
    fields: tuple[str, ...]
    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    leaves_fixed_out: bool = False
    updates_hessian: bool = False
    counts: tuple[str, ...] = ()


#: fastcalc's ways to converge.
_CONVERGED = (
    "stationary",
    "objective_settled",
    "objective_change_small",
    "objective_step_small",
    "kkt_satisfied",
    "kkt_settled",
)

_PLAIN_ENDS = dict.fromkeys(_CONVERGED, (0, _SUCCESS)) | {"max_iterations": (1, _ITERATIONS)}

#: Where success promises a small gradient.
_GRADIENT_ENDS = {"stationary": (0, _SUCCESS), "max_iterations": (1, _ITERATIONS)}

_LBFGSB_ENDS = {
    "stationary": (0, "CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL"),
    "objective_settled": (0, "CONVERGENCE: RELATIVE REDUCTION OF F <= FACTR*EPSMCH"),
    "objective_change_small": (0, "CONVERGENCE: RELATIVE REDUCTION OF F <= FACTR*EPSMCH"),
    "max_iterations": (1, "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT"),
    "max_evaluations": (1, "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT"),
}

_TNC_ENDS = {
    "stationary": (0, "Local minimum reached (|pg| ~= 0)"),
    "objective_settled": (1, "Converged (|f_n-f_(n-1)| ~= 0)"),
    "objective_change_small": (1, "Converged (|f_n-f_(n-1)| ~= 0)"),
    "objective_step_small": (2, "Converged (|x_n-x_(n-1)| ~= 0)"),
    "max_evaluations": (3, "Max. number of function evaluations reached"),
}

_SLSQP_ENDS = dict.fromkeys(_CONVERGED, (0, "Optimization terminated successfully")) | {
    "max_iterations": (9, "Iteration limit reached")
}

_TRUST_CONSTR_ENDS = dict.fromkeys(_CONVERGED, (1, "`gtol` termination condition is satisfied.")) | {
    "max_iterations": (0, "The maximum number of function evaluations is exceeded."),
    "stopped_by_callback": (3, "`callback` raised `StopIteration`."),
}

_COUNTS = ("Function evaluations", "Gradient evaluations")
_ALL_COUNTS = (*_COUNTS, "Hessian evaluations")


def _trust(ours: str, **more: Any) -> Method:
    """Return a method of a trust region. SciPy's gtol is of the gradient's length, fastcalc's of its largest component."""
    return Method(
        ours=ours,
        options={"gtol": "gtol", "maxiter": "maxiter", "initial_trust_radius": "initial_trust_radius"},
        defaults=lambda n: {"gtol": 1e-4, "maxiter": 200 * n, "initial_trust_radius": 1.0},
        tolerances=("gtol",),
        ends=_GRADIENT_ENDS,
        needs=("jac", "hess"),
        counts=_ALL_COUNTS,
        **more,
    )


METHODS = {
    "bfgs": Method(
        ours="bfgs",
        options={"gtol": "gtol", "maxiter": "maxiter"},
        defaults=lambda n: {"gtol": 1e-5, "maxiter": 200 * n},
        tolerances=("gtol",),
        ends=_GRADIENT_ENDS,
        fields=("jac", "hess_inv", "njev"),
        uses=("return_all",),
        counts=_COUNTS,
    ),
    "l-bfgs-b": Method(
        ours="l-bfgs",
        options={"gtol": "gtol", "ftol": "ftol", "maxiter": "maxiter", "maxfun": "maxfun", "maxcor": "maxcor"},
        defaults=lambda n: {
            "maxiter": 15000,  # and fastcalc's own, tighter tolerances
            "maxfun": 15000,
            "maxcor": 10,
        },
        tolerances=("ftol", "gtol"),
        ends=_LBFGSB_ENDS,
        fields=("jac", "hess_inv", "njev"),
        uses=("bounds",),
        leaves_fixed_out=True,
    ),
    "newton-cg": Method(
        ours="newton-cg",
        options={"xtol": "gtol", "maxiter": "maxiter"},  # a step says less than a gradient, which is at hand
        defaults=lambda n: {"maxiter": 200 * n},
        tolerances=("xtol",),
        ends=_PLAIN_ENDS | {"max_iterations": (1, f"Warning: {_ITERATIONS}")},
        fields=("jac", "njev", "nhev"),
        needs=("jac",),
        uses=("hess", "hessp", "return_all"),
        counts=_ALL_COUNTS,
    ),
    "tnc": Method(
        ours=None,
        options={"gtol": "gtol", "ftol": "ftol", "xtol": "xtol", "maxfun": "maxfun"},
        defaults=lambda n: {"maxfun": max(100, 10 * n)},
        tolerances=("xtol", "ftol", "gtol"),
        ends=_TNC_ENDS,
        fields=("jac",),
        uses=("bounds",),
        leaves_fixed_out=True,
    ),
    "slsqp": Method(
        ours=None,
        options={"ftol": "gtol", "maxiter": "maxiter"},  # what SciPy calls so is a precision of everything
        defaults=lambda n: {"maxiter": 100},
        tolerances=("ftol",),
        ends=_SLSQP_ENDS,
        fields=("jac", "njev"),
        uses=("bounds", "constraints"),
        leaves_fixed_out=True,
    ),
    "trust-constr": Method(
        ours=None,
        options={"gtol": "gtol", "maxiter": "maxiter"},
        defaults=lambda n: {"gtol": 1e-8, "maxiter": 1000},
        tolerances=("gtol",),
        ends=_TRUST_CONSTR_ENDS,
        fields=("njev", "nhev"),
        uses=("hess", "hessp", "bounds", "constraints"),
        updates_hessian=True,
    ),
    "trust-exact": _trust("newton", uses=("hess", "return_all"), fields=("jac", "njev", "nhev", "hess")),
    "dogleg": _trust("newton", uses=("hess", "return_all"), fields=("jac", "njev", "nhev", "hess")),
    "trust-ncg": _trust("newton-cg", uses=("hess", "hessp", "return_all"), fields=("jac", "njev", "nhev")),
    "trust-krylov": _trust("newton-cg", uses=("hess", "hessp", "return_all"), fields=("jac", "njev", "nhev")),
}
