"""function: sparse Jacobians and Hessians are the dense ones, and cost as much as their pattern is wide."""

import time

import fastcalc as fc
import numpy as np
import pytest
import scipy.sparse


def chained_rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


N = 12
WEIGHTS = np.random.default_rng(3).uniform(1, 2, (N, N))
ARROW = np.zeros((N, N))
ARROW[0], ARROW[:, 0] = 1, 1

ARRAYS = {
    "banded": lambda x: x[1:] * np.exp(x[:-1]) - x[:-1] ** 3,
    "diagonal": lambda x: np.sin(x) * x,
    "second differences": lambda x: np.diff(x, 2) ** 2,
    "reversed": lambda x: x * x[::-1],
    "strided": lambda x: np.concatenate([x[::2] * x[1::2], x[:3] ** 2]),
    "sums of rows": lambda x: np.sum(x.reshape(3, 4) ** 2, axis=1),
    "gathered": lambda x: x[[3, 3, 0, 5]] ** 2,
    "two axes": lambda x: x.reshape(3, 4)[1:] * x.reshape(3, 4)[:-1],
    "written": lambda x: _written(x),
    "dense": lambda x: WEIGHTS @ np.sin(x),
    "constant": lambda x: np.ones(3),
    "a number": lambda x: x[2] * x[5],
    "flat": lambda x: np.floor(x) + np.sign(x) * x,
}
NUMBERS = {
    "chained": chained_rosenbrock,
    "separable": lambda x: np.sum(np.exp(x)),
    "arrow": lambda x: x[0] * np.sum(x[1:] ** 2),
    "linear": lambda x: np.sum(x),
    "grid": lambda x: np.sum(np.diff(x.reshape(3, 4), axis=0) ** 4) + np.sum(np.diff(x.reshape(3, 4), axis=1) ** 4),
    "dense": lambda x: np.sum(x) ** 3,
    "far pairs": lambda x: np.sum(np.sin(x * x[::-1])),
    "branch": lambda x: np.sum(x[1:] * x[:-1]) if x[0] > 0 else np.sum(x**3),
}


def _written(x):
    out = np.zeros(2 * N)
    out[::2] = x**2
    out[3] = x[0] * x[1]
    return out


@pytest.fixture
def x(rng):
    return rng.uniform(0.5, 1.5, N)


@pytest.mark.parametrize("name", ARRAYS)
def test_a_sparse_jacobian_is_the_dense_one(name, x):
    f = ARRAYS[name]
    # reverse mode looks at no pattern
    dense = fc.jacobian(f, mode="reverse")(x).reshape(np.size(f(x)), N)
    sparse = fc.jacobian(f, sparse=True)(x)
    assert isinstance(sparse, scipy.sparse.csr_array)
    np.testing.assert_allclose(sparse.toarray(), dense, rtol=1e-14)
    np.testing.assert_allclose(fc.jacobian(f)(x).reshape(dense.shape), dense, rtol=1e-14)
    if name != "dense":
        assert sparse.nnz <= 4 * N


@pytest.mark.parametrize("name", NUMBERS)
def test_a_sparse_hessian_is_the_dense_one_and_exactly_symmetric(name, x):
    f = NUMBERS[name]
    dense = fc.jacobian(fc.grad(f), mode="reverse")(x)
    for at in (x, -x):
        sparse = fc.hessian(f, sparse=True)(at)
        assert isinstance(sparse, scipy.sparse.csr_array)
        whole = sparse.toarray()
        assert np.array_equal(whole, whole.T)
        assert np.array_equal(whole, fc.hessian(f)(at)) or name == "dense"
        dense = fc.jacobian(fc.grad(f), mode="reverse")(at)
        np.testing.assert_allclose(whole, dense, rtol=1e-13, atol=1e-13)


def test_each_result_has_arrays_of_its_own(x):
    f = fc.hessian(chained_rosenbrock, sparse=True)
    first, second = f(x), f(x)
    first.data[:] = 0
    first.indices[:] = 0
    assert np.array_equal(second.toarray(), f(x).toarray())


def compressed_hessian(f, n):
    from fastcalc._functions._compressed import Pattern
    from fastcalc._tracer import Recording
    from fastcalc._tracer import _derivatives as record

    recording = Recording()
    x = record.independent(recording, recording.input("x", np.ones(n), seed=False))
    gradient = record.gradient(recording, recording.result(f(x)), [x])[0]
    return Pattern.of(recording, gradient, x).compressed_by_symmetry()


def test_a_banded_problem_takes_as_many_directions_as_its_band_is_wide():
    compressed = compressed_hessian(chained_rosenbrock, 1000)
    assert compressed.count == 3
    assert len(compressed.places) == 3 * 1000 - 2


def test_a_variable_that_all_others_meet_takes_one_direction_more():
    compressed = compressed_hessian(lambda x: x[0] * np.sum(x[1:] ** 2), 1000)
    assert compressed.count == 2


def test_a_jacobian_takes_directions_or_adjoints_whichever_are_fewer():
    from fastcalc._functions._compressed import Pattern
    from fastcalc._tracer import Recording
    from fastcalc._tracer import _derivatives as record

    def way(f, mode="auto"):
        recording = Recording()
        x = record.independent(recording, recording.input("x", np.ones(100), seed=False))
        compressed = Pattern.of(recording, recording.result(f(x)), x).compressed(mode)
        return compressed.mode, compressed.count

    def with_a_full_row(x):
        return np.concatenate([x**2, [np.sum(x) ** 2]])

    def with_a_full_column(x):
        return x[1:] * x[0]

    assert way(with_a_full_row) == ("reverse", 2)
    assert way(with_a_full_row, "forward") == ("forward", 100)
    assert way(with_a_full_column) == ("forward", 2)
    assert way(with_a_full_column, "reverse") == ("reverse", 99)
    x = np.random.default_rng(2).uniform(0.5, 2, 100)
    for f in (with_a_full_row, with_a_full_column):
        dense = fc.jacobian(f, mode="reverse")(x)
        for mode in ("auto", "forward", "reverse"):
            np.testing.assert_allclose(fc.jacobian(f, sparse=True, mode=mode)(x).toarray(), dense, rtol=1e-15)


@pytest.mark.long
def test_a_million_inputs_take_linear_time():
    times = []
    for n in (10**5, 10**6):
        f = fc.hessian(chained_rosenbrock, sparse=True)
        x = np.linspace(0, 1, n)
        began = time.perf_counter()
        h = f(x)
        times.append(time.perf_counter() - began)
        np.testing.assert_allclose(h.diagonal()[1:-1], 1200 * x[1:-1] ** 2 - 400 * x[2:] + 202, rtol=1e-12)
        np.testing.assert_allclose(h.diagonal(1), -400 * x[:-1], rtol=1e-13)
    assert times[1] < 40 * times[0]  # ten times as much, and caches that are too small


def test_what_has_no_sparse_matrix_is_refused(x):
    with pytest.raises(TypeError, match="one array"):
        fc.jacobian(lambda x: (x, x), sparse=True)(x)
    with pytest.raises(TypeError, match="one array"):
        fc.hessian(lambda x, y: np.sum(x * y), argnums=(0, 1), sparse=True)(x, x)
    with pytest.raises(fc.TraceError, match="sparse"):
        fc.grad(lambda x: fc.hessian(chained_rosenbrock, sparse=True)(x).sum())(x)
    with pytest.raises(ValueError, match="mode"):
        fc.jacobian(np.sin, mode="backward", sparse=True)
    rule = fc.custom_derivative(np.exp, jvp=lambda at, d: d[0])
    with pytest.raises(fc.TraceError, match="custom"):
        fc.jacobian(rule, sparse=True)(x)
    np.testing.assert_array_equal(fc.jacobian(rule)(x), np.eye(N))


def test_each_sparse_matrix_owns_its_arrays():
    """The second and later ones are not made by SciPy's constructor: whole csr_arrays all the same, and each apart from the others."""
    f = fc.hessian(lambda x: ((x[1:] - x[:-1] ** 2) ** 2).sum() + x[0] ** 3, sparse=True)
    x = np.linspace(-1.0, 1.0, 9)
    x[1] = 0.0
    first, second = f(x), f(x)
    assert vars(first).keys() == vars(second).keys()
    second.data[:] = 0.0
    second.eliminate_zeros()
    assert second.nnz == 0
    third = f(x)
    third.check_format(full_check=True)
    np.testing.assert_array_equal(third.toarray(), first.toarray())
    np.testing.assert_array_equal((third @ third.T + 2 * third).toarray(), (first @ first.T + 2 * first).toarray())
    assert third.shape == (9, 9)
    assert third.has_canonical_format
