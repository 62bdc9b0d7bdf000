"""tasks: choices that change on the way of a fit are followed, each path traced once."""

import warnings

import fastcalc as fc
import numpy as np
import scipy.optimize
import scipy.special
from fastcalc._problems._model import Model
from tasks.fits import X, assert_same_fit, fitted, measured


def test_a_guard_that_fails_during_a_fit_traces_the_other_branch():
    def f(x, a, b):
        if b > 1.5:
            return a * np.exp(-b * x)
        if b > 0.9:
            return a * np.exp(-b * x) * (1 + 0 * b)
        return 0.0 + a / np.exp(b * x)

    model = Model(f)
    outcome = model.fit(X, measured(), np.array([1.0, 3.0]))
    assert outcome.derivative_source == "program"
    assert_same_fit(outcome)
    paths = [len(known.branches.known) for known in model._known.values()]
    assert paths[0] > 1
    again = model.fit(X, measured(), np.array([1.0, 3.0]))
    assert again.x.tobytes() == outcome.x.tobytes()
    assert [len(known.branches.known) for known in model._known.values()] == paths


def test_a_model_with_a_loop_to_convergence_fits():
    def kepler(m, e, scale):  # E − e sin E = m, by Newton's method
        anomaly = m + e * np.sin(m)
        while True:
            step = (anomaly - e * np.sin(anomaly) - m) / (1 - e * np.cos(anomaly))
            anomaly = anomaly - step
            if np.max(np.abs(step)) < 1e-12:
                return scale * anomaly

    truth = np.array([0.6, 1.3])
    y = measured(kepler, X, truth)
    outcome = fitted(kepler, y=y, start=[0.3, 1.0])
    assert outcome.derivative_source == "program"
    want = scipy.optimize.curve_fit(kepler, X, y, [0.3, 1.0])[0]
    np.testing.assert_allclose(outcome.x, want, rtol=1e-6)


def test_a_loop_to_the_last_bit_fits():
    def f(x, a, b):
        y, last = a * x, None
        for _ in range(200):
            y, last = a * np.exp(-b * x * y), y
            if np.all(np.abs(y - last) <= 1e-16):  # below rounding: which step is the last depends on the last bit
                break
        return y

    data = f(X, 0.8, 0.4) + 0.01 * np.sin(37 * X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        popt, _ = fc.curve_fit(f, X, data, [0.7, 0.5])
    want, _ = scipy.optimize.curve_fit(f, X, data, [0.7, 0.5])
    np.testing.assert_allclose(f(X, *popt), f(X, *want), rtol=1e-6)


def test_a_model_with_more_paths_than_are_kept_falls_back():
    def f(x, a, b):
        digits = 1.0
        for k in range(40):
            digits = digits * (1.0 if (a * 2**k) % 1 > 0.5 else 1.0)
        return digits * a * np.exp(-b * x)

    model = Model(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        for k in range(12):
            outcome = model.fit(X, measured(), np.array([1.0 + 0.01 * k, 1.0]))
            assert_same_fit(outcome)
