"""drop-in: `scipy.optimize.minimize` under the patch, beside SciPy's own answers.

Tolerance: SciPy stops at a gradient of 1e-5 and has it from differences, which leaves the solution good to some 1e-5.
"""

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import BFGS, SR1, Bounds, OptimizeResult, rosen, rosen_der, rosen_hess, rosen_hess_prod

X0 = np.array([-1.2, 1.0, 0.8])
NEAR = np.array([1.3, 1.1, 1.2])  # the Hessian is positive definite from here on, which dogleg needs
ATOL = 3e-5
ORIGINAL = scipy.optimize.minimize
SECOND = {"jac": rosen_der, "hess": rosen_hess}

# What each method has to be given.
GIVEN = {
    "BFGS": {"jac": rosen_der}, "L-BFGS-B": {}, "TNC": {"options": {"maxfun": 1000}}, "SLSQP": {}, "trust-constr": {}, "Newton-CG": {"jac": rosen_der},
    "trust-exact": SECOND, "trust-ncg": SECOND, "trust-krylov": SECOND, "dogleg": SECOND,
}  # fmt: skip


@pytest.fixture(autouse=True)
def clear():
    fc.patch_report(clear=True)


def ours(*args, **kwargs):
    with fc.patched_scipy():
        found = scipy.optimize.minimize(*args, **kwargs)
    report = fc.patch_report()
    assert report.taken == {"minimize": 1}, str(report)
    return found


def reason(*args, **kwargs):
    """Assert that SciPy answers to the last bit, and return why."""
    with fc.patched_scipy():
        found = scipy.optimize.minimize(*args, **kwargs)
    np.testing.assert_array_equal(found.x, ORIGINAL(*args, **kwargs).x)
    report = fc.patch_report()
    assert not report.taken
    (why,) = report.fallen_back["minimize"]
    return why


# --- the result ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", GIVEN)
def test_the_result_is_scipys_own(method):
    start = NEAR if method == "dogleg" else X0
    found, theirs = (
        ours(rosen, start, method=method, **GIVEN[method]),
        ORIGINAL(rosen, start, method=method, **GIVEN[method]),
    )
    np.testing.assert_allclose(found.x, 1, atol=2e-4)  # the trust regions' gtol is 1e-4
    assert found.fun == rosen(found.x) and type(found) is OptimizeResult
    assert found.keys() >= theirs.keys()
    assert found.success is True and (
        found.status == theirs.status or method == "TNC"
    )  # TNC numbers its ways to converge
    for name in ("nit", "nfev", "njev", "nhev"):
        if name in theirs:
            assert isinstance(found[name], int) and found[name] > 0


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact", "SLSQP"])
def test_the_message_is_scipys(method):
    assert (
        ours(rosen, X0, method=method, **GIVEN[method]).message
        == ORIGINAL(rosen, X0, method=method, **GIVEN[method]).message
    )


def test_lbfgsb_tells_which_test_stopped_it():
    assert ours(rosen, X0, method="L-BFGS-B").message.startswith("CONVERGENCE: ")


def test_without_a_method():
    np.testing.assert_allclose(ours(rosen, X0).x, 1, atol=ATOL)
    fc.patch_report(clear=True)
    found = ours(rosen, X0, bounds=[(None, 0.5), (-2, 2), (-2, 2)])
    theirs = ORIGINAL(rosen, X0, bounds=[(None, 0.5), (-2, 2), (-2, 2)])
    np.testing.assert_allclose(found.x, theirs.x, atol=1e-4)  # SciPy ends at a gradient of 1e-5, by differences


def test_the_estimate_of_the_inverse_hessian():
    found = ours(rosen, X0, method="L-BFGS-B")
    assert isinstance(found.hess_inv, scipy.optimize.LbfgsInvHessProduct)
    assert found.hess_inv.shape == (3, 3)
    found = ORIGINAL(rosen, X0, method=fc.methods.bfgs)
    assert found.hess_inv.shape == (3, 3)


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact"])
def test_all_vectors(method):
    found = ours(rosen, X0, method=method, options={"return_all": True}, **GIVEN[method])
    np.testing.assert_array_equal(found.allvecs[0], X0)
    np.testing.assert_array_equal(found.allvecs[-1], found.x)
    assert len(found.allvecs) == found.nit + 1


def test_trust_constr_has_its_own_fields():
    found = ours(rosen, X0, method="trust-constr", bounds=Bounds([-2] * 3, [2, 0.5, 2]), **SECOND)
    theirs = ORIGINAL(rosen, X0, method="trust-constr", bounds=Bounds([-2] * 3, [2, 0.5, 2]), **SECOND)
    np.testing.assert_allclose(found.x, theirs.x, atol=ATOL)
    np.testing.assert_allclose(found.v[-1], theirs.v[-1], atol=1e-4)  # SciPy's has the error of its barrier
    assert found.optimality < 1e-8 and found.status == 1 and found.method == theirs.method


# --- the arguments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kwargs",
    [
        {"jac": rosen_der}, {"jac": "3-point"}, {"jac": False}, {"tol": 1e-9}, {"options": {"gtol": 1e-9, "maxiter": 500.5}},
        {"options": {"disp": False}}, {"options": None},
    ],
    ids=" ".join,
)  # fmt: skip
def test_arguments(kwargs):
    np.testing.assert_allclose(ours(rosen, X0, method="BFGS", **kwargs).x, 1, atol=ATOL)


def test_the_callers_derivatives_are_used():
    calls = []

    class Gradient:
        def __call__(self, x):
            return rosen_der(x)

    gradient = Gradient()
    found = ours(lambda x: rosen(x), X0, method="Newton-CG", jac=gradient, hessp=lambda x, p: rosen_hess_prod(x, p))
    np.testing.assert_allclose(found.x, 1, atol=ATOL)
    assert not calls
    found = ORIGINAL(rosen, X0, method="BFGS", jac=rosen_der)
    fc.patch_report(clear=True)
    np.testing.assert_allclose(ours(lambda x: (rosen(x), rosen_der(x)), X0, method="BFGS", jac=True).x, 1, atol=ATOL)


@pytest.mark.parametrize(
    "hess", ["2-point", BFGS(), SR1(), None, rosen_hess], ids=["2-point", "BFGS", "SR1", "none", "given"]
)
def test_trust_constr_takes_any_hessian(hess):
    np.testing.assert_allclose(ours(rosen, X0, method="trust-constr", jac=rosen_der, hess=hess).x, 1, atol=ATOL)


def test_args():
    def shifted(x, a, b):
        return np.sum((x - a) ** 2) * b

    np.testing.assert_allclose(ours(shifted, X0, (2.0, 3.0)).x, 2, atol=ATOL)
    fc.patch_report(clear=True)
    np.testing.assert_allclose(
        ours(lambda x, c: np.sum((x - c) ** 2), X0, np.array([1.0, 2.0, 3.0])).x, [1, 2, 3], atol=ATOL
    )


@pytest.mark.parametrize("method", ["L-BFGS-B", "TNC", "SLSQP"])
@pytest.mark.parametrize("bounds", [[(0, 3), (2, 2), (-1, 2)], Bounds([0, 2, -1], [3, 2, 2])], ids=["pairs", "Bounds"])
def test_fixed_variables(method, bounds):
    found = ours(rosen, [0.5, 2.0, 0.8], method=method, bounds=bounds)
    theirs = ORIGINAL(rosen, [0.5, 2.0, 0.8], method=method, bounds=bounds)
    np.testing.assert_allclose(found.x, theirs.x, atol=1e-4)  # SciPy ends at a gradient of 1e-5, by differences
    assert np.isnan(found.jac[1]) and np.isnan(theirs.jac[1])


# --- callbacks -----------------------------------------------------------------------------------------------------------


def test_both_forms_of_callback():
    seen = []
    ours(rosen, X0, method="BFGS", callback=seen.append)
    assert len(seen) > 3 and all(isinstance(x, np.ndarray) for x in seen)
    assert not any(np.shares_memory(seen[0], x) for x in seen[1:])
    fc.patch_report(clear=True)

    def told(intermediate_result):
        assert isinstance(intermediate_result, OptimizeResult)
        assert intermediate_result.fun == pytest.approx(rosen(intermediate_result.x), rel=1e-12)

    ours(rosen, X0, method="BFGS", callback=told)


def test_a_callback_stops_the_run():
    def stop(x):
        raise StopIteration

    found = ours(rosen, X0, method="BFGS", callback=stop)
    theirs = ORIGINAL(rosen, X0, method="BFGS", callback=stop)
    assert (found.nit, found.status, found.success, found.message) == (1, theirs.status, False, theirs.message)


def test_an_exception_of_a_callback_is_the_callers_and_nothing_runs_twice():
    calls = []

    def fail(x):
        calls.append(1)
        raise ZeroDivisionError

    with fc.patched_scipy(), pytest.raises(ZeroDivisionError):
        scipy.optimize.minimize(rosen, X0, method="BFGS", callback=fail)
    assert len(calls) == 1


# --- limits and texts ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["BFGS", "L-BFGS-B", "Newton-CG", "trust-exact", "SLSQP"])
def test_a_limit_reads_as_scipys(method):
    found = ours(rosen, X0, method=method, options={"maxiter": 2}, **GIVEN[method])
    theirs = ORIGINAL(rosen, X0, method=method, options={"maxiter": 2}, **GIVEN[method])
    assert (found.nit, found.status, found.success, found.message) == (2, theirs.status, False, theirs.message)


@pytest.mark.parametrize("method", ["BFGS", "trust-exact"])
def test_what_is_printed(method, capsys):
    ours(rosen, X0, method=method, options={"disp": True}, **GIVEN[method])
    told = capsys.readouterr().out.splitlines()
    ORIGINAL(rosen, X0, method=method, options={"disp": True}, **GIVEN[method])
    theirs = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in told] == [line.partition(":")[0] for line in theirs]


# --- what is SciPy's ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"method": "Nelder-Mead"}, "the method nelder-mead"),
        ({"method": "CG"}, "the method cg"),
        ({"method": "BFGS", "options": {"c1": 1e-3}}, "an option of the method bfgs that fastcalc does not have"),
        (
            {"method": "L-BFGS-B", "options": {"maxls": 30}},
            "an option of the method l-bfgs-b that fastcalc does not have",
        ),
        ({"options": {"maxiter": 0}}, "a limit below one"),
        ({"bounds": [(1, 1)] * 3}, "bounds that leave nothing to vary"),
    ],
    ids=str,
)
def test_what_fastcalc_lacks(kwargs, why):
    assert reason(rosen, X0, **kwargs) == why


def test_an_untraceable_function():
    assert reason(lambda x: float(repr(float(rosen(x)))), X0).startswith("the function cannot be traced: ")


def test_a_function_with_a_state():
    calls = []

    def counted(x):
        calls.append(1)
        return rosen(x)

    assert reason(counted, X0) == "a function that keeps a state, which a program would not"
    assert len(calls) > 10


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((rosen, np.ones((2, 2))), {}),
        ((lambda x: x, X0), {}),
        ((rosen, X0), {"method": "nope"}),
        ((rosen, X0), {"method": "Newton-CG"}),
        ((rosen, X0), {"method": "L-BFGS-B", "bounds": [(1, 0)] * 3}),
        ((lambda x: 1 / 0, X0), {}),
    ],
)
def test_errors_are_scipys_own(args, kwargs):
    with pytest.raises(Exception) as theirs:
        ORIGINAL(*args, **kwargs)
    with fc.patched_scipy(), pytest.raises(theirs.type) as caught:
        scipy.optimize.minimize(*args, **kwargs)
    assert str(caught.value) == str(theirs.value)


def test_warnings_are_scipys_own():
    with fc.patched_scipy(), pytest.warns(RuntimeWarning, match="does not use Hessian information"):
        scipy.optimize.minimize(rosen, X0, method="BFGS", hess=rosen_hess)
    with fc.patched_scipy(), pytest.warns(scipy.optimize.OptimizeWarning, match="Unknown solver options: bogus"):
        scipy.optimize.minimize(rosen, X0, method="BFGS", options={"bogus": 1})


# --- constraints -------------------------------------------------------------------------------------------------------------


def distance(x):
    return (x[0] - 1) ** 2 + (x[1] - 2.5) ** 2


LINES = (
    {"type": "ineq", "fun": lambda x: x[0] - 2 * x[1] + 2},
    {"type": "ineq", "fun": lambda x: -x[0] - 2 * x[1] + 6},
    {"type": "ineq", "fun": lambda x, a: -x[0] + a * x[1] + 2, "args": (2.0,)},
)


def test_slsqp_under_inequalities_and_bounds():
    # example 16.4 of Nocedal and Wright, of which SciPy's documentation gives the multipliers too
    found = ours(distance, [2.0, 0.0], method="SLSQP", bounds=[(0, None)] * 2, constraints=LINES)
    np.testing.assert_allclose(found.x, [1.4, 1.7], atol=1e-8)
    np.testing.assert_allclose(found.multipliers, [0.8, 0, 0], atol=1e-8)
    assert (found.status, found.message) == (0, "Optimization terminated successfully")


@pytest.mark.parametrize(
    ("lower", "upper"), [(1, 1), (-np.inf, 1), (0.5, 1)], ids=["equation", "one bound", "two bounds"]
)
def test_the_order_of_slsqps_multipliers(lower, upper):
    constraints = [
        {"type": "ineq", "fun": lambda x: x[0] - 0.5},
        scipy.optimize.NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, lower, upper),
    ]
    found = ours(distance, [0.5, 0.5], method="SLSQP", constraints=constraints, tol=1e-12)
    theirs = ORIGINAL(distance, [0.5, 0.5], method="SLSQP", constraints=constraints, tol=1e-12)
    np.testing.assert_allclose(found.x, theirs.x, atol=ATOL)
    np.testing.assert_allclose(
        found.multipliers, theirs.multipliers, atol=1e-3
    )  # SLSQP's own have the digits of its last step


@pytest.mark.parametrize("bounds", [None, Bounds([0, 0], [0.3, 3])], ids=["free", "bounded"])
def test_trust_constr_under_constraints(bounds):
    constraints = [
        scipy.optimize.NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, 1, 1),
        scipy.optimize.LinearConstraint([[1.0, -1.0]], -5, 0.5),
    ]
    found = ours(distance, [0.5, 0.5], method="trust-constr", constraints=constraints, bounds=bounds)
    theirs = ORIGINAL(
        distance, [0.5, 0.5], method="trust-constr", constraints=constraints, bounds=bounds,
        jac=fc.grad(distance), hess=fc.hessian(distance),
    )  # fmt: skip
    np.testing.assert_allclose(found.x, theirs.x, atol=1e-3)  # SciPy's have the error of its barrier
    for name in ("v", "constr"):
        for mine, scipys in zip(found[name], theirs[name], strict=True):
            np.testing.assert_allclose(mine, scipys, atol=5e-3)
    assert found.status == 1 and found.method == theirs.method and found.keys() >= theirs.keys()
    assert np.max(np.abs(found.lagrangian_grad)) == found.optimality < 1e-8


def test_constraints_that_must_hold_all_the_way_are_scipys():
    constraint = scipy.optimize.NonlinearConstraint(lambda x: x[0] ** 2 + x[1] ** 2, -np.inf, 1, keep_feasible=True)
    why = reason(
        distance, [0.1, 0.1], method="trust-constr", constraints=constraint,
        jac=fc.grad(distance), hess=fc.hessian(distance),
    )  # fmt: skip
    assert why == "constraints that must hold all the way"


def test_constraints_that_contradict_each_other_read_as_scipys():
    constraints = [{"type": "eq", "fun": lambda x: x[0] - 1}, {"type": "eq", "fun": lambda x: x[0] - 2}]
    reason(distance, [0.0, 0.0], method="SLSQP", constraints=constraints)
