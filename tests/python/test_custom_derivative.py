"""function: rules that users give: either kind serves both modes, any number of directions, and any order."""

import fastcalc as fc
import numpy as np
import pytest

X = np.array([0.3, 1.2, 0.7])


def by_jvp():
    return fc.custom_derivative(lambda x, y: np.exp(x) * y, jvp=lambda at, d: np.exp(at[0]) * (at[1] * d[0] + d[1]))


def by_vjp():
    return fc.custom_derivative(
        lambda x, y: np.exp(x) * y, vjp=lambda at, w: (w * np.exp(at[0]) * at[1], w * np.exp(at[0]))
    )


@pytest.mark.parametrize("make", [by_jvp, by_vjp])
def test_a_rule_that_is_right_changes_nothing(make):
    f = make()

    def with_rule(x):
        return np.sum(f(np.sin(x), x**2) * f(x, x))

    def plain(x):
        return np.sum(np.exp(np.sin(x)) * x**2 * np.exp(x) * x)

    assert with_rule(X) == pytest.approx(plain(X), rel=1e-15)
    for derivative in (fc.grad, fc.hessian, lambda f: fc.jacobian(fc.hessian(f))):
        np.testing.assert_allclose(derivative(with_rule)(X), derivative(plain)(X), rtol=1e-12, atol=1e-12)
    for mode in ("forward", "reverse"):
        got = fc.jacobian(lambda x: f(x[::-1], x), mode=mode)(X)
        np.testing.assert_allclose(got, fc.jacobian(lambda x: np.exp(x[::-1]) * x, mode=mode)(X), rtol=1e-13)
    np.testing.assert_allclose(fc.hvp(with_rule)(X, X), fc.hvp(plain)(X, X), rtol=1e-12)


def test_the_rule_is_used_and_not_the_values_own_derivative():
    straight_through = fc.custom_derivative(np.rint, jvp=lambda at, d: d[0])
    np.testing.assert_array_equal(fc.grad(lambda x: np.sum(straight_through(x) * x))(X), np.rint(X) + X)
    steep = fc.custom_derivative(np.sqrt, vjp=lambda at, w: 0 * w)
    assert fc.grad(steep)(0.0) == 0  # where the derivative of the square root is inf
    assert fc.grad(lambda x: steep(x) + x)(0.0) == 1


def test_a_rule_may_use_the_function_itself():
    exp = fc.custom_derivative(np.exp, jvp=lambda at, d: exp(at[0]) * d[0])
    derivative = exp
    for _ in range(4):
        derivative = fc.grad(derivative)
        assert derivative(0.7) == pytest.approx(np.exp(0.7), rel=1e-14)


def test_a_rule_of_a_closure_over_the_outer_variable():
    def outer(a):
        scaled = fc.custom_derivative(lambda x: a * x, jvp=lambda at, d: 10 * a * d[0])
        return fc.grad(scaled)(2.0)

    assert outer(3.0) == 30
    assert fc.grad(outer)(3.0) == 10


def test_a_rule_of_the_wrong_shape_is_refused():
    for f in (
        fc.custom_derivative(lambda x: x * x, jvp=lambda at, d: np.sum(d[0])),
        fc.custom_derivative(lambda x: x * x, vjp=lambda at, w: (w, w)),
    ):
        with pytest.raises(ValueError, match="shape"):
            fc.jacobian(f)(X)
    with pytest.raises(TypeError, match="one rule"):
        fc.custom_derivative(np.exp)
