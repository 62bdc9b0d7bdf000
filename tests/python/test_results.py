"""python room: what a `Fit` says in numbers, against closed forms and simulation."""

import fastcalc as fc
import numpy as np
import pytest
from scipy import stats


def line(x, a, b):
    return a + b * x


X = np.linspace(-1.0, 3.0, 12)
DESIGN = np.column_stack([np.ones_like(X), X])
Y = 1.0 + 2.0 * X + 0.3 * np.cos(11.0 * X)
SIGMA = 0.1 + 0.05 * X**2
EXACT = 1e-10  # the closed forms are linear algebra at a condition below 10; the fit stops at 1e-8 or better, squared


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("correlated", [False, True])
def test_line_against_the_closed_form(correlated, absolute):
    covariance = np.diag(SIGMA**2)
    if correlated:
        covariance = covariance + 0.01
    fit = fc.fit(line, X, Y, sigma=covariance if correlated else SIGMA, absolute_sigma=absolute)
    precision = np.linalg.inv(covariance)
    expected = np.linalg.inv(DESIGN.T @ precision @ DESIGN)
    residuals = Y - DESIGN @ (expected @ DESIGN.T @ precision @ Y)
    chi2 = residuals @ precision @ residuals
    np.testing.assert_allclose(fit.x, expected @ DESIGN.T @ precision @ Y, rtol=1e-8)
    assert fit.chi2 == pytest.approx(chi2, rel=EXACT)
    assert fit.dof == 10
    assert fit.reduced_chi2 == pytest.approx(chi2 / 10, rel=EXACT)
    assert fit.p_value == pytest.approx(stats.chi2.sf(chi2, 10), rel=1e-8)
    absolute_errors = np.sqrt(expected.diagonal())
    np.testing.assert_allclose(fit.stderr_absolute, absolute_errors, rtol=EXACT)
    np.testing.assert_allclose(fit.stderr_relative, absolute_errors * np.sqrt(chi2 / 10), rtol=EXACT)
    np.testing.assert_array_equal(fit.stderr, fit.stderr_absolute if absolute else fit.stderr_relative)
    np.testing.assert_allclose(fit.correlation, expected / np.outer(absolute_errors, absolute_errors), rtol=EXACT)
    np.testing.assert_allclose(fit.residuals, residuals, atol=1e-8)


def test_names_lead_to_values_and_errors():
    fit = fc.fit(line, X, Y)
    assert list(fit.params) == list(fit.errors) == ["a", "b"]
    assert fit.params["b"] == fit.x[1]
    assert fit.errors["b"] == fit.stderr[1]


def test_p_value_needs_sigma():
    assert np.isnan(fc.fit(line, X, Y).p_value)


@pytest.mark.parametrize("level", [0.5, 0.95, 0.99])
def test_band_of_a_line_against_the_closed_form(level):
    at = np.array([-3.0, 0.0, 10.0])
    fit = fc.fit(line, X, Y)
    centre, half_width = fit.band(at, level)
    np.testing.assert_array_equal(centre, fit.predict(at))
    variance = fit.reduced_chi2 * (1 / 12 + (at - X.mean()) ** 2 / np.sum((X - X.mean()) ** 2))
    np.testing.assert_allclose(half_width, stats.t.ppf(0.5 + level / 2, 10) * np.sqrt(variance), rtol=EXACT)


def test_band_with_absolute_sigma_uses_the_normal_quantile():
    fit = fc.fit(line, X, Y, sigma=0.2, absolute_sigma=True)
    variance = 0.2**2 * (1 / 12 + (0.5 - X.mean()) ** 2 / np.sum((X - X.mean()) ** 2))
    _, half_width = fit.band([0.5])
    assert half_width[0] == pytest.approx(stats.norm.ppf(0.975) * np.sqrt(variance), rel=EXACT)


def test_band_covers_the_true_curve_as_often_as_it_says(rng):
    def decay(t, amplitude, rate):
        return amplitude * np.exp(-rate * t)

    t = np.linspace(0.0, 3.0, 30)
    trials, covered = 400, 0
    for _ in range(trials):
        fit = fc.fit(decay, t, decay(t, 2.0, 0.8) + 0.05 * rng.standard_normal(30))
        centre, half_width = fit.band([1.0])
        covered += abs(centre[0] - decay(1.0, 2.0, 0.8)) <= half_width[0]
    # Binomial with p = 0.95: the standard deviation is 1.1 %; five of them leave a chance of 1e-6 to fail.
    assert abs(covered / trials - 0.95) < 5 * np.sqrt(0.95 * 0.05 / trials)


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_level_is_a_probability(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        fc.fit(line, X, Y).band(X, level)


def test_band_is_infinite_where_the_parameters_are_not_determined():
    _, half_width = fc.fit(lambda x, a, b: (a + b) * x, X, Y).band(X)
    assert np.isposinf(half_width).all()


def test_no_degrees_of_freedom():
    fit = fc.fit(line, X[:2], Y[:2], sigma=[0.1, 0.2])
    assert fit.dof == 0
    assert np.isnan(fit.reduced_chi2)
    assert np.isnan(fit.p_value)
    assert np.isposinf(fit.stderr_relative).all()
    assert np.isfinite(fit.stderr_absolute).all()
    assert any(remark.startswith("As many free parameters as data points") for remark in fit.diagnosis)


def test_fixed_parameter_without_degrees_of_freedom_has_no_error():
    fit = fc.fit(line, X[:1], Y[:1], fixed={"b": 2.0})
    assert fit.dof == 0
    np.testing.assert_array_equal(fit.stderr, [np.inf, 0.0])


def test_perfect_fit_has_no_error():
    fit = fc.fit(line, X, 1.0 + 2.0 * X)
    assert fit.stderr.max() < 1e-14  # rounding of values near 1, over √12 points
    assert np.isfinite(fit.stderr).all()


# --- what the data do not determine ----------------------------------------------------------------------------------


def test_undetermined_combination_is_named():
    fit = fc.fit(lambda x, a, b, c: (a + 4.0 * b) * x + c, X, Y)
    assert fit.rank == 2
    np.testing.assert_allclose(fit.undetermined, [[1.0, -0.25, 0.0]], rtol=1e-8, atol=1e-12)
    assert fit.diagnosis[0].startswith(
        "The data determine only a combination of a and b: changing a by +1 and b by -0.25 together"
    )
    assert f"fixed={{'b': {fit.params['b']:.6g}}}" in fit.diagnosis[0]


def test_parameter_outside_the_undetermined_combination_keeps_its_error():
    fit = fc.fit(lambda x, a, b, c: (a + 4.0 * b) * x + c, X, Y)
    determined = fc.fit(lambda x, a, c: a * x + c, X, Y)
    assert np.isposinf(fit.stderr[:2]).all()
    assert fit.errors["c"] == pytest.approx(determined.errors["c"], rel=1e-8)
    assert np.isposinf(fit.covariance[0]).all()


def test_units_do_not_hide_an_undetermined_combination():
    fit = fc.fit(lambda x, a, b, c: (1e9 * a + 1e-9 * b) * x + c, X, Y, [1e-9, 1e9, 1.0])
    np.testing.assert_allclose(fit.undetermined, [[1.0, -1e18, 0.0]], rtol=1e-6)
    assert np.isfinite(fit.errors["c"])


def test_parameter_without_effect_is_named():
    fit = fc.fit(lambda x, a, b, c: a * x + c + 0.0 * b, X, Y)
    np.testing.assert_array_equal(fit.undetermined, [[0.0, 1.0, 0.0]])
    assert fit.diagnosis[0].startswith("The data do not determine b: near the solution any value fits as well; hold it")


def test_independent_combinations_are_told_one_by_one():
    def model(x, a, b, c, d, e):
        return (a + 2.0 * b) * x + (c - d) * x**2 + 0.0 * e

    fit = fc.fit(model, X, Y)
    pattern = {tuple(np.flatnonzero(row)) for row in fit.undetermined}
    assert pattern == {(0, 1), (2, 3), (4,)}
    assert len(fit.diagnosis) == 3


def test_fixing_one_of_them_determines_the_others():
    fit = fc.fit(lambda x, a, b, c: (a + 4.0 * b) * x + c, X, Y, fixed={"b": 0.5})
    assert fit.diagnosis == []
    assert np.isfinite(fit.stderr).all()
    assert fit.params["a"] + 2.0 == pytest.approx(fc.fit(lambda x, a, c: a * x + c, X, Y).params["a"], rel=1e-8)


# --- the other remarks -----------------------------------------------------------------------------------------------


def test_good_fit_has_no_remarks():
    assert fc.fit(line, X, Y).diagnosis == []


@pytest.mark.parametrize(
    ("unit", "lost"), [(1e200, "the variance of b, chi²"), (1e-200, "the variance of b"), (1.0, None)]
)
def test_figures_that_float64_cannot_hold_are_named(unit, lost):
    t = np.linspace(0, 4, 50)
    fit = fc.fit(lambda t, a, b: a * np.exp(-b * t), t, unit * (np.exp(-t) + 0.01 * np.sin(9 * t)), [unit, 1.0])
    np.testing.assert_allclose(fit.x, [unit, 1.0], rtol=0.1)  # about what the data were made from
    remarks = [remark.split(". ")[0] for remark in fit.diagnosis]
    assert remarks == ([f"Beyond the range of float64: {lost}"] if lost else [])


def test_nearly_equal_effects_are_named():
    fit = fc.fit(lambda x, a, b: a * np.exp(0.1 * x) + b * np.exp(0.1001 * x), X, Y)
    assert fit.rank == 2
    (remark,) = fit.diagnosis
    assert remark.startswith("a and b cannot be told apart (correlation -0.99999")


def test_parameter_at_its_bound_is_named():
    fit = fc.fit(line, X, Y, bounds={"b": (None, 1.5)})
    assert "b ended at its bound 1.5" in fit.diagnosis[0]


def test_absolute_sigma_without_sigma_is_pointed_out():
    assert "absolute_sigma=True without sigma" in fc.fit(line, X, Y, absolute_sigma=True).diagnosis[0]


@pytest.mark.parametrize(("sigma", "remark"), [(0.05, "or sigma is too small"), (5.0, "sigma is probably too large")])
def test_sigma_that_does_not_fit_the_scatter_is_pointed_out(sigma, remark):
    assert remark in fc.fit(line, X, Y, sigma=sigma).diagnosis[0]


def test_finite_differences_are_pointed_out_with_the_reason():
    def opaque(x, a, b):
        return float(repr(float(a))) + b * x

    with pytest.warns(fc.FallbackWarning):
        fit = fc.fit(opaque, X, Y)
    assert fit.derivative_source == "finite differences"
    assert fit.derivative_note
    assert fit.diagnosis[-1] == f"Derivatives: finite differences. {fit.derivative_note}"
    np.testing.assert_allclose(fit.x, fc.fit(line, X, Y).x, rtol=1e-6)  # differences are good to 1e-8, the model linear
