"""tasks: program → program with the data as constants → finite differences; each says what it is, and all find the same fit."""

import functools
import math
import warnings
from dataclasses import dataclass, field

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
import scipy.special
from fastcalc._model import Model

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
    np.testing.assert_allclose(
        outcome.covariance, pcov, rtol=1e-3
    )  # SciPy's J is by forward differences, 1e-8, squared and inverted


def test_a_plain_function_is_a_program():
    outcome = fitted(decay)
    assert (outcome.derivative_source, outcome.derivative_note) == ("program", "")
    assert_same_fit(outcome)


def test_what_only_the_data_go_through_becomes_constant():
    def f(x, a, b):
        return a * np.interp(x, [0, 2, 4], [1, 3, 4]) * np.exp(-b * np.cumsum(x) / 60)

    y = measured(f)
    outcome = fitted(f, y=y)
    assert outcome.derivative_source == "program (data as constants)"
    assert "np.interp" in outcome.derivative_note
    assert "test_ladder.py:" in outcome.derivative_note
    assert_same_fit(outcome, f, y=y)


def test_what_cannot_be_traced_is_differentiated_by_differences():
    def f(x, a, b):
        return np.array([a * math.exp(-b * v) for v in x])

    with pytest.warns(
        fc.FallbackWarning, match=r"f is differentiated by finite differences: .*np\.exp for math\.exp"
    ) as caught:
        outcome = fitted(f)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert outcome.derivative_source == "finite differences"
    assert "test_ladder.py:" in outcome.derivative_note
    assert_same_fit(outcome, f)


def test_the_warning_comes_once_a_function():
    def f(x, a, b):
        return np.array([a * math.exp(-b * v) for v in x])

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


def test_all_rungs_find_the_same_fit_inside_bounds():
    def by_hand(x, a, b):
        return np.array([a * math.exp(-b * v) for v in x])

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
        seen.append((float(a), float(b)))
        return np.array([a * math.sqrt(b) * v for v in x]) + b  # outside the box sqrt fails

    lower, upper = np.array([0.0, 0.0]), np.array([1.0, 1.0])
    with pytest.warns(fc.FallbackWarning):
        fitted(f, y=2 * X - 0.1, start=[1.0, 0.0], lower=lower, upper=upper, max_nfev=30)
    seen = np.array(seen)
    assert (seen >= lower).all()
    assert (seen <= upper).all()


def test_fixed_parameters_stay_on_every_rung():
    def by_hand(x, a, b):
        return np.array([a * math.exp(-b * v) for v in x])

    for f in (decay, by_hand):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.FallbackWarning)
            outcome = fitted(f, start=[1.0, 0.9], lower=np.array([-np.inf, 0.9]), upper=np.array([np.inf, 0.9]))
        basis = np.exp(-0.9 * X)
        np.testing.assert_allclose(outcome.x, [basis @ measured() / (basis @ basis), 0.9], rtol=1e-8)
        np.testing.assert_array_equal(outcome.covariance[1], 0)


def test_correlated_errors_are_whitened_on_every_rung():
    def by_hand(x, a, b):
        return np.array([a * math.exp(-b * v) for v in x])

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


# Choices that change on the way ---------------------------------------------------------------------------------------------------


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
    paths = [len(branches.known) for branches in model._branches.values()]
    assert paths[0] > 1
    again = model.fit(X, measured(), np.array([1.0, 3.0]))
    assert again.x.tobytes() == outcome.x.tobytes()
    assert [len(branches.known) for branches in model._branches.values()] == paths


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
            y, last = a * np.exp(-b * y), y
            if np.all(np.abs(y - last) <= 1e-16):  # below rounding: which step is the last depends on the last bit
                break
        return y

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        popt, _ = fc.curve_fit(f, X, np.full(60, 0.4) + 0.01 * X, [0.7, 0.5])
    want, _ = scipy.optimize.curve_fit(f, X, np.full(60, 0.4) + 0.01 * X, [0.7, 0.5])
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


# Never silently wrong -----------------------------------------------------------------------------------------------------------------


def test_a_changed_global_is_seen():
    offset = {"value": 0.0}

    def f(x, a, b):
        return a * np.exp(-b * x) + offset["value"]

    model = Model(f)
    for value in (0.0, 1.0, -3.0, 1e-6):
        offset["value"] = value
        outcome = model.fit(X, measured() + value, START)
        assert outcome.derivative_source == "program"
        np.testing.assert_allclose(outcome.x, model_reference(), rtol=1e-5)


@functools.cache
def model_reference():
    return scipy.optimize.curve_fit(decay, X, measured(), START)[0]


def test_a_change_that_matters_only_where_the_values_are_small_is_seen():
    # the values span 17 decades and each has its own error of 1 %: what is small beside the largest is not small
    x = np.linspace(0, 40, 41)
    offset = {"value": 1.0}

    def f(x, a, b):
        return b * np.exp(a * x) + offset["value"]

    model = Model(f)
    for value in (1.0, 2.0):
        offset["value"] = value
        y = f(x, 1.0, 1.5)
        outcome = model.fit(x, y * (1 + 0.01 * np.cos(x)), np.array([1.0, 1.4]), weights=1 / (0.01 * y))
        want = scipy.optimize.curve_fit(f, x, y * (1 + 0.01 * np.cos(x)), [1.0, 1.4], sigma=0.01 * y)[0]
        np.testing.assert_allclose(outcome.x, want, rtol=1e-5)


def test_a_captured_array_that_changes_is_seen():
    table = np.exp(-X)

    def f(x, a, b):
        return a * table + b * x

    model = Model(f)
    for scale in (1.0, 2.0):
        table[:] = scale * np.exp(-X)
        outcome = model.fit(X, 3.0 * table + 0.5 * X, START)
        np.testing.assert_allclose(outcome.x, [3, 0.5], rtol=1e-8)  # a linear fit without noise


def test_data_that_change_in_place_are_seen():
    def f(x, a, b):
        return a * np.cumsum(x) + b

    model, x = Model(f), X.copy()
    for scale in (1.0, 2.0):
        x[:] = scale * X
        outcome = model.fit(x, 3.0 * np.cumsum(x) + 0.5, START)
        np.testing.assert_allclose(outcome.x, [3, 0.5], rtol=1e-8)  # a linear fit without noise


def test_randomness_is_noticed():
    rng = np.random.default_rng(1)

    def f(x, a, b):
        return a * x + b + 1e-3 * rng.normal(size=x.shape)

    with pytest.warns(fc.FallbackWarning, match="its own trace"):
        outcome = fitted(f, max_nfev=20)
    assert outcome.derivative_source == "finite differences"


def test_a_function_that_treats_traced_values_otherwise_is_noticed():
    for f in (
        lambda x, a, b: a * x + b if isinstance(a, float) else a * x - b,
        lambda x, a, b: a * x + (b if isinstance(x, np.ndarray) else 2 * b),
        lambda x, a, b: a * x + (b if np.isscalar(a) else b * b),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.FallbackWarning)
            outcome = fitted(f, y=2 * X + 0.3, start=[1.0, 0.9])
        np.testing.assert_allclose(outcome.x, [2, 0.3], rtol=1e-7)


def test_a_function_that_writes_into_its_arguments_fits_what_numpy_fits():
    def f(x, a, b):
        y = x
        y += 0.0
        y *= 1.0
        return a * np.exp(-b * y)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        assert_same_fit(fitted(f, x=X.copy()))


def test_sums_that_grow_in_place_fit():
    def f(x, a, b):
        total = 0.0
        for k in range(1, 4):
            total += a * np.exp(-b * k * x) / k
        return total

    y = measured(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        assert_same_fit(fitted(f, y=y), f, y=y)


def test_a_cache_inside_the_function_keeps_no_traced_value():
    seen = {}

    def f(x, a, b):
        key = "exp"
        if key not in seen:
            seen[key] = np.exp(-x)
        return a * seen[key] + b

    model = Model(f)
    model.fit(X, 2 * np.exp(-X) + 1, START)
    assert isinstance(seen["exp"], np.ndarray)


def test_equal_objects_are_two_models():
    @dataclass(frozen=True)
    class Power:
        name: str
        exponent: float = field(compare=False)

        def __call__(self, x, a):
            return a * x**self.exponent

    for exponent in (1.0, 2.0):
        popt, _ = fc.curve_fit(Power("p", exponent), X, 3 * X**exponent, [1.0])
        np.testing.assert_allclose(popt, 3, rtol=1e-9)  # a linear fit without noise


def test_an_object_that_changes_is_seen():
    class Power:
        exponent = 1.0

        def __call__(self, x, a):
            return a * x**self.exponent

        def method(self, x, a):
            return a * x**self.exponent

    power = Power()
    for exponent in (1.0, 2.0, 0.5):
        power.exponent = exponent
        for f in (power, power.method, functools.partial(Power.method, power)):
            popt, _ = fc.curve_fit(f, X, 3 * X**exponent, [1.0])
            np.testing.assert_allclose(popt, 3, rtol=1e-9)


def test_compiled_functions_are_models_and_parts_of_models():
    part = fc.compile(lambda x: np.exp(-x))
    whole = fc.compile(decay)
    whole(X, 1.0, 1.0)
    for f in (whole, lambda x, a, b: a * part(b * x)):
        outcome = fitted(f)
        assert outcome.derivative_source == "program"
        assert_same_fit(outcome)


def test_a_defect_of_one_fit_does_not_spoil_the_next():
    # an exception, a trace that failed once or data of another kind must not leave the model on a lower rung for good
    trouble = {"on": True}

    def f(x, a, b):
        if trouble["on"] and not isinstance(a, float):
            raise KeyError("trouble")
        return a * np.exp(-b * x)

    model = Model(f)
    with pytest.warns(fc.FallbackWarning):
        model.fit(X, measured(), START)
    trouble["on"] = False
    fresh = Model(f).fit(X, measured(), START)
    assert fresh.derivative_source == "program"


def test_a_note_is_one_clear_line():
    def f(x, a, b):
        if not isinstance(a, float):
            raise ValueError("first line\nsecond line " + "x" * 5000)
        return a * np.exp(-b * x)

    with pytest.warns(fc.FallbackWarning) as caught:
        outcome = fitted(f)
    assert "first line" in outcome.derivative_note
    assert "\n" not in outcome.derivative_note
    assert len(str(caught[0].message)) < 1000


def test_many_rows_are_checked_too():
    n = 100_000
    x = np.linspace(0, 4, n)
    shift = {"value": 0.0}

    def f(x, a, b):
        return a * np.exp(-b * x) + shift["value"]

    model = Model(f)
    for value in (0.0, 5.0):
        shift["value"] = value
        y = f(x, *TRUTH) + 0.01 * np.cos(7 * np.arange(n))
        outcome = model.fit(x, y, START)
        assert outcome.derivative_source == "program"
        np.testing.assert_allclose(outcome.x, TRUTH, rtol=1e-3)  # noise of 0.01 / √100 000


@pytest.mark.parametrize(
    "f",
    [
        lambda x, a, b: a * (x - x.mean()) + b,
        lambda x, a, b: a * x / x[-1] + b,
        lambda x, a, b: a * np.linspace(0, 1, len(x)) + b * x**2,
        lambda x, a, b: a * x / x.size + b,
        lambda x, a, b: a * x[::-1] + b * x**2,
        lambda x, a, b: a * np.sort(x)[::-1] + b * x**2,
        lambda x, a, b: a * np.cumsum(x) + b,
        lambda x, a, b: a * x + b if x[0] == 0 else a * x - b,
        lambda x, a, b: np.where(np.arange(x.size) % 2, a * x, b),
    ],
)
def test_functions_of_all_rows_fit_many_rows(f):
    x = np.linspace(0, 1, 40_001)
    y = np.asarray(f(x, 2.0, 0.5))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", fc.FallbackWarning)
        outcome = Model(f).fit(x, y, START)
    np.testing.assert_allclose(outcome.x, [2, 0.5], rtol=1e-7)  # linear fits without noise, 40 001 rows


def test_special_functions_trace():
    def f(x, a, b):
        return a * scipy.special.erf(b * x) + scipy.special.expit(x)

    y = measured(f)
    outcome = fitted(f, y=y)
    assert outcome.derivative_source == "program"
    assert_same_fit(outcome, f, y=y)
