"""bench: rivals, each used as its own documentation says is fastest.

Comes in: a model and data. Goes out: calls that fit it, those of the rivals that are installed.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import scipy.optimize

Fit = Callable[[], np.ndarray]


def scipy_fit(model, x, y, start, **options) -> Fit:
    return lambda: scipy.optimize.curve_fit(model, x, y, start, **options)[0]


def tight(model, x, y, start) -> np.ndarray:
    """Return the parameters as SciPy finds them when asked for all digits: the answer that all must give."""
    return scipy_fit(model, x, y, start, ftol=1e-15, xtol=1e-15, gtol=0.0, maxfev=10_000)()


def optional(model, x, y, start) -> dict[str, Fit]:
    """Return what else is installed that fits any Python function."""
    found: dict[str, Fit] = {}
    names = model.__code__.co_varnames[1 : model.__code__.co_argcount]
    if find_spec("lmfit"):
        import lmfit

        lmfit_model = lmfit.Model(model)
        parameters = lmfit_model.make_params(**dict(zip(names, start, strict=True)))
        found["lmfit"] = lambda: np.array(list(lmfit_model.fit(y, parameters, x=x).best_values.values()))
    if find_spec("iminuit"):
        from iminuit import Minuit
        from iminuit.cost import LeastSquares

        cost = LeastSquares(x, y, 0.05, model)
        found["iminuit"] = lambda: np.array(Minuit(cost, *start, name=names).migrad().hesse().values)
    return found


def numba_decay_gram() -> Callable[..., np.ndarray] | None:
    """Return the fused evaluation of `kernels/fits.cpp` in numba, if it is installed."""
    if not find_spec("numba"):
        return None
    import numba

    @numba.njit(error_model="numpy")
    def gram(x, y, at):
        a, b, c = at
        ee = exe = e1 = er = xexe = xe1 = xer = r1 = rr = 0.0
        for i in range(x.size):
            e = np.exp(-b * x[i])
            xe = x[i] * e
            r = a * e + c - y[i]
            ee += e * e
            exe += e * xe
            e1 += e
            er += e * r
            xexe += xe * xe
            xe1 += xe
            xer += xe * r
            r1 += r
            rr += r * r
        rows = float(x.size)
        return np.array(
            [[ee, -a * exe, e1, er], [0, a * a * xexe, -a * xe1, -a * xer], [0, 0, rows, r1], [0, 0, 0, rr]]
        )

    return gram
