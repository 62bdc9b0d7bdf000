"""front door minimize: many variables, and a Hessian of which most entries are zero."""

import fastcalc as fc
import numpy as np
import pytest
import scipy.sparse


def chained(x):
    """Rosenbrock's function: a band of three diagonals."""
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def around(x):
    """A ring, each of whose members pulls at its neighbours; its band in the order of the ring is closed by two far entries."""
    return np.sum(x**4 / 4 - x) + 0.3 * np.sum((x - np.roll(x, 1)) ** 2)


def with_hub(x):
    """One variable that meets all others: a full row and column."""
    return np.sum((x[1:] * x[0] - 1) ** 2) + np.sum((x[1:] - 0.5) ** 4) + (x[0] - 3) ** 2


def shuffled(x):
    """The chain, of variables in disorder."""
    return chained(x[np.random.default_rng(5).permutation(x.size)])


def surface(x):
    """The area over a square grid, whose rim is a wave."""
    m = int(np.sqrt(x.size))
    height = np.zeros((m + 2, m + 2))
    height[0] = np.sin(np.linspace(0, 3, m + 2))
    height[1:-1, 1:-1] = x.reshape(m, m)
    across, along = height[1:, :-1] - height[:-1, :-1], height[:-1, 1:] - height[:-1, :-1]
    return np.sum(np.sqrt((m + 1.0) ** -2 + across**2 + along**2))


def mean_field(x):
    """Everyone meets everyone."""
    return np.sum(x**4 / 4 - x) + np.sum(x) ** 2 / x.size


@pytest.mark.parametrize(
    ("f", "method"),
    [
        (chained, "newton"),
        (around, "newton"),
        (with_hub, "newton"),
        (shuffled, "newton"),
        (surface, "newton-cg"),
        (mean_field, "newton-cg"),
    ],
)
def test_the_default_is_chosen_by_the_pattern(f, method):
    start = np.full(2500, 0.9)
    found = fc.minimize(f, start)
    assert found.success and found.method == method
    other = fc.minimize(f, start, method="newton-cg" if method == "newton" else "l-bfgs")
    assert other.success
    # |x − x*| ≤ |g| / the least curvature, which is above 1e-3; |g| ≤ 1e-8 √2500 where no component is above 1e-8, mostly far below
    np.testing.assert_allclose(found.x, other.x, atol=1e-4)
    np.testing.assert_allclose(found.fun, other.fun, rtol=1e-9, atol=1e-12)


def test_few_variables_and_full_hessians_have_the_methods_of_before():
    assert fc.minimize(chained, np.zeros(100)).method == "newton"
    assert isinstance(fc.minimize(chained, np.zeros(100)).hess, np.ndarray)
    assert fc.minimize(mean_field, np.zeros(150)).method == "newton-cg"


@pytest.mark.parametrize("f", [chained, around, with_hub, shuffled, surface])
def test_newton_by_entries_takes_the_path_of_the_full_matrix(f, monkeypatch):
    start = np.full(144, 0.9)
    sparse = fc.minimize(f, start, method="newton")
    assert scipy.sparse.issparse(sparse.hess)
    monkeypatch.setattr("fastcalc._doors._minimize.FEW_VARIABLES", 1000)
    full = fc.minimize(f, start, method="newton")
    assert isinstance(full.hess, np.ndarray) and sparse.nit == full.nit
    np.testing.assert_allclose(sparse.x, full.x, atol=1e-7)  # rounding in another order of elimination
    np.testing.assert_allclose(sparse.hess.toarray(), full.hess, atol=1e-5 * np.abs(full.hess).max())


def test_the_hessian_of_the_result_is_that_at_the_solution():
    found = fc.minimize(shuffled, np.full(500, 0.7))
    expected = fc.hessian(shuffled, sparse=True)(found.x)
    np.testing.assert_array_equal(found.hess.toarray(), expected.toarray())
    assert found.nhev < 100


def test_bounds_hold_some_of_many():
    lower, upper = np.full(1000, -np.inf), np.full(1000, 0.8)
    lower[100], upper[100] = 0.3, 0.3
    found = fc.minimize(chained, np.zeros(1000), bounds=np.stack([lower, upper], axis=1))
    other = fc.minimize(chained, np.zeros(1000), bounds=np.stack([lower, upper], axis=1), method="l-bfgs")
    assert found.success and found.method == "newton" and found.x[100] == 0.3 and found.x.max() == 0.8
    np.testing.assert_allclose(found.x, other.x, atol=1e-6)


def test_a_saddle_of_many_variables_is_left():
    def two_wells(x):
        return np.sum(x**4 / 4 - x**2 / 2) + np.sum((x[1:] - x[:-1]) ** 2)

    found = fc.minimize(two_wells, np.zeros(400))
    assert found.success and found.method == "newton"
    np.testing.assert_allclose(np.abs(found.x), 1, atol=1e-8)
    assert np.all(found.x == found.x[0]) or np.ptp(found.x) < 1e-8


def test_structures_and_arguments_of_every_kind():
    def apart(p, weight, power, kind):
        assert kind == "chain"
        return weight @ (p["a"] - 1) ** power + np.sum((p["b"] - p["a"]) ** 2)

    start = {"a": np.zeros(120), "b": np.ones(120)}
    found = fc.minimize(apart, start, args=(np.linspace(1, 2, 120), 2, "chain"))
    assert found.success and found.method == "newton" and found.hess.nnz == 4 * 120
    np.testing.assert_allclose(found.x["a"], 1, atol=1e-12)


def test_a_path_with_entries_in_other_places_is_followed():
    def f(x):
        far = np.roll(x, 7) if x[0] > 0.6 else np.roll(x, 3)
        return np.sum((x - 1) ** 2) + 0.1 * np.sum((x * far - 1) ** 2)

    found = fc.minimize(f, np.full(300, 0.1))
    assert found.success and found.method == "newton" and found.hess.nnz == 5 * 300  # both paths'
    np.testing.assert_allclose(found.x, 1, atol=1e-9)


def test_where_another_path_has_a_full_hessian_products_go_on():
    def f(x):
        pull = np.sum(x) ** 2 / x.size if x[0] > 0.5 else np.sum((x[1:] - x[:-1]) ** 2)
        return np.sum((x - 1) ** 2) + 0.01 * pull

    found = fc.minimize(f, np.full(3000, 0.1))
    assert found.success and found.method == "newton-cg"
    np.testing.assert_allclose(found.x, 1 / 1.01, rtol=1e-9)


@pytest.mark.parametrize("method", [None, "newton"])
def test_a_function_that_is_not_its_trace_gets_no_matrix_of_differences(method):
    state = {"shift": 0.0}

    def drifting(x):
        return np.sum((x - 1) ** 2) + np.sum((x[1:] - x[:-1]) ** 2) + state["shift"]

    with pytest.warns(fc.FallbackWarning):
        found = fc.minimize(drifting, np.zeros(150), method=method, callback=lambda x: state.update(shift=0.5))
    assert found.derivative_source == "finite differences" and found.method == "newton-cg"


def test_a_custom_derivative_has_no_pattern():
    square = fc.custom_derivative(lambda x: x**2, jvp=lambda at, d: 2 * at[0] * d[0])
    found = fc.minimize(lambda x: np.sum(square(x - 1)), np.zeros(200))
    assert found.success and found.method == "newton-cg"
    assert fc.minimize(lambda x: np.sum(square(x - 1)), np.zeros(200), method="newton").success


def test_a_full_pattern_of_many_variables_is_not_made():
    # 30,000² entries would be 3.6 GB
    assert fc.minimize(mean_field, np.full(30_000, 0.1)).success


@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_a_sparse_hessian_that_is_given_stays_sparse(form):
    exact = fc.hessian(chained, sparse=True)
    asked = []

    def given(x):
        asked.append(x)
        return exact(x).asformat(form)

    found = fc.minimize(chained, np.full(2000, 0.7), hess=given)
    assert found.success and found.method == "newton" and found.hess.nnz == 5998
    assert len(asked) == found.nhev + 1
    np.testing.assert_allclose(found.x, 1, atol=1e-7)
    by_products = fc.minimize(chained, np.full(2000, 0.7), hess=given, method="newton-cg")
    assert by_products.success
    with pytest.raises(ValueError, match=r"shape \(10, 2000\) for 2000 variables"):
        fc.minimize(chained, np.full(2000, 0.7), hess=lambda x: exact(x)[:10])


def test_a_given_hessian_may_have_other_entries_at_another_point():
    def hess(x):
        exact = np.diag(3 * x**2 + 0.01)
        exact[0, 0], exact[0, 1], exact[1, 0] = 3 * x[0] ** 2 + x[1] ** 2, 2 * x[0] * x[1], 2 * x[0] * x[1]
        exact[1, 1] += x[0] ** 2
        return scipy.sparse.csr_array(exact)  # of zeros nothing is stored

    def f(x):
        return np.sum(x**4) / 4 + 0.005 * np.sum(x[1:] ** 2) + x[0] ** 2 * x[1] ** 2 / 2 - np.sum(x)

    start = np.zeros(150)
    start[2:] = 1.0
    found = fc.minimize(f, start, hess=hess)
    assert found.success and found.hess.nnz == 152
    np.testing.assert_allclose(fc.grad(f)(found.x), 0, atol=1e-8)


def test_a_linear_function_has_no_entries():
    found = fc.minimize(lambda x: np.sum(x), np.zeros(200), bounds=[(-1, 1)] * 200)
    assert found.success and np.all(found.x == -1)
