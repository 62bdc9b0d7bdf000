"""tracer: indices, iteration and reshaping are NumPy's."""

import fastcalc as fc
import numpy as np
import pytest

T = np.arange(24.0).reshape(2, 3, 4)
V = np.arange(5.0)


def same(f, *arguments):
    want = np.asarray(f(*arguments))
    got = fc.compile(f)(*arguments)
    assert got.shape == want.shape
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(
    "index",
    [
        0, -1, np.int64(1), (0, 1), (0, 1, 2), (-1, -1, -1), slice(None), slice(None, None, -1), (slice(None), slice(2, 0, -1)), ..., None,
        (..., 0), (0, ...), (..., None), (None, 0, ..., slice(None, None, -2)), (slice(1, 1),), (slice(5, 9),), (slice(-9, 9),), (slice(None, -1), 2),
        (..., slice(None, None, 3)), (slice(None), None, 1), (0, ..., slice(-1, -3, -1)), (), (slice(None, None, -5), ..., slice(3, None, -3)),
    ],
)  # fmt: skip
def test_an_index_is_numpys(index):
    same(lambda a: a[index], T)
    same(lambda a: (a * 2)[index] + 1, T)
    same(lambda a: np.swapaxes(a.T, 0, 2)[index], T)
    same(lambda a: np.sum(a[index]), T)


@pytest.mark.parametrize("index", [2, -3, (0, 0, 4), (0, 0, 0, 0), (..., ...)])
def test_a_bad_index_is_an_index_error(index):
    with pytest.raises(IndexError):
        fc.compile(lambda a: a[index])(T)


def test_views_of_views():
    same(lambda a: a[::-1][1:][0][::2, ::-1].T[1:], T)
    same(lambda a: a.reshape(6, 4)[1::2].T.reshape(-1)[::-3], T)
    same(lambda a: a.T.swapaxes(0, 1).reshape(2, 12)[:, ::-1].ravel()[3:5], T)
    same(lambda a: np.broadcast_to(a[:, :1], (2, 3, 4))[..., 1].reshape(-1), T)
    same(lambda a: a[None, ..., None].squeeze().reshape(4, -1).T[::-1], T)
    same(lambda a: np.broadcast_to(a[0], (3, 5)).T.reshape(3, 5), V)
    same(lambda a: a[3:3].reshape(0, 2).T, V)
    same(lambda a: (a[1] * a[-1]).reshape(1, 1)[0], V)


def test_iteration_and_unpacking():
    def f(a):
        first, *rest = a
        return first * 100 + sum(row * i for i, row in enumerate(rest)) + len(a)

    same(f, V)
    same(lambda a: sum(row[i] for i, row in enumerate(a)), T)
    same(lambda a: sum(a.flat), V)
    same(lambda a: [column.sum() for column in a.T][1], T[0])
    same(lambda a: max(a) - min(a) + sorted(a, reverse=True)[1], V)
    same(lambda a: sum(p * q for p, q in zip(a, reversed(a), strict=True)), V)


def test_numbers_have_no_length():
    for f in (len, iter, list):
        with pytest.raises(TypeError):
            fc.compile(lambda a, f=f: f(a))(1.0)
    with pytest.raises(IndexError):
        fc.compile(lambda a: a[0])(1.0)


def test_what_an_array_tells_about_itself():
    def f(a):
        assert (a.ndim, a.shape, a.size, len(a), a.dtype, (a > 0).dtype) == (3, (2, 3, 4), 24, 2, np.float64, np.bool_)
        assert (a[0, 0, 0].shape, a[0, 0, 0].size, a[:0].size) == ((), 1, 0)
        assert "traced array" in repr(a)
        return a

    fc.compile(f)(T)


def test_a_reshape_that_does_not_fit_is_a_value_error():
    with pytest.raises(ValueError, match="reshape"):
        fc.compile(lambda a: a.reshape(7))(T)
    with pytest.raises(ValueError, match="broadcast"):
        fc.compile(lambda a: a + np.ones(3))(V)
    with pytest.raises(ValueError, match="mismatch"):
        fc.compile(lambda a: a @ np.ones(3))(V)
    with pytest.raises(np.exceptions.AxisError):
        fc.compile(lambda a: a.sum(axis=1))(V)
    with pytest.raises(ValueError, match="duplicate"):
        fc.compile(lambda a: a.sum(axis=(0, 0)))(T)
    with pytest.raises(ValueError, match="no identity"):
        fc.compile(lambda a: a[:0].max())(V)
