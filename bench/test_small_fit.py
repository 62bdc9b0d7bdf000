"""bench: one fit of 50 points, where Python and the way in and out count more than the arithmetic."""

from collections.abc import Callable

import fastcalc as fc
import numpy as np
import pytest
import rivals
from models import decay_problem
from nist import SETS

PROBLEM = decay_problem(50)
BOX = ([0, 0, -1], [10, 10, 10])  # wider than any step of the fit from this start


def test_one_fit_of_50_points(compare, limit):
    p = PROBLEM
    data = p.model, p.x, p.y, p.start
    compare(
        "one fit, 50 points, 3 parameters",
        rivals.tight(*data),
        lambda: fc.curve_fit(*data)[0],
        {"SciPy lm": rivals.scipy_fit(*data), **rivals.optional(*data)},
        limit(p.name, *data[1:]).fit(),
        goal=30e-6,
    )


def test_the_same_in_bounds(compare):
    p = PROBLEM
    data = p.model, p.x, p.y, p.start
    compare(
        "the same with bounds",
        rivals.tight(*data),
        lambda: fc.curve_fit(*data, bounds=BOX)[0],
        {"SciPy trf": rivals.scipy_fit(*data, bounds=BOX)},
        goal=50e-6,
    )


def test_first_fit_of_a_new_function(compare):
    """Trace, passes, checks and fit: each call gets a function that was never seen."""
    p = PROBLEM
    data = p.x, p.y, p.start
    compare(
        "the first fit of a new function",
        rivals.tight(p.model, *data),
        _of_new_functions(lambda f: fc.curve_fit(f, *data)[0]),
        {"SciPy lm": _of_new_functions(lambda f: rivals.scipy_fit(f, *data)())},
        goal=2e-3,
    )


def _of_new_functions(fit: Callable[..., np.ndarray]) -> Callable[[], np.ndarray]:
    # One code object, as many functions: Python's own compiler is not measured.
    code = compile("def decay(x, a, b, c): return a * np.exp(-b * x) + c", "<bench>", "exec")

    def call() -> np.ndarray:
        names = {"np": np}
        exec(code, names)
        return fit(names["decay"])

    return call


@pytest.mark.parametrize("name", ["Misra1a", "Thurber"])
def test_nist(compare, name):
    """From NIST's second start; the certified parameters are the answer."""
    case = SETS[name]
    data = case.model, case.x, case.y, case.starts[1]
    others = rivals.optional(*data)
    others.pop("iminuit", None)  # with its σ of the data unknown, it does not get to the certified digits
    compare(
        f"NIST {name}, {len(case.y)} points, {len(case.parameters)} parameters",
        case.parameters,
        lambda: fc.curve_fit(*data)[0],
        {"SciPy lm": rivals.scipy_fit(*data), **others},
    )
