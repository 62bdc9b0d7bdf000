"""drop-in: what `fastcalc.curve_fit` refuses, beside what `scipy.optimize.curve_fit` says of the same call."""

import warnings

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import Bounds


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


X = np.linspace(0.0, 4.0, 50)
Y = decay(X, 2.5, 1.3, 0.5) + 0.05 * np.sin(37.0 * X**2)
SIGMA = 0.02 + 0.02 * X
COVARIANCE = 0.05**2 * 0.6 ** np.abs(np.subtract.outer(np.arange(50), np.arange(50)))


def nan_at(array, index):
    return np.where(np.arange(array.size) == index, np.nan, array)


REFUSED = {
    "nan in ydata": ((decay, X, nan_at(Y, 4)), {}),
    "nan in xdata": ((decay, nan_at(X, 4), Y), {}),
    "inf in ydata": ((decay, X, np.where(X == X[4], np.inf, Y)), {}),
    "opposite infs in ydata": ((decay, X, np.where(X == X[4], np.inf, np.where(X == X[5], -np.inf, Y))), {}),
    "nan in a list": ((decay, [1.0, np.nan], [1.0, 2.0]), {}),
    "text": ((decay, X, ["a"] * 50), {}),
    "empty": ((decay, [], []), {}),
    "nan_policy raise": ((decay, X, nan_at(Y, 4)), {"nan_policy": "raise"}),
    "nan_policy raise, nan in xdata": ((decay, nan_at(X, 4), Y), {"nan_policy": "raise"}),
    "nan_policy propagate": ((decay, X, Y), {"nan_policy": "propagate"}),
    "nan_policy unknown": ((decay, X, Y), {"nan_policy": "drop"}),
    "nan_policy omit, nothing left": ((decay, X, np.full(50, np.nan)), {"nan_policy": "omit"}),
    "more parameters than points": ((decay, X[:2], Y[:2]), {}),
    "more parameters than points, one point": ((decay, X[:1], Y[:1]), {}),
    "sigma of another length": ((decay, X, Y), {"sigma": SIGMA[:-1]}),
    "sigma as a column": ((decay, X, Y), {"sigma": SIGMA[:, np.newaxis]}),
    "covariance not positive": ((decay, X, Y), {"sigma": -COVARIANCE}),
    "covariance not finite": ((decay, X, Y), {"sigma": np.full((50, 50), np.nan)}),
    "start outside bounds": ((decay, X, Y, [5.0, 1.0, 1.0]), {"bounds": (0.0, 3.0)}),
    "nan start in bounds": ((decay, X, Y, [np.nan, 1.0, 1.0]), {"bounds": (0.0, 3.0)}),
    "start too large for a float": ((decay, X, Y, [10**400, 1, 1]), {}),
    "lower bound above the upper": ((decay, X, Y), {"bounds": (1.0, 0.0)}),
    "equal bounds": ((decay, X, Y), {"bounds": ([0.0, 1.0, 0.0], [1.0, 1.0, 1.0])}),
    "Bounds of another length": ((decay, X, Y, [1.0, 1.0, 1.0]), {"bounds": Bounds([0.0, 0.0], [1.0, 1.0])}),
    "lm with bounds": ((decay, X, Y), {"bounds": (0.0, 3.0), "method": "lm"}),
    "unknown method": ((decay, X, Y), {"method": "newton"}),
    "cannot introspect": ((lambda x, *p: p[0] * x, X, Y), {}),
    "no parameters": ((lambda x: x, X, Y), {}),
    "args": ((decay, X, Y), {"args": (1,)}),
    "max_nfev with lm": ((decay, X, Y), {"max_nfev": 100}),
    "unknown option, lm": ((decay, X, Y), {"bogus": 1}),
    "unknown option, trf": ((decay, X, Y), {"bogus": 1, "method": "trf"}),
    "max_nfev zero": ((decay, X, Y), {"max_nfev": 0, "method": "trf"}),
    "difference scheme with lm": ((decay, X, Y), {"jac": "2-point"}),
    "unknown difference scheme": ((decay, X, Y), {"jac": "5-point", "method": "trf"}),
    "all tolerances off": ((decay, X, Y), {"ftol": None, "xtol": None, "gtol": None, "method": "trf"}),
    "complex start": ((decay, X, Y, [1j, 1.0, 1.0]), {"method": "trf"}),
    "two-dimensional start": ((decay, X, Y, [[1.0, 1.0, 1.0]]), {"method": "trf"}),
    "not finite at the start": ((lambda x, a, b: a * x + b * np.inf, X, Y), {"method": "trf"}),
    "maxfev": ((decay, X, Y, [50.0, 0.01, -30.0]), {"maxfev": 2}),
    "max_nfev": ((decay, X, Y, [50.0, 0.01, -30.0]), {"max_nfev": 2, "method": "trf"}),
    "maxfev with trf": ((decay, X, Y, [50.0, 0.01, -30.0]), {"maxfev": 2, "method": "trf"}),
}


def refusal(solver, args, kwargs):
    with warnings.catch_warnings(), pytest.raises(Exception) as caught:
        warnings.simplefilter("ignore")
        solver(*args, **kwargs)
    return caught.type, str(caught.value)


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_read_as_scipys(case):
    args, kwargs = REFUSED[case]
    assert refusal(fc.curve_fit, args, kwargs) == refusal(scipy.optimize.curve_fit, args, kwargs)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((decay, X, Y, [1.0, 1.0, 1.0, 1.0]), {}),  # too many values for the function
        ((decay, X, Y, [1.0, 1.0]), {}),  # too few
        ((decay, X[:-1], Y), {}),  # lengths that differ
        ((lambda x, a, b: (a * x + b)[:-1], X, Y), {}),  # a model that returns the wrong length
        ((decay, X, Y), {"bounds": [(0, 1), (0, 1), (0, 1)]}),  # pairs, where SciPy wants lower and upper
        ((decay, X, Y), {"bounds": ([0.0, 0.0], 1.0)}),
    ],
)
def test_refusals_are_of_scipys_class(args, kwargs):
    kind, message = refusal(fc.curve_fit, args, kwargs)
    assert kind is refusal(scipy.optimize.curve_fit, args, kwargs)[0]
    assert message


# --- what SciPy answers with nonsense --------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [0.0, -0.1, np.nan])
def test_sigma_must_be_positive(bad):
    with pytest.raises(ValueError, match=r"`sigma` must be positive, but sigma\[3\] = "):
        fc.curve_fit(decay, X, Y, sigma=np.where(X == X[3], bad, 0.1))
    with pytest.raises(ValueError, match="`sigma` must be positive"):
        fc.curve_fit(decay, X, Y, sigma=bad)


def test_sigma_without_an_inverse_is_refused():
    with pytest.raises(ValueError, match=r"sigma\[0\] = 1e-310: .* choose other units"):
        fc.curve_fit(decay, X, Y, sigma=1e-310)


@pytest.mark.parametrize("name", ["xdata", "ydata", "sigma"])
def test_masked_points_are_refused(name):
    arguments = {"xdata": X, "ydata": Y, "sigma": SIGMA}
    arguments[name] = np.ma.masked_greater(arguments[name], arguments[name][3])
    with pytest.raises(ValueError, match=f"`{name}` has masked values"):
        fc.curve_fit(decay, **arguments)
    arguments[name] = np.ma.masked_array(arguments[name].data)  # nothing is masked
    np.testing.assert_array_equal(fc.curve_fit(decay, **arguments)[0], fc.curve_fit(decay, X, Y, sigma=SIGMA)[0])


def test_lengths_that_differ_are_both_named():
    for x in (X[:-1], np.linspace(0, 4, 40_000)):
        with pytest.raises(ValueError, match=rf"xdata of the shape \({x.size},\) and ydata of the shape \(50,\)"):
            fc.curve_fit(decay, x, Y)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x, a, b: (a * x + b)[:-1], r"returned the shape \(39999,\)"),
        (lambda x, a, b: a * np.exp(1j * b * x), "returned complex numbers"),
        (lambda x, a, b: None, "returned NoneType where numbers are needed"),
        (lambda x, a, b: "text", "returned str where numbers are needed"),
        (lambda x, a, b: x.astype("datetime64[s]"), r"returned an array of datetime64\[s\] where numbers"),
        (lambda x, a, b: 1 // 0, "by zero"),
    ],
)
def test_a_bad_model_of_many_rows_is_refused_without_other_words(f, message):
    x = np.linspace(0, 4, 40_000)
    with pytest.raises((ValueError, TypeError, ZeroDivisionError), match=message):
        fc.curve_fit(f, x, x)  # a warning would be an error here


@pytest.mark.parametrize("unit", [1e200, 1e-200])
def test_a_covariance_that_float64_cannot_hold_is_not_made_up(unit):
    y = unit * Y
    with pytest.warns(scipy.optimize.OptimizeWarning, match="could not be estimated"):
        popt, pcov = fc.curve_fit(decay, X, y, [unit, 1.0, unit])
    same = fc.curve_fit(decay, X, Y)[0]
    np.testing.assert_allclose(popt / [unit, 1, unit], same, rtol=1e-9)  # both loops end at rounding
    assert (pcov == np.inf).all()


def test_a_minimum_at_a_kink_is_scipys():
    def rising(x, slope, offset):
        return slope * x + np.abs(offset)  # the data ask for an offset below zero

    data = rising, X, 2.0 * X - 1.0
    assert fc.fit(*data).status == "stalled"
    np.testing.assert_array_equal(fc.curve_fit(*data)[0], scipy.optimize.curve_fit(*data)[0])


def test_complex_numbers_are_refused():
    with pytest.raises(ValueError, match="`ydata` is complex"):
        fc.curve_fit(decay, X, Y + 0j)
    with pytest.raises(ValueError, match="`xdata` is complex"):
        fc.curve_fit(decay, X + 0j, Y)
    with pytest.raises(ValueError, match="`x0` must be real"):
        fc.curve_fit(decay, X, Y, [1j, 1.0, 1.0])
    with pytest.raises(ValueError, match="complex"):
        fc.curve_fit(lambda x, a, b: a * np.exp(1j * b * x), X, Y)


def test_table_of_y_is_refused():
    with pytest.raises(ValueError, match=r"`ydata` must be one-dimensional, but has the shape \(2, 25\)"):
        fc.curve_fit(decay, X.reshape(2, 25), Y.reshape(2, 25))


def test_start_without_finite_residuals_is_refused_by_every_method():
    with pytest.raises(ValueError, match=r"^Residuals are not finite in the initial point\.$"):
        fc.curve_fit(lambda x, a, b: a * x + b * np.inf, X, Y)
