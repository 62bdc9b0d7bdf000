"""execute: what other differentiators fell into. Those of single operations are in tests/ops, of rewriting in tests/passes."""

import numpy as np
import pytest
from program import record

AWKWARD = np.array([0.0, -0.0, 5e-324, 1e-308, 1, -1, 1e300, -1e300, np.inf, -np.inf, np.nan])


def test_a_quotient_is_not_a_product_with_a_reciprocal(rng):
    # In the derivative's run too: x · (1/y) is another number than x / y in the last bit.
    x = rng.uniform(0.1, 10, 1000)
    value, slope = record.jacobian(lambda x, a: x / a, (x,), (3.0,))
    np.testing.assert_array_equal(value, x / 3.0)
    np.testing.assert_array_equal(record.jacobian(lambda x, a: a / x, (x,), (3.0,))[0], 3.0 / x)
    assert np.any(x / 3.0 != x * (1 / 3.0))
    np.testing.assert_allclose(slope[:, 0], -x / 9.0, rtol=1e-15)


@pytest.mark.parametrize(
    "f",
    [lambda x: x * 0, lambda x: 0 * x, lambda x: x / x, lambda x: x - x, lambda x: x + 0],
)
def test_what_is_an_identity_for_most_numbers_alone_is_computed(f):
    with np.errstate(all="ignore"):
        want = f(AWKWARD)
    got = record.values(f, (AWKWARD,))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(want))
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(np.signbit(got[~np.isnan(want)]), np.signbit(want[~np.isnan(want)]))


def test_the_exponential_of_a_logarithm_is_nan_below_zero():
    got = record.values(lambda x: np.exp(np.log(x)), (np.array([-1.0, 0.0, 2.0]),))
    assert np.isnan(got[0])
    np.testing.assert_allclose(got[1:], [0, 2], rtol=1e-15)


def test_a_tangent_that_is_zero_is_not_multiplied_by_infinity():
    x = np.array([0.0, 1.0])
    slope = record.jacobian(lambda x, a, b: np.sqrt(a * x) + b * np.log(x + 1), (x,), (4.0, 1.0))[1]
    np.testing.assert_array_equal(slope[:, 0], [0, 0.25])  # √ has slope inf at 0, where a moves nothing
    slope = record.jacobian(lambda x, a: np.where(x > 0, np.log(x), a), (x,), (2.0,))[1]
    np.testing.assert_array_equal(slope[:, 0], [1, 0])


def test_a_choice_not_taken_does_not_spoil_the_derivative():
    x = np.array([-1.0, 0.0, 4.0])
    slope = record.jacobian(lambda x, a: np.where(x > 0, np.sqrt(a * x), a), (x,), (1.0,))[1]
    np.testing.assert_array_equal(slope[:, 0], [1, 1, 1])
    slope = record.jacobian(lambda x, a: np.maximum(np.log(a * x), -1), (np.array([0.0, 1.0]),), (1.0,))[1]
    np.testing.assert_array_equal(slope[:, 0], [0, 1])


@pytest.mark.parametrize(
    ("f", "want"),
    [(lambda a: np.tanh(a), 0.0), (lambda a: 1 / (1 + np.exp(-a)), 0.0), (lambda a: np.logaddexp(0, a), 1.0)],
)
def test_far_out_derivatives_are_limits_and_no_nan(f, want):
    for reach in (710.0, 800.0, 1e300):
        assert abs(record.jacobian(f, (), (reach,))[1].item() - want) < 1e-300  # e⁻⁷¹⁰ is subnormal
