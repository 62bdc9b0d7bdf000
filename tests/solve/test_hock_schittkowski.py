"""solve: the problems of Hock and Schittkowski through `fc.minimize`."""

from typing import Any

import fastcalc as fc
import numpy as np
import pytest
from hock_schittkowski import Problem, problems

EQUATIONS = [
    number for number, p in problems.items() if p.equalities is not None and p.inequalities is None and p.bounds is None
]
CONSTRAINED = [number for number, p in problems.items() if p.equalities is not None or p.inequalities is not None]

#: Where the standard start leads to another local minimum than the book's: its value, which CUTEst's solvers report too.
OTHER_MINIMA = {16: 23.144660940673, 20: 40.198729810778, 44: -13.0, 55: 20 / 3, 97: 4.0712463565, 108: -0.6749814429}


def constraints(problem: Problem) -> list[Any]:
    made = []
    if problem.equalities is not None:
        made.append(fc.equality(problem.equalities))
    if problem.inequalities is not None:
        made.append(fc.inequality(problem.inequalities))
    return made


def solve(problem: Problem, factor: float = 1) -> Any:
    bounds = None if problem.bounds is None else list(zip(*problem.bounds, strict=True))
    start = factor * np.array(problem.start, float)
    return fc.minimize(problem.fun, start, bounds=bounds, constraints=constraints(problem))


@pytest.mark.parametrize("number", CONSTRAINED)
def test_the_published_minimum_is_found_from_the_standard_start(number: int) -> None:
    problem = problems[number]
    found = solve(problem)
    assert found.success, found.message
    assert found.derivative_source == "program"
    wanted = OTHER_MINIMA.get(number, problem.minimum)
    # The book and its successors print eight to ten digits, of which the last may be wrong.
    assert found.fun == pytest.approx(wanted, rel=1e-7, abs=1e-8)
    # What the conditions are to hold to: gtol, 1e-9, is relative to the scale of gradients at the start.
    scale = max(1.0, np.max(np.abs(found.jac)), *(np.max(np.abs(y)) for y in found.multipliers))
    assert found.kkt_residual <= 1e-7 * scale
    assert found.constr_violation <= 1e-8 * max(1.0, np.max(np.abs(problem.start)))
    assert found.curvature >= -1e-6 * np.max(np.abs(found.hess))
    if problem.bounds is not None:
        lower, upper = problem.bounds
        assert np.all(found.x >= lower)
        assert np.all(found.x <= upper)


def test_enough_of_them_have_equations_alone() -> None:
    assert len(EQUATIONS) >= 20
    assert not set(EQUATIONS) & set(OTHER_MINIMA)


def violation(problem: Problem, x: Any) -> float:
    parts = [np.zeros(1)]
    if problem.equalities is not None:
        parts.append(np.abs(np.atleast_1d(problem.equalities(x))))
    if problem.inequalities is not None:
        parts.append(-np.atleast_1d(problem.inequalities(x)))
    if problem.bounds is not None:
        parts += [problem.bounds[0] - x, x - problem.bounds[1]]
    return max(float(np.max(part)) for part in parts)


def is_solved(problem: Problem, fun: float, x: Any) -> bool:
    return bool(
        fun <= problem.minimum + 1e-5 * max(1, abs(problem.minimum)) and violation(problem, np.asarray(x)) <= 1e-6
    )


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr"])
def test_from_ten_times_the_start_as_many_are_solved_as_by_scipy(method: str) -> None:
    from scipy.optimize import Bounds, NonlinearConstraint, minimize

    ours, theirs = [], []
    for number in CONSTRAINED:
        problem = problems[number]
        found = solve(problem, 10)
        if is_solved(problem, found.fun, found.x):
            ours.append(number)
        parts = [(problem.equalities, 0.0, 0.0), (problem.inequalities, 0.0, np.inf)]
        given = [NonlinearConstraint(c, low, high) for c, low, high in parts if c is not None]
        bounds = None if problem.bounds is None else Bounds(*problem.bounds)
        options = {"maxiter": 1000} if method == "SLSQP" else {"maxiter": 300}
        start = 10 * np.array(problem.start, float)
        try:
            rival = minimize(
                problem.fun,
                start,
                jac=fc.grad(problem.fun),
                method=method,
                bounds=bounds,
                constraints=given,
                options=options,
            )
        except ValueError:  # what is not finite stops it
            continue
        if is_solved(problem, rival.fun, rival.x):
            theirs.append(number)
    print(f"{len(ours)} of {len(CONSTRAINED)} by fastcalc, {len(theirs)} by {method}")
    assert len(ours) >= len(theirs)
