"""face: `minimize` of a function that was minimised before: what is kept, what is compared with the function again."""

import gc
import warnings
from concurrent.futures import ThreadPoolExecutor

import fastcalc as fc
import numpy as np
import pytest


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def bowl(x, centre=1.0, width=2.0):
    return np.sum((x - centre) ** 2) / width


class Bowl:
    """A bowl that counts its calls where no trace looks."""

    calls = 0

    def __call__(self, x):
        type(self).calls += 1
        return bowl(x)


def test_programs_that_have_given_the_functions_values_are_not_compared_again():
    f = Bowl()
    first = fc.minimize(f, np.array([0.0, 3.0]))
    asked = Bowl.calls
    for start in ([0.0, 3.0], [5.0, 5.0]):
        again = fc.minimize(f, np.array(start))
        np.testing.assert_allclose(again.x, first.x, rtol=1e-12)
        assert again.keys() == first.keys()
    assert Bowl.calls == asked


def test_another_path_is_compared_with_the_function_when_it_is_met():
    noise = np.random.default_rng(1)

    def f(x):
        return (x[0] + 1) ** 2 if x[0] < 0 else (x[0] - 1) ** 2 + noise.random()

    assert fc.minimize(f, np.array([-2.0])).derivative_source == "program"
    assert fc.minimize(f, np.array([-3.0])).derivative_source == "program"
    for start in (3.0, 4.0):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", fc.FallbackWarning)
            found = fc.minimize(f, np.array([start]))
        assert found.derivative_source == "finite differences"


@pytest.mark.parametrize("method", [None, "newton", "l-bfgs"])
def test_a_path_that_cannot_be_traced_is_left_to_differences_when_it_is_met(method):
    def f(x):
        return (x[0] - 1) ** 2 if x[0] > 2 else float(str(float(x[0] - 1))) ** 2

    for _ in range(2):
        with pytest.warns(fc.FallbackWarning, match="differences") if _ == 0 else warnings.catch_warnings():
            found = fc.minimize(f, np.array([5.0]), method=method, tol=1e-6)
        assert found.derivative_source == "finite differences"
        np.testing.assert_allclose(found.x, 1, atol=1e-5)


@pytest.mark.parametrize("start", [[-2.0, 1.0], [3.0, 2.0]])
def test_a_search_like_the_last_one_gives_the_same_bits(start):
    f, start = fc.compile(rosenbrock), np.array(start)
    first = fc.minimize(f, start)
    for _ in range(3):
        again = fc.minimize(f, start)
        for name in ("x", "fun", "jac", "hess", "nit", "nfev", "nhev", "message", "method", "derivative_source"):
            np.testing.assert_array_equal(again[name], first[name])


def test_a_changed_global_is_seen_by_a_search_like_the_last_one():
    place = [1.0]

    def f(x):
        return np.sum((x - place[0]) ** 2)

    for at in (1.0, 2.0, -3.0):
        place[0] = at
        for _ in range(2):
            np.testing.assert_allclose(fc.minimize(f, np.zeros(2)).x, at, rtol=1e-12)


def test_a_start_that_is_not_finite_is_refused_by_a_search_like_the_last_one():
    f = fc.compile(rosenbrock)
    fc.minimize(f, np.zeros(2))
    with pytest.raises(ValueError, match=r"x0\[1\] = nan"):
        fc.minimize(f, np.array([0.0, np.nan]))
    with pytest.raises(ValueError, match="objective is inf"):
        fc.minimize(f, np.array([1e200, 0.0]))


def test_searches_of_one_function_on_many_threads_at_once():
    f = fc.compile(rosenbrock)
    expected = fc.minimize(f, np.full(5, 0.5)).x
    with ThreadPoolExecutor(8) as pool:
        for x in pool.map(lambda _: fc.minimize(f, np.full(5, 0.5)).x, range(400)):
            np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("start", [[0.5, 0.5], (0.5, 0.5), np.full(2, 0.5), {"a": np.full(2, 0.5)}])
def test_searches_keep_no_more_than_the_last(start):
    def f(x):
        return rosenbrock(x["a"] if isinstance(x, dict) else x)

    def alive():
        return sum(type(each).__name__ == "Minimisation" for each in gc.get_objects())

    fc.minimize(f, start)
    before = alive()
    for _ in range(20):
        fc.minimize(f, start)
    assert alive() <= before


@pytest.mark.parametrize("method", [None, "newton", "newton-cg", "bfgs", "l-bfgs", "gradient-descent", "adam"])
def test_later_results_have_the_first_ones_fields_and_arrays_of_their_own(method):
    def f(x):
        return np.sum((x - [1.0, 2.0]) ** 2) + x[0] * x[1] / 2

    start = np.array([3.0, -1.0])
    first = fc.minimize(f, start, method=method)
    kept = {name: np.copy(value) for name, value in first.items() if isinstance(value, np.ndarray)}
    again = fc.minimize(f, start, method=method)
    assert type(again) is type(first) and list(again) == list(first)
    for name, value in again.items():
        if isinstance(value, np.ndarray):
            assert not any(np.shares_memory(value, other) for other in first.values() if isinstance(other, np.ndarray))
            np.testing.assert_array_equal(value, kept[name])
            value[...] = 7
        elif name != "hess_inv":
            assert value == first[name]
    third = fc.minimize(f, [3.0, -1.0], method=method)  # a list
    for name, value in kept.items():
        np.testing.assert_array_equal(first[name], value)
        np.testing.assert_array_equal(third[name], value)


def test_a_later_search_that_fails_says_so():
    def f(x):
        return np.exp(x[0]) + 1 / (1 + x[0] ** 2)

    assert fc.minimize(lambda x: f(x) + x[0] ** 2, np.zeros(1)).success
    whole = lambda x: np.where(x[0] > 5, -(x[0] ** 3), (x[0] - 1) ** 2)  # noqa: E731
    assert fc.minimize(whole, np.array([0.0])).success
    fallen = fc.minimize(whole, np.array([9.0]))
    assert (
        not fallen.success and fallen.status == 4 and fallen.reason == "unbounded" and "without bound" in fallen.message
    )
    assert fc.minimize(whole, np.array([0.0])).status == 0
    with pytest.raises(ValueError, match="must be finite"):
        fc.minimize(whole, np.array([np.nan]))
    with pytest.raises(ValueError, match="must be finite"):
        fc.minimize(whole, [np.inf])
