"""tasks: what a function does otherwise than its trace is seen, and the fit is right nevertheless."""

import functools
import itertools
import warnings
from dataclasses import dataclass, field

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
import scipy.special
from fastcalc._problems._model import PATIENCE, Model
from tasks.fits import START, TRUTH, X, assert_same_fit, decay, fitted, measured


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

    with pytest.warns(fc.FallbackWarning, match="a random number"):
        outcome = fitted(f, max_nfev=20)
    assert outcome.derivative_source == "finite differences"


def test_a_state_of_its_own_is_noticed():
    noise = iter(np.random.default_rng(1).normal(size=(1000, X.size)))

    def f(x, a, b):
        return a * x + b + 1e-3 * next(noise)

    with pytest.warns(fc.FallbackWarning, match="its own trace"):
        outcome = fitted(f, max_nfev=20)
    assert outcome.derivative_source == "finite differences"


def test_a_function_that_has_settled_is_traced_again():
    unrest = {"size": 1e-3}
    noise = itertools.cycle(np.random.default_rng(1).normal(size=(1000, X.size)))

    def f(x, a, b):
        return a * x + b + unrest["size"] * next(noise)

    model, y = Model(f), 2 * X + 0.3
    with pytest.warns(fc.FallbackWarning, match="its own trace"):
        model.fit(X, y, START, max_nfev=20)
    unrest["size"] = 0.0
    sources = [model.fit(X, y, START).derivative_source for _ in range(PATIENCE + 1)]
    assert sources[0] == "finite differences"
    assert sources[-1].startswith("program")


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
        if trouble["on"] and "Tracer" in object.__repr__(a):
            raise KeyError("trouble")
        return a * np.exp(-b * x)

    model = Model(f)
    with pytest.warns(fc.FallbackWarning):
        model.fit(X, measured(), START)
    trouble["on"] = False
    outcomes = [model.fit(X, measured(), START) for _ in range(PATIENCE + 1)]
    assert outcomes[0].derivative_source == "finite differences"
    assert (outcomes[-1].derivative_source, outcomes[-1].derivative_note) == ("program", "")


@pytest.mark.parametrize("rows", [50, 50_000])
def test_a_start_where_the_function_fails_does_not_spoil_the_next(rows):
    def f(x, a, b):
        if a < 0:
            raise ValueError("a is negative")
        return a * x + b

    model, x = Model(f), np.linspace(0, 1, rows)
    for y, start in ((4 * x + 1, [-1.0, 1.0]), (1 - 4 * x, [1.0, 1.0])):  # one fails at once, one on its way
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.FallbackWarning)
            with pytest.raises(ValueError, match="a is negative"):
                model.fit(x, y, np.array(start))
        assert model.fit(x, 4 * x + 1, START).derivative_source == "program"


def test_a_fit_that_strays_where_nothing_can_be_traced_does_not_spoil_the_rest():
    def f(x, a, b):
        return np.array([float(repr(a)[11:-1]) * v for v in x]) + b if a > 100 else a * np.exp(-x) + b

    model, y = Model(f), f(X, 3.0, 1.0)
    with pytest.warns(fc.FallbackWarning):
        model.fit(X, y, np.array([200.0, 1.0]))
    sources = {model.fit(X, y, START).derivative_source for _ in range(PATIENCE)}
    assert sources == {"finite differences", "program"}


def test_a_note_is_one_clear_line():
    def f(x, a, b):
        if "Tracer" in object.__repr__(a):
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


def test_a_change_in_a_few_of_many_rows_is_seen():
    # rows that no window of the comparison holds: only a new trace knows of them
    x = np.linspace(0, 1, 100_000)
    threshold = {"value": 0.3}

    def f(x, a, b):
        return np.where(x > threshold["value"], a, b)

    model = Model(f)
    for value in (0.3, 0.4, 0.4001):
        threshold["value"] = value
        outcome = model.fit(x, f(x, 2.0, 1.0), START)
        assert outcome.derivative_source == "program"
        assert outcome.sum_of_squares == 0
        np.testing.assert_array_equal(outcome.x, [2, 1])  # the means of twos, and of ones


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
