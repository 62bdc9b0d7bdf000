"""tasks: from ten times the standard starts, as many of the problems of Moré, Garbow and Hillstrom are solved as by SciPy's best method.

SciPy's methods get the exact derivatives and tolerances near rounding; a minimum or root counts for them whatever they say of it, for
fastcalc only where it reports success.
"""

import warnings

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from more_garbow_hillstrom.problems import PROBLEMS

FAR = 10

MINIMISERS = {
    "BFGS": {},
    "CG": {},
    "L-BFGS-B": {"maxfun": 10**5, "ftol": 1e-15, "gtol": 1e-10},
    "SLSQP": {"ftol": 1e-15},
    "Newton-CG": {},
    "trust-exact": {},
    "Nelder-Mead": {"maxfev": 10_000, "xatol": 1e-8, "fatol": 1e-12},
    "Powell": {"xtol": 1e-8, "ftol": 1e-14},
}
ROOT_FINDERS = ("hybr", "lm", "broyden1", "broyden2", "anderson", "krylov", "df-sane")

SYSTEMS = [problem for problem in PROBLEMS if np.size(problem.residuals(problem.start)) == problem.start.size]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():  # overflow, on the way, and SciPy's own
        warnings.simplefilter("ignore")
        yield


def minimised_by_scipy(problem, method, options):
    derivatives = {}
    if method not in ("Nelder-Mead", "Powell"):
        derivatives["jac"] = fc.grad(problem)
    if method in ("Newton-CG", "trust-exact"):
        derivatives["hess"] = fc.hessian(problem)
    try:
        return problem.is_minimum(
            scipy.optimize.minimize(
                problem, FAR * problem.start, method=method, options={"maxiter": 10_000, **options}, **derivatives
            ).fun
        )
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return False


def minimised(problem):
    found = fc.minimize(problem, FAR * problem.start)
    return found.success and problem.is_minimum(found.fun)


def is_root(problem, x):
    return problem(x) < 1e-10  # the sum of squares; where it has another minimum, that is above 1e-5


def solved_by_scipy(problem, method):
    given = {"jac": fc.jacobian(problem.residuals)} if method in ("hybr", "lm") else {}
    try:
        return is_root(problem, scipy.optimize.root(problem.residuals, FAR * problem.start, method=method, **given).x)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return False


def solved(problem):
    found = fc.root(problem.residuals, FAR * problem.start)
    return found.success and is_root(problem, found.x)


def counts_of(ours, theirs, problems):
    """Return how many are solved by us, and by each method of SciPy's."""
    counts = {name: sum(bool(solves(problem)) for problem in problems) for name, solves in theirs.items()}
    return sum(ours(problem) for problem in problems), counts


@pytest.mark.long
def test_as_many_minima_are_found_as_by_the_best_of_scipys_methods():
    theirs = {name: lambda p, name=name, options=options: minimised_by_scipy(p, name, options) for name, options in MINIMISERS.items()}  # fmt: skip
    ours, counts = counts_of(minimised, theirs, PROBLEMS)
    print(f"of {len(PROBLEMS)} problems: fastcalc {ours}, {counts}")
    assert ours >= max(counts.values())


@pytest.mark.long
def test_as_many_roots_are_found_as_by_the_best_of_scipys_methods():
    theirs = {name: lambda p, name=name: solved_by_scipy(p, name) for name in ROOT_FINDERS}
    ours, counts = counts_of(solved, theirs, SYSTEMS)
    print(f"of {len(SYSTEMS)} systems: fastcalc {ours}, {counts}")
    assert ours >= max(counts.values())
