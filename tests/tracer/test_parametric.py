"""tracer: functions of scipy.special with rules: values are SciPy's own, derivatives those of mpmath and of differences."""

import fastcalc as fc
import mpmath
import numpy as np
import pytest
import scipy.special
from fastcalc._tracer._slopes import slopes
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
    for name, f in {
        "first argument of scipy.special.betainc": lambda a: betainc(a, 2.0, 0.5),
        "third argument of scipy.special.hyp2f1": lambda c: hyp2f1(1.0, 2.0, c, 0.5),
        "second argument of scipy.special.ellipj": lambda m: scipy.special.ellipj(0.3, m)[1],
    }.items():
        with pytest.raises(fc.TraceError, match=f"{name} .*no closed form: make it a constant"):
            fc.grad(f)(0.5)


def test_at_the_ends_of_the_interval():
    slope = fc.grad(lambda x: betainc(1.0, 1.0, x))
    assert slope(0.0) == 1 and slope(1.0) == 1
    assert fc.grad(lambda x: betainc(0.5, 1.0, x))(0.0) == np.inf
    assert fc.grad(lambda x: betainc(2.0, 2.0, x))(0.0) == 0
    assert np.isnan(fc.grad(lambda x: hyp2f1(1.0, 2.0, 3.0, x))(np.nan))


def test_without_a_trace_nothing_changes():
    assert fc.compile(lambda x: x * hyp2f1(0.5, 1.0, 2.0, 0.25))(2.0) == 2.0 * hyp2f1(0.5, 1.0, 2.0, 0.25)


#: Arguments of those that mpmath need not tell: the last is where the derivatives are taken, more than one place is several of them.
ARGUMENTS = {
    "hyp1f1": [(0.7, 1.9, [-3.0, 0.4, 2.0])],
    "hyperu": [(0.7, 1.9, [1.5, 3.0])],
    "hyp0f1": [(1.9, [-3.0, 0.4, 2.0])],
    "ellipk": [([-5.0, -0.3, 0.0, 0.4, 0.7],)],
    "ellipe": [([-5.0, -0.3, 0.0, 0.4, 0.7],)],
    "betaincinv": [(2.0, 3.0, [0.3, 0.5, 0.7])],
    "betainccinv": [(2.0, 3.0, [0.3, 0.5, 0.7])],
    "gammaincinv": [(2.5, [0.3, 0.5, 0.7])],
    "gammainccinv": [(2.5, [0.3, 0.5, 0.7])],
    "chdtr": [(3.0, [0.4, 2.0, 9.0])],
    "chdtrc": [(3.0, [0.4, 2.0, 9.0])],
    "chdtri": [(3.0, [0.3, 0.5, 0.7])],
    "stdtr": [(4.0, [-2.0, 0.3, 1.5]), (1.0, [0.3])],
    "stdtrit": [(4.0, [0.3, 0.4, 0.7])],
    "fdtr": [(3.0, 7.0, [0.4, 1.1, 3.0])],
    "fdtrc": [(3.0, 7.0, [0.4, 1.1, 3.0])],
    "fdtri": [(3.0, 7.0, [0.3, 0.5, 0.7])],
    "gdtr": [(1.3, 2.5, [0.4, 1.1, 3.0])],
    "gdtrc": [(1.3, 2.5, [0.4, 1.1, 3.0])],
    "ndtri_exp": [([-8.0, -2.0, -1.0],)],
    "eval_jacobi": [(3, 0.5, 1.5, [-0.6, 0.3]), (0, 0.5, 1.5, [0.3]), (2.5, 0.5, 1.5, [0.3])],
    "eval_legendre": [(4, [-0.6, 0.3]), (0, [0.3]), (1.5, [0.3]), (-3, [0.3]), (-5, [0.3])],
    "eval_chebyt": [(4, [-0.6, 0.3]), (0, [0.3]), (1.5, [0.3]), (-5, [0.3])],
    "eval_chebyu": [(4, [-0.6, 0.3]), (0, [0.3]), (-1, [0.3]), (-4, [-0.6, 0.3]), (-2.5, [0.3])],
    "eval_gegenbauer": [(4, 0.7, [-0.6, 0.3]), (0, 0.7, [0.3])],
    "eval_laguerre": [(4, [0.6, 3.0]), (0, [0.3])],
    "eval_genlaguerre": [(4, 0.7, [0.6, 3.0]), (0, 0.7, [0.3])],
    "eval_hermite": [(4, [-0.6, 1.3]), (0, [0.3])],
    "eval_hermitenorm": [(4, [-0.6, 1.3]), (0, [0.3])],
    "jve": [(1.5, [0.6, 3.0])],
    "yve": [(1.5, [1.6, 3.0])],
    "struve": [(0.5, [0.6, 3.0]), (2.0, [0.6, 3.0])],
    "modstruve": [(0.5, [0.6, 3.0]), (2.0, [0.6, 3.0])],
    "airy": [([-3.0, 0.0, 1.5],)],
    "fresnel": [([-1.0, 0.0, 1.5],)],
    "sici": [([0.6, 3.0],)],
    "shichi": [([0.6, 3.0],)],
    "erfi": [([-1.0, 0.0, 1.5],)],
    "expn": [(3, [1.2, 3.0]), (1, [1.2]), (0, [1.2])],
    "spence": [([0.6, 1.0, 3.0],)],
    "cosm1": [([-1.0, 0.0, 1.5],)],
    "sindg": [([-50.0, 0.0, 100.0],)],
    "cosdg": [([-50.0, 0.0, 100.0],)],
    "tandg": [([-50.0, 0.0, 100.0],)],
    "cotdg": [([-50.0, 40.0, 100.0],)],
    "wrightomega": [([-3.0, 0.0, 1.5],)],
}

#: name → the arguments, and the place of one that is not the last and has a derivative
BY_OTHERS = {
    "inv_boxcox1p": [(1.3, 0.4, 0)],
    "ellipkinc": [(0.7, 0.4, 0), (2.5, -3.0, 0)],
    "ellipj": [(0.7, 0.4, 0), (2.5, 0.9, 0)],
    "ellipeinc": [(0.7, 0.4, 0), (2.5, -3.0, 0)],
    "owens_t": [(0.7, 0.4, 0), (0.7, 0.4, 1), (-1.5, 2.0, 0), (-1.5, 2.0, 1)],
    "gdtr": [(1.3, 2.5, 0.7, 0)],
    "gdtrc": [(1.3, 2.5, 0.7, 0)],
    "powm1": [(1.3, 2.5, 0), (1.3, 2.5, 1)],
    "boxcox1p": [(1.3, 2.5, 0), (1.3, 2.5, 1), (1.3, 0.0, 1)],
    "poch": [(1.3, 2.5, 0), (1.3, 2.5, 1)],
    "binom": [(5.3, 2.4, 0), (5.3, 2.4, 1)],
}


def _difference(f, x, step=0.01):
    """Return f′(x) by eight neighbours: the error is about step⁸ f⁽⁹⁾ / 630, and that of f over the step."""
    weights = {1: 4 / 5, 2: -1 / 5, 3: 4 / 105, 4: -1 / 280}
    return sum(w * (f(x + k * step) - f(x - k * step)) for k, w in weights.items()) / step


def _check(f, x):
    """Hold each of three derivatives against the differences of the one before."""
    np.testing.assert_array_equal(fc.compile(f)(x), f(x))
    before = f
    for order in (1, 2, 3):
        derivative = fc.compile(_slope_of(before))
        # SciPy's inverses and hypergeometric functions have some 1e-12, which the step of 0.01 makes 1e-10
        np.testing.assert_allclose(
            derivative(x), _difference(before, x), rtol=1e-8, atol=1e-8, err_msg=f"order {order}"
        )
        before = derivative


@pytest.mark.parametrize("name", ARGUMENTS)
def test_each_derivative_is_the_slope_of_the_one_before(name):
    ufunc = getattr(scipy.special, name)
    for *parameters, points in ARGUMENTS[name]:
        for place in range(ufunc.nout):

            def f(x, parameters=parameters, place=place):
                found = ufunc(*parameters, x)
                return found[place] if ufunc.nout > 1 else found

            _check(f, np.array(points))


@pytest.mark.parametrize("name", BY_OTHERS)
def test_derivatives_by_other_arguments(name):
    ufunc = getattr(scipy.special, name)
    for *arguments, place in BY_OTHERS[name]:
        for result in range(ufunc.nout):

            def f(x, arguments=arguments, place=place, result=result):
                found = ufunc(*arguments[:place], x, *arguments[place + 1 :])
                return found[result] if ufunc.nout > 1 else found

            _check(f, np.array([arguments[place]]))


def test_every_function_with_a_rule_is_held_against_differences():
    assert set(slopes) == set(CASES) | set(ARGUMENTS) | set(BY_OTHERS)


def test_several_traced_arguments_are_broadcast():
    h, a = np.array([[0.3], [-1.2]]), np.array([0.2, 0.5, 0.8])
    by_h, by_a = fc.grad(lambda h, a: np.sum(scipy.special.owens_t(h, a)), argnums=(0, 1))(h, a)
    bell = np.exp(-0.5 * h * h) / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(by_h, -0.5 * np.sum(bell * scipy.special.erf(a * h / np.sqrt(2)), 1, keepdims=True))
    np.testing.assert_allclose(by_a, np.sum(np.exp(-0.5 * h * h * (1 + a * a)) / (2 * np.pi * (1 + a * a)), 0))


def test_a_minimum_of_an_airy_function():
    found = fc.minimize(lambda x: np.sum(scipy.special.airy(x)[0] ** 2), np.array([-2.2, -4.2]), method="newton")
    np.testing.assert_allclose(found.x, scipy.special.ai_zeros(2)[0], rtol=1e-7)  # squares: half of the digits


@pytest.mark.parametrize(
    "f",
    [
        lambda x: scipy.special.betainc(1.0, 1.0, x),
        lambda x: scipy.special.betaincc(2.0, 1.0, 1.5 - x),
        lambda x: scipy.special.chdtr(2.0, x),
        lambda x: scipy.special.chdtr(-3.0, -x),
        lambda x: scipy.special.gdtr(1.0, 1.0, x),
        lambda x: scipy.special.fdtr(2.0, 4.0, x),
        lambda x: scipy.special.expn(0, x),
        lambda x: scipy.special.expn(-2, -x),
    ],
)
def test_no_value_has_no_derivative(f):
    assert np.isnan(f(-0.5)) and np.isnan(fc.grad(f)(-0.5))


def test_a_fit_takes_differences_and_says_so():
    x = np.linspace(0.1, 2, 40)
    y = 1.7 * scipy.special.stdtr(3.0, 1.3 * x)
    with pytest.warns(fc.FallbackWarning, match="called and not traced"):
        found = fc.fit(lambda x, a, b: a * scipy.special.stdtr(3.0, b * x), x, y, p0=(1.0, 1.0))
    assert found.derivative_source == "finite differences"
    np.testing.assert_allclose(
        list(found.params.values()), (1.7, 1.3), rtol=1e-7
    )  # no noise: differences are good for seven digits


def test_a_sparse_jacobian_is_refused():
    with pytest.raises(fc.TraceError, match="leave out sparse=True"):
        fc.jacobian(lambda x: scipy.special.airy(x)[0], sparse=True)(np.array([0.3, 0.5]))
