"""drop-in: `scipy.optimize.minimize(method=fc.methods.…)`, without a patch.

Tolerance: fastcalc's own gtol of 1e-8 on problems whose least curvature is about 1.
"""

import pickle

import fastcalc as fc
import numpy as np
import pytest
from scipy.optimize import (
    Bounds,
    NonlinearConstraint,
    OptimizeResult,
    OptimizeWarning,
    minimize,
    rosen,
    rosen_der,
    rosen_hess,
    rosen_hess_prod,
)

X0 = [-1.2, 1.0, 0.8]
ATOL = 1e-7


def bowl(x, a=1.0):
    return np.sum((x - a) ** 2 * np.array([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("name", ["newton", "newton_cg", "bfgs", "l_bfgs"])
def test_methods(name):
    found = minimize(rosen, X0, method=getattr(fc.methods, name))
    np.testing.assert_allclose(found.x, 1, atol=ATOL)
    assert type(found) is OptimizeResult and found.success and found.nit > 0 and found.derivative_source == "program"


@pytest.mark.parametrize("name", ["gradient_descent", "momentum", "nesterov", "adam"])
def test_first_order_methods(name):
    options = {} if name == "gradient_descent" else {"learning_rate": 0.05}
    found = minimize(bowl, X0, method=getattr(fc.methods, name), options=options)
    np.testing.assert_allclose(found.x, 1, atol=1e-6)


@pytest.mark.parametrize(
    "given",
    [
        {"jac": rosen_der}, {"jac": rosen_der, "hess": rosen_hess}, {"jac": rosen_der, "hessp": rosen_hess_prod},
        {"jac": "2-point"}, {"jac": fc.grad(rosen), "hess": fc.hessian(rosen)},
    ],
    ids=lambda given: " ".join(given),
)  # fmt: skip
def test_derivatives_of_the_caller(given):
    np.testing.assert_allclose(minimize(rosen, X0, method=fc.methods.newton, **given).x, 1, atol=ATOL)


def test_value_and_gradient_in_one():
    found = minimize(lambda x: (rosen(x), rosen_der(x)), X0, jac=True, method=fc.methods.bfgs)
    np.testing.assert_allclose(found.x, 1, atol=ATOL)


def test_arguments():
    np.testing.assert_allclose(minimize(bowl, X0, args=(2.0,), method=fc.methods.newton).x, 2, atol=ATOL)


@pytest.mark.parametrize(
    "bounds", [[(None, 0.5), (None, None), (0, 2)], Bounds([-np.inf, -np.inf, 0], [0.5, np.inf, 2])]
)
def test_raw_bounds(bounds):
    found = minimize(bowl, X0, bounds=bounds, method=fc.methods.newton)
    np.testing.assert_allclose(found.x, [0.5, 1, 1], atol=ATOL)


def test_raw_constraints():
    constraints = [{"type": "eq", "fun": lambda x: x[0] + x[1] - 4}, NonlinearConstraint(lambda x: x[2], 2, 5)]
    found = minimize(bowl, X0, constraints=constraints, method=fc.methods.interior_point)
    np.testing.assert_allclose(found.x, [7 / 3, 5 / 3, 2], atol=ATOL)  # x₀ − 1 = 2 (x₁ − 1) by Lagrange


def test_tol_and_options_arrive():
    loose = minimize(rosen, X0, method=fc.methods.bfgs, tol=1e-2)
    tight = minimize(rosen, X0, method=fc.methods.bfgs, tol=1e-10)
    assert loose.nit < tight.nit and np.max(np.abs(tight.jac)) <= 1e-10
    assert minimize(rosen, X0, method=fc.methods.newton, options={"maxiter": 2}).nit == 2
    with pytest.warns(OptimizeWarning, match="Unknown solver options: bogus"):
        minimize(rosen, X0, method=fc.methods.newton, options={"bogus": 1})


def test_raw_callbacks():
    seen = []
    minimize(rosen, X0, method=fc.methods.newton, callback=seen.append)
    assert len(seen) > 2

    def told(intermediate_result):
        raise StopIteration

    found = minimize(rosen, X0, method=fc.methods.newton, callback=told)
    assert found.nit == 1 and not found.success and found.status == 99


def test_the_path():
    found = minimize(rosen, X0, method=fc.methods.newton, options={"path": True})
    np.testing.assert_array_equal(found.path[0], X0)


def test_they_are_the_names_that_minimize_of_fastcalc_takes():
    for name in fc.methods.__all__:
        method = getattr(fc.methods, name)
        assert method == name.replace("_", "-")
        limiting = fc.equality(lambda x: x[0] - 1) if name == "interior_point" else ()
        found = fc.minimize(bowl, X0, method=method, constraints=limiting, options={"maxiter": 5})
        assert found.method == method and found.nit <= 5


def test_another_callable_is_no_method_of_fastcalc():
    with pytest.raises(ValueError, match=r"Unknown solver <function .*; there are 'newton', 'newton-cg', "):
        fc.minimize(rosen, X0, method=lambda *arguments: None)


def test_methods_are_pickled_and_told_by_name():
    assert pickle.loads(pickle.dumps(fc.methods.newton_cg)) is fc.methods.newton_cg
    assert repr(fc.methods.newton) == "<fastcalc's method newton, for scipy.optimize.minimize>"
    assert fc.methods.__all__ == sorted(fc.methods.__all__)
