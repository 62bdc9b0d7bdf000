"""Eager dual numbers: the rules of compiled functions, operation by operation."""

import math

import fastcalc as fc
import numpy as np
import pytest


def f(x, y):
    z = np.exp(-x * y) + np.hypot(x, y) / (1 + x**2)
    return np.sum(np.sort(z)[::-1] * np.array([1.0, 2.0, 3.0])) if z.ndim else z


def test_what_a_compiled_function_gives(rng):
    x, y, dx, dy = rng.uniform(0.5, 2, (4, 3))
    found = f(fc.Dual(x, dx), fc.Dual(y, dy))
    expected = fc.jvp(lambda v: f(v[0], v[1]))(np.stack([x, y]), np.stack([dx, dy]))
    np.testing.assert_allclose(found.value, f(x, y), rtol=1e-14)
    np.testing.assert_allclose(found.tangent, expected, rtol=1e-13)


def test_loops_and_branches_look_at_values():
    x = fc.Dual(7.0, 1.0)
    while x > 1:
        x = x / 2
    assert (x.value, x.tangent) == (0.875, 0.125)
    assert max(fc.Dual(1.0, 5.0), fc.Dual(2.0, 3.0)).tangent == 3


def test_conventions_at_kinks():
    assert np.abs(fc.Dual(0.0, 1.0)).tangent == 0
    assert np.sqrt(fc.Dual(0.0, 1.0)).tangent == np.inf
    assert np.maximum(fc.Dual(1.0, 2.0), fc.Dual(1.0, 3.0)).tangent == 2


def test_arrays_of_them():
    x = fc.Dual([1.0, 2.0, 3.0], [1.0, 0.0, 0.5])
    assert x.shape == (3,)
    assert x[2].tangent == 0.5
    assert [part.tangent for part in x] == [1.0, 0.0, 0.5]
    assert x.sum().tangent == 1.5
    np.testing.assert_array_equal(np.concatenate([x, x * x]).tangent, [1, 0, 0.5, 2, 0, 3])
    np.testing.assert_array_equal(np.where(x > 1.5, x, 0.0).tangent, [0, 0, 0.5])
    assert repr(fc.Dual(np.ones(2), 1.0)) == "Dual([1., 1.], tangent=[1., 1.])"


def test_what_would_lose_the_tangent_is_refused():
    x = fc.Dual(1.0, 1.0)
    with pytest.raises(TypeError, match=r"np\.exp for math\.exp"):
        math.exp(x)
    with pytest.raises(TypeError, match="not written into"):
        fc.Dual([1.0, 2.0])[0] = 3.0
    with pytest.raises(TypeError, match="dual number of dual numbers"):
        fc.Dual(x, 1.0)
    with pytest.raises(TypeError, match="real numbers"):
        fc.Dual(1j)
