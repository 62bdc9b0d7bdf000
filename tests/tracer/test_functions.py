"""tracer: every covered NumPy function gives NumPy's values, shapes and truth."""

import warnings

import fastcalc as fc
import numpy as np
import pytest
from fastcalc._tracer import _array, _functions, _ops
from tracer import numpy_cases

RNG = np.random.default_rng(7)
V = RNG.uniform(0.1, 0.9, 6)
M = RNG.uniform(0.1, 0.9, (2, 3))
T = RNG.uniform(0.1, 0.9, (2, 3, 4))
S = np.array(0.7)
NAN = np.array([1.0, np.nan, np.inf, -np.inf, -2.0])


def same(f, *arguments, rtol=1e-14, atol=1e-300):
    """`f` compiled gives what `f` gives. Sums of at most 24 numbers of one sign and functions of 4 ulp: 1e-14."""
    with np.errstate(all="ignore"):
        want = np.asarray(f(*arguments))
    got = fc.compile(f)(*arguments)
    assert got.shape == want.shape
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


CASES = {
    np.sum: [lambda: (np.sum, V), lambda: (lambda a: np.sum(a, axis=1), M), lambda: (lambda a: np.sum(a, -1, keepdims=True), T),
             lambda: (lambda a: a.sum(axis=(0, 2)), T), lambda: (lambda a: np.sum(a > 0.5), M), lambda: (lambda a: np.sum(a, axis=()), M),
             lambda: (lambda a: np.sum(a), S)],
    np.prod: [lambda: (np.prod, M), lambda: (lambda a: a.prod(axis=0), M)],
    np.max: [lambda: (np.max, M), lambda: (lambda a: a.max(axis=1), M), lambda: (lambda a: np.max(a, axis=-2, keepdims=True), T)],
    np.min: [lambda: (np.min, M), lambda: (lambda a: a.min(axis=0), M)],
    np.amax: [lambda: (np.amax, M)], np.amin: [lambda: (np.amin, M)],
    np.any: [lambda: (lambda a: np.any(a > 0.5, axis=0), M), lambda: (lambda a: np.any(a - a[0]), V), lambda: (np.any, NAN)],
    np.all: [lambda: (lambda a: np.all(a > 0.5, axis=0), M), lambda: (np.all, NAN)],
    np.mean: [lambda: (np.mean, M), lambda: (lambda a: a.mean(axis=(0, -1)), T), lambda: (lambda a: np.mean(a > 0.5), M)],
    np.var: [lambda: (np.var, M), lambda: (lambda a: a.var(axis=1, ddof=1), M), lambda: (lambda a: np.var(a, axis=0, keepdims=True), T)],
    np.std: [lambda: (np.std, M), lambda: (lambda a: a.std(axis=-1, ddof=1), T)],
    np.ptp: [lambda: (np.ptp, M), lambda: (lambda a: np.ptp(a, axis=0), M)],
    np.linalg.norm: [lambda: (np.linalg.norm, V), lambda: (np.linalg.norm, M), lambda: (lambda a: np.linalg.norm(a, axis=-1), T),
                     lambda: (lambda a: np.linalg.norm(a, 2), V), lambda: (lambda a: np.linalg.norm(a, axis=0, keepdims=True), M),
                     lambda: (lambda a: np.linalg.norm(a, 1), V), lambda: (lambda a: np.linalg.norm(a, 3), V), lambda: (lambda a: np.linalg.norm(a, -np.inf), V),
                     lambda: (lambda a: np.linalg.norm(a, "nuc"), M), lambda: (lambda a: np.linalg.norm(a, 2), M), lambda: (lambda a: np.linalg.norm(a, -1), M),
                     lambda: (lambda a: np.linalg.norm(a, "fro", axis=(0, 2)), T), lambda: (lambda a: np.linalg.norm(a, np.inf, axis=(1, 2)), T)],
    np.where: [lambda: (lambda a: np.where(a > 0.5, a, -1), M), lambda: (lambda a: np.where(a[:1] > 0.5, a[:, :1], a), M),
               lambda: (lambda a: np.where(a, a > 0.3, True), M), lambda: (lambda a: np.where([True, False, True], a, 0), M)],
    np.clip: [lambda: (lambda a: np.clip(a, 0.3, 0.6), M), lambda: (lambda a: a.clip(0.3), M), lambda: (lambda a: np.clip(a, None, 0.5), M),
              lambda: (lambda a: np.clip(a, 0.6, 0.3), M), lambda: (lambda a: np.clip(a, min=0.3, max=0.6), M),
              lambda: (lambda a: np.clip(a, -1, 1), NAN), lambda: (lambda a: np.clip(0.5, a, 1), V)],
    np.shape: [lambda: (lambda a: a * np.shape(a)[1], M)], np.ndim: [lambda: (lambda a: a * np.ndim(a), M)],
    np.size: [lambda: (lambda a: a * np.size(a) + np.size(a, 1), M)],
    np.copy: [lambda: (np.copy, M), lambda: (lambda a: a.copy(), M)], np.real: [lambda: (np.real, M), lambda: (lambda a: a.real, M)],
    np.transpose: [lambda: (np.transpose, T), lambda: (lambda a: np.transpose(a, (1, 2, 0)), T), lambda: (lambda a: a.transpose(2, 0, 1), T)],
    np.swapaxes: [lambda: (lambda a: np.swapaxes(a, 0, -1), T)], np.moveaxis: [lambda: (lambda a: np.moveaxis(a, 0, -1), T)],
    np.squeeze: [lambda: (lambda a: np.squeeze(a[:1]), T), lambda: (lambda a: np.squeeze(a[:1], axis=0), T)],
    np.expand_dims: [lambda: (lambda a: np.expand_dims(a, (0, 2)), V)],
    np.ravel: [lambda: (np.ravel, T), lambda: (lambda a: a.T.ravel(), T), lambda: (lambda a: a.flatten(), M)],
    np.broadcast_to: [lambda: (lambda a: np.broadcast_to(a, (4, 2, 3)), M)],
    np.flip: [lambda: (np.flip, T), lambda: (lambda a: np.flip(a, axis=1), T)],
    np.reshape: [lambda: (lambda a: np.reshape(a, (3, -1)), T), lambda: (lambda a: a.T.reshape(4, 6), T), lambda: (lambda a: a.reshape(6), M)],
    np.atleast_1d: [lambda: (np.atleast_1d, S), lambda: (np.atleast_1d, M), lambda: (lambda a: np.atleast_1d(a, 3.0)[1] + a, S)],
    np.zeros_like: [lambda: (lambda a: np.zeros_like(a) + a[0], M)], np.ones_like: [lambda: (lambda a: np.ones_like(a) * a, M)],
    np.empty_like: [lambda: (lambda a: a * np.empty_like(a).shape[0], M)],
    np.full_like: [lambda: (lambda a: np.full_like(a, 2.5), M), lambda: (lambda a: np.full_like(a, a[0, 0]), M),
                   lambda: (lambda a: np.full_like(a, 1, shape=(2,)), M)],
    np.dot: [lambda: (lambda a: np.dot(a, a), V), lambda: (lambda a: np.dot(a, a[0]), M), lambda: (lambda a: np.dot(a.T, a), M),
             lambda: (lambda a: a.dot(2.0), M), lambda: (lambda a: np.dot(a[:, 0], a), M)],
    np.outer: [lambda: (lambda a: np.outer(a, a), V), lambda: (lambda a: np.outer(a, [1, 2]), M)],
    np.polyval: [lambda: (lambda a: np.polyval([1.0, -2.0, 3.0], a), M), lambda: (lambda a: np.polyval(a, 1.5), V),
                 lambda: (lambda a: np.polyval([a[0], 2.0], a), V)],
    np.diff: [lambda: (np.diff, V), lambda: (lambda a: np.diff(a, n=2, axis=0), T.T), lambda: (lambda a: np.diff(a, axis=1), T)],
    np.trapezoid: [lambda: (np.trapezoid, V), lambda: (lambda a: np.trapezoid(a, dx=0.5, axis=0), M), lambda: (lambda a: np.trapezoid(a, a * a), V),
                   lambda: (lambda a: np.trapezoid(a, [0.0, 1.0, 3.0]), M), lambda: (lambda a: np.trapezoid([1.0, 2.0, 4.0], a), V[:3])],
    np.sinc: [lambda: (np.sinc, np.array([0.0, -0.0, 0.5, 1e-300, 1.0, 2.7])), lambda: (np.sinc, S)],
    np.nan_to_num: [lambda: (np.nan_to_num, NAN), lambda: (lambda a: np.nan_to_num(a, nan=1, posinf=2, neginf=3), NAN)],
}  # fmt: skip


#: Functions that write into an array: see test_writes.py.
WRITING = {np.copyto, np.put, np.putmask, np.place, np.fill_diagonal}


def test_every_covered_function_has_its_cases():
    assert set(CASES) | set(numpy_cases.COVERED) == set(_functions.table) - WRITING


@pytest.mark.parametrize(
    "function", numpy_cases.COVERED | numpy_cases.THROUGH_NUMPY, ids=lambda function: function.__name__
)
def test_a_function_of_arrays_is_numpys(function):
    for f, *arguments in (numpy_cases.COVERED | numpy_cases.THROUGH_NUMPY)[function]:
        # sums of terms of both signs: relative to the largest term, which is of the order of 10
        same(f, *arguments, atol=1e-14)


@pytest.mark.parametrize("function", CASES, ids=lambda function: function.__name__)
def test_a_covered_function_is_numpys(function):
    for case in CASES[function]:
        f, *arguments = case()
        # sinc(1) is a rounding error of sin(π): absolute, not relative, precision
        if function is np.sinc:
            np.testing.assert_allclose(fc.compile(f)(*arguments), f(*arguments), atol=2e-16)
        else:
            same(f, *arguments)


@pytest.mark.parametrize("name", sorted(_array.method_names))
def test_a_method_is_the_function(name):
    arguments = {
        "choose": ([1.0, 2.0],), "clip": (0.2, 0.5), "compress": ([True, False, True],), "dot": (np.ones(6),), "put": ([0], 2.0), "repeat": (2,),
        "searchsorted": (0.5,), "take": ([1, 0],),
    }.get(name, ())  # fmt: skip
    if name in ("put", "choose"):
        pytest.skip("writes or is of whole numbers: tested elsewhere")
    array = M if name in ("diagonal", "trace") else np.sort(V) if name == "searchsorted" else V

    def f(a):
        found = getattr(a, name)(*arguments)
        return a.sum() * (found[0] if name == "nonzero" else found)

    same(f, array)


@pytest.mark.parametrize(
    "name", sorted(name for name in _ops.by_ufunc if not name.startswith("special."))
)  # see test_special.py
def test_a_ufunc_is_numpys(name):
    ufunc = getattr(np, name)
    if name in _ops.bitwise:
        arguments = [lambda a: a > 0.5, lambda a: a < 0.7][: ufunc.nin]
        same(lambda a: ufunc(*(make(a) for make in arguments)), M)
        return
    base = M + 1.0 if name == "arccosh" else M
    # a few functions of 4 ulp, and quotients of conditions up to 10 (log near 1, logit near 1/2)
    same(lambda a: ufunc(*(a, a.T.reshape(2, 3))[: ufunc.nin]), base, rtol=1e-13)
    same(lambda a: ufunc(*(a[0], 0.5)[: ufunc.nin]), base, rtol=1e-13)
    if ufunc.nin == 2:
        same(lambda a: ufunc(2, a), base, rtol=1e-13)


@pytest.mark.parametrize("ufunc", [np.add, np.multiply, np.maximum, np.minimum, np.logical_or, np.logical_and])
def test_a_ufunc_reduces_as_numpys(ufunc):
    same(lambda a: ufunc.reduce(a), M)
    same(lambda a: ufunc.reduce(a, axis=None), M)
    same(lambda a: ufunc.reduce(a, 1, keepdims=True), T)
    same(lambda a: ufunc.outer(a[0], a[1]), M)


@pytest.mark.parametrize(
    "f",
    [
        lambda m, n: m + n, lambda m, n: m * n, lambda m, n: m & n, lambda m, n: m | n, lambda m, n: m ^ n, lambda m, n: ~m,
        lambda m, n: m == n, lambda m, n: m != n, lambda m, n: m < n, lambda m, n: np.maximum(m, n), lambda m, n: np.minimum(m, n),
        lambda m, n: np.logical_not(m), lambda m, n: m * 2 + n, lambda m, n: m * 0.5 - n * 1, lambda m, n: m + True, lambda m, n: m * False,
        lambda m, n: np.where(m, n, True) & m, lambda m, n: m.any() | n.all(), lambda m, n: m.astype(float) + n.astype(np.float64),
        lambda m, n: np.where(m, 1, 0) + n, lambda m, n: m[0] + n[0], lambda m, n: (m + n).T, lambda m, n: np.sum(m + n) + np.sum(m) + np.sum(n),
        lambda m, n: ~(m[::-1] & n), lambda m, n: 1 - m, lambda m, n: True ^ m,
    ],
)  # fmt: skip
def test_truth_values_count_and_combine_as_numpys(f):
    same(lambda a: f(a > 0.4, a < 0.6), M)


def test_matrix_products_are_numpys():
    for f, a in (
        (lambda a: a @ a, V), (lambda a: a @ a.T, M), (lambda a: a @ a[0], M), (lambda a: a[:, 0] @ a, M), (lambda a: a.T @ np.ones(2), M),
        (lambda a: np.ones((3, 2)) @ a, M), (lambda a: np.matmul(a, np.swapaxes(a, 1, 2)), T), (lambda a: a @ np.arange(4.0), T),
        (lambda a: a[0] @ np.ones((2, 4, 5)), T),
    ):  # fmt: skip
        same(f, a)


def test_arguments_are_converted_to_float64():
    f = fc.compile(lambda a, b: a * 2 + b)
    for a in (3, 3.0, True, np.float32(3), np.int8(3), [3], (3,), [[3, 4], [5, 6]], np.arange(3, dtype=np.uint8), np.array([True, False]),
              np.arange(6.0)[::2], np.asfortranarray(np.ones((2, 3))), np.arange(3, dtype=">f8"), np.array(3.0), np.ones((0, 2))):  # fmt: skip
        got, want = f(a, 1), np.asarray(np.asarray(a, dtype=np.float64) * 2 + 1)
        assert got.shape == want.shape
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(f(a, 1), want)  # the second call finds the program


def test_complex_arguments_are_refused():
    f = fc.compile(lambda a: a * 2)
    for a in (1j, np.array([1j, 2]), [1, 2j]):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's own warning is not enough: the imaginary part must not be dropped
            for _ in range(2):
                with pytest.raises(TypeError, match="complex"):
                    f(a)


def test_a_number_and_an_array_of_one_are_two_shapes():
    f = fc.compile(lambda a: a + np.arange(3.0)[:, None] if a.ndim else a)
    assert f(1.0).shape == ()
    assert f([1.0]).shape == (3, 1)
    assert f([[1.0]]).shape == (3, 1)
    assert f(np.float64(1.0)).shape == ()
