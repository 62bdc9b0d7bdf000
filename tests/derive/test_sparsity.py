"""derive: the pattern of a Jacobian holds every entry that is not zero."""

import numpy as np
import pytest
from derive.test_program_derivatives import CASES, Recorded


def dense(first, columns, shape):
    out = np.zeros(shape, dtype=bool)
    out[np.repeat(np.arange(shape[0]), np.diff(first)), columns] = True
    return out


def chained_rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.mark.parametrize("name", CASES)
def test_a_pattern_covers_the_jacobian_and_the_hessian(name):
    f, *arguments = CASES[name]
    recorded = Recorded(f, arguments)
    for which, value in enumerate(recorded.values):
        slope = recorded.builder.gradient(recorded.result._value, [value])[0]
        for result, jacobian in (
            (recorded.result._value, recorded.reverse(which)),
            (slope, recorded.reverse(which, slope)),
        ):
            first, columns = recorded.builder.pattern(result, value)
            covered = dense(first, columns, jacobian.shape)
            assert not np.any((jacobian != 0) & ~covered)
            assert all(np.all(np.diff(row) > 0) for row in np.split(columns, first[1:-1]))  # in rising order


@pytest.mark.parametrize("n", [5, 50])
def test_a_banded_hessian_has_its_band(n):
    recorded = Recorded(chained_rosenbrock, [np.linspace(-1, 2, n)])
    slope = recorded.builder.gradient(recorded.result._value, recorded.values)[0]
    band = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= 1
    np.testing.assert_array_equal(dense(*recorded.builder.pattern(slope, recorded.values[0]), (n, n)), band)


def test_what_does_not_depend_on_the_argument_has_no_entries():
    recorded = Recorded(lambda x: np.ones(4), [np.arange(3.0)])
    first, columns = recorded.builder.pattern(recorded.result._value, recorded.values[0])
    assert first.tolist() == [0] * 5
    assert columns.size == 0
