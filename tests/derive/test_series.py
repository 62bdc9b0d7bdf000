"""Power series through whole programs: against mpmath, by identities of calculus, and where a function has none."""

import math
import threading

import fastcalc as fc
import mpmath
import numpy as np
import pytest
import scipy.special

# A coefficient near a change of sign has the rounding of its neighbours: errors are counted in units of the largest of five.
RELATIVE = 1e-13

# Name: the function for NumPy and for mpmath, and points in its domain.
FUNCTIONS = {
    "exp(sin x)": (lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x)), (0.0, 0.3, -2.0)),
    "log(1 + x²)": (lambda x: np.log(1 + x * x), lambda x: mpmath.log(1 + x * x), (0.0, 0.5, -1.5)),
    "sqrt(2 + cos x)": (lambda x: np.sqrt(2 + np.cos(x)), lambda x: mpmath.sqrt(2 + mpmath.cos(x)), (0.0, 1.0)),
    "tan x / (1 + x)": (lambda x: np.tan(x) / (1 + x), lambda x: mpmath.tan(x) / (1 + x), (0.2, -0.4)),
    "tanh(x² − 1)": (lambda x: np.tanh(x**2 - 1), lambda x: mpmath.tanh(x**2 - 1), (0.0, 0.7)),
    "arctan(eˣ)": (lambda x: np.arctan(np.exp(x)), lambda x: mpmath.atan(mpmath.exp(x)), (0.0, 1.0)),
    "arcsin(x/2)": (lambda x: np.arcsin(x / 2), lambda x: mpmath.asin(x / 2), (0.0, 0.9)),
    "x^2.5": (lambda x: x**2.5, lambda x: x ** mpmath.mpf("2.5"), (0.7, 3.0)),
    "x^x": (lambda x: x**x, lambda x: x**x, (0.7, 2.0)),
    "sinh x cosh x": (lambda x: np.sinh(x) * np.cosh(x), lambda x: mpmath.sinh(x) * mpmath.cosh(x), (0.1,)),
    "erf(x)²": (lambda x: scipy.special.erf(x) ** 2, lambda x: mpmath.erf(x) ** 2, (0.0, 0.6)),
    "expit(3x)": (lambda x: scipy.special.expit(3 * x), lambda x: 1 / (1 + mpmath.exp(-3 * x)), (0.0, 0.4)),
}


def reference(f, x0, order):
    with mpmath.workdps(80):
        return np.array([float(c) for c in mpmath.taylor(f, mpmath.mpf(x0), order)])


def error(found, expected):
    """The largest error, in units of the largest of five neighbouring coefficients."""
    padded = np.pad(np.abs(expected), 2)
    scale = np.max([padded[i : i + len(expected)] for i in range(5)], axis=0)
    return np.max(np.abs(found - expected) / np.where(scale == 0, 1, scale))


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 9, 30])
def test_coefficients_are_those_of_mpmath(name, order):
    f, exact, points = FUNCTIONS[name]
    expected = np.array([reference(exact, x0, order) for x0 in points])
    for x0, coefficients in zip(points, expected, strict=True):
        assert error(fc.taylor(f, x0, order).coefficients, coefficients) < RELATIVE
    # Many points at once are computed in registers, by other code.
    many = fc.taylor(f, np.array(points * 9), order).coefficients
    for i, coefficients in enumerate(np.tile(expected, (9, 1))):
        assert error(many[:, i], coefficients) < RELATIVE


def test_whole_powers_keep_their_digits_near_a_zero():
    for n in (2, 3, 5, 8, 10):
        exact = reference(lambda x, n=n: mpmath.sin(x) ** n, 1e-3, 20)
        assert error(fc.taylor(lambda x, n=n: np.sin(x) ** n, 1e-3, 20).coefficients, exact) < RELATIVE


def test_order_zero_is_the_value():
    assert fc.taylor(np.exp, 1.0, 0).coefficients.tolist() == [math.e]


def test_the_derivative_of_the_polynomial_is_the_polynomial_of_the_derivative():
    p = fc.taylor(lambda x: np.sin(x) * np.exp(-x), 0.4, 12).derivative()
    q = fc.taylor(lambda x: (np.cos(x) - np.sin(x)) * np.exp(-x), 0.4, 11)
    assert error(p.coefficients, q.coefficients) < RELATIVE
    assert error(p.integral(0.0).derivative().coefficients, p.coefficients) < 4e-16


def test_composition_is_the_series_of_the_composed():
    """f(g(x)) by one run = f's polynomial at g(x0), evaluated at g's series by a run of its own."""
    order, x0 = 8, 0.3
    outer = fc.taylor(np.exp, math.sin(x0), order)
    composed = fc.taylor(
        lambda x: sum(c * (np.sin(x) - math.sin(x0)) ** k for k, c in enumerate(outer.coefficients)), x0, order
    )
    assert error(composed.coefficients, fc.taylor(lambda x: np.exp(np.sin(x)), x0, order).coefficients) < RELATIVE


def test_arrays_inside_of_the_function():
    a = np.linspace(0.1, 2.0, 37)
    matrix = np.arange(9.0).reshape(3, 3)

    def f(x):
        v = np.stack([x, x * x, np.sin(x)])
        return np.sum(np.exp(-a * x)) + v @ matrix @ v + np.prod(1 + a[:4] * x) + np.max(a * x)

    def exact(x):
        v = [x, x * x, mpmath.sin(x)]
        double = sum(v[i] * matrix[i, j] * v[j] for i in range(3) for j in range(3))
        return (
            sum(mpmath.exp(-float(c) * x) for c in a) + double + mpmath.fprod(1 + float(c) * x for c in a[:4]) + 2 * x
        )

    assert error(fc.taylor(f, 0.5, 12).coefficients, reference(exact, 0.5, 12)) < RELATIVE


def test_writes_into_an_array_and_advanced_indices():
    def f(x):
        out = np.zeros(4)
        out[1:3] = [x, x**3]
        out[0] = np.cos(x)
        return np.sum(out[[0, 1, 2, 2]])

    exact = reference(lambda x: mpmath.cos(x) + x + 2 * x**3, 0.2, 9)
    assert error(fc.taylor(f, 0.2, 9).coefficients, exact) < RELATIVE


@pytest.mark.parametrize("order", [1, 4, 12])
def test_many_points_are_as_one_point_each(order):
    """In registers as in plain numbers: folds, products of arrays, indices, writes, choices."""
    matrix = np.arange(9.0).reshape(3, 3)

    def f(x):
        v = np.stack([x, x * x, np.sin(x)])
        w = np.zeros(3)
        w[1:] = v[[2, 0]] ** 3
        return w @ matrix @ v + np.prod(1 + v) + np.max(v) + np.where(x > 0.5, x, 1 / x) ** x

    points = np.linspace(0.2, 0.9, 19)
    many = fc.derivative(f, order)(points)
    one_by_one = [math.factorial(order) * fc.taylor(f, x, order).coefficients[order] for x in points]
    np.testing.assert_allclose(many, one_by_one, rtol=1e-11)


def test_a_curve_has_a_series_for_each_component():
    p = fc.taylor(lambda t: np.stack([np.cos(t), np.sin(t)]), 0.0, 3)
    np.testing.assert_allclose(p.coefficients, [[1, 0], [0, 1], [-0.5, 0], [0, -1 / 6]], rtol=1e-15)
    assert p(np.array([0.1, 0.2, 0.3])).shape == (3, 2)


def test_each_point_takes_its_own_branch():
    def f(x):
        return x**3 if x > 0 else -x

    x = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(fc.derivative(f)(x), np.where(x > 0, 3 * x**2, -1.0), rtol=1e-15)


def test_more_paths_than_points_are_traced_as_they_come():
    def f(x):
        total = 1.0
        while x > 1:
            total, x = total * x, x - 1
        return total * x

    x = np.array([0.5, 1.5, 2.5, 3.5])
    expected = [1.0, 2 * 1.5 - 1, 3 * 2.5**2 - 6 * 2.5 + 2, 4 * 3.5**3 - 18 * 3.5**2 + 22 * 3.5 - 6]
    np.testing.assert_allclose(fc.derivative(f)(x), expected, rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_derivatives_of_a_monomial(n):
    x = np.linspace(0.5, 2, 11).reshape(11, 1)
    expected = math.perm(7, n) * x ** (7 - n)
    found = fc.derivative(lambda x: x**7, n)(x)
    assert found.shape == x.shape
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_kinks_follow_the_table():
    assert fc.derivative(np.abs)(0.0) == 0
    assert fc.derivative(lambda x: np.maximum(x, 0))(0.0) == 1
    assert fc.derivative(np.floor)(1.5) == 0
    assert fc.derivative(lambda x: np.sqrt(np.floor(x)))(0.5) == 0  # constant near 1/2, though sqrt is steep at 0
    np.testing.assert_array_equal(fc.derivative(np.sign, 2)(np.array([-1.0, 0.0, 2.0])), 0)


def test_outside_of_the_domain():
    with pytest.raises(ValueError, match=r"log has no Taylor series at x0 = -1\.0: coefficient 0 is nan"):
        fc.taylor(np.log, -1.0, 3)
    with pytest.raises(ValueError, match=r"x0 = 0\.0: coefficient 1 is inf"):
        fc.taylor(np.sqrt, np.array([1.0, 0.0]), 3)
    with pytest.raises(ValueError, match="no Taylor series"):
        fc.taylor(lambda x: np.sqrt(x**4), 0.0, 2)  # it is x², which the series of x⁴ to order 2 cannot tell
    found = fc.derivative(np.log)(np.array([-1.0, 2.0]))
    assert np.isnan(found[0])
    assert found[1] == 0.5
    assert np.isnan(fc.derivative(np.log)(-1.0))


def test_refusals():
    with pytest.raises(ValueError, match="order must be 0 or more, not -1"):
        fc.taylor(np.exp, 0.0, -1)
    with pytest.raises(TypeError):
        fc.taylor(np.exp, 0.0, 1.5)
    with pytest.raises(ValueError, match="n must be 0 or more"):
        fc.derivative(np.exp, -1)
    with pytest.raises(ValueError, match=r"an array of shape \(2,\) of one of shape \(3,\)"):
        fc.taylor(lambda x: x[:2], np.ones(3), 2)
    with pytest.raises(ValueError, match="other values for an array than for its elements one by one"):
        fc.taylor(lambda x: x / np.sum(x), np.array([1.0, 2.0]), 2)
    with pytest.raises(ValueError, match=r"shape \(2,\) of one number"):
        fc.derivative(lambda x: np.stack([x, x]))(1.0)
    with pytest.raises(ValueError, match=r"shape \(2,\) of one number"):
        fc.derivative(lambda x: np.stack([x, x]))(np.ones(3))


@pytest.mark.parametrize("order", [0, 1, 2, 3, 5])
def test_several_variables_against_the_product_of_series(order):
    """exp(a x) sin(b y) (1 + z): each coefficient is a product of univariate ones."""
    p = fc.taylor(lambda v: np.exp(2 * v[0]) * np.sin(3 * v[1]) * (1 + v[2]), np.array([0.2, 0.4, -0.5]), order)
    parts = [
        fc.taylor(lambda x: np.exp(2 * x), 0.2, order).coefficients,
        fc.taylor(lambda x: np.sin(3 * x), 0.4, order).coefficients,
        fc.taylor(lambda x: 1 + x, -0.5, order).coefficients,
    ]
    assert len(p.coefficients) == math.comb(3 + order, 3)
    expected = [math.prod(part[e] for part, e in zip(parts, exponents, strict=True)) for exponents in p.exponents]
    # The mixed coefficients are differences of those along lines, which are up to 3^order larger.
    np.testing.assert_allclose(p.coefficients, expected, rtol=1e-12, atol=1e-14 * 3**order)


def test_gradient_and_hessian_are_in_it(rng):
    a = rng.normal(size=(4, 4))
    x0 = rng.normal(size=(2, 2))
    p = fc.taylor(lambda v: v.ravel() @ a @ v.ravel() / 2 + np.sum(v), x0, 2)
    np.testing.assert_allclose(p.hessian.reshape(4, 4), (a + a.T) / 2, atol=1e-13)
    np.testing.assert_allclose(p.gradient.ravel(), (a + a.T) @ x0.ravel() / 2 + 1, rtol=1e-12)
    x = rng.normal(size=(5, 2, 2))
    np.testing.assert_allclose(p(x), [v.ravel() @ a @ v.ravel() / 2 + np.sum(v) for v in x], rtol=1e-11)
    with pytest.raises(ValueError, match="of order 2"):
        p._derivatives(3)


def test_written_as_mathematics():
    assert repr(fc.taylor(np.cos, 0.0, 4)) == "1 − 0.5·x² + 0.0416667·x⁴"
    assert repr(fc.taylor(lambda x: 0 * x, 2.0, 1)) == "0"
    p = fc.taylor(lambda x: x**2, -1.0, 12)
    assert repr(p) == "1 − 2·(x + 1) + (x + 1)²"
    assert p._repr_html_() == "1 − 2·(<i>x</i> + 1) + (<i>x</i> + 1)<sup>2</sup>"
    assert repr(fc.taylor(np.exp, 0.0, 30)).endswith("x⁷ + …")


def test_a_compiled_function_is_traced_once():
    f = fc.compile(lambda x: np.exp(np.sin(x)))
    for x0 in np.linspace(0, 1, 5):
        fc.taylor(f, x0, 7)
    assert len(f.expanded.calls) == 1


def test_threads_share_a_function():
    f = fc.compile(lambda x: np.exp(x) if x > 0 else np.cos(x))
    expected = {n: [math.exp(1.0) / math.factorial(k) for k in range(n + 1)] for n in range(1, 9)}
    failures = []

    def work(n):
        for _ in range(200):
            if not np.allclose(fc.taylor(f, 1.0, n).coefficients, expected[n], rtol=1e-14, atol=0):
                failures.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_the_plot_shows_the_function_and_rising_orders():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    ax = fc.taylor(np.sin, 0.0, 7).plot(np.sin)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["order 1", "order 3", "order 5", "order 7", "sin"]
    plt.close(ax.figure)


def test_a_derivative_of_any_order_nests_in_other_derivatives():
    x = np.array([0.3, 0.7, 1.1])
    slope = fc.grad(lambda x: np.sum(fc.derivative(np.sin, 2)(x) * x))(x)
    np.testing.assert_allclose(slope, -np.sin(x) - x * np.cos(x), rtol=1e-14)
    # d/da [a e^(a t)] at t = 2a is e^(2a²) (1 + 4a²); the inner derivative must not see the outer a
    outer = fc.grad(lambda a: fc.derivative(lambda t: np.exp(a * t))(2.0 * a))(0.5)
    np.testing.assert_allclose(outer, np.exp(0.5) * 2, rtol=1e-14)
