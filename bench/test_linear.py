"""bench: linear least squares, with standard errors: one pass over X, by as many threads as the rivals have (one).

The limit is plain normal equations by hand (`kernels/linear.cpp`), or by BLAS for many columns: neither makes standard errors, and both
lose all digits at a condition number of 1e8.
"""

from importlib.util import find_spec

import fastcalc as fc
import numpy as np
import pytest
import scipy.linalg
from kernels import compiled, plain_normal_equations
from race import race


def rivals(X, y, statsmodels=False):
    """Return what solves the same problem; statsmodels, which makes standard errors, takes as long as all others together."""
    found = {
        "NumPy lstsq": lambda: np.linalg.lstsq(X, y, rcond=None)[0],
        "NumPy normal equations": lambda: np.linalg.solve(X.T @ X, X.T @ y),
        "SciPy lstsq gelsy": lambda: scipy.linalg.lstsq(X, y, lapack_driver="gelsy", check_finite=False)[0],
    }
    if find_spec("sklearn"):
        from sklearn.linear_model import LinearRegression, Ridge

        found["scikit-learn"] = lambda: LinearRegression(fit_intercept=False).fit(X, y).coef_
        found["scikit-learn Ridge cholesky"] = lambda: (
            Ridge(0.0, fit_intercept=False, solver="cholesky").fit(X, y).coef_
        )
    if statsmodels and find_spec("statsmodels"):
        import statsmodels.api as sm

        def with_errors():
            fit = sm.OLS(y, X).fit()
            return fit.params, fit.bse

        found["statsmodels (with errors)"] = lambda: with_errors()[0]
    return found


def ours(X, y, threads=1):
    def call():
        fit = fc.lstsq(X, y, threads=threads)
        return fit.coef, fit.stderr

    return lambda: call()[0]


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return compiled(tmp_path_factory.mktemp("kernels"), "linear")


@pytest.mark.parametrize(("rows", "columns", "goal"), [(10**6, 10, 2.5), (10**7, 4, 2.5), (2 * 10**6, 20, None)])
def test_long(record, library, rows, columns, goal):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, columns)), rng.normal(size=rows)
    others = rivals(X, y, statsmodels=columns == 20)
    contenders = {"fastcalc": ours(X, y), **others, "limit": plain_normal_equations(library, X, y)}
    answer = np.linalg.lstsq(X, y, rcond=None)[0]
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), answer, rtol=1e-9, atol=1e-12, err_msg=name)
    times = race(contenders, rounds=9)
    limit = times.pop("limit")
    title = f"linear, {rows:.0e} × {columns}, with standard errors".replace("e+0", "e")
    goals = {"goal_over_limit": goal} if goal else {"goal": 0.25}
    record(title, contenders["fastcalc"], times.pop("fastcalc"), times, limit, **goals)


@pytest.mark.parametrize(("rows", "columns"), [(10**5, 100), (10**4, 1000)])
def test_wide(record, rows, columns):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(rows, columns)), rng.normal(size=rows)

    def by_blas():
        gram = scipy.linalg.blas.dsyrk(1.0, X.T, trans=0)
        return scipy.linalg.cho_solve((scipy.linalg.cho_factor(gram, overwrite_a=True)), X.T @ y, check_finite=False)

    contenders = {"fastcalc": ours(X, y), **rivals(X, y), "limit": by_blas}
    answer = np.linalg.lstsq(X, y, rcond=None)[0]
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), answer, rtol=1e-8, atol=1e-12, err_msg=name)
    times = race(contenders, rounds=9)
    limit = times.pop("limit")
    title = f"linear, {rows:.0e} × {columns}, with standard errors".replace("e+0", "e")
    record(title, contenders["fastcalc"], times.pop("fastcalc"), times, limit, goal_over_limit=3.0)


def test_estimator(record):
    sklearn = pytest.importorskip("sklearn.linear_model")
    from fastcalc.sklearn import LinearRegression

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(10**6, 10)), rng.normal(size=10**6)
    contenders = {
        "fastcalc": lambda: LinearRegression().fit(X, y).coef_,
        "scikit-learn": lambda: sklearn.LinearRegression().fit(X, y).coef_,
        "scikit-learn Ridge cholesky": lambda: sklearn.Ridge(0.0, solver="cholesky").fit(X, y).coef_,
    }
    answer = contenders["scikit-learn"]()
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), answer, rtol=1e-9, atol=1e-12, err_msg=name)
    times = race(contenders, rounds=20)
    record("LinearRegression of scikit-learn's kind, 1e6 × 10", contenders["fastcalc"], times.pop("fastcalc"), times)


def test_dask(record):
    da = pytest.importorskip("dask.array")
    import dask
    import fastcalc.dask

    X = da.random.default_rng(0).normal(size=(2 * 10**6, 10), chunks=(10**5, 10)).persist()
    y = da.random.default_rng(1).normal(size=2 * 10**6, chunks=10**5).persist()
    contenders = {
        "fastcalc": lambda: fastcalc.dask.lstsq(X, y).coef,
        "dask.array.linalg.lstsq": lambda: da.linalg.lstsq(X, y)[0].compute(),
        "Dask's normal equations": lambda: np.linalg.solve(*dask.compute(X.T @ X, X.T @ y)),
    }
    answer = contenders["dask.array.linalg.lstsq"]()
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), answer, rtol=1e-9, atol=1e-12, err_msg=name)
    times = race(contenders, rounds=20)
    record("Dask arrays, 2e6 × 10 in 20 blocks, threads", contenders["fastcalc"], times.pop("fastcalc"), times)
