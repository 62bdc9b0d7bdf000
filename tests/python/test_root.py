"""front door root: systems of equations."""

import threading
import warnings

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize


def broyden(x):
    before, after = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return (3 - 2 * x) * x - before - 2 * after + 1


def circle_and_line(x, radius=5.0):
    return [x[0] ** 2 + x[1] ** 2 - radius**2, x[0] - x[1] + 1]


@pytest.mark.parametrize("n", [1, 3, 10, 100])
def test_broyden_s_system(n):
    found = fc.root(broyden, -np.ones(n))
    assert found.success and found.status == 1 and found.derivative_source == "program"
    np.testing.assert_allclose(broyden(found.x), 0, atol=1e-14)  # rounding of its terms
    np.testing.assert_allclose(found.x, scipy.optimize.root(broyden, -np.ones(n), tol=1e-12).x, rtol=1e-9)
    np.testing.assert_allclose(found.jac, fc.jacobian(broyden)(found.x), rtol=1e-15)
    assert found.nfev <= 7


def test_lists_arguments_and_a_given_jacobian():
    for args in ((), (13.0,), 13.0):
        radius = 5.0 if args == () else 13.0
        found = fc.root(circle_and_line, [1, 1], args=args)
        np.testing.assert_allclose(found.x[0] ** 2 + found.x[1] ** 2, radius**2, rtol=1e-15)

    def jac(x, radius=5.0):
        return [[2 * x[0], 2 * x[1]], [1, -1]]

    given = fc.root(circle_and_line, [1.0, 1.0], jac=jac)
    assert given.derivative_source.startswith("derivative given")
    np.testing.assert_allclose(given.x, [3, 4], rtol=1e-15)
    both = fc.root(lambda x: (circle_and_line(x), jac(x)), [1.0, 1.0], jac=True)
    np.testing.assert_allclose(both.x, [3, 4], rtol=1e-15)


def test_the_unknowns_keep_their_shape():
    a = np.array([[4.0, 1.0], [2.0, 3.0]])
    found = fc.root(lambda x: x @ x - a, np.eye(2))
    assert found.x.shape == (2, 2) and found.fun.shape == (2, 2)
    np.testing.assert_allclose(found.x @ found.x, a, rtol=1e-14)
    assert fc.root(lambda x: x**2 - 4, 1.0).x.shape == (1,)


def test_branches_are_followed():
    def f(x):
        return np.array([x[0] - 2 if x[0] > 1 else 3 * x[0] - 4, x[1] - x[0]])

    found = fc.root(f, [-5.0, 0.0])
    np.testing.assert_allclose(found.x, [2, 2], rtol=1e-15)


def test_what_changes_outside_is_seen():
    target = 2.0

    def f(x):
        return x**2 - target

    assert fc.root(f, [1.0]).x[0] == pytest.approx(2**0.5, rel=1e-15)
    target = 9.0
    assert fc.root(f, [1.0]).x[0] == pytest.approx(3, rel=1e-15)


def test_a_function_that_cannot_be_traced_is_differentiated_by_differences():
    def opaque(x):
        return np.array([float(repr(float(x[0]))) ** 2 - 2, float(x[1]) - float(x[0])])

    with pytest.warns(fc.FallbackWarning, match="opaque is differentiated by finite differences"):
        found = fc.root(opaque, [1.0, 1.0])
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(found.x, 2**0.5, rtol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fc.root(opaque, [1.0, 1.0]).success  # said once


def test_a_failure_is_named():
    found = fc.root(lambda x: x**2 + 1, [0.0])
    assert not found.success and found.status == 4 and found.reason == "no_root_nearby"
    assert fc.root(broyden, -np.ones(3), options={"maxiter": 1}).status == 2
    assert fc.root(broyden, -np.ones(3), options={"max_time": 0.0}).reason == "max_time"


def test_bad_input_is_refused_in_scipy_s_words():
    with pytest.raises(ValueError, match="Unknown solver nope"):
        fc.root(broyden, [1.0], method="nope")
    with pytest.raises(
        TypeError, match=r"mismatch between the input and output shape .* should be \(2,\) but it is \(3,\)"
    ):
        fc.root(lambda x: np.array([x[0], x[1], x[0]]), [1.0, 2.0])
    with pytest.raises(ValueError, match=r"must be finite, but x0\[1\]"):
        fc.root(broyden, [1.0, np.nan])
    with pytest.raises(ValueError, match="empty"):
        fc.root(broyden, [])
    with pytest.raises(ValueError, match="real"):
        fc.root(broyden, [1j])
    with pytest.raises(ValueError, match="not finite at x0"):
        fc.root(lambda x: np.log(x), [-1.0])
    with pytest.warns(scipy.optimize.OptimizeWarning, match="Unknown solver options: bogus"):
        fc.root(broyden, [-1.0], options={"bogus": 1})


@pytest.mark.parametrize(
    ("fun", "x0", "options", "error", "message"),
    [
        (lambda x: x + 1j, [1.0], {}, TypeError, "gives complex128 numbers; give the real"),
        (lambda x: None, [1.0], {}, TypeError, "gives None; is its `return` missing?"),
        (lambda x: x, {"a": 1.0}, {}, TypeError, "`x0` must be a number or an array of numbers"),
        (lambda x: x, "ab", {}, TypeError, "`x0` must be a number or an array of numbers"),
        (lambda x: x, [1.0], {"maxiter": 0}, ValueError, "maxiter must be greater than 0"),
        (lambda x: x, [1.0], {"maxiter": "many"}, TypeError, "maxiter must be a number"),
    ],
)
def test_what_is_of_no_use_is_named(fun, x0, options, error, message):
    with pytest.raises(error, match=message):
        fc.root(fun, x0, options=options)


@pytest.mark.parametrize("jac", ["2-point", "any text", np.eye(1), 2.0], ids=str)
def test_what_is_no_derivative_is_refused(jac):
    with pytest.raises(ValueError, match="`jac` must be callable or True, not "):
        fc.root(lambda x: x - 1, [0.0], jac=jac)


def test_values_that_overflow_at_the_start_are_told_without_warnings_of_our_own():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match="not finite at x0"):
            fc.root(lambda x: np.exp(x) - 1, [800.0, 700.0], options={"maxiter": np.inf})


def test_what_the_function_raises_comes_out():
    def f(x):
        if x[0] > 1.2:
            raise ArithmeticError("beyond")
        return x**2 - 2

    with pytest.raises(ArithmeticError, match="beyond"):
        fc.root(f, [1.0])


def test_threads_do_not_meet():
    found = [None] * 8

    def solve(i):
        for _ in range(50):
            found[i] = fc.root(broyden, -np.ones(3 + i)).x

    threads = [threading.Thread(target=solve, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for x in found:
        np.testing.assert_allclose(broyden(x), 0, atol=1e-14)


def test_a_path_that_cannot_be_traced_is_left_to_differences_when_it_is_met():
    def f(x):
        return x**3 - 1 if x[0] > 2 else np.array([float(str(float(x[0] ** 3 - 1)))])

    with pytest.warns(fc.FallbackWarning, match="differences"):
        found = fc.root(f, np.array([5.0]))
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(found.x, 1, rtol=1e-7)
    for _ in range(2):
        np.testing.assert_array_equal(fc.root(f, np.array([5.0])).x, found.x)


def test_a_system_like_the_last_one_gives_the_same_bits():
    def f(x):
        return [x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1]

    first = fc.root(f, np.array([1.0, 2.0]))
    for _ in range(3):
        again = fc.root(f, np.array([1.0, 2.0]))
        assert again.keys() == first.keys()
        for name in first:
            np.testing.assert_array_equal(again[name], first[name])
    with pytest.raises(ValueError, match="not finite at x0"):
        fc.root(f, np.array([1e200, 2.0]))


def test_arguments_that_are_no_arrays_are_constants_of_the_trace():
    def f(x, n):
        return sum(x**k for k in range(1, n)) - 3

    found = fc.root(f, [0.5], args=(3,))
    assert found.derivative_source == "program (arguments as constants)"
    np.testing.assert_allclose(found.x, (np.sqrt(13) - 1) / 2, rtol=1e-14)
    np.testing.assert_allclose(fc.newton(f, 0.5, args=(3,)), (np.sqrt(13) - 1) / 2, rtol=1e-14)
