"""execute: what reaches one array through several slices is added up while it is in registers, at every place and for every length."""

import fastcalc as fc
import numpy as np
import pytest

# Around a register's length, a block's, and with a last block that is shorter than what lags behind it.
SIZES = [4, 5, 7, 8, 9, 11, 12, 31, 256, 257, 258, 259, 260, 263, 264, 515, 516, 1000]
PLACES = [(0,), (3,), (0, 1), (1, 0), (2, 0, 1), (0, 3), (3, 2, 1, 0), (1, 1, 2), (0, 2)]


def slices(x, places):
    return [x[place : place + x.size - 3] for place in places]


def made(x, y, places):
    """Σ c_k y² x over slices: adjoints that instructions make."""
    return sum(((k + 2) * y[3:] * y[3:] * part).sum() for k, part in enumerate(slices(x, places)))


def read(x, y, places):
    """The same with adjoints that are read where they lie, or are one number."""
    return sum((y[3:] * part if k % 2 else 3.0 * part).sum() for k, part in enumerate(slices(x, places)))


def gradient(adjoints, size, places):
    total = np.zeros(size)
    for k, place in enumerate(places):
        total[place : place + size - 3] += adjoints(k)
    return total


@pytest.mark.parametrize("places", PLACES, ids=str)
@pytest.mark.parametrize("size", SIZES)
def test_adjoints_of_overlapping_slices_add_up(size, places):
    rng = np.random.default_rng(size)
    x, y = rng.integers(-9, 9, (2, size)).astype(float)  # whole numbers: sums are exact in any order
    tail = y[3:]
    for f, adjoints in (
        (made, lambda k: (k + 2) * tail * tail),
        (read, lambda k: tail if k % 2 else np.full(size - 3, 3.0)),
    ):
        value, slope = fc.value_and_grad(lambda x, y, f=f: f(x, y, places))(x, y)
        np.testing.assert_array_equal(slope, gradient(adjoints, size, places))
        assert not np.signbit(slope[slope == 0]).any()  # a sum begins with 0, not with −0
        assert value == f(x, y, places)


def test_one_sum_is_read_again(size=700):
    """The adjoint of a slice of a slice: one sum is the value of the next."""
    x = np.random.default_rng(1).integers(-5, 5, size).astype(float)

    def f(x):
        step = x[1:] - x[:-1]
        return ((step[1:] - step[:-1]) ** 2).sum()

    second = np.diff(np.eye(size), 2, axis=0)
    np.testing.assert_array_equal(fc.grad(f)(x), 2 * second.T @ (second @ x))
