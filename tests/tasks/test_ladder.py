"""tasks: program → program with the data as constants → finite differences; each says what it is, and all find the same fit."""

import array
import math
import types
import warnings

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
import scipy.special
from tasks.fits import START, X, assert_same_fit, decay, fitted, measured


def opaque(number):
    """Return the number, by a way that no trace can follow."""
    return array.array("d", [number])[0]


def test_a_plain_function_is_a_program():
    outcome = fitted(decay)
    assert (outcome.derivative_source, outcome.derivative_note) == ("program", "")
    assert_same_fit(outcome)


def test_what_only_the_data_go_through_becomes_constant():
    def f(x, a, b):
        return a * np.abs(np.fft.rfft(x, 2 * x.size - 1)) / 60 * np.exp(-b * x)

    y = measured(f)
    outcome = fitted(f, y=y)
    assert outcome.derivative_source == "program (data as constants)"
    assert "np.fft.rfft" in outcome.derivative_note
    assert "test_ladder.py:" in outcome.derivative_note
    assert_same_fit(outcome, f, y=y)


def test_what_cannot_be_traced_is_differentiated_by_differences():
    def f(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    with pytest.warns(
        fc.FallbackWarning, match=r"f is differentiated by finite differences: .*np\.exp for math\.exp"
    ) as caught:
        outcome = fitted(f)
    assert len(caught) == 1
    assert outcome.derivative_source == "finite differences"
    assert "test_ladder.py:" in outcome.derivative_note
    assert_same_fit(outcome, f)


@pytest.mark.parametrize("door", [fc.curve_fit, fc.fit])
def test_the_warning_points_at_the_callers_line(door):
    def f(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    with pytest.warns(fc.FallbackWarning) as caught:
        door(f, X, measured(), START)
    assert caught[0].filename == __file__


def test_the_warning_comes_once_a_function():
    def f(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    with pytest.warns(fc.FallbackWarning):
        fc.curve_fit(f, X, measured(), START)
    fc.curve_fit(f, X, measured(), START)
    fc.fit(f, X[:50], measured()[:50], START)


@pytest.mark.parametrize(
    "x",
    [[*X], tuple(X), X.astype(np.float32), np.arange(60), X[::-1], np.stack([X, X])[0], {"t": X}, (X, X)],
    ids=["list", "tuple", "float32", "int", "reversed", "row", "dict", "two arrays"],
)
def test_any_independent_variable_is_passed_on(x):
    def f(x, a, b):
        x = x["t"] if isinstance(x, dict) else x[0] if len(x) == 2 else np.asarray(x)
        return a * np.exp(-b * x / 10)

    y = measured(f, x if isinstance(x, dict) else np.asarray(x, dtype=float))
    popt, _ = fc.curve_fit(f, x, y, START)
    want, _ = scipy.optimize.curve_fit(f, x, y, START)
    np.testing.assert_allclose(popt, want, rtol=1e-6)


def test_an_independent_variable_may_have_any_attributes():
    x = types.SimpleNamespace(t=X, shape=[60])  # its shape cannot be hashed, as an array's can
    assert_same_fit(fitted(lambda x, a, b: a * np.exp(-b * x.t), x))


def test_all_rungs_find_the_same_fit_inside_bounds():
    def by_hand(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    lower, upper = np.array([0.0, 0.0]), np.array([2.0, 5.0])  # the first bound is active: the free minimum has a = 2.5
    reference = scipy.optimize.curve_fit(decay, X, measured(), START, bounds=(lower, upper))[0]
    with pytest.warns(fc.FallbackWarning):
        outcomes = [fitted(f, lower=lower, upper=upper) for f in (decay, by_hand)]
    for outcome in outcomes:
        np.testing.assert_allclose(outcome.x, reference, rtol=1e-5)  # SciPy's interior method stays a little inside
        assert outcome.active_mask.tolist() == [1, 0]
        assert outcome.x[0] == 2.0
    np.testing.assert_allclose(outcomes[0].x, outcomes[1].x, rtol=1e-7)


def test_differences_stay_inside_the_bounds():
    seen = []

    def f(x, a, b):
        seen.append((opaque(a), opaque(b)))
        return np.array([opaque(a * math.sqrt(b) * v) for v in x]) + b  # outside the box sqrt fails

    lower, upper = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    with pytest.warns(fc.FallbackWarning):
        fitted(f, y=2 * X - 0.1, start=[1.0, 0.0], lower=lower, upper=upper, max_nfev=30)
    seen = np.array(seen)
    assert (seen >= lower).all()
    assert (seen <= upper).all()


def test_fixed_parameters_stay_on_every_rung():
    def by_hand(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    for f in (decay, by_hand):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.FallbackWarning)
            outcome = fitted(f, start=[1.0, 0.9], lower=np.array([-np.inf, 0.9]), upper=np.array([np.inf, 0.9]))
        basis = np.exp(-0.9 * X)
        np.testing.assert_allclose(outcome.x, [basis @ measured() / (basis @ basis), 0.9], rtol=1e-8)
        np.testing.assert_array_equal(outcome.covariance[1], 0)


def test_correlated_errors_are_whitened_on_every_rung():
    def by_hand(x, a, b):
        return np.array([opaque(a * math.exp(-b * v)) for v in x])

    covariance = 1e-4 * np.exp(-np.abs(X[:, None] - X) / 0.5)
    whitener = np.linalg.cholesky(covariance)
    with pytest.warns(fc.FallbackWarning):
        outcomes = [fitted(f, whitener=whitener) for f in (decay, by_hand)]
    for outcome in outcomes:
        assert_same_fit(outcome, sigma=covariance)
    assert [outcome.derivative_source for outcome in outcomes] == ["program", "finite differences"]


def test_the_callers_jacobian_is_used():
    calls = []

    def jac(x, a, b):
        calls.append(1)
        return np.stack([np.exp(-b * x), -a * x * np.exp(-b * x)], axis=1)

    outcome = fitted(decay, jac=jac)
    assert calls
    assert outcome.derivative_source == "jac"
    assert_same_fit(outcome)


@pytest.mark.parametrize(
    "jac",
    [
        lambda x, a, b: np.stack([np.exp(-b * x), -a * x * np.exp(-b * x)]),  # (p, M): its transpose
        lambda x, a, b: np.stack([np.exp(-b * x), -a * x * np.exp(-b * x)], axis=1).ravel(),
        lambda x, a, b: np.ones(60),
        lambda x, a, b: np.ones((60, 3)),
        lambda x, a, b: 1.0,
        lambda x, a, b: None,
    ],
)
def test_a_jacobian_of_another_shape_is_refused(jac):
    with pytest.raises((ValueError, TypeError), match=r"\(60, 2\)|NoneType"):
        fitted(decay, jac=jac)


def test_an_exception_in_the_model_reaches_the_caller():
    class Own(Exception):
        pass

    def f(x, a, b):
        if isinstance(a, float) and a > 1.2:
            raise Own("mine")
        return a * np.exp(-b * x)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        with pytest.raises(Own, match="mine"):
            fitted(f)

    def jac(x, a, b):
        raise Own("jac")

    with pytest.raises(Own, match="jac"):
        fitted(decay, jac=jac)


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x, a, b: a * x[:-1] + b, r"shape \(59,\)"),
        (lambda x, a, b: np.ones((60, 2)) * a + b, r"shape \(60, 2\)"),
        (lambda x, a, b: (a * x + b)[:, None], r"shape \(60, 1\)"),
        (lambda x, a, b: (a * x + b)[None], r"shape \(1, 60\)"),
        (lambda x, a, b: a * x * 1j + b, "complex"),
        (lambda x, a, b: np.log(-a * x) + b, "not finite"),
        (lambda x, a, b: np.where(x > 3, np.nan, a * x) + b, "not finite"),
        (lambda x, a, b: None, "None"),
        (lambda x, a, b: "text", "text|number|float"),
        (lambda x, a, b: [], r"shape \(0,\)"),
        (lambda x, a, b: [a * v + b for v in x][:3], r"shape \(3,\)"),
    ],
)
def test_a_bad_model_is_refused_in_clear_words(f, words):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", fc.FallbackWarning)
        with pytest.raises((ValueError, TypeError), match=words):
            fitted(f)


def test_a_model_may_return_one_number_for_all():
    outcome = fitted(lambda x, a: a, start=[1.0])
    np.testing.assert_allclose(outcome.x, measured().mean(), rtol=1e-12)  # the mean of 60 numbers
    outcome = fitted(lambda x, a: 2 * a, start=[1.0])
    np.testing.assert_allclose(outcome.x, measured().mean() / 2, rtol=1e-12)


def test_a_list_of_values_is_accepted():
    with pytest.warns(fc.FallbackWarning):
        outcome = fitted(lambda x, a, b: [a * np.exp(-b * v) for v in x])
    assert_same_fit(outcome)


# Models that begin at x = 0 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "truth"),
    [
        (lambda x, a: np.sqrt(a * x), [2.0]),
        (lambda x, a, tau, beta: a * np.exp(-((x / tau) ** beta)), [2.0, 3.0, 0.6]),
        (lambda x, a, k, n: a * x**n / (k**n + x**n), [2.0, 3.0, 0.7]),
        (lambda x, a: np.linalg.norm(a * x[:, None], axis=1), [2.0]),
        (lambda x, a: np.cbrt(a * x), [2.0]),
    ],
    ids=["square root", "stretched exponential", "Hill", "norm", "cube root"],
)
def test_a_model_with_an_infinite_slope_where_the_data_begin_fits_as_in_scipy(f, truth):
    x = np.linspace(0, 10, 60)
    y = measured(f, x, truth)
    start = np.array(truth) * 0.8
    want = scipy.optimize.curve_fit(f, x, y, start)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        popt, pcov = fc.curve_fit(f, x, y, start)
    np.testing.assert_allclose(popt, want, rtol=1e-5)
    assert np.isfinite(pcov).all()


def test_special_functions_trace():
    def f(x, a, b):
        return a * scipy.special.erf(b * x) + scipy.special.expit(x)

    y = measured(f)
    outcome = fitted(f, y=y)
    assert outcome.derivative_source == "program"
    assert_same_fit(outcome, f, y=y)
