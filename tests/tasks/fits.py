"""tests: one small fit, on any rung of the ladder, beside SciPy's."""

import numpy as np
import scipy.optimize
from fastcalc._problems._model import Model

X = np.linspace(0.1, 4.0, 60)
START = np.array([1.0, 1.0])
TRUTH = np.array([2.5, 0.7])


def decay(x, a, b):
    return a * np.exp(-b * x)


def measured(f=decay, x=X, truth=TRUTH):
    return np.asarray(f(x, *truth)) + 0.01 * np.cos(7 * np.arange(60.0))


def fitted(f, x=X, y=None, start=START, **options):
    return Model(f).fit(x, measured() if y is None else y, np.array(start, dtype=float), **options)


def assert_same_fit(outcome, f=decay, x=X, y=None, rtol=1e-6, **options):
    """SciPy's minimum. Both loops stop when a step promises less than 1e-8 of the cost: 1e-6 of a parameter is its square root's hundredth."""
    popt, pcov = scipy.optimize.curve_fit(
        f, x, measured() if y is None else y, START[: outcome.x.size], absolute_sigma=True, **options
    )
    np.testing.assert_allclose(outcome.x, popt, rtol=rtol)
    # The covariance turns with the parameters, by a few of their 1e-6; SciPy's forward differences add some 1e-8.
    np.testing.assert_allclose(outcome.covariance, pcov, rtol=1e-5)
