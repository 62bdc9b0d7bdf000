"""drop-in: `fastcalc.curve_fit` beside `scipy.optimize.curve_fit`, called with the same arguments.

Tolerances: SciPy's default one stops at relative changes of 1.5e-8 and takes the covariance from the Jacobian before
the last step, so it is asked to go on to 1e-13. What is left is the error of its differences, near 1e-8: the parameters
are then good to some 1e-7 and the covariance, quadratic in the derivatives, to some 1e-6 on these problems.
"""

import functools
import inspect
import subprocess
import sys

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from fastcalc._data._arguments import default_start
from scipy.optimize import Bounds, OptimizeWarning

PARAMETERS_RTOL = 1e-6
COVARIANCE_RTOL = 1e-5


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def line(x, a, b):
    return a + b * x


X = np.linspace(0.0, 4.0, 50)
NOISE = 0.05 * np.sin(37.0 * X**2)  # as good as random, and the same in every run
Y = decay(X, 2.5, 1.3, 0.5) + NOISE
SIGMA = 0.02 + 0.02 * X
COVARIANCE = 0.05**2 * 0.6 ** np.abs(np.subtract.outer(np.arange(50), np.arange(50)))


def assert_same_answer(*args, **kwargs):
    popt, pcov = fc.curve_fit(*args, **kwargs)
    their_popt, their_pcov = scipy.optimize.curve_fit(*args, **kwargs, ftol=1e-13, xtol=1e-13)
    np.testing.assert_allclose(popt, their_popt, rtol=PARAMETERS_RTOL)
    scale = np.sqrt(np.outer(their_pcov.diagonal(), their_pcov.diagonal()))
    np.testing.assert_allclose(pcov / scale, their_pcov / scale, atol=COVARIANCE_RTOL)
    assert popt.dtype == pcov.dtype == np.float64


def test_signature_is_scipys():
    ours = inspect.signature(fc.curve_fit).parameters.values()
    theirs = inspect.signature(scipy.optimize.curve_fit).parameters.values()
    assert [(p.name, p.kind, p.default) for p in ours] == [(p.name, p.kind, p.default) for p in theirs]


# --- the answer ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [None, "lm", "trf", "dogbox"])
@pytest.mark.parametrize("absolute_sigma", [False, True])
@pytest.mark.parametrize("sigma", [None, 0.05, [0.05], SIGMA, list(SIGMA), COVARIANCE], ids=lambda s: str(np.shape(s)))
def test_sigma_and_method(sigma, absolute_sigma, method):
    assert_same_answer(decay, X, Y, [2.0, 1.0, 0.0], sigma, absolute_sigma, method=method)


@pytest.mark.parametrize(
    "p0",
    [
        None, (1, 1, 1), [2, 1.0, True], [np.float64(2), 1, 0.0], np.array([2, 1, 0]), [[2.0, 1.0, 0.0]],
        np.float32([2, 1, 0]), np.array([2.0, 7.0, 1.0, 7.0, 0.0])[::2], np.array([2.0, 1.0, 0.0], ">f8"),
    ],
    ids=repr,
)  # fmt: skip
def test_start(p0):
    assert_same_answer(decay, X, Y, p0)


@pytest.mark.parametrize(
    "bounds",
    [
        (0.0, [3.0, 2.0, 1.0]),  # inside
        ([-1.0, 0.0, 0.0], [3.0, 1.0, 0.6]),  # the second parameter ends at its bound
        ([-np.inf, 1.4, -np.inf], np.inf),
        Bounds([0.0, 0.0, 0.0], [np.inf, 5.0, 5.0]),
        (np.array([0.0, 9.0, -1.0, 9.0, 0.0])[::2], [3, 2, 1]),
        (-np.inf, np.inf),
        (-np.inf, [np.inf] * 3),
    ],
)
def test_bounds(bounds):
    assert_same_answer(decay, X, Y, bounds=bounds)


def test_start_without_p0_is_scipys():
    lower = np.array([-np.inf, 0.0, -np.inf, -3.0, 1e300])
    upper = np.array([np.inf, 4.0, 7.0, np.inf, np.inf])
    theirs = sys.modules["scipy.optimize._minpack_py"]._initialize_feasible(lower, upper)
    np.testing.assert_array_equal(default_start(5, lower, upper), theirs)
    np.testing.assert_array_equal(default_start(2, None, None), [1.0, 1.0])


class Scaled:
    def __init__(self, factor):
        self.factor = factor

    def method(self, x, a, b):
        return self.factor * a * np.exp(-b * x)

    @classmethod
    def of_class(cls, x, a, b):
        return a * np.exp(-b * x)

    @staticmethod
    def of_nobody(x, a, b):
        return a * np.exp(-b * x)

    def __call__(self, x, a, b):
        return self.factor * a * np.exp(-b * x)


def logged(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)

    return wrapper


@pytest.mark.parametrize(
    "model",
    [
        lambda x, a, b: a * np.exp(-b * x),
        Scaled(2.0).method,
        Scaled.of_class,
        Scaled(1.0).of_nobody,
        Scaled(2.0),
        functools.partial(decay, c=0.5),
        logged(line),
        lambda x, a, b=3.0: a * np.exp(-b * x),
        lambda x, a, b, *, power=1: a * np.exp(-b * x**power),
    ],
    ids=["lambda", "method", "classmethod", "staticmethod", "callable", "partial", "decorated", "default", "keyword"],
)
def test_every_kind_of_callable(model):
    assert_same_answer(model, X, Y)


def test_variadic_model_takes_its_size_from_p0():
    assert_same_answer(lambda x, *c: c[0] + c[1] * x + c[2] * x**2, X, Y, p0=[1.0, 1.0, 1.0])


def test_constant_model_is_broadcast():
    assert_same_answer(lambda x, a: a, X, Y)


@pytest.mark.parametrize(
    "kind", [list, tuple, np.float32, np.asfortranarray, lambda a: np.repeat(a, 2)[::2], lambda a: a.astype(">f8")]
)
def test_data_of_every_kind(kind):
    assert_same_answer(decay, kind(X), kind(Y))


def test_integer_data():
    assert_same_answer(line, list(range(10)), np.array([0, 4, 8, 9, 13, 17, 18, 22, 26, 27]))


def test_several_independent_variables():
    x = np.vstack([X, np.cos(X)])
    assert_same_answer(lambda x, a, b, c: a * np.exp(-b * x[0]) + c * x[1], x, Y)
    assert_same_answer(lambda x, a, b, c: a * np.exp(-b * x[0]) + c * x[1], (X, np.cos(X)), Y)


class Table:
    def __init__(self, time):
        self.time = time


def test_xdata_of_another_kind_reaches_the_model_untouched():
    assert_same_answer(lambda table, a, b, c: decay(table.time, a, b, c), Table(X), Y)
    assert_same_answer(lambda nothing, a, b, c: decay(X, a, b, c), None, Y)


def test_jacobian_of_the_caller():
    def jacobian(x, a, b, c):
        e = np.exp(-b * x)
        return np.column_stack([e, -a * x * e, np.ones_like(x)])

    assert_same_answer(decay, X, Y, jac=jacobian)
    assert_same_answer(decay, X, Y, sigma=COVARIANCE, jac=jacobian)
    assert_same_answer(decay, X, Y, bounds=(0.0, 4.0), jac=jacobian)


@pytest.mark.parametrize("scheme", ["2-point", "3-point", "cs"])
def test_names_of_difference_schemes_are_accepted(scheme):
    assert_same_answer(decay, X, Y, method="trf", jac=scheme)


def test_point_without_weight_counts_for_nothing():
    sigma = np.where(X == X[7], np.inf, 0.05)
    popt, _ = fc.curve_fit(decay, X, np.where(X == X[7], 1e6, Y), sigma=sigma)
    without = np.delete(np.arange(50), 7)
    expected, _ = fc.curve_fit(decay, X[without], Y[without])
    np.testing.assert_allclose(popt, expected, rtol=1e-7)  # both stop within the tolerance of 1e-8 or better


def test_the_callers_arrays_are_left_alone():
    x, y, p0, sigma = X.copy(), Y.copy(), np.array([2.0, 1.0, 0.0]), SIGMA.copy()
    fc.curve_fit(decay, x, y, p0, sigma, bounds=(-5.0, 5.0))
    for left, right in [(x, X), (y, Y), (p0, [2.0, 1.0, 0.0]), (sigma, SIGMA)]:
        np.testing.assert_array_equal(left, right)


def test_large_finite_values_pass_the_check_for_finiteness():
    # The sum of their squares overflows.
    assert_same_answer(lambda x, a, b, c: decay(x / 1e200, a, b, c), 1e200 * X, Y)


# --- NaN in the data -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [None, 0.05, SIGMA, COVARIANCE], ids=lambda s: str(np.shape(s)))
def test_nan_policy_omit(sigma):
    x, y = X.copy(), Y.copy()
    x[3], y[[3, 20]] = np.nan, np.nan
    assert_same_answer(decay, x, y, sigma=sigma, nan_policy="omit")
    both = np.vstack([x, np.ones_like(x)])
    assert_same_answer(lambda x, a, b, c: decay(x[0], a, b, c) * x[1], both, y, sigma=sigma, nan_policy="omit")


def test_nan_policy_omit_needs_rows_that_it_can_drop():
    with pytest.raises(ValueError, match="cannot drop rows of an xdata of type Table"):
        fc.curve_fit(lambda t, a, b, c: decay(t.time, a, b, c), Table(X), np.where(X > 3, np.nan, Y), nan_policy="omit")


def test_unchecked_nan_is_found_at_the_start():
    with pytest.raises(ValueError, match="Residuals are not finite in the initial point"):
        fc.curve_fit(decay, X, np.where(X > 3, np.nan, Y), check_finite=False)


# --- what cannot be estimated ----------------------------------------------------------------------------------------


def assert_covariance_unknown(*args, **kwargs):
    with pytest.warns(OptimizeWarning, match="^Covariance of the parameters could not be estimated$") as caught:
        popt, pcov = fc.curve_fit(*args, **kwargs)
    assert caught[0].filename == __file__  # the warning points at the call
    assert np.isposinf(pcov).all() and pcov.shape == (popt.size, popt.size)
    return popt


@pytest.mark.parametrize("method", ["lm", "trf"])
@pytest.mark.parametrize("absolute_sigma", [False, True])
def test_singular_fit(method, absolute_sigma):
    popt = assert_covariance_unknown(
        lambda x, a, b: (a + b) * x, X, 3.0 * X + NOISE, absolute_sigma=absolute_sigma, method=method
    )
    expected = X @ (3.0 * X + NOISE) / (X @ X)
    assert popt.sum() == pytest.approx(expected, rel=1e-7)  # the closed form of the combination that is determined


def test_parameter_without_effect():
    assert_covariance_unknown(lambda x, a, b: a * x + 0.0 * b, X, Y)


def test_as_many_parameters_as_points():
    popt = assert_covariance_unknown(line, [1.0, 2.0], [3.0, 5.0])
    np.testing.assert_allclose(popt, [1.0, 2.0], rtol=1e-8)
    assert_same_answer(line, [1.0, 2.0], [3.0, 5.0], sigma=[0.1, 0.2], absolute_sigma=True)


def test_more_parameters_than_points_with_trf():
    popt = assert_covariance_unknown(decay, [1.0, 2.0], [3.0, 2.0], method="trf")
    np.testing.assert_allclose(decay(np.array([1.0, 2.0]), *popt), [3.0, 2.0], rtol=1e-6)


# --- full output -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [None, SIGMA, COVARIANCE], ids=lambda s: str(np.shape(s)))
@pytest.mark.parametrize("method", ["lm", "trf", "dogbox"])
def test_full_output(method, sigma):
    popt, pcov, info, message, ier = fc.curve_fit(decay, X, Y, sigma=sigma, method=method, full_output=True)
    theirs = scipy.optimize.curve_fit(decay, X, Y, sigma=sigma, method=method, full_output=True, ftol=1e-13, xtol=1e-13)
    assert info.keys() == theirs[2].keys()
    assert ier in (1, 2, 3, 4)
    assert isinstance(message, str) and message
    assert info["nfev"] > 0
    np.testing.assert_allclose(info["fvec"], theirs[2]["fvec"], atol=1e-6 * np.abs(theirs[2]["fvec"]).max())
    again = fc.curve_fit(decay, X, Y, sigma=sigma, method=method)
    np.testing.assert_array_equal(popt, again[0])
    np.testing.assert_array_equal(pcov, again[1])


def test_factors_reproduce_the_covariance_as_leastsq_does():
    _, pcov, info, _, _ = fc.curve_fit(decay, X, Y, sigma=SIGMA, absolute_sigma=True, full_output=True)
    assert info["fjac"].shape == (3, 50)
    assert sorted(info["ipvt"]) == [0, 1, 2]
    r = np.triu(info["fjac"].T[:3])
    assert (np.diff(np.abs(r.diagonal())) <= 0.0).all()
    inverse = np.empty((3, 3))
    inverse[info["ipvt"]] = np.linalg.inv(r)
    np.testing.assert_allclose(inverse @ inverse.T, pcov, rtol=1e-9)  # the condition of R is near 10


def test_qtf_is_the_residual_in_the_basis_of_the_factorisation():
    popt, _, info, _, _ = fc.curve_fit(decay, X, Y, full_output=True, ftol=0.1)  # ends early: the gradient is not zero
    e = np.exp(-popt[1] * X)
    jacobian = np.column_stack([e, -popt[0] * X * e, np.ones_like(X)])
    gradient = jacobian.T @ info["fvec"]
    np.testing.assert_allclose(
        np.triu(info["fjac"].T[:3]).T @ info["qtf"], gradient[info["ipvt"]], atol=1e-11 * np.linalg.norm(jacobian)
    )


# --- options ---------------------------------------------------------------------------------------------------------


def test_tolerances_are_honoured():
    loose = fc.curve_fit(decay, X, Y, [50.0, 0.01, -30.0], ftol=0.5, xtol=0.5, full_output=True)[2]["nfev"]
    tight = fc.curve_fit(decay, X, Y, [50.0, 0.01, -30.0], ftol=1e-14, xtol=1e-14, full_output=True)[2]["nfev"]
    assert loose < tight


@pytest.mark.parametrize(
    "options",
    [
        {"loss": "soft_l1", "method": "trf"},
        {"x_scale": [1.0, 2.0, 3.0], "method": "trf"},
        {"diff_step": 1e-6, "method": "dogbox"},
        {"epsfcn": 1e-10},
        {"factor": 10.0},
        {"ftol": None, "method": "trf"},
    ],
    ids=str,
)
def test_options_of_scipy_alone_are_answered_by_scipy(options):
    for ours, theirs in zip(
        fc.curve_fit(decay, X, Y, **options), scipy.optimize.curve_fit(decay, X, Y, **options), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("method", [None, "trf"])
def test_single_y_is_held_against_all_of_the_models_values(method):
    assert_same_answer(lambda x, a, b: line(x, a, b) - Y, X, [0.2], sigma=[0.1], absolute_sigma=True, method=method)


def test_untraceable_model_is_announced():
    def opaque(x, a, b):
        return float(repr(float(a))) * np.exp(-b * x)

    with pytest.warns(fc.FallbackWarning, match="opaque"):
        popt, pcov = fc.curve_fit(opaque, X, Y)
    expected, covariance = fc.curve_fit(lambda x, a, b: a * np.exp(-b * x), X, Y)
    np.testing.assert_allclose(popt, expected, rtol=PARAMETERS_RTOL)
    np.testing.assert_allclose(pcov, covariance, rtol=COVARIANCE_RTOL)


def test_ordinary_fit_does_not_import_scipys_optimizers():
    program = (
        "import sys, numpy as np, fastcalc as fc\n"
        "x = np.linspace(0.0, 1.0, 9)\n"
        "fc.curve_fit(lambda x, a, b: a + b * x, x, 1.0 + 2.0 * x + 0.1 * x**2, sigma=np.ones(9))\n"
        "assert 'scipy.optimize' not in sys.modules and 'scipy.linalg' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
