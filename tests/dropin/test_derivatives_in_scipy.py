"""drop-in: fastcalc's derivatives as the callables that SciPy takes, without a patch; the algorithm stays SciPy's.

Tolerances: where only the gradient is given, the methods' own tests stop them near 1e-5 of the solution (TNC at 1.2e-5); with the
Hessian, or for equations, the last step is quadratic.
"""

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from scipy.sparse import issparse

X0 = np.array([-1.2, 1.0, -0.7, 1.4])
NEAR = np.array([1.3, 1.1, 0.9, 0.8])  # the Hessian is positive definite from here on, which dogleg needs


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def scaled(x, a, b):
    return np.sum(a * (x[1:] - x[:-1] ** 2) ** 2 + (b - x[:-1]) ** 2)


@pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP", "trust-constr"])
def test_gradient(method):
    found = scipy.optimize.minimize(rosenbrock, X0, jac=fc.grad(rosenbrock), method=method, tol=1e-9)
    np.testing.assert_allclose(found.x, 1, atol=3e-5)


@pytest.mark.parametrize("method", ["Newton-CG", "dogleg", "trust-ncg", "trust-exact", "trust-krylov", "trust-constr"])
def test_gradient_and_hessian(method):
    found = scipy.optimize.minimize(
        rosenbrock, NEAR, jac=fc.grad(rosenbrock), hess=fc.hessian(rosenbrock), method=method, tol=1e-9
    )
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


@pytest.mark.parametrize("method", ["Newton-CG", "trust-ncg", "trust-krylov", "trust-constr"])
def test_products_with_the_hessian(method):
    found = scipy.optimize.minimize(
        rosenbrock, X0, jac=fc.grad(rosenbrock), hessp=fc.hvp(rosenbrock), method=method, tol=1e-9
    )
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


def test_arguments_reach_the_derivatives():
    found = scipy.optimize.minimize(
        scaled, NEAR, args=(50.0, 1.0), jac=fc.grad(scaled), hess=fc.hessian(scaled), method="trust-exact", tol=1e-9
    )
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


def test_value_and_gradient_in_one():
    found = scipy.optimize.minimize(fc.value_and_grad(rosenbrock), X0, jac=True, method="BFGS")
    np.testing.assert_allclose(found.x, 1, atol=1e-5)


def test_a_sparse_hessian():
    hessian = fc.hessian(rosenbrock, sparse=True)
    assert issparse(hessian(X0))
    found = scipy.optimize.minimize(rosenbrock, X0, jac=fc.grad(rosenbrock), hess=hessian, method="trust-constr")
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


def test_the_jacobian_of_constraints():
    def circle(x):
        return np.stack([x[0] ** 2 + x[1] ** 2])

    constraint = scipy.optimize.NonlinearConstraint(circle, 1, 1, jac=fc.jacobian(circle))
    found = scipy.optimize.minimize(
        lambda x: -x[0] - x[1], [0.9, 0.2], jac=lambda x: -np.ones(2), constraints=constraint, method="SLSQP"
    )
    np.testing.assert_allclose(found.x, np.sqrt(0.5), atol=1e-6)


def test_the_jacobian_of_equations_and_residuals():
    def residuals(x):
        return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])

    jac = fc.jacobian(residuals)
    np.testing.assert_allclose(scipy.optimize.root(residuals, [-1.2, 1.0], jac=jac).x, 1, atol=1e-8)
    np.testing.assert_allclose(scipy.optimize.fsolve(residuals, [-1.2, 1.0], fprime=jac), 1, atol=1e-8)
    np.testing.assert_allclose(scipy.optimize.least_squares(residuals, [-1.2, 1.0], jac=jac).x, 1, atol=1e-8)
    np.testing.assert_allclose(scipy.optimize.leastsq(residuals, [-1.2, 1.0], Dfun=jac)[0], 1, atol=1e-8)


def test_a_sparse_jacobian_of_residuals():
    def residuals(x):
        return np.concatenate([10 * (x[1:] - x[:-1] ** 2), 1 - x])

    jac = fc.jacobian(residuals, sparse=True)
    found = scipy.optimize.least_squares(residuals, X0, jac=jac, tr_solver="lsmr")
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


def test_first_and_second_derivative_of_a_function_of_one_number():
    def f(x, a):
        return x**3 - a * x - 5

    prime, second = fc.grad(f), fc.grad(fc.grad(f))
    root = 2.0945514815423265
    assert scipy.optimize.newton(f, 2.0, fprime=prime, args=(2.0,)) == pytest.approx(root, abs=1e-12)
    assert scipy.optimize.newton(f, 2.0, fprime=prime, fprime2=second, args=(2.0,)) == pytest.approx(root, abs=1e-12)
    assert scipy.optimize.root_scalar(f, x0=2.0, fprime=prime, args=(2.0,)).root == pytest.approx(root, abs=1e-12)


def test_the_jacobian_of_a_model():
    def model(x, a, b):
        return a * np.exp(-b * x)

    x = np.linspace(0, 4, 50)
    by_parameters = fc.jacobian(lambda p, x: model(x, p[0], p[1]))
    jac = lambda x, a, b: by_parameters(np.array([a, b]), x)  # noqa: E731
    popt, _ = scipy.optimize.curve_fit(model, x, model(x, 2.5, 1.3), jac=jac)
    np.testing.assert_allclose(popt, [2.5, 1.3], rtol=1e-9)
