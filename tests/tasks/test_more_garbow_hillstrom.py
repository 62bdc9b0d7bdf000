"""tasks: minimisation of the problems of Moré, Garbow and Hillstrom."""

import fastcalc as fc
import pytest
from more_garbow_hillstrom.problems import PROBLEMS


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_each_is_solved_from_its_standard_start(problem):
    found = fc.minimize(problem, problem.start)
    assert found.success, found.message
    assert problem.is_minimum(found.fun), found.fun
    assert found.derivative_source == "program"
