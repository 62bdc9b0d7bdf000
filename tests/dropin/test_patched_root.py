"""drop-in: `scipy.optimize.root`, `root_scalar` and `newton` under the patch, beside SciPy's own answers.

Tolerance: both stop at steps of 1.5e-8 at most and converge faster than linearly, so the error that is left is far smaller.
"""

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize

ATOL = 1e-10


@pytest.fixture(autouse=True)
def clear():
    fc.patch_report(clear=True)


def circle_and_line(x):
    return np.array([x[0] ** 2 + x[1] ** 2 - 25, x[0] - x[1] + 1])


def slopes(x):
    return np.array([[2 * x[0], 2 * x[1]], [1.0, -1.0]])


def cubic(x, a=2.0):
    return x**3 - a * x - 5


def cubic_prime(x, a=2.0):
    return 3 * x**2 - a


def answers(name, *args, **kwargs):
    """Return what fastcalc gives under the patch and what SciPy gives."""
    with fc.patched_scipy():
        ours = getattr(scipy.optimize, name)(*args, **kwargs)
    report = fc.patch_report()
    assert report.taken == {name: 1}, str(report)
    return ours, getattr(scipy.optimize, name)(*args, **kwargs)


def reason(name, *args, **kwargs):
    """Assert that SciPy answers, and return why."""
    with fc.patched_scipy():
        ours = getattr(scipy.optimize, name)(*args, **kwargs)
    theirs = getattr(scipy.optimize, name)(*args, **kwargs)
    np.testing.assert_equal(ours, theirs)
    (why,) = fc.patch_report().fallen_back[name]
    return why


# --- root --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kwargs",
    [
        {}, {"jac": slopes}, {"tol": 1e-6}, {"options": {"xtol": 1e-9}}, {"method": "Hybr"},
        {"jac": True},
    ],
    ids=" ".join,
)  # fmt: skip
def test_root(kwargs):
    f = (lambda x: (circle_and_line(x), slopes(x))) if kwargs.get("jac") is True else circle_and_line
    ours, theirs = answers("root", f, [1.0, 1.0], **kwargs)
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-8)
    assert ours.keys() == theirs.keys() and type(ours) is type(theirs)
    for name in ("success", "status", "message"):
        assert ours[name] == theirs[name]
    assert ours.method == "hybr"
    triangle = np.zeros((2, 2))
    triangle[np.triu_indices(2)] = ours.r
    np.testing.assert_allclose(
        ours.fjac.T @ triangle, slopes(ours.x), atol=ATOL
    )  # MINPACK's factors, as SciPy tells them
    np.testing.assert_allclose(ours.fjac @ ours.fun, ours.qtf, atol=ATOL)


def test_a_root_whose_jacobian_is_sparse_has_minpack_s_factors_too():
    ours, theirs = answers("root", lambda x: x**3 + x - 1 + 0.1 * np.roll(x, 1), np.ones(500))
    np.testing.assert_allclose(ours.x, theirs.x, atol=1e-8)
    assert ours.fjac.shape == theirs.fjac.shape and ours.r.shape == theirs.r.shape
    np.testing.assert_allclose(ours.fjac @ ours.fun, ours.qtf, atol=ATOL)


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"method": "broyden1"}, "the method broyden1"),
        ({"method": "lm"}, "the method lm"),
        ({"options": {"maxfev": 100}}, "an option of the method hybr that fastcalc does not have"),
    ],
)
def test_root_that_is_scipys(kwargs, why):
    assert reason("root", circle_and_line, [1.0, 1.0], **kwargs) == why


def test_equations_without_a_root_are_scipys():
    assert reason("root", lambda x: x**2 + 1, [0.7]).startswith("fastcalc found no root: ")


# --- root_scalar -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [None, "brentq", "brenth", "ridder", "toms748", "bisect"])
def test_root_between_two_ends(method):
    ours, theirs = answers("root_scalar", cubic, bracket=[1, 3], method=method)
    assert ours.root == pytest.approx(theirs.root, abs=2e-12)  # SciPy's own xtol
    assert type(ours) is type(theirs) and ours.keys() == theirs.keys()
    assert ours.converged and ours.flag == theirs.flag and ours.method == theirs.method


@pytest.mark.parametrize(
    "kwargs", [{}, {"fprime": cubic_prime}, {"args": (3.0,)}, {"xtol": 1e-6, "method": "newton"}], ids=" ".join
)
def test_root_from_a_start(kwargs):
    ours, theirs = answers("root_scalar", cubic, x0=2.0, **kwargs)
    assert ours.root == pytest.approx(theirs.root, abs=ATOL)
    assert ours.method == theirs.method == "newton" and ours.keys() == theirs.keys()


def test_a_function_that_gives_both_is_counted_once():
    ours, theirs = answers("root_scalar", lambda x: (cubic(x), cubic_prime(x)), x0=2.0, fprime=True, method="newton")
    assert ours.root == pytest.approx(theirs.root, abs=ATOL)
    assert abs(ours.function_calls - theirs.function_calls) <= 1


@pytest.mark.parametrize(
    ("kwargs", "why"),
    [
        ({"x0": 2.0, "x1": 3.0}, "the method secant"),
        ({"x0": 2.0, "fprime": cubic_prime, "fprime2": lambda x: 6 * x}, "the method halley"),
    ],
)
def test_root_scalar_that_is_scipys(kwargs, why):
    assert reason("root_scalar", cubic, **kwargs) == why


def test_ends_of_the_same_sign_read_as_scipys():
    with fc.patched_scipy(), pytest.raises(ValueError, match=r"f\(a\) and f\(b\) must have different signs"):
        scipy.optimize.root_scalar(cubic, bracket=[3, 4])


# --- newton ----------------------------------------------------------------------------------------------------------------


def test_newton_of_a_number():
    (ours, our_results), (theirs, their_results) = answers("newton", cubic, 2.0, cubic_prime, full_output=True)
    assert ours == pytest.approx(theirs, abs=ATOL)
    assert our_results.keys() == their_results.keys() and type(our_results) is type(their_results)
    assert our_results.function_calls == their_results.function_calls  # the same iteration
    assert our_results.iterations == their_results.iterations


def test_newton_of_an_array():
    start, a = np.linspace(2.0, 3.0, 7), np.linspace(1.0, 2.0, 7)
    ours, theirs = answers("newton", cubic, start, cubic_prime, args=(a,), full_output=True)
    np.testing.assert_allclose(ours.root, theirs.root, atol=ATOL)
    assert ours._fields == theirs._fields
    np.testing.assert_array_equal(ours.converged, theirs.converged)
    np.testing.assert_array_equal(ours.zero_der, theirs.zero_der)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        ((cubic, 2.0), "the secant method, which SciPy takes without a derivative"),
        ((cubic, 2.0, cubic_prime, (), 1e-15), "a tolerance of the size of rounding errors"),
        ((cubic, 2.0 + 1j, cubic_prime), "a start that is neither a real number nor an array of more than one"),
    ],
)
def test_newton_that_is_scipys(args, why):
    assert reason("newton", *args) == why


def test_a_zero_derivative_reads_as_scipys():
    with (
        fc.patched_scipy(),
        pytest.raises(RuntimeError, match=r"Derivative was zero. Failed to converge after 1 iterations, value is 0.0"),
    ):
        scipy.optimize.newton(lambda x: x**2 - 2, 0.0, lambda x: 2 * x)
