"""derive: the Jacobian of a program. Closed forms and the traps of forward mode: 0 · inf, aliased tangents, inactive seeds."""

import numpy as np
import pytest
from program import record

X = np.array([0.0, 1.0, 2.0, 0.0, -1.0, 3.0, 0.5, 0.0, 4.0])


def column(f, data, parameters, seed=0):
    with np.errstate(all="ignore"):
        return record.jacobian(f, data, parameters)[1][:, seed]


def test_a_tangent_that_is_zero_by_structure_meets_no_infinity():
    # log(x) = −inf, 1/x = inf: they do not depend on a, so they never touch its tangent
    np.testing.assert_array_equal(column(lambda x, a: a + 0 * np.log(np.abs(x)), (X,), (1.0,)), 1)
    np.testing.assert_array_equal(column(lambda x, a: a - np.sqrt(np.abs(x)), (X,), (1.0,)), 1)
    slope = column(lambda x, a, b: a / x + b, (X,), (1.0, 2.0), 1)
    np.testing.assert_array_equal(slope, 1)


def test_the_branch_that_is_not_taken_does_not_matter():
    def f(x, a):
        return np.where(x > 0, a * np.log(x), 0.0) + np.where(x == 0, a, np.sin(a * x) / x)

    with np.errstate(all="ignore"):
        want = np.where(X > 0, np.log(X), 0.0) + np.where(X == 0, 1.0, np.cos(1.5 * X))
    np.testing.assert_allclose(column(f, (X,), (1.5,)), want, rtol=1e-14)  # two terms of 4 ulp
    np.testing.assert_array_equal(column(lambda x, a: np.maximum(a * x, a * np.log(0 * x)), (X,), (1.5,)), X)


def test_a_tangent_of_zero_is_not_multiplied_by_an_infinite_slope():
    # d/da of √(a x) is x / 2√(a x): at x = 0 the function is 0 for every a, and so is its derivative. Every model that starts
    # at x = 0 meets this: stretched exponentials, square roots, Hill curves with an exponent below one.
    x = np.array([0.0, 1.0, 4.0])
    np.testing.assert_array_equal(column(lambda x, a: np.sqrt(a * x), (x,), (1.0,)), [0, 0.5, 1])
    np.testing.assert_array_equal(column(lambda x, a: np.cbrt(a * x), (x,), (1.0,))[0], 0)
    np.testing.assert_array_equal(column(lambda x, tau: np.exp(-((x / tau) ** 0.5)), (x,), (1.0,))[0], 0)
    np.testing.assert_array_equal(column(lambda x, b: 1 / (1 + (x / 2) ** b), (x,), (0.5,))[0], 0)
    np.testing.assert_array_equal(column(lambda x, a: np.linalg.norm(a * x[:, None], axis=1), (x,), (2.0,)), x)


def test_tangents_that_pass_unchanged_are_not_written_to():
    # + c hands the operand's tangent on; what follows must not change it under the other readers
    def f(x, a, c):
        u = a * x
        v = u + 1.0
        w = v - 2.0
        return u * w + v + (w + c) + np.sin(v)

    x, a, c = np.linspace(-1, 1, 100), 1.7, 0.3
    _, jacobian = record.jacobian(f, (x,), (a, c))
    u = a * x
    np.testing.assert_allclose(jacobian[:, 0], x * (2 * u - 1) + 2 * x + x * np.cos(u + 1), rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(jacobian[:, 1], 1)


@pytest.mark.parametrize(
    ("f", "want"),
    [
        (lambda x, a, b: a + 0.0 * x, (1, 0)), (lambda x, a, b: a + b + 0.0 * x, (1, 1)), (lambda x, a, b: x + (a - b), (1, -1)),
        (lambda x, a, b: x, (0, 0)), (lambda x, a, b: a - a + b - x, (0, 1)), (lambda x, a, b: np.broadcast_to(b, x.shape), (0, 1)),
        (lambda x, a, b: np.where(a > 0, b, a) + 0 * x, (0, 1)), (lambda x, a, b: np.floor(a) + b + 0 * x, (0, 1)),
        (lambda x, a, b: np.sum(0 * x + a) + b + 0 * x, (50, 1)), (lambda x, a, b: (a > 0) + b * np.ones_like(x), (0, 1)),
    ],
)  # fmt: skip
def test_tangents_without_a_slot_of_their_own(f, want):
    _, jacobian = record.jacobian(f, (np.linspace(0, 1, 50),), (1.5, 2.5))
    np.testing.assert_array_equal(jacobian, np.broadcast_to(np.array(want, dtype=float), (50, 2)))


def test_tangents_of_reductions():
    x = np.linspace(0.5, 2, 301).reshape(7, 43)
    a = 1.25
    cases = [
        (lambda x, a: np.sum(a * x), np.sum(x)),
        (lambda x, a: np.sum(a * x, axis=0), np.sum(x, axis=0)),
        (lambda x, a: np.max(a * x, axis=1), np.max(x, axis=1)),
        (lambda x, a: np.min(a * x), np.min(x)),
        (lambda x, a: np.prod(a * x[:, :3], axis=1), 3 * a**2 * np.prod(x[:, :3], axis=1)),
        (lambda x, a: np.prod(a * x[0, :1]), x[0, 0]),
        (lambda x, a: np.mean(a * x, axis=1, keepdims=True), np.mean(x, axis=1, keepdims=True)),
        (lambda x, a: np.any(a * x > 1) + a, 1.0),
        (lambda x, a: np.var(a * x), 2 * a * np.var(x)),
    ]
    for i, (f, want) in enumerate(cases):
        _, jacobian = record.jacobian(f, (x,), (a,))
        # sums of 301 numbers in two orders, cancelling in the variance
        np.testing.assert_allclose(jacobian[:, 0], np.ravel(want), rtol=1e-12, err_msg=str(i))


def test_a_product_with_zeros_has_its_derivative():
    x = np.array([0.0, 2.0, 3.0])
    assert column(lambda x, a: np.prod(x + a), (x,), (0.0,)) == 6  # the others' product at the zero
    x[1] = 0
    assert column(lambda x, a: np.prod(x + a), (x,), (0.0,)) == 0


def test_a_maximum_at_a_tie_takes_the_first():
    # the table's convention
    assert column(lambda a, b: np.maximum(a, b), (), (1.0, 1.0)) == 1
    assert record.jacobian(lambda a, b: np.maximum(a, b), (), (1.0, 1.0))[1].tolist() == [[1, 0]]
    assert record.jacobian(lambda x, a: np.max(a * x), (np.full(20, 3.0),), (1.0,))[1].tolist() == [[3]]


def test_the_jacobian_has_a_column_for_each_seed_and_a_row_for_each_element():
    value, jacobian = record.jacobian(lambda x, a, b: a * x.T + b, (np.ones((2, 3)),), (1.0, 2.0))
    assert (value.shape, jacobian.shape) == ((3, 2), (6, 2))
    value, jacobian = record.jacobian(lambda x, a, b: a * x[:0] + b, (np.ones(3),), (1.0, 2.0))
    assert (value.shape, jacobian.shape) == ((0,), (0, 2))
    value, jacobian = record.jacobian(lambda x: 2 * x, (np.ones(3),), ())
    assert jacobian.shape == (3, 0)


def test_values_that_come_with_a_jacobian_are_the_values():
    x = np.linspace(-3, 3, 1001)

    def f(x, a, b):
        return np.exp(-a * x) * np.sin(b * x) / (1 + x**2) ** a

    value, _ = record.jacobian(f, (x,), (0.3, 2.0))
    np.testing.assert_array_equal(value, record.values(f, (x,), (0.3, 2.0)))
