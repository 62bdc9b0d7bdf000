"""execute: blocks, tails, reductions, buffers. NumPy is the reference; sizes lie around the borders of registers and blocks."""

import itertools

import numpy as np
import pytest
from fastcalc import _fast
from program import record

SIZES = (0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 255, 256, 257, 511, 512, 513, 1000)
REDUCTIONS = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "any": np.any, "all": np.all}
EPSILON = np.finfo(np.float64).eps


def close(got, want, size=1):
    """A sum of `size` numbers in two orders differs by at most about size · ε of its largest partial sum."""
    np.testing.assert_allclose(got, want, rtol=4 * EPSILON * max(size, 1), atol=4 * EPSILON * max(size, 1))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_a_reduction_is_numpys(rng, name, n):
    reduce = REDUCTIONS[name]
    if n == 0 and name in ("max", "min"):
        return  # refused: see tests/tracer
    x = 1 + rng.uniform(-1, 1, n) / max(n, 1)
    close(record.values(lambda x: reduce(x), (x,)), reduce(x), n)
    close(record.values(lambda x: reduce(-x[::-1]), (x,)), reduce(-x[::-1]), n)
    close(record.values(lambda x: reduce(x > 1), (x,)), reduce(x > 1), n)


@pytest.mark.parametrize("n", SIZES[1:])
@pytest.mark.parametrize("name", ["sum", "max", "min", "prod"])
def test_a_nan_anywhere_is_the_result(name, n):
    for place in {0, n // 2, n - 1}:
        x = np.ones(n)
        x[place] = np.nan
        assert np.isnan(record.values(lambda x: REDUCTIONS[name](x), (x,)))


@pytest.mark.parametrize("n", SIZES[1:])
def test_infinities_reduce_as_numpys_do(n):
    for place, value in itertools.product({0, n - 1}, (np.inf, -np.inf)):
        x = np.ones(n)
        x[place] = value
        for name in ("sum", "prod", "max", "min"):
            assert record.values(lambda x, name=name: REDUCTIONS[name](x), (x,)) == REDUCTIONS[name](x)
    x = np.full(n, -np.inf)
    assert record.values(lambda x: np.max(x), (x,)) == -np.inf
    assert record.values(lambda x: np.min(-x), (x,)) == np.inf


@pytest.mark.parametrize(
    "shape", [(3, 4), (1, 5), (5, 1), (2, 3, 4), (4, 1, 3), (300, 2), (2, 300), (3, 3, 3), (2, 9, 257)]
)
def test_reductions_over_any_axes_are_numpys(rng, shape):
    x = 1 + rng.uniform(-1, 1, shape) / 100
    for count in range(len(shape) + 1):
        for axes in itertools.combinations(range(len(shape)), count):
            for keepdims, name in itertools.product((False, True), ("sum", "max", "prod")):
                reduce = REDUCTIONS[name]
                want = reduce(x, axis=axes, keepdims=keepdims)
                got = record.values(lambda x, axes=axes, k=keepdims, r=reduce: r(x, axis=axes, keepdims=k), (x,))
                assert got.shape == want.shape
                close(got, want, x.size)


def test_reductions_that_keep_different_axes_of_one_space_run_side_by_side(rng):
    x = rng.uniform(1, 2, (2, 3, 4))
    for pair in itertools.permutations([(2,), (1, 2), (0,), (0, 1), (0, 1, 2), (0, 2)], 2):

        def f(x, pair=pair):
            return sum(np.sum(x, axis=axes, keepdims=True) for axes in pair)

        close(record.values(f, (x,)), f(x), 24)


def test_empty_reductions_are_their_neutral_element():
    x = np.ones((0, 3))
    for axis, name in itertools.product((0, 1, None), ("sum", "prod", "any", "all")):
        want = REDUCTIONS[name](x, axis=axis)
        got = record.values(lambda x, axis=axis, name=name: REDUCTIONS[name](x, axis=axis), (x,))
        assert got.shape == want.shape
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("n", SIZES)
def test_what_lies_behind_an_array_does_not_matter(n):
    # The tail of a register is filled from the array itself: no foreign number, no NaN, no exception from it.
    behind = np.full(n + 64, np.nan)
    x = behind[:n]
    x[:] = np.linspace(1, 2, n)
    for f in (
        lambda x: np.log(x) * 2,
        lambda x: np.sum(x),
        lambda x: np.log(x) - np.sum(np.sqrt(x)),
        lambda x: x[::-1] / x,
    ):
        close(record.values(f, (x,)), f(x), n)
    assert np.isnan(behind[n:]).all()


@pytest.mark.parametrize("n", SIZES)
def test_arguments_are_only_read(rng, n):
    # Two passes over the data, the second with fewer loads: its slots must not be those that point into the arguments.
    def f(x, y, z, a):
        return np.exp(np.sin(a * x[::-1]) * 2) - np.sum(x * y * z)

    data = list(rng.uniform(1, 2, (3, n)))
    kept = [a.copy() for a in data]
    program = record.program(f, data, (1.5,))
    for _ in range(2):
        value, jacobian = program.jacobian(data, np.array([1.5]))
        close(value, f(*data, 1.5), 10 * n)
        np.testing.assert_array_equal(data, kept)
        slope = 2 * np.cos(1.5 * data[0][::-1]) * data[0][::-1] * np.exp(np.sin(1.5 * data[0][::-1]) * 2)
        np.testing.assert_allclose(jacobian[:, 0], slope, rtol=1e-13)  # a product of four terms of 4 ulp each


@pytest.mark.parametrize("n", SIZES[1:])
def test_a_used_workspace_gives_the_same_bits(rng, n):
    def f(x, y, a):
        centred = x - np.mean(a * x * y)
        return centred[::-1] * np.sum(centred * y[::-1]) + np.max(x)

    call = _fast.Call(record.program(f, rng.uniform(size=(2, n)), (1.5,)))
    for _ in range(3):
        x, y = rng.uniform(size=(2, n))
        first = call(x, y, 0.5)
        assert np.array_equal(first, call(x, y, 0.5))
        assert np.array_equal(first, _fast.Call(call.program)(x, y, 0.5))
        close(first, f(x, y, 0.5), n)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x, lambda x: x[0], lambda x: x[1, 1:], lambda x: x.T, lambda x: x[::-1, ::-2], lambda x: x[None], lambda x: x[:0],
        lambda x: x.reshape(-1), lambda x: 3.0, lambda x: np.arange(6.0).reshape(2, 3), lambda x: np.zeros((0, 2)), lambda x: x[0, 0],
        lambda x: np.sum(x), lambda x: np.sum(x, axis=0), lambda x: np.sum(x, axis=1)[::-1], lambda x: np.sum(x, axis=0, keepdims=True),
        lambda x: np.broadcast_to(x[0], (4, 3)), lambda x: np.broadcast_to(2.0 * np.sum(x), (5,)), lambda x: 1.0 * x[:1, :1],
        lambda x: (x * 2).ravel(), lambda x: (x * 2).reshape(3, 2), lambda x: (x * 2).T.ravel(), lambda x: np.max(x, axis=1).reshape(2, 1),
    ],
)  # fmt: skip
def test_a_result_can_be_anything(f):
    x = np.arange(6.0).reshape(2, 3) + 1
    got, want = record.values(f, (x,)), np.asarray(f(x))
    assert got.shape == want.shape
    close(got, want, 6)
    got.fill(0)  # it is the caller's own array
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3) + 1)


def test_passes_over_buffers():
    x = np.linspace(-1, 2, 777)

    def f(x, a, b):
        centred = x - np.mean(b * x)
        scaled = centred / np.sqrt(np.mean(centred * centred))
        return a * scaled[::-1] - scaled.reshape(7, 111).sum(axis=0).max() + np.diff(scaled, n=2).sum()

    close(record.values(f, (x,), (2.0, 3.0)), f(x, 2.0, 3.0), 777)


def test_thousands_of_instructions():
    def f(x, a):
        total = x
        for k in range(500):
            total = total + np.sin(a * total) / (k + 1)
        return total

    x = np.linspace(0, 1, 300)
    # 500 steps of growth at most 1 + 1/k: the product is 500, times a few ulp each
    value, jacobian = record.jacobian(f, (x,), (0.9,))
    np.testing.assert_allclose(value, f(x, 0.9), rtol=1e-12)
    np.testing.assert_allclose(jacobian[:, 0], np.imag(f(x, 0.9 + 1e-150j)) / 1e-150, rtol=1e-11)


def test_values_that_live_long_keep_their_slots():
    # 400 arrays are made first and read only at the end, in another order
    def f(x, a):
        made = [np.sin((k + 1) * a * x) for k in range(400)]
        total = 0.0 * x
        for k in range(400):
            total = total + made[(k * 177) % 400] * (k + 1.0) / 400
        return total

    x = np.linspace(0, 1, 270)
    value, jacobian = record.jacobian(f, (x,), (0.7,))
    np.testing.assert_allclose(
        value, f(x, 0.7), rtol=1e-11, atol=1e-11
    )  # sums of 400 terms below 1; sin(400 x) to 400 ε
    np.testing.assert_allclose(jacobian[:, 0], np.imag(f(x, 0.7 + 1e-150j)) / 1e-150, rtol=1e-9, atol=1e-9)  # times 400


def test_many_parameters(rng):
    count = 100
    x = np.linspace(0, 1, 259)

    def f(x, *p):
        return sum(p[k] * np.cos(k * x) for k in range(count))

    value, jacobian = record.jacobian(f, (x,), rng.uniform(size=count))
    np.testing.assert_allclose(
        jacobian, np.cos(np.arange(count) * x[:, None]), rtol=1e-12, atol=1e-14
    )  # cos(100 x) to 100 ε
    assert np.isfinite(value).all()
