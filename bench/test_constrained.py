"""bench: minimisation under constraints, beside SciPy's two methods for it, which get exact gradients and Jacobians too."""

import sys
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from scipy.optimize import Bounds, NonlinearConstraint, minimize

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from hock_schittkowski import problems


@pytest.mark.parametrize("number", [40, 71, 100])
def test_hock_schittkowski(compare, number):
    """Equations alone; an equation, an inequality and bounds; inequalities."""
    p = problems[number]
    start = np.array(p.start, float)
    bounds = None if p.bounds is None else Bounds(*p.bounds)
    given = [(p.equalities, fc.equality, 0), (p.inequalities, fc.inequality, np.inf)]
    given = [each for each in given if each[0] is not None]
    ours = [make(c) for c, make, _ in given]
    gradient, hessian = fc.grad(p.fun), fc.hessian(p.fun)

    def rival(method, second):
        # SLSQP takes no second derivatives, and warns of them.
        more = {"hess": hessian} if second else {}
        theirs = [
            NonlinearConstraint(c, 0, upper, jac=fc.jacobian(c), **({"hess": _hessian(c)} if second else {}))
            for c, _, upper in given
        ]
        return lambda: [
            minimize(p.fun, start, jac=gradient, bounds=bounds, constraints=theirs, method=method, **more).fun
        ]

    compare(
        f"Hock–Schittkowski {number}: the whole minimisation",
        [p.minimum],
        lambda: [fc.minimize(p.fun, start, bounds=bounds, constraints=ours).fun],
        {"SLSQP": rival("SLSQP", second=False), "trust-constr": rival("trust-constr", second=True)},
    )


def _hessian(c):
    both = fc.hessian(lambda x, y: np.sum(y * c(x)))
    return lambda x, y: both(x, np.reshape(y, np.shape(c(x))))
