"""python room: `fastcalc.fit` takes parameters by name, and refuses what it cannot fit with a sentence that helps."""

import fastcalc as fc
import numpy as np
import pytest
from nist import SETS
from scipy.optimize import Bounds


def decay(t, amplitude, rate, offset):
    return amplitude * np.exp(-rate * t) + offset


T = np.linspace(0.0, 4.0, 50)
Y = decay(T, 2.5, 1.3, 0.5) + 0.05 * np.sin(37.0 * T**2)
# Two fits of the same problem from other starts stop within the loop's tolerances, at most 1e-8, of each other.
SAME = 1e-7


def digits(values, certified):
    """How many leading digits are right, over all values; 11, as many as are certified, if all are."""
    error = np.max(np.abs(np.asarray(values) - certified) / np.abs(certified))
    return min(11.0, -np.log10(max(error, 1e-11)))


@pytest.mark.parametrize("start", [0, 1], ids=["far", "near"])
@pytest.mark.parametrize("name", ["Misra1a", "Chwirut2", "Gauss1", "Thurber", "MGH09"])
def test_certified_values_of_nist(name, start):
    reference = SETS[name]
    fit = fc.fit(reference.model, reference.x, reference.y, reference.starts[start])
    assert fit.success
    assert digits(fit.x, reference.parameters) >= 9
    assert digits(fit.stderr, reference.deviations) >= 6
    assert fit.chi2 == pytest.approx(reference.sum_of_squares, rel=1e-9)  # stationary: good to twice the digits of x
    assert fit.dof == reference.degrees_of_freedom


def test_agrees_with_curve_fit():
    sigma = 0.02 + 0.02 * T
    for absolute in (False, True):
        fit = fc.fit(decay, T, Y, sigma=sigma, absolute_sigma=absolute)
        popt, pcov = fc.curve_fit(decay, T, Y, sigma=sigma, absolute_sigma=absolute)
        np.testing.assert_array_equal(fit.x, popt)
        np.testing.assert_allclose(fit.covariance, pcov, rtol=1e-14)


def test_names_come_from_the_signature():
    assert fc.fit(decay, T, Y).names == ("amplitude", "rate", "offset")
    assert fc.fit(lambda t, a, *c: a + c[0] * t + c[1] * t**2, T, Y, [1.0, 1.0, 1.0]).names == ("a", "c[0]", "c[1]")
    assert fc.fit(lambda t, a, b=2.0: a * np.exp(-b * t), T, Y, [1.0]).names == ("a",)


def test_start_by_name():
    expected = fc.fit(decay, T, Y, [2.0, 1.0, 1.0])
    np.testing.assert_array_equal(fc.fit(decay, T, Y, {"amplitude": 2.0}).x, expected.x)  # the others start at one
    np.testing.assert_array_equal(fc.fit(decay, T, Y, {"offset": 1.0, "rate": 1.0, "amplitude": 2.0}).x, expected.x)


def test_start_of_any_shape():
    np.testing.assert_array_equal(fc.fit(decay, T, Y, [[2.0, 1.0, 1.0]]).x, fc.fit(decay, T, Y, [2.0, 1.0, 1.0]).x)


def test_single_number_as_data():
    assert fc.fit(lambda t, a: a * t, 2.0, 3.0, sigma=0.1).params["a"] == pytest.approx(1.5, rel=1e-12)  # linear


def test_fixed_parameter_stays_and_the_others_fit_as_without_it():
    fit = fc.fit(decay, T, Y, fixed={"offset": 0.4})
    alone = fc.fit(lambda t, amplitude, rate: decay(t, amplitude, rate, 0.4), T, Y)
    assert fit.params["offset"] == 0.4
    assert fit.fixed == ("offset",)
    assert fit.at_bound == ()
    assert fit.dof == alone.dof == 48
    np.testing.assert_allclose(fit.x[:2], alone.x, rtol=SAME)
    np.testing.assert_allclose(fit.covariance[:2, :2], alone.covariance, rtol=10 * SAME)
    assert not fit.covariance[2].any()
    assert fit.errors["offset"] == 0.0


@pytest.mark.parametrize(
    "bounds",
    [
        {"rate": (None, 1.0)},
        {"rate": (0, 1), "offset": (-5.0, None)},
        ([-np.inf, 0.0, -5.0], [np.inf, 1.0, np.inf]),
        Bounds([-np.inf, 0.0, -5.0], [np.inf, 1.0, np.inf]),
    ],
)
def test_bounds(bounds):
    fit = fc.fit(decay, T, Y, [2.0, 0.5, 0.5], bounds=bounds)
    expected = fc.fit(decay, T, Y, fixed={"rate": 1.0})
    assert fit.params["rate"] == 1.0
    assert fit.at_bound == ("rate",)
    np.testing.assert_allclose(fit.x, expected.x, rtol=SAME)


def test_fixed_and_bounded_together():
    fit = fc.fit(decay, T, Y, fixed={"offset": 0.4}, bounds={"rate": (0, None), "offset": (0, 1)})
    np.testing.assert_allclose(fit.x, fc.fit(decay, T, Y, fixed={"offset": 0.4}).x, rtol=SAME)


def test_start_without_p0_lies_inside_the_bounds():
    fit = fc.fit(decay, T, Y, bounds={"amplitude": (2, 4), "rate": (1.2, None), "offset": (None, 0.6)})
    np.testing.assert_allclose(fit.x, fc.fit(decay, T, Y).x, rtol=SAME)


def test_rows_with_nan_can_be_omitted():
    y = np.where(T == T[7], np.nan, Y)
    kept = np.delete(np.arange(50), 7)
    fit = fc.fit(decay, T, y, sigma=0.02 + 0.02 * T, nan_policy="omit")
    assert fit.nobs == 49
    np.testing.assert_array_equal(fit.x, fc.fit(decay, T[kept], Y[kept], sigma=(0.02 + 0.02 * T)[kept]).x)


def test_limit_on_evaluations_gives_a_result_that_says_so():
    fit = fc.fit(decay, T, Y, [50.0, 0.01, -30.0], max_nfev=2)
    assert not fit.success
    assert fit.status == "max_evaluations"
    assert fit.diagnosis[0].startswith("Not converged: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"p0": {"amp": 1.0}}, "`p0` names 'amp', but the model has the parameters amplitude, rate, offset"),
        ({"fixed": {"c": 1.0}}, "`fixed` names 'c', but the model has"),
        ({"bounds": {"c": (0, 1)}}, "`bounds` names 'c', but the model has"),
        ({"bounds": {"rate": 1.0}}, r"bounds\['rate'\] must be a pair"),
        ({"bounds": {"rate": (1, 1)}}, r"to hold a parameter, use fixed=\{'rate': 1\}"),
        ({"bounds": {"rate": (np.nan, 1)}}, "the lower bound must be below the upper one"),
        ({"bounds": [(0, 1), (0, 1), (0, 1)]}, "`bounds` must contain 2 elements: all lower bounds, then all upper"),
        (
            {"bounds": {"rate": (2, 3)}, "p0": [1, 1, 1]},
            "bounds: rate starts at 1, which is not between 2 and 3",
        ),
        ({"p0": [1.0, 1.0]}, "`p0` has 2 values, but the model has the parameters amplitude, rate, offset"),
        ({"p0": [1.0, 1.0, 1.0, 1.0]}, "`p0` has 4 values"),
        ({"p0": [1j, 1.0, 1.0]}, "`x0` must be real"),
        ({"fixed": {"amplitude": 1, "rate": 1, "offset": 1}}, "leave at least one free"),
        ({"sigma": np.zeros(50)}, r"`sigma` must be positive, but sigma\[0\] = 0"),
        ({"sigma": -1.0}, r"`sigma` must be positive, but sigma\[0\] = -1"),
        ({"sigma": np.ones(49)}, "`sigma` has incorrect shape"),
        ({"nan_policy": "propagate"}, "`nan_policy='propagate'` is not supported"),
        ({"ydata": np.where(T > 3, np.nan, Y)}, "array must not contain infs or NaNs"),
        ({"ydata": Y[:-1]}, "49"),
        ({"ydata": Y + 0j}, "`ydata` is complex"),
        ({"xdata": [], "ydata": []}, "`ydata` must not be empty!"),
        ({"xdata": T[:2], "ydata": Y[:2]}, "free parameters=3 must not exceed the number of data points=2: hold some"),
        ({"f": lambda t, *c: c[0] * t}, "Unable to determine number of fit parameters"),
        ({"f": lambda t, a: a * t[:-1]}, "49"),
        ({"f": lambda t, a: a * t * 1j}, "complex"),
        ({"f": lambda t, a: a * t + np.inf}, "Residuals are not finite in the initial point"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        fc.fit(**({"f": decay, "xdata": T, "ydata": Y} | arguments))
