"""face: what `minimize` refuses, and of what it warns."""

import fastcalc as fc
import numpy as np
import pytest
from scipy.optimize import OptimizeWarning


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x0": [np.nan, 1.0]}, r"x0\[0\] = nan"),
        ({"x0": np.zeros((2, 2))}, "'x0' must only have one dimension"),
        ({"x0": []}, "empty"),
        ({"x0": [1j, 0]}, "`x0` must be real; give the real and imaginary parts"),
        ({"x0": {"a": np.zeros(2) + 1j}}, "`x0` must be real"),
        ({"x0": {"a": 1.0, "b": np.inf}}, r"`x0` must be finite, but x0\[1\] = inf"),
        ({"method": "nope"}, "Unknown solver nope"),
        ({"bounds": [(0, 1)]}, "number of bounds is not compatible"),
        ({"bounds": [(0, 1), (2, 1)]}, r"An upper bound is less than the corresponding lower bound: x\[1\]"),
        ({"bounds": [(0, 1), (np.nan, 1)]}, "NaN"),
        ({"fun": lambda x: x}, "must return a scalar"),
        ({"fun": lambda x: np.log(-np.sum(x * x))}, "nan at the start"),
        ({"fun": lambda x: np.sqrt(x[0]) + x[1] ** 2, "x0": [0.0, 1.0]}, "component 0"),
        ({"method": "gradient-descent", "options": {"search": "wild"}}, "search 'wild'"),
        ({"bounds": [0, 1]}, r"bounds must be a \(low, high\) for each number"),
        ({"bounds": [("a", 1), (0, 1)]}, "bounds must be numbers or None"),
        ({"bounds": [(np.inf, np.inf), (0, 1)]}, r"no number lies between the bounds of x\[0\]"),
        ({"method": "l-bfgs", "options": {"maxcor": -1}}, "maxcor must be 1 or more"),
        ({"method": "adam", "options": {"learning_rate": 0.0}}, "learning_rate must be greater than 0"),
        ({"method": "momentum", "options": {"momentum": 1.0}}, "momentum must be at least 0 and less than 1"),
        ({"jac": "5-point"}, "`jac` must be callable or True or '2-point' or '3-point' or 'cs', not '5-point'"),
        ({"jac": np.zeros(2)}, "`jac` must be callable"),
        ({"hess": "exact"}, "`hess` must be callable or '2-point' or '3-point' or 'cs', not 'exact'"),
        ({"hessp": True}, "`hessp` must be callable, not True"),
        ({"hess": lambda x: np.eye(3)}, r"hess returned the shape \(3, 3\) for 2 variables"),
        ({"hessp": lambda x, v: np.ones(3)}, r"hessp returned the shape \(3,\) for 2 variables"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=message):
        fc.minimize(**({"fun": rosenbrock, "x0": [-1.2, 1.0]} | arguments))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x0": "ab"}, "`x0` must be a number or an array of numbers, not 'ab'"),
        ({"x0": {"a": "b"}}, "`x0` must be a structure of numbers"),
        ({"fun": lambda x: None}, "returned None; is its `return` missing?"),
        ({"fun": lambda x: np.sum(x) + 1j}, "returned a complex128; return its real part"),
        ({"fun": lambda x: "3.0"}, "returned a str"),
        ({"jac": True}, "with jac=True fun gives the value and the gradient"),
        ({"options": {"maxiter": "many"}}, "maxiter must be a number"),
        ({"options": {"gtol": "1e-3"}}, "gtol must be a number"),
    ],
)
def test_what_is_of_no_use_is_named(arguments, message):
    with pytest.raises(TypeError, match=message):
        fc.minimize(**({"fun": rosenbrock, "x0": [-1.2, 1.0]} | arguments))


def test_limits_may_be_without_end():
    assert fc.minimize(rosenbrock, [-1.2, 1.0], options={"maxiter": np.inf, "maxfun": 10**30}).success
    assert fc.minimize(rosenbrock, [-1.2, 1.0], method="l-bfgs", options={"maxcor": 10**9}).success


def test_unknown_options_are_warned_of_as_scipy_does():
    with pytest.warns(OptimizeWarning, match="Unknown solver options: wild"):
        fc.minimize(rosenbrock, [-1.2, 1.0], options={"wild": 1})


@pytest.mark.parametrize(
    ("method", "option"),
    [
        (None, "maxcor"), ("newton", "learning_rate"), ("newton-cg", "maxcor"), ("bfgs", "maxcor"), ("l-bfgs", "initial_trust_radius"),
        ("l-bfgs-b", "search"), ("gradient-descent", "momentum"), ("momentum", "beta1"), ("nesterov", "search"), ("adam", "momentum"),
        ("interior-point", "maxcor"),
    ],
)  # fmt: skip
def test_an_option_of_another_method_is_warned_of_as_scipy_does(method, option):
    limiting = fc.equality(lambda x: x[0] - 1) if method == "interior-point" else ()
    with pytest.warns(OptimizeWarning, match=f"Unknown solver options: {option}"):
        fc.minimize(
            lambda x: np.sum((x - 1) ** 2),
            [1.5, 1.0],
            method=method,
            constraints=limiting,
            options={option: 0.1, "maxiter": 3},
        )
