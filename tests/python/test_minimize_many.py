"""front door minimize_many: one objective, many starts and arguments."""

import warnings

import fastcalc as fc
import numpy as np
import pytest


def rosenbrock(x, a, b):
    return np.sum(b * (x[1:] - x[:-1] ** 2) ** 2 + (a - x[:-1]) ** 2)


K = 301
A = np.linspace(0.2, 3, K)
STARTS = np.random.default_rng(5).uniform(-2, 2, (K, 3))
FIELDS = ("x", "fun", "jac", "status", "nit", "nfev")


@pytest.mark.parametrize("method", [None, "newton-cg", "bfgs", "l-bfgs", "gradient-descent", "adam"])
def test_each_is_found_as_it_is_alone(method):
    options = {"maxiter": 200}
    found = fc.minimize_many(rosenbrock, STARTS, args=(A, 10.0), method=method, options=options)
    for k in range(0, K, 30):
        alone = fc.minimize(rosenbrock, STARTS[k], args=(float(A[k]), 10.0), method=method, options=options)
        for name in (*FIELDS, "success", "message", "reason"):
            np.testing.assert_array_equal(found[name][k], alone[name], err_msg=name)
    assert found.method == (method or "newton") and found.derivative_source == "program"


@pytest.mark.parametrize("method", ["newton", "newton-cg", "bfgs"])
def test_the_same_bits_for_any_number_of_threads(method):
    one = fc.minimize_many(rosenbrock, STARTS, args=(A, 10.0), method=method, threads=1)
    assert one.success.all()
    for threads in (2, 5):
        other = fc.minimize_many(rosenbrock, STARTS, args=(A, 10.0), method=method, threads=threads)
        for name in FIELDS:
            np.testing.assert_array_equal(one[name], other[name])


def test_bounds_hold_for_each():
    found = fc.minimize_many(rosenbrock, STARTS, args=(A, 10.0), bounds=[(None, 0.5), (None, None), (0, 1)])
    assert found.success.all() and (found.x[:, 0] <= 0.5).all() and ((found.x[:, 2] >= 0) & (found.x[:, 2] <= 1)).all()
    alone = fc.minimize(rosenbrock, STARTS[7], args=(float(A[7]), 10.0), bounds=[(None, 0.5), (None, None), (0, 1)])
    np.testing.assert_array_equal(found.x[7], alone.x)


def test_branches_are_followed_in_every_thread():
    def f(x, a):
        return (x[0] - a) ** 2 + 1 if a > 0 else (3 * x[0] + a) ** 4 + 2 * (3 * x[0] + a) ** 2

    a = np.linspace(-5, 5, 64)
    found = fc.minimize_many(f, np.zeros((64, 1)), args=(a,), threads=4)
    # gtol = 1e-8 of a curvature of at least 2
    np.testing.assert_allclose(found.x[:, 0], np.where(a > 0, a, -a / 3), atol=1e-8)


def test_arrays_as_arguments():
    rng = np.random.default_rng(3)
    factors, targets = rng.normal(size=(20, 3, 3)), rng.normal(size=(20, 3))
    matrices = factors @ factors.transpose(0, 2, 1) + np.eye(3)
    found = fc.minimize_many(lambda x, m, b: 0.5 * x @ m @ x - b @ x, np.zeros((20, 3)), args=(matrices, targets))
    # gtol = 1e-8 of matrices whose eigenvalues are at least 1
    np.testing.assert_allclose(found.x, np.linalg.solve(matrices, targets[..., None])[..., 0], atol=2e-8)


def test_one_that_fails_stops_no_other():
    def f(x, a):
        return np.sum(a * x**2 - np.log(x))

    found = fc.minimize_many(f, np.array([[1.0], [1.0], [-1.0]]), args=(np.array([2.0, -1.0, 2.0]),))
    assert found.success.tolist() == [True, False, False]
    assert found.reason[1] == "unbounded" and found.status[1] == 4
    assert found.reason[2] == "objective_not_finite" and found.status[2] == 3
    assert found.message[2].startswith("The objective or its gradient is not finite")
    np.testing.assert_allclose(found.x[0], 0.5, atol=1e-8)  # gtol
    few = fc.minimize_many(rosenbrock, STARTS, args=(A, 100.0), options={"maxiter": 3})
    assert not few.success.all() and set(few.status) <= {0, 1} and (few.nit <= 3).all()


def test_a_saddle_is_left():
    found = fc.minimize_many(
        lambda x, a: x[0] ** 4 / 4 - a * x[0] ** 2 / 2 + x[1] ** 2, np.zeros((4, 2)), args=(np.arange(1.0, 5.0),)
    )
    np.testing.assert_allclose(np.abs(found.x[:, 0]), np.sqrt(np.arange(1.0, 5.0)), atol=1e-8)  # gtol


def test_what_the_function_raises_comes_out():
    def f(x, a):
        if a > 2:
            raise ArithmeticError("beyond")
        return np.sum((x - a) ** 2)

    with pytest.raises(ArithmeticError, match="beyond"):
        fc.minimize_many(f, STARTS, args=(A,), threads=2)


def test_a_function_that_cannot_be_traced():
    def opaque(x, a):
        return (float(repr(float(x[0]))) - a) ** 2

    with pytest.warns(fc.FallbackWarning):
        found = fc.minimize_many(opaque, np.ones((2, 1)), args=(np.array([4.0, 9.0]),))
    assert found.derivative_source == "finite differences" and found.method == "bfgs" and found.success.all()
    np.testing.assert_allclose(found.x[:, 0], [4, 9], rtol=1e-6)  # of differences


def test_a_function_that_keeps_a_state_is_not_believed():
    calls = []

    def f(x, a):
        calls.append(None)
        return np.sum((x - a) ** 2) + (0 if len(calls) < 10 else 7)

    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        found = fc.minimize_many(f, np.zeros((3, 2)), args=(np.arange(3.0),))
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(found.fun, 7, atol=1e-10)


def test_a_compiled_function_and_starts_of_integers():
    found = fc.minimize_many(fc.compile(rosenbrock), [[0, 0], [1, 1]], args=(np.array([1, 2]), 10))
    np.testing.assert_allclose(found.x, [[1, 1], [2, 4]], atol=1e-6)  # gtol over the least curvature, about 0.04


def test_bad_input_is_refused():
    def refused(match, *args, **options):
        with pytest.raises(ValueError, match=match):
            fc.minimize_many(rosenbrock, *args, **options)

    refused(r"args\[0\] has 3 entries for 2 problems", np.ones((2, 2)), args=(np.ones(3), 1.0))
    refused(r"shape \(K, n\)", np.ones(2), args=(1.0, 1.0))
    refused(r"shape \(K, n\)", np.ones((2, 2, 2)), args=(1.0, 1.0))
    refused("is empty", np.ones((0, 2)), args=(1.0, 1.0))
    refused("threads must be 1 or more", np.ones((2, 2)), args=(1.0, 1.0), threads=0)
    refused(r"x0\[1, 0\] = nan", np.array([[1.0, 1.0], [np.nan, 1.0]]), args=(1.0, 1.0))
    refused("Unknown solver simplex", np.ones((2, 2)), args=(1.0, 1.0), method="simplex")
    refused("limited by maxiter", np.ones((2, 2)), args=(1.0, 1.0), options={"max_time": 1.0})
    refused("number of bounds", np.ones((2, 2)), args=(1.0, 1.0), bounds=[(0, 1)])
    refused("less than the corresponding lower bound", np.ones((2, 2)), args=(1.0, 1.0), bounds=[(2, 1), (0, 1)])
    with pytest.raises(ValueError, match="must return a scalar"):
        fc.minimize_many(lambda x: x, np.ones((2, 2)))
