"""tracer: functions of scipy.special with several parameters: values are SciPy's own, derivatives those of mpmath."""

import fastcalc as fc
import mpmath
import numpy as np
import pytest
import scipy.special
from scipy.special import betainc, betaincc, hyp2f1

CASES = {
    "hyp2f1": (hyp2f1, mpmath.hyp2f1, [(0.5, 1.5, 2.5), (-3.0, 2.0, 0.7), (1.0, 1.0, 2.0)], [-4.0, -0.6, 0.0, 0.3, 0.9]),
    "betainc": (betainc, lambda a, b, x: mpmath.betainc(a, b, 0, x, regularized=True), [(2.0, 3.0), (0.5, 0.7), (30.0, 4.0)], [0.1, 0.5, 0.93]),
    "betaincc": (betaincc, lambda a, b, x: mpmath.betainc(a, b, x, 1, regularized=True), [(2.0, 3.0), (0.5, 0.7)], [0.1, 0.5, 0.93]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives_of_every_order(name):
    ufunc, exact, parameters, points = CASES[name]
    x = np.array(points)
    for given in parameters:

        def f(x, given=given):
            return ufunc(*given, x)

        np.testing.assert_array_equal(fc.compile(f)(x), f(x))

        def precisely(x, given=given):
            return exact(*given, x)

        derivative = f
        for order in (1, 2, 3):
            derivative = _slope_of(derivative)
            expected = [float(mpmath.diff(precisely, point, order)) for point in points]
            # SciPy's own functions of the shifted parameters are right to about 1e-13
            np.testing.assert_allclose(
                fc.compile(derivative)(x), expected, rtol=1e-11, atol=1e-12, err_msg=f"{given}, {order}"
            )


def _slope_of(f):
    """Return the derivative of an element-wise function."""
    return fc.grad(lambda x: np.sum(f(x)))


def test_parameters_are_broadcast_and_must_be_constant():
    a = np.array([[1.0], [2.0]])
    x = np.array([0.2, 0.5, 0.8])
    np.testing.assert_array_equal(fc.compile(lambda x: betainc(a, 3.0, x))(x), betainc(a, 3.0, x))
    found = fc.grad(lambda x: np.sum(betainc(a, 3.0, x)))(x)
    expected = sum(x ** (k - 1) * (1 - x) ** 2 / scipy.special.beta(k, 3.0) for k in (1.0, 2.0))
    np.testing.assert_allclose(found, expected, rtol=1e-14)
    for f in (lambda a: betainc(a, 2.0, 0.5), lambda c: hyp2f1(1.0, 2.0, c, 0.5)):
        with pytest.raises(fc.TraceError, match="no closed form: make it a constant"):
            fc.grad(f)(1.5)


def test_at_the_ends_of_the_interval():
    slope = fc.grad(lambda x: betainc(1.0, 1.0, x))
    assert slope(0.0) == 1 and slope(1.0) == 1
    assert fc.grad(lambda x: betainc(0.5, 1.0, x))(0.0) == np.inf
    assert fc.grad(lambda x: betainc(2.0, 2.0, x))(0.0) == 0
    assert np.isnan(fc.grad(lambda x: hyp2f1(1.0, 2.0, 3.0, x))(np.nan))


def test_without_a_trace_nothing_changes():
    assert fc.compile(lambda x: x * hyp2f1(0.5, 1.0, 2.0, 0.25))(2.0) == 2.0 * hyp2f1(0.5, 1.0, 2.0, 0.25)
