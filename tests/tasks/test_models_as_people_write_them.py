"""tasks: models with loops, `math`, writes, masks and knees are fitted by their programs, to SciPy's parameters."""

import math

import numpy as np
import pytest
import scipy.optimize
from tasks.fits import X, fitted

KNOTS = np.linspace(-1.0, 6.0, 8)
VALUES = np.array([0.0, 0.5, 2.0, 3.0, 2.2, 1.0, 0.4, 0.1])


def loop_of_math(x, a, b):
    return np.array([a * math.exp(-b * v) for v in x])


def filled(x, a, b):
    out = np.zeros_like(x)
    for i in range(len(x)):
        out[i] = a * x[i] ** 2 + b
    return out


def knee(x, a, b):
    return np.piecewise(x, [x < b, x >= b], [lambda v: a * v, lambda v: a * b + 0.2 * (v - b)])


def masked(x, a, b):
    y = a * np.cos(b * x)
    y[y < 0] *= 0.5
    return y


def shifted_table(x, a, b):
    return a * np.interp(x - b, KNOTS, VALUES)


def recursion(x, a, b):
    y = np.empty(x.size)
    y[0] = a
    for i in range(1, x.size):
        y[i] = y[i - 1] + 0.1 * (b - y[i - 1]) * math.sqrt(x[i])
    return y


def selected(x, a, b):
    return np.select([x < 1.0, x < 2.0], [a * x, a + b * (x - 1)], default=a + b)


@pytest.mark.parametrize(
    ("f", "truth", "start"),
    [
        (loop_of_math, (2.5, 1.3), (1.0, 1.0)), (filled, (0.3, 1.1), (1.0, 0.0)), (knee, (1.4, 1.73), (1.0, 2.1)), (masked, (2.0, 1.2), (1.5, 1.25)),
        (shifted_table, (1.5, 0.31), (1.0, 0.1)), (recursion, (0.4, 2.0), (1.0, 1.0)), (selected, (1.2, 0.4), (1.0, 1.0)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_a_model_is_fitted_by_its_program(f, truth, start, rng):
    y = np.asarray(f(X, *truth)) + 0.01 * rng.normal(size=X.size)
    outcome = fitted(f, y=y, start=list(start))
    assert outcome.derivative_source == "program"
    residuals = scipy.optimize.least_squares(lambda p: f(X, *p) - y, outcome.x, xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert np.sum((np.asarray(f(X, *outcome.x)) - y) ** 2) <= 2 * residuals.cost * (1 + 1e-9)
    np.testing.assert_allclose(outcome.x, truth, atol=0.1)
