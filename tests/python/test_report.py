"""python room: the words of a fit, as golden texts.

The loop's own figures (iterations, evaluations, time, which test stopped it) are set by hand in the golden texts: they
belong to the loop, and its tests.
"""

import fastcalc as fc
import numpy as np
import pytest
from fastcalc._results._report import number
from nist import SETS
from scipy import stats

MISRA1A = SETS["Misra1a"]


def misra1a(x, b1, b2):
    return b1 * (1 - np.exp(-b2 * x))


def with_loop_figures(fit):
    """The same fit, with figures of the loop that do not change when the loop does."""
    fit.nit, fit.nfev, fit.time = 7, 9, 41.2e-6
    fit.message = "Converged: the relative change of the parameters is at most xtol."
    return fit


def rounded(text):
    """Without trailing blanks, as an editor leaves the golden text."""
    return "\n".join(line.rstrip() for line in text.splitlines())


def test_certified_digits_are_printed():
    text = fc.fit(misra1a, MISRA1A.x, MISRA1A.y, MISRA1A.starts[0]).report()
    assert "b1 = 238.94212918 ± 2.7070075241" in text
    assert "b2 = 5.5015643181e-04 ± 7.2668688436e-06" in text


def test_report_without_sigma():
    fit = with_loop_figures(fc.fit(misra1a, MISRA1A.x, MISRA1A.y, MISRA1A.starts[1]))
    assert (
        rounded(fit.report())
        == """\
misra1a: 2 parameters fitted to 14 data points

  b1 = 238.94212918 ± 2.7070075241          (1.1 %)
  b2 = 5.5015643181e-04 ± 7.2668688436e-06  (1.3 %)

  chi²                0.12455138894
  reduced chi²        0.010379282412
  degrees of freedom  12
  errors              from the scatter of the residuals
  ended               after 7 iterations, 9 evaluations, 41.2 µs
  because             Converged: the relative change of the parameters is at most xtol.
  derivatives         exact, by the traced program
  correlations        b1, b2: -0.9988"""
    )


def decay(t, amplitude, rate, offset):
    return amplitude * np.exp(-rate * t) + offset


def test_report_with_sigma_shows_both_errors_and_the_diagnosis():
    t = np.arange(8.0)
    y = np.array([5.0, 3.2, 2.0, 1.45, 1.0, 0.75, 0.75, 0.55])
    fit = with_loop_figures(
        fc.fit(decay, t, y, sigma=0.04, fixed={"offset": 0.5}, bounds={"rate": (0, 0.5)}, p0=[4.0, 0.4, 0.0])
    )
    assert (
        rounded(fit.report())
        == """\
decay: 2 parameters fitted to 8 data points

                                                          if sigma is absolute
  amplitude = 4.4285869173 ± 0.088464473908   (2 %)       ± 0.037273486592
       rate = 0.50000000000 ± 0.017976737719  (at bound)  ± 0.0075742912691
     offset = 0.50000000000                   (fixed)

  chi²                33.797845072
  reduced chi²        5.6329741787
  degrees of freedom  6
  p-value             7.36e-06
  errors              scaled so that reduced chi² = 1 (sigma taken as relative)
  ended               after 7 iterations, 9 evaluations, 41.2 µs
  because             Converged: the relative change of the parameters is at most xtol.
  derivatives         exact, by the traced program

diagnosis
  - rate ended at its bound 0.5, and its error does not know of the bound.
  - chi² is 5.63 per degree of freedom (p = 7.4e-06): the model does not describe the
    data, or sigma is too small."""
    )


def test_the_golden_figures_are_right():
    # At the bound the amplitude is a linear problem; the errors follow from the gradient with respect to both.
    t = np.arange(8.0)
    e = np.exp(-0.5 * t)
    amplitude = e @ (np.array([5.0, 3.2, 2.0, 1.45, 1.0, 0.75, 0.75, 0.55]) - 0.5) / (e @ e)
    jacobian = np.column_stack([e, -amplitude * t * e])
    errors = 0.04 * np.sqrt(np.linalg.inv(jacobian.T @ jacobian).diagonal())
    assert f"{stats.chi2.sf(33.797845072, 6):.4g}" == "7.36e-06"
    assert number(amplitude) == "4.4285869173"
    assert [number(error) for error in errors] == ["0.037273486592", "0.0075742912691"]


def test_report_of_a_singular_fit_names_the_combination():
    x = np.array([1.0, 2.0, 3.0])
    fit = with_loop_figures(fc.fit(lambda x, a, b: a + b + 0 * x, x, [1.0, 2.0, 3.0], [0.5, 0.5]))
    text = fit.report()
    assert text.splitlines()[0] == "<lambda>: 2 parameters fitted to 3 data points"
    assert "± inf" in text and "(not determined)" in text
    assert "diagnosis\n  - The data determine only a combination of a and b: changing a by +1 and b by -1" in text


def test_parameter_that_is_zero_has_no_relative_error():
    text = fc.fit(lambda x, a, b: a + b * x, np.arange(4.0), np.arange(4.0)).report()
    assert "a = 0.0000000000 ± 0.0000000000  (–)" in text


def test_one_line():
    fit = fc.fit(misra1a, MISRA1A.x, MISRA1A.y, [500.0, 1e-4], fixed={"b1": 240.0})
    assert repr(fit) == "<Fit misra1a: b1 = 240 (fixed), b2 = 0.000547335 ± 3.5e-07; chi²/dof = 0.009701>"
    assert repr(fc.fit(decay, np.arange(5.0), np.ones(5), [50.0, 0.1, -9.0], max_nfev=1)).endswith("; not converged>")


def test_html_is_well_formed_and_escaped():
    from xml.etree import ElementTree

    fit = fc.fit(lambda x, a, b: (a + b) * x, [1.0, 2.0, 3.0], [1.0, 2.0, 3.5])
    tree = ElementTree.fromstring(f"<div>{fit._repr_html_()}</div>")
    assert [cell.text for cell in tree.iter("th")] == ["a", "b"]
    assert tree.findtext("table/caption").startswith("<lambda>: chi² = ")
    assert [item.text for item in tree.iter("li")] == fit.diagnosis


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (238.94212917939, "238.94212918"),
        (5.5015643180999e-4, "5.5015643181e-04"),
        (1e-3, "0.0010000000000"),
        (9.9999999999999e-4, "1.0000000000e-03"),
        (-2.5, "-2.5000000000"),
        (9999999.99999, "10000000.000"),
        (1e7, "1.0000000000e+07"),
        (0.0, "0.0000000000"),
        (1e-300, "1.0000000000e-300"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_eleven_digits(value, text):
    assert number(value) == text
