"""derive: the derivative of every covered NumPy function, forwards and in reverse, is that of NumPy's own values by differences."""

import fastcalc as fc
import numpy as np
import pytest
from tracer import numpy_cases, test_functions

CASES = {
    **{function: [case() for case in cases] for function, cases in test_functions.CASES.items()},
    **numpy_cases.COVERED,
    **numpy_cases.THROUGH_NUMPY,
}
M, V = numpy_cases.M, numpy_cases.V


def written(write, shape=None):
    """Return a function that writes into a fresh array."""

    def f(a):
        out = np.zeros(a.shape if shape is None else shape)
        found = write(out, a)
        return out if found is None else found

    return f


def put(index):
    return written(lambda out, a: out.__setitem__(index, a[index] ** 2))


def accumulated(out, a):
    for i in range(len(a)):
        out[i:] += a[i] * out.sum() + a[i] ** 2


def twice(out, a):
    out[...] = a
    out[1:] *= out[:-1]
    out[::2] -= a[::2] ** 2


INDEXING = {
    "number": [(lambda a: a[2] * a[-1], V), (lambda a: a[1, 2] ** 2, M)],
    "slice": [(lambda a: a[1:5:2] ** 2, V), (lambda a: a[::-1, 1:] ** 2, M), (lambda a: a[:0], V)],
    "new axis": [(lambda a: a[:, None] * a, V), (lambda a: a[..., None, :] ** 2, M)],
    "array": [(lambda a: a[[3, 3, 0]] ** 2, V), (lambda a: a[np.array([[0, 1], [2, 2]]), 1] ** 2, M), (lambda a: a[[0, 2]][:, [1, 3]] ** 2, M),
              (lambda a: a[np.ix_([0, 2], [3, 1])] ** 2, M), (lambda a: a[1, [0, 0, 2]] ** 2, M)],
    "mask": [(lambda a: a[a > 0] ** 2, V), (lambda a: a[np.abs(a) < 0.7] ** 2, M), (lambda a: a[[True, False, True], 1:] ** 2, M),
             (lambda a: a[a > 99], V)],
    "part written": [(put(slice(1, 5)), V), (put((slice(None), 1)), M), (put((..., slice(None, None, -2))), M)],
    "array of places written": [(put([3, 0, 1]), V), (written(lambda out, a: out.__setitem__([1, 1, 2], a[:3] ** 2)), V)],
    "mask written": [(written(lambda out, a: out.__setitem__(a > 0, a[a > 0] ** 3)), M), (written(lambda out, a: out.__setitem__(a > 0, a.max() ** 2)), V)],
    "in place": [(written(accumulated), V), (written(twice), V)],
    "ufunc.at": [(written(lambda out, a: np.add.at(out, [0, 0, 3], a[:3] ** 2)), V), (written(lambda out, a: np.multiply.at(out, [1, 1], a[:2])), V)],
    "np.put": [(written(lambda out, a: np.put(out, [2, 0], a[:2] ** 2)), V)],
    "np.copyto": [(written(lambda out, a: np.copyto(out, a**2, where=a > 0)), M)],
    "np.putmask": [(written(lambda out, a: np.putmask(out, a > 0, a**2)), V)],
    "np.place": [(written(lambda out, a: np.place(out, a > 0, a[:2] ** 2)), V)],
    "np.fill_diagonal": [(written(lambda out, a: np.fill_diagonal(out, a[:3] ** 2), (3, 3)), V)],
    "np.put_along_axis": [(written(lambda out, a: np.put_along_axis(out, np.array([[0], [2], [1]]), a[:, :1] ** 2, 1)), M)],
    "flat": [(written(lambda out, a: out.flat.__setitem__(slice(1, 4), a.flat[2:5] ** 2)), M)],
}  # fmt: skip


def by_differences(f, x):
    """Return ∂f/∂x by central differences, and how far they may be off: NaN where both sides do not agree, at a kink or a jump."""
    with np.errstate(all="ignore"):
        middle = np.asarray(f(x), dtype=float)

        def sides(i, h):
            up, down = x.copy(), x.copy()
            up.flat[i] += h
            down.flat[i] -= h
            return (np.asarray(f(up), dtype=float) - middle) / h, (middle - np.asarray(f(down), dtype=float)) / h

        columns, errors = [], []
        for i in range(x.size):
            wide, narrow = sides(i, 2e-4), sides(i, 1e-4)
            columns.append((4 * sum(narrow) / 2 - sum(wide) / 2) / 3)  # the error of order h² cancels
            agree = np.abs(narrow[0] - narrow[1]) < 0.02 * (1 + np.abs(columns[-1]))
            errors.append(np.where(agree, np.abs(sum(narrow) - sum(wide)), np.nan))
    shape = (*middle.shape, *x.shape)
    return tuple(np.stack(parts, axis=-1).reshape(shape) if parts else np.zeros(shape) for parts in (columns, errors))


def check(f, x):
    """Compare with differences; return how many entries they know."""
    with np.errstate(all="ignore"):
        value = np.asarray(f(x))
    forward, reverse = (fc.jacobian(f, mode=mode)(x) for mode in ("forward", "reverse"))
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-12, equal_nan=True)
    wanted, error = by_differences(f, x)
    known = np.isfinite(wanted) & np.isfinite(error)
    # rounding, eps / h = 1e-12 of the value, and what is left of the error of order h²
    allowed = 1e-10 * (1 + np.abs(value[np.isfinite(value)]).max(initial=0)) + 5e-3 * error[known]
    assert np.all(np.abs(forward - wanted)[known] <= allowed)
    return np.count_nonzero(known)


#: At these points every case has a kink, or no value that is a number.
AT_KINKS = {np.isclose}
#: ln |det 0| is −inf, and its derivative is refused as a singular matrix is.
SINGULAR = numpy_cases.COVERED[np.linalg.slogdet][5]


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_a_function_of_arrays_is_differentiated(function):
    counts = [check(*case) for case in CASES[function] if case is not SINGULAR]
    assert sum(counts) or function in AT_KINKS or not counts


@pytest.mark.parametrize("kind", INDEXING)
def test_an_indexed_or_written_array_is_differentiated(kind):
    counts = [check(*case) for case in INDEXING[kind]]
    assert sum(counts)


def test_a_singular_matrix_is_told():
    with pytest.raises(np.linalg.LinAlgError, match="ingular"):
        fc.jacobian(SINGULAR[0])(SINGULAR[1])


def test_a_pseudo_inverse_that_cuts_singular_values_off_is_that_of_what_is_left(rng):
    u, v = (np.linalg.qr(rng.normal(size=(n, n)))[0] for n in (5, 4))
    a = u[:, :4] * [3.0, 2.0, 0.4, 0.3] @ v
    check(lambda a: np.linalg.pinv(a, 0.25), a)
    check(lambda a: np.linalg.lstsq(a, np.arange(5.0), rcond=0.25)[0], a)
