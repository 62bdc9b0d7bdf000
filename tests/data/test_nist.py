"""The reference sets agree with themselves: a wrong digit in a file or a wrong sign in a model would show here."""

import csv
from pathlib import Path

import nist_linear
import numpy as np
import pytest
from nist import SETS, ReferenceSet


def exact_jacobian(reference: ReferenceSet) -> np.ndarray:
    """Complex step: f(b + ih) = f(b) + ih f'(b) + O(h²), without cancellation."""
    h = 1e-100
    columns = []
    for j, b in enumerate(reference.parameters):
        shifted = reference.parameters.astype(complex)
        shifted[j] += 1j * h * abs(b)
        columns.append(reference.model(reference.x.astype(complex), *shifted).imag / (h * abs(b)))
    return np.stack(columns, axis=1)


def half_of_the_last_digit(numbers: np.ndarray) -> np.ndarray:
    return 0.5 * 10.0 ** (np.floor(np.log10(np.abs(numbers))) - 10)


@pytest.mark.parametrize("reference", SETS.values(), ids=SETS)
def test_certified_parameters_give_the_certified_sum_of_squares(reference):
    r = reference.model(reference.x, *reference.parameters) - reference.y
    # At the minimum Jᵀr = 0, so parameters rounded by δ give |r|² + |Jδ|²: bound each |δ| by half of the eleventh
    # digit. The certified sum is itself rounded, and r carries the rounding of y.
    parameters_rounded = np.sum((np.abs(exact_jacobian(reference)) @ half_of_the_last_digit(reference.parameters)) ** 2)
    sum_rounded = half_of_the_last_digit(np.array(reference.sum_of_squares))
    values_rounded = 8 * np.finfo(float).eps * np.sum(np.abs(r) * np.abs(reference.y))
    assert abs(r @ r - reference.sum_of_squares) <= parameters_rounded + sum_rounded + values_rounded


@pytest.mark.parametrize("reference", SETS.values(), ids=SETS)
def test_certified_deviations_follow_from_the_model(reference):
    J = exact_jacobian(reference)
    R = np.linalg.qr(J, mode="r")
    variance = reference.sum_of_squares / reference.degrees_of_freedom
    deviations = np.sqrt(variance) * np.linalg.norm(np.linalg.inv(R), axis=1)
    # J is taken at parameters of eleven digits; the models' curvature makes of that 5e-10 at worst (Thurber).
    np.testing.assert_allclose(deviations, reference.deviations, rtol=1e-9)


def test_there_are_27_sets_with_two_starts_each():
    assert len(SETS) == 27
    assert all(reference.starts.shape == (2, len(reference.parameters)) for reference in SETS.values())


@pytest.mark.parametrize("name", nist_linear.SETS)
def test_certified_coefficients_leave_the_certified_residual_deviation(name):
    reference = nist_linear.SETS[name]
    rows, parameters = reference.X.shape
    terms = reference.X * reference.coefficients
    residuals = reference.y - terms.sum(axis=1)
    # Coefficients of 15 digits: each term is off by half of the last one at most, and by as much as double rounds.
    rounded = 2 * 5e-15 * np.abs(terms).sum(axis=1)
    wanted = reference.residual_deviation * np.sqrt(rows - parameters)
    assert abs(np.linalg.norm(residuals) - wanted) <= 1e-14 * wanted + np.linalg.norm(rounded)


def test_there_are_eleven_linear_sets():
    assert len(nist_linear.SETS) == 11


def test_the_shipped_example_is_misra1a():
    path = Path(__file__).parents[2] / "examples" / "data" / "misra1a.csv"
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["x", "y"]
    np.testing.assert_array_equal(np.array(rows, float).T, [SETS["Misra1a"].x, SETS["Misra1a"].y])
