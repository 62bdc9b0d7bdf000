"""tracer: arrays that a function makes are written into as with NumPy: views, aliases and copies as NumPy has them, or refused."""

import fastcalc as fc
import numpy as np
import pytest

V = np.array([0.3, -0.7, 1.9, 0.8, -2.2, 1.1])
M = np.arange(12.0).reshape(3, 4) / 7


def same(f, *arguments):
    want = np.asarray(f(*(np.array(argument) for argument in arguments)))
    got = fc.compile(f)(*arguments)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=1e-14, atol=1e-15)


def written(make, write):
    """A function that makes an array, writes into it with the argument at hand, and returns it."""

    def f(x):
        out = make(x)
        write(out, x)
        return out

    return f


FRESH = {
    "zeros": lambda x: np.zeros((3, 4)), "ones": lambda x: np.ones((3, 4)), "full": lambda x: np.full((3, 4), 7.0), "like": np.zeros_like,
    "ones like": lambda x: np.ones_like(x), "full like": lambda x: np.full_like(x, 3.0), "list": lambda x: np.array([[1.0] * 4] * 3),
    "copy": lambda x: x.copy(), "np.copy": np.copy, "np.array": np.array, "product": lambda x: x * 2, "sum": lambda x: x + np.ones(4),
    "astype": lambda x: x.astype(float), "linspace": lambda x: np.linspace(0, 1, 12).reshape(3, 4), "concatenated": lambda x: np.vstack([x[:2], x[:1]]),
    "tile": lambda x: np.tile(x[0], (3, 1)), "where": lambda x: np.where(x > 0.5, x, 0.0), "broadcast copy": lambda x: np.broadcast_to(x[0], (3, 4)).copy(),
    "identity": lambda x: np.eye(3, 4), "taken": lambda x: x[[0, 2, 1]], "sorted": lambda x: np.sort(x, axis=0), "full of one": lambda x: np.full((3, 4), x[1, 1]),
}  # fmt: skip


def assign(index, value):
    def write(out, x):
        out[index] = value(x)

    return write


def swap_rows(out, x):
    out[[0, 1]] = out[[1, 0]]


def through_row(out, x):
    row = out[1]
    row[:] = x[0]
    out[:, 1] = 5.0
    row *= 2


def through_transpose(out, x):
    out.T[2] = x[:, 0]
    out.T[1:3, ::2] += 1


def in_place(out, x):
    out += x
    out *= 2
    out[0] -= x[1]
    out /= 1 + x**2
    out **= 2


def overlapping(out, x):
    out[1:] = out[:-1] * x[0, 1]


def elements(out, x):
    for i in range(3):
        for j in range(4):
            out[i, j] += x[i, j] * x[0, j]


def masks(out, x):
    out[out > 0.9] = x[0, 0]
    out[x > 0.9] = out[x > 0.9] * 3
    out[np.array([True, False, True])] += 1


def ufunc_out(out, x):
    np.multiply(x, 3, out=out)
    np.add(out[0], x[1], out=out[2])
    np.sqrt(x, out=out, where=x > 0.5)


def methods(out, x):
    out.fill(2.0)
    out[1].fill(x[1, 2])
    out[2] = x[2][::-1]
    out[2].sort()
    out.flat[3] = x[0, 0]
    out.flat[[0, 5]] = [7.0, 8.0]


def functions(out, x):
    np.copyto(out, x * 2, where=x > 0.3)
    np.put(out, [0, 7], [1.0, x[1, 1]])
    np.putmask(out, x > 1, x - 1)
    np.fill_diagonal(out, x[0, 2])
    np.place(out, x > 1.4, [9.0, 8.0])
    np.add.at(out, ([0, 0], [1, 1]), x[0, :2])


WRITES = {
    "element": assign((1, 2), lambda x: x[0, 0] ** 2), "row": assign(1, lambda x: x[0]), "column": assign((slice(None), -1), lambda x: x[:, 0]),
    "block": assign((slice(1, None), slice(None, None, 2)), lambda x: x[:2, :2]), "number into row": assign(0, lambda x: x[2, 3]),
    "reversed": assign((slice(None, None, -1), slice(None, None, -1)), lambda x: x), "broadcast": assign(slice(None), lambda x: x[:1]),
    "ellipsis": assign((..., 0), lambda x: x[:, 1]), "whole": assign(..., lambda x: x + 1), "empty": assign(slice(3, 3), lambda x: x[:0]),
    "list index": assign([0, 2], lambda x: x[1:]), "two lists": assign(([0, 1, 2], [3, 0, 1]), lambda x: x[0, :3]), "twice": assign(([0, 0], [1, 1]), lambda x: x[0, :2]),
    "constant": assign((0, 0), lambda x: 4.0), "wide value": assign(0, lambda x: x[:1]), "swap": swap_rows, "through row": through_row,
    "through transpose": through_transpose, "in place": in_place, "overlapping": overlapping, "elements": elements, "masks": masks, "out": ufunc_out,
    "methods": methods, "functions": functions,
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("make", FRESH)
def test_a_write_is_numpys(make, write):
    same(written(FRESH[make], WRITES[write]), M)


def test_a_number_is_no_array():
    def f(x):
        number = x[0]
        other = number
        number += 1
        total = x.sum()
        total *= 2
        kept = x[1:2]
        y = x.copy()
        first = y[0]
        y[0] = 9.0
        return number + 10 * other + total + kept[0] + first

    same(f, V)

    def g(x):
        x[0][...] = 1.0
        return x

    with pytest.raises((TypeError, fc.TraceError)):
        fc.compile(g)(V)


def test_arrays_without_axes_can_be_written():
    def f(x):
        a = np.zeros(())
        b = np.array(x[0])
        a += x[1]
        b[()] = b * 2
        c = np.asarray(x[2])
        c -= 1
        return a + b + c

    same(f, V)


def test_what_was_read_before_a_write_stays():
    def f(x):
        y = x * 2
        total = y.sum()
        double = y * 2
        view = y[1:]
        fixed = y[1:].copy()
        y[1] = 100.0
        return np.concatenate([[total], double, view, fixed, y])

    same(f, V)


def test_a_decision_sees_the_value_at_its_time():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0]
        before = y[0] * 1.0
        y[0] = -5.0
        weights = np.arange(3)
        scaled = weights * x[0]
        weights += 10  # a plain array of the function's own
        if before > 0 and scaled[1] < 1:
            return y * before
        return y - before + weights

    compiled = fc.compile(f)
    for value in (0.3, -0.3, 1.7, 0.3):
        np.testing.assert_array_equal(compiled(np.full(2, value)), f(np.full(2, value)))


def test_wrong_writes_are_numpys_errors():
    def shape(x):
        out = np.zeros(3)
        out[:2] = x
        return out

    def place(x):
        out = np.zeros(3)
        out[7] = x[0]
        return out

    def grows(x):
        out = np.zeros(3)
        out += x[:, None] * np.ones(3)
        return out

    for f, error in ((shape, ValueError), (place, IndexError), (grows, ValueError)):
        with pytest.raises(error):
            f(V)
        with pytest.raises(error):
            fc.compile(f)(V)


def test_a_read_only_view_is_not_written():
    for f in (lambda x: np.broadcast_to(x * 2, (2, 6)), lambda x: np.diagonal(np.outer(x, x))):
        with pytest.raises(fc.TraceError, match=r"read-only|diagonal"):
            fc.compile(written(f, lambda out, x: out.fill(1.0)))(V)


# Random programs of views and writes ---------------------------------------------------------------------------------------------


def step(number, a, x, k):
    """Return the arrays after one of 24 steps: another view or copy of one of them, or a write into one."""
    steps = [
        lambda: [*a, a[k % len(a)]],  # an alias
        lambda: [*a, a[k % len(a)][k % 2 :]],
        lambda: [*a, a[k % len(a)][::-1]],
        lambda: [*a, a[k % len(a)].T],
        lambda: [*a, a[k % len(a)].reshape(-1)],
        lambda: [*a, np.ravel(a[k % len(a)])],
        lambda: [*a, a[k % len(a)].flatten()],
        lambda: [*a, a[k % len(a)].copy()],
        lambda: [*a, np.asarray(a[k % len(a)])],
        lambda: [*a, np.array(a[k % len(a)])],
        lambda: [*a, a[k % len(a)] * x[k % 4]],
        lambda: [*a, a[k % len(a)].swapaxes(0, -1)],
        lambda: [*a, np.atleast_2d(a[k % len(a)])],
        lambda: [*a, np.expand_dims(a[k % len(a)], 0)[0]],
        lambda: [*a, a[k % len(a)][..., None][..., 0]],
        lambda: [*a, np.zeros((2, 3))],
        lambda: [*a, a[k % len(a)][[0, -1]]],
        lambda: put(a, k, 0, x[k % 4]),
        lambda: put(a, k, -1, 3.0),
        lambda: put(a, k, (..., 0), x[0] * 2),
        lambda: put(a, k, slice(None, None, 2), x[1]),
        lambda: add(a, k, x[2]),
        lambda: put(a, k, [0], x[3] - 1),
        lambda: put(a, k, slice(None), a[k % len(a)][::-1]),
    ]
    return steps[number % len(steps)]()


def put(arrays, k, index, value):
    arrays[k % len(arrays)][index] = value
    return arrays


def add(arrays, k, value):
    arrays[k % len(arrays)] += value
    return arrays


def test_random_views_and_writes_are_numpys_or_refused(rng):
    right = 0
    for _ in range(300):
        numbers = rng.integers(0, 100, size=(10, 2))

        def f(x, numbers=numbers):
            arrays = [np.outer(x[:2], x[1:]), np.zeros(4) + x]
            for number, k in numbers:
                arrays = step(number, arrays, x, int(k))
            return np.concatenate([np.ravel(array) for array in arrays])

        x = rng.normal(size=4)
        want = f(x.copy())
        try:
            got = fc.compile(f)(x)
        except fc.TraceError:
            continue
        np.testing.assert_allclose(got, want, rtol=1e-13, err_msg=str(numbers.tolist()))
        right += 1
    assert right > 200
