"""function: `check_derivatives` tells right from wrong."""

import fastcalc as fc
import numpy as np
import pytest

RIGHT = {
    "sine": (np.sin, 1.0),
    "array": (lambda x: np.exp(-x) * x[::-1], np.linspace(0.1, 2, 5)),
    "matrix": (lambda x: np.sum(x**3 * np.cos(x)), np.linspace(-1, 2, 6).reshape(2, 3)),
    "large": (lambda x: np.sum(x**2), np.array([1e8, 3e7])),
    "small": (lambda x: np.sum(np.sqrt(x)), np.array([1e-3, 2.0])),
    "stiff": (lambda x: np.sum(np.exp(30 * x)), np.array([0.3, -0.4])),
    "constant": (lambda x: np.ones(2), np.ones(3)),
    "empty": (lambda x: np.sum(x), np.ones(0)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_agrees(name):
    f, x = RIGHT[name]
    found = fc.check_derivatives(f, x)
    assert found, str(found)
    assert found.derivative.shape == found.differences.shape == found.error.shape == np.shape(f(x)) + np.shape(x)
    assert "agree" in str(found)


@pytest.mark.parametrize("size", [1e-3, 1e-6])
def test_a_rule_that_is_wrong_is_found(size):
    wrong = fc.custom_derivative(lambda x: x**2, jvp=lambda at, d: 2 * at[0] * d[0] * (1 + size * (at[0] > 2)))
    found = fc.check_derivatives(wrong, np.array([1.0, 3.0]))
    assert not found
    np.testing.assert_array_equal(found.agrees, [[True, True], [True, False]])
    assert "3 of 4" in str(found)
    assert "(1, 1)" in str(found)


def test_other_arguments_and_values_that_are_not_finite():
    assert fc.check_derivatives(lambda x, y, scale: scale * x * y, np.ones(2), np.arange(2.0), 3.0)
    assert fc.check_derivatives(lambda x: x**2, np.nan)  # not a number, by both
    assert not fc.check_derivatives(np.log, -1.0)  # a rule that goes on where the function ends
