"""front door root: large systems whose Jacobian is sparse."""

import os
import subprocess
import sys

import fastcalc as fc
import numpy as np
import pytest
import scipy.sparse
from fastcalc._problems import _equations


def laplacian(u):
    """-Δu on a square, 0 around it."""
    around = np.zeros((u.shape[0] + 2, u.shape[1] + 2))
    around[1:-1, 1:-1] = u
    return 4 * u - around[2:, 1:-1] - around[:-2, 1:-1] - around[1:-1, 2:] - around[1:-1, :-2]


def wave(m):
    i = np.arange(1, m + 1) / (m + 1)
    return np.sin(np.pi * i)[:, None] * np.cos(3 * i)


def test_a_partial_differential_equation_on_a_grid():
    known = wave(100)
    load = laplacian(known) + 0.1 * known**3
    found = fc.root(lambda u: laplacian(u) + 0.1 * u**3 - load, np.zeros((100, 100)))
    assert found.success and found.derivative_source == "program" and found.x.shape == (100, 100)
    # the least eigenvalue is above 2e-3, so rounding of 1e-15 in the load moves the solution by 1e-12
    np.testing.assert_allclose(found.x, known, atol=1e-11)
    assert scipy.sparse.issparse(found.jac) and found.jac.shape == (10_000, 10_000) and found.jac.nnz == 49_600


def test_the_memory_is_that_of_the_entries():
    child = """
import resource
import numpy as np
import scipy.sparse.linalg
import fastcalc as fc
from test_sparse_root import laplacian
fc.root(lambda u: laplacian(u) + u**3 - 1, np.zeros((25, 25)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert fc.root(lambda u: laplacian(u) + u**3 - 1, np.zeros((100, 100))).success
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    env = dict(os.environ, PYTHONPATH=os.path.dirname(__file__))
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, env=env)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) < 100  # MB; a dense Jacobian has 800


@pytest.mark.parametrize(
    "f",
    [
        lambda x: (3 - 2 * x) * x - np.roll(x, 1) - 2 * np.roll(x, -1) + 1,
        lambda x: x + 0.1 * np.sin(x[::-1]) - np.linspace(0, 1, x.size),
        lambda x: np.concatenate([x[1:] - np.cos(x[:-1]), [x[0] - 0.5]]),
    ],
    ids=["periodic", "far pairs", "triangular"],
)
def test_the_solution_is_that_of_the_dense_way(f, monkeypatch):
    sparse = fc.root(f, -np.ones(600))
    monkeypatch.setattr(_equations, "LEAST_BAND", 10**9)
    dense = fc.root(lambda x: f(x), -np.ones(600))
    assert sparse.success and dense.success and isinstance(dense.jac, np.ndarray)
    assert sparse.nit == dense.nit
    np.testing.assert_allclose(sparse.x, dense.x, atol=1e-12)  # both to rounding of well-conditioned systems
    np.testing.assert_allclose(sparse.jac.toarray(), dense.jac, atol=1e-12)


def chain(x):
    """Broyden's tridiagonal system."""
    before, after = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return (3 - 2 * x) * x - before - 2 * after + 1


@pytest.mark.parametrize("n", [9, 10, 12, 100, 499, 500, 3000])
@pytest.mark.parametrize("start", [-1.0, -10.0])
def test_a_band_leads_where_the_whole_matrix_does(n, start, monkeypatch):
    monkeypatch.setattr(_equations, "LEAST_BAND", 10**9)
    dense = fc.root(lambda x: chain(x), np.full(n, start)) if n < 1000 else None
    monkeypatch.undo()
    banded, again = fc.root(chain, np.full(n, start)), fc.root(chain, np.full(n, start))
    assert banded.success and scipy.sparse.issparse(banded.jac) == (n >= 500)
    whole, other = (each.toarray() if n >= 500 else each for each in (banded.jac, again.jac))
    np.testing.assert_array_equal(other, whole)
    np.testing.assert_array_equal(again.x, banded.x)
    np.testing.assert_allclose(whole, fc.jacobian(chain)(banded.x), rtol=1e-15)
    if dense is not None:
        assert banded.nit == dense.nit
        np.testing.assert_allclose(banded.x, dense.x, rtol=1e-13)  # well conditioned


def test_what_is_few_and_no_band_is_dense():
    periodic = fc.root(lambda x: chain(x) - np.roll(x, 1), -np.ones(60))  # two corners
    assert periodic.success and isinstance(periodic.jac, np.ndarray) and periodic.jac[0, -1] != 0


def test_a_band_that_grows_on_the_way():
    def f(x):
        far = np.concatenate([np.zeros(2), x[:-2]]) if x[0] > 0.6 else np.concatenate([[0.0], x[:-1]])
        return x + 0.2 * far - 1  # x_0 is 1

    for _ in range(2):
        found = fc.root(f, np.full(100, 0.1))
        assert found.success and found.jac[5, 3] == 0.2 and found.jac[5, 4] == 0
    wide = fc.root(lambda x: x + 0.2 * (np.roll(x, 50) if x[0] > 0.6 else x[::1]) - 1, np.full(100, 0.1))
    assert wide.success and wide.jac[60, 10] == 0.2  # no band any more


def test_a_band_with_arguments():
    for args in ((2.0,), (np.linspace(1, 2, 50),)):
        found = fc.root(lambda x, a: chain(x) - a + 1, -np.ones(50), args)
        assert found.success and found.derivative_source == "program"
        np.testing.assert_allclose(chain(found.x) + 1, args[0], atol=1e-14)


def test_the_derivative_of_a_solution_on_a_band():
    def last(a):
        return fc.root(lambda x, a: chain(x) - a, -np.ones(40), (a,)).x[-1]

    step = 1e-6
    np.testing.assert_allclose(fc.grad(last)(0.1), (last(0.1 + step) - last(0.1 - step)) / (2 * step), rtol=1e-8)


def test_arguments_of_every_kind():
    b = np.linspace(1, 2, 1000)

    def f(x, b, power, name):
        assert name == "cube"
        return x**power + 0.1 * np.roll(x, 1) - b

    for args in ((b, 3.0, "cube"), (b, 3, "cube")):
        found = fc.root(f, np.ones(1000), args=args)
        assert found.success and scipy.sparse.issparse(found.jac)
        np.testing.assert_allclose(found.x**3 + 0.1 * np.roll(found.x, 1), b, rtol=1e-14)
    again = fc.root(lambda x, b: x**3 + 0.1 * np.roll(x, 1) - b, np.ones(1000), args=(b,))
    np.testing.assert_allclose(again.x, found.x, rtol=1e-14)


def test_a_path_with_entries_in_other_places_is_followed():
    def f(x):
        far = np.roll(x, 7) if x[0] > 0.6 else np.roll(x, 3)
        return x + 0.2 * far - 1  # at 1 / 1.2, beyond the start

    found = fc.root(f, np.full(800, 0.1))
    assert found.success
    np.testing.assert_allclose(found.x, 1 / 1.2, rtol=1e-14)
    assert found.jac.nnz == 3 * 800  # of both paths


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_a_sparse_derivative_that_is_given_stays_sparse(form):
    def slope(x, a):
        n = x.size
        neighbours = scipy.sparse.coo_array((np.full(n, 0.1), (np.arange(n), (np.arange(n) - 1) % n)), shape=(n, n))
        return (scipy.sparse.diags_array(3 * x**2) + neighbours).asformat(form)

    def opaque(x, a):
        return np.array([float(repr(float(v))) for v in x]) ** 3 + 0.1 * np.roll(x, 1) - a

    found = fc.root(opaque, np.ones(5000), args=(2.0,), jac=slope)
    assert found.success and found.derivative_source == "derivative given" and found.jac.nnz == 10_000
    np.testing.assert_allclose(found.fun, 0, atol=1e-14)
    with pytest.raises(TypeError, match="mismatch between the input and output shape"):
        fc.root(opaque, np.ones(5000), args=(2.0,), jac=lambda x, a: slope(x, a).tocsr()[:10])


def test_a_given_derivative_may_have_other_entries_at_another_point():
    n = 600

    def f(x):
        return x + 0.2 * np.roll(x, 7 if x[0] > 0.6 else 3) - 1

    def slope(x):
        shift = 7 if x[0] > 0.6 else 3
        return scipy.sparse.eye_array(n, format="csr") + scipy.sparse.csr_array(
            (np.full(n, 0.2), ((np.arange(n) - shift) % n), np.arange(n + 1)), shape=(n, n)
        )

    found = fc.root(f, np.full(n, 0.1), jac=slope)
    assert found.success and found.jac.nnz == 3 * n
    np.testing.assert_allclose(found.x, 1 / 1.2, rtol=1e-14)


def test_a_singular_jacobian_at_the_start_is_left():
    def f(x):
        return np.concatenate([[x[0] + x[1] - 2, x[0] ** 2 + x[1] - 2], x[2:] ** 3 - 8])

    found = fc.root(f, np.concatenate([[0.5], np.ones(599)]))  # the first two rows are equal
    assert found.success and scipy.sparse.issparse(found.jac)
    np.testing.assert_allclose(found.fun, 0, atol=1e-12)  # rounding of terms up to 8


def test_a_system_without_a_root_says_so():
    found = fc.root(lambda x: x**2 + 0.1 * np.roll(x, 1) ** 2 + 1, np.ones(600))
    assert not found.success and found.reason in ("no_root_nearby", "stalled")


def test_an_unknown_that_no_equation_has():
    found = fc.root(lambda x: np.concatenate([x[:-1] ** 2 - 4, [x[0] - 2]]), np.ones(600))
    np.testing.assert_allclose(found.x[:-1], 2, rtol=1e-6)  # dogleg along the gradient: a singular Jacobian everywhere


def test_a_dense_system_stays_dense():
    weights = np.random.default_rng(1).normal(size=(600, 600)) / 600
    found = fc.root(lambda x: x + 0.1 * np.tanh(weights @ x) - 1, np.zeros(600))
    assert found.success and isinstance(found.jac, np.ndarray)
    # an arrow: few entries, but no two columns or rows share a product
    arrow = fc.root(lambda x: np.concatenate([[np.sum(x) - 1], x[1:] ** 3 + x[0]]), np.ones(600))
    assert isinstance(arrow.jac, np.ndarray)


def test_bad_starts_are_named():
    with pytest.raises(ValueError, match="not finite at x0"):
        fc.root(lambda x: np.log(x) + np.roll(x, 1), np.full(600, -1.0))
    with pytest.raises(TypeError, match="mismatch between the input and output shape"):
        fc.root(lambda x: x[1:], np.ones(600))


def test_the_call_again_is_the_same(recwarn):
    def f(x):
        return x**3 + np.roll(x, 1) - 2

    one, two = fc.root(f, np.zeros(600)), fc.root(f, np.zeros(600))
    np.testing.assert_array_equal(one.x, two.x)
    other = fc.root(f, np.zeros(700))
    assert other.x.shape == (700,) and not recwarn.list


def bratu(u, strength=5.0):
    """Δu + strength eᵘ = 0 on a square, 0 around it."""
    n = u.shape[0]
    around = np.zeros((n + 2, n + 2))
    around[1:-1, 1:-1] = u
    neighbours = around[2:, 1:-1] + around[:-2, 1:-1] + around[1:-1, 2:] + around[1:-1, :-2]
    return neighbours - 4 * u + strength / (n + 1) ** 2 * np.exp(u)


def test_factors_that_cost_much_serve_for_more_than_one_step(monkeypatch):
    import scipy.sparse.linalg

    made = []
    splu = scipy.sparse.linalg.splu
    monkeypatch.setattr(scipy.sparse.linalg, "splu", lambda *given, **named: made.append(1) or splu(*given, **named))
    start = np.zeros((100, 100))
    found = fc.root(bratu, start)
    assert found.success and np.abs(found.fun).max() < 1e-14 and len(made) < found.nit / 2
    np.testing.assert_allclose(found.x, found.x.T, rtol=1e-9)  # as symmetric as the square
    second, third = fc.root(bratu, start), fc.root(bratu, start)  # in an order of the unknowns that the first found out
    np.testing.assert_array_equal(second.x, third.x)
    np.testing.assert_allclose(second.x, found.x, rtol=1e-12)
    upper = fc.root(bratu, np.full((100, 100), 2.0))  # there is another one, where J is another
    assert upper.success and upper.x.max() > 2 and np.abs(upper.fun).max() < 1e-13
