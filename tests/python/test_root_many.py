"""front door root_many: many systems of the same equations."""

import fastcalc as fc
import numpy as np
import pytest


def circle_and_line(x, radius, offset=1.0):
    return [x[0] ** 2 + x[1] ** 2 - radius**2, x[0] - x[1] + offset]


RADII = np.linspace(1, 50, 501)


def test_each_is_found_as_it_is_alone():
    found = fc.root_many(circle_and_line, np.ones((501, 2)), args=(RADII, 0.5))
    assert found.success.all() and (found.status == 1).all() and (found.reason == "root_found").all()
    for k in range(0, 501, 50):
        alone = fc.root(circle_and_line, np.ones(2), args=(float(RADII[k]), 0.5))
        np.testing.assert_array_equal(found.x[k], alone.x)
        assert (found.nit[k], found.nfev[k]) == (alone.nit, alone.nfev)


def test_the_same_bits_for_any_number_of_threads():
    one = fc.root_many(circle_and_line, np.ones((501, 2)), args=(RADII,), threads=1)
    for threads in (2, 3, 8):
        other = fc.root_many(circle_and_line, np.ones((501, 2)), args=(RADII,), threads=threads)
        for name in ("x", "fun", "status", "nit", "nfev"):
            np.testing.assert_array_equal(one[name], other[name])


def test_branches_are_followed_in_every_thread():
    def f(x, a):
        return np.array([x[0] - a if a > 0 else 3 * x[0] + a, x[1] - x[0] ** 2])

    a = np.linspace(-5, 5, 64)
    found = fc.root_many(f, np.zeros((64, 2)), args=(a,), threads=4)
    np.testing.assert_allclose(found.x[:, 0], np.where(a > 0, a, -a / 3), rtol=1e-15)


def test_arrays_as_arguments():
    rng = np.random.default_rng(3)
    matrices, targets = rng.normal(size=(20, 3, 3)) + 4 * np.eye(3), rng.normal(size=(20, 3))
    found = fc.root_many(lambda x, m, b: m @ x + 0.1 * x**3 - b, np.zeros((20, 3)), args=(matrices, targets))
    assert found.success.all()
    np.testing.assert_allclose(found.fun, 0, atol=1e-13)


def test_one_that_fails_stops_no_other():
    found = fc.root_many(lambda x, a: x**2 - a, np.ones((3, 1)), args=(np.array([4.0, -1.0, 9.0]),))
    assert found.success.tolist() == [True, False, True]
    np.testing.assert_allclose(found.x[[0, 2], 0], [2, 3], rtol=1e-15)
    log = fc.root_many(lambda x, a: np.log(x) - a, np.array([[1.0], [-1.0]]), args=(np.ones(2),))
    assert log.reason.tolist() == ["root_found", "not_finite_at_start"]


def test_what_the_function_raises_comes_out():
    def f(x, a):
        if a > 30:
            raise ArithmeticError("beyond")
        return x - a

    with pytest.raises(ArithmeticError, match="beyond"):
        fc.root_many(f, np.zeros((501, 1)), args=(RADII,), threads=2)


def test_a_function_that_cannot_be_traced():
    def opaque(x, a):
        return np.array([float(repr(float(x[0]))) ** 2 - a])

    with pytest.warns(fc.FallbackWarning):
        found = fc.root_many(opaque, np.ones((2, 1)), args=(np.array([4.0, 9.0]),))
    np.testing.assert_allclose(found.x[:, 0], [2, 3], rtol=1e-12)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match=r"args\[0\] has 3 entries for 2 systems"):
        fc.root_many(circle_and_line, np.ones((2, 2)), args=(np.ones(3),))
    with pytest.raises(ValueError, match="shape \\(K, n\\)"):
        fc.root_many(circle_and_line, np.ones(2))
    with pytest.raises(ValueError, match="threads must be 1 or more"):
        fc.root_many(circle_and_line, np.ones((2, 2)), args=(5.0,), threads=0)
    with pytest.raises(ValueError, match=r"x0\[1, 0\] = nan"):
        fc.root_many(circle_and_line, np.array([[1.0, 1.0], [np.nan, 1.0]]), args=(5.0,))
