"""face: how a search of `minimize` ends where there is no minimum, a kink, a steep place or a pole."""

import warnings

import fastcalc as fc
import numpy as np
import pytest
from more_garbow_hillstrom.problems import PROBLEMS

METHODS = ["newton", "newton-cg", "bfgs", "l-bfgs", "gradient-descent"]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def test_too_long_steps_are_named():
    found = fc.minimize(rosenbrock, [-1.2, 1.0], method="gradient-descent", options={"learning_rate": 1.0})
    assert not found.success
    assert "learning_rate" in found.message


@pytest.mark.parametrize("f", [lambda x: -np.exp(x[0]), lambda x: -(x[0] ** 2), lambda x: np.log(np.abs(x[0] - 3))])
def test_a_function_without_a_minimum(f):
    found = fc.minimize(f, [1.0])
    assert found.reason == "unbounded" and found.status == 4 and not found.success
    assert np.isfinite(found.x).all()


@pytest.mark.parametrize("method", ["newton", "newton-cg", "bfgs", "l-bfgs", "gradient-descent"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: -np.sum(x**2),
        lambda x: -np.exp(x[0] + x[1]),
        lambda x: x[0] - x[1],
        lambda x: 5 + 3 * x[0] + x[1] ** 2,
    ],
)
def test_a_fall_without_end_is_no_success(f, method):
    assert not fc.minimize(f, [1.0, 2.0], method=method).success


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: abs(x[0]) + abs(x[1] - 1),
        lambda x: np.max(abs(x - np.array([0.0, 1.0]))),
        lambda x: max(x[0], -2 * x[0]),
    ],
    ids=["sum of moduli", "largest modulus", "kink"],
)
def test_a_kink_ends_every_method(f, method):
    """Steps towards it shorten until their squares underflow, and their multiples with them."""
    found = fc.minimize(f, [3.0, 4.0], method=method, options={"max_time": 5.0})
    assert found.reason != "max_time"
    assert found.fun < 0.1  # from 3 on; methods for smooth functions promise no digits at a kink


@pytest.mark.parametrize("search", ["armijo", "barzilai-borwein"])
def test_a_slope_whose_square_overflows_ends_the_search(search):
    options = {"search": search, "max_time": 5.0, "maxiter": 20}
    found = fc.minimize(lambda x: x[0] - np.log(x[0]), [1e-300], method="gradient-descent", options=options)
    assert found.reason == "max_iterations"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("f", "start", "least"),
    [(lambda x: np.exp(x[0] ** 2), 8.0, 1.0), (lambda x: x[0] - np.log(x[0]), 1e-20, 1.0)],
    ids=["steep far out", "steep beside a pole"],
)
def test_a_steep_place_where_steps_are_too_short_to_tell_is_no_minimum(f, start, least, method):
    found = fc.minimize(f, [start], method=method)
    assert found.success
    assert found.fun == pytest.approx(least, rel=1e-12)


def test_a_value_that_is_not_finite_is_told_without_warnings_of_our_own():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="the objective is inf at the start"):
            fc.minimize(lambda x: x[0] ** 2 if x[0] < 0 else np.inf, [1.0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("turn", [np.eye(2), np.array([[0.8, 0.6], [-0.6, 0.8]])], ids=["along an axis", "aslant"])
def test_a_saddle_without_curvature_is_left(turn, method):
    """From 0 and from where the gradient leads to 0; −y⁴ + y⁶ is least where y² = 2/3."""

    def f(x):
        y = turn @ x
        return y[0] ** 2 - y[1] ** 4 + y[1] ** 6

    for start in (np.zeros(2), np.linalg.solve(turn, [1.0, 0.0])):
        found = fc.minimize(f, start, method=method, options={"maxiter": 100_000})
        assert found.success
        np.testing.assert_allclose(np.abs(turn @ found.x), [0, np.sqrt(2 / 3)], atol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_a_point_of_inflection_is_no_minimum(method):
    assert not fc.minimize(lambda x: x[0] ** 3 + x[1] ** 2, [0.0, 0.0], method=method).success
    found = fc.minimize(lambda x: (x[0] ** 3 + 1) ** 2, [0.0], method=method)
    assert found.success and found.x[0] == pytest.approx(-1, abs=1e-8)  # curvature 18


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[0] ** 4,
        lambda x: x[0] ** 4 - 200 * x[0] ** 6,  # lower again from 0.07 on, behind a rise
        lambda x: (x[0] + x[1]) ** 2,
        lambda x: (x[1] - x[0] ** 2) ** 2,
        lambda x: 1e6 + x[1] ** 2 + 0 * x[0],
    ],
    ids=["fourth power", "lower behind a rise", "straight valley", "curved valley", "far up"],
)
def test_a_minimum_without_curvature_is_one(f, method):
    found = fc.minimize(f, [0.0, 0.0], method=method)
    assert found.success and (found.x == 0).all() and found.nit <= 1
    assert found.nfev <= 7  # three lengths in two senses


@pytest.mark.parametrize("method", METHODS)
def test_the_floor_of_a_curved_valley_is_not_walked_along(method):
    found = fc.minimize(lambda x: (x[1] - x[0] ** 2) ** 2, [1.0, 0.3], method=method)
    assert found.success and found.fun < 1e-15
    assert found.nit < 100


@pytest.mark.parametrize("method", METHODS)
def test_a_fall_without_end_beside_a_bound_is_no_success(method):
    found = fc.minimize(lambda x: 10 * x[1] + np.sin(x[0]), [0.0, 3.0], bounds=[(-5, 5), (None, None)], method=method)
    assert not found.success


def test_a_fall_into_what_is_no_number_takes_no_point_of_it():
    found = fc.minimize(lambda x: 0 * x[0] ** 2 - x[0], [1.0])  # 0 · inf in the end
    assert not found.success and np.isfinite(found.x).all() and np.isfinite(found.fun)
    assert "learning_rate" not in found.message


def test_the_edge_of_a_pole_is_no_minimum():
    meyer = next(problem for problem in PROBLEMS if problem.number == 10)
    assert not fc.minimize(
        meyer, 10 * meyer.start
    ).success  # it ends at x[2] = -125, where exp(x[1] / (125 + x[2])) has a pole
