"""backends: descent over Dask arrays, in this process and on a cluster of two."""

import os
import time

import dask
import dask.array as da
import fastcalc as fc
import numpy as np
import pytest
from fastcalc.dask import train
from numpy.testing import assert_allclose, assert_array_equal


def logistic():
    """A worker cannot import this file: what is defined in a function travels as itself."""

    def loss(params, X, y):
        return np.sum(np.log1p(np.exp(-y * (X @ params["weights"] + params["bias"]))))

    return loss


def shrinking(params):
    return 0.5 * np.sum(params["weights"] ** 2)


START = {"weights": np.zeros(3), "bias": 0.0}


@pytest.fixture
def problem(rng):
    X = rng.normal(size=(600, 3))
    return X, np.where(X @ [1.0, -2.0, 0.5] + 0.3 + rng.logistic(size=600) > 0, 1.0, -1.0)


@pytest.fixture(autouse=True)
def in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


@pytest.mark.parametrize("method", ["l-bfgs", "bfgs", "gradient-descent"])
def test_descent_over_blocks_ends_where_it_does_in_memory(problem, method):
    X, y = problem
    loss = logistic()
    found = train(
        loss,
        START,
        (da.from_array(X, chunks=(170, 2)), da.from_array(y, chunks=100)),
        method,
        penalty=shrinking,
        tol=1e-6,
    )
    expected = fc.minimize(lambda params: loss(params, X, y) + shrinking(params), START, tol=1e-8)
    assert found.success, found.message
    # A gradient of 1e-6, over the least curvature, which the penalty makes at least one.
    assert_allclose(found.x["weights"], expected.x["weights"], atol=2e-6)
    assert_allclose(found.x["bias"], expected.x["bias"], atol=2e-6)
    assert_allclose(found.fun, expected.fun, rtol=1e-10)


def test_momentum_and_adam_go_the_way_that_they_go_in_memory(problem):
    X, y = problem
    loss = logistic()
    blocks = da.from_array(X, chunks=(100, 3)), y
    for method in ("momentum", "nesterov", "adam"):
        options = {"maxiter": 20, "learning_rate": 1e-3}
        found = train(loss, START, blocks, method, options=options)
        expected = fc.minimize(loss, START, (X, y), method, options=options)
        # Twenty steps with the same gradients, up to the rounding of sums.
        assert_allclose(found.x["weights"], expected.x["weights"], rtol=1e-9)


def test_plain_vectors_bounds_and_one_array(rng):
    X = rng.normal(2.0, 1.0, size=(500, 2))
    found = train(lambda centre, X: np.sum((X - centre) ** 2), [0.0, 0.0], da.from_array(X, chunks=(77, 2)))
    assert_allclose(found.x, X.mean(axis=0), rtol=1e-9)
    bounded = train(
        lambda centre, X: np.sum((X - centre) ** 2),
        [0.0, 0.0],
        da.from_array(X, chunks=(77, 2)),
        bounds=[(0, 1), (0, 9)],
    )
    assert_allclose(bounded.x, [1.0, X[:, 1].mean()], rtol=1e-7)


def test_a_loss_that_is_no_sum_is_refused(problem):
    X, y = problem
    with pytest.raises(ValueError, match=r"Write np\.sum in place of np\.mean"):
        train(lambda b, X, y: np.mean((X @ b - y) ** 2), np.zeros(3), (da.from_array(X, chunks=(100, 3)), y))


def test_what_cannot_be_done_is_told(problem):
    X, y = problem
    blocks = da.from_array(X, chunks=(100, 3))
    with pytest.raises(ValueError, match="method 'newton'"):
        train(logistic(), START, (blocks, y), "newton")
    with pytest.raises(ValueError, match=r"`data\[1\]` has 599 rows, but the data have 600"):
        train(logistic(), START, (blocks, y[1:]))


def test_a_cluster_of_processes_gives_the_same_bits(problem, on_cluster):
    X, y = problem
    blocks = da.from_array(X, chunks=(100, 3)), y
    expected = train(logistic(), START, blocks, options={"maxiter": 8})
    with dask.config.set(scheduler=on_cluster):
        found = train(logistic(), START, blocks, options={"maxiter": 8})
    assert found.nfev == expected.nfev
    assert_array_equal(found.x["weights"], expected.x["weights"])


def test_a_worker_killed_in_the_middle_loses_nothing(problem, cluster, kill_a_worker, tmp_path):
    X, y = problem
    X, y = da.from_array(X, chunks=(75, 3)), da.from_array(y, chunks=75)
    options = {"maxiter": 8}
    expected = train(logistic(), START, (X, y), options=options)

    def slowly(block):
        (tmp_path / f"{time.monotonic_ns()}-{os.getpid()}").touch()
        time.sleep(0.02)
        return block

    def call():
        with dask.config.set(scheduler=cluster):
            # X stays in the workers' memory, and what the dead one had is computed again; y is read for each evaluation.
            return train(logistic(), START, (X.persist(), y.map_blocks(slowly, dtype=float)), options=options)

    # Eight blocks an evaluation: the worker dies in the fifth or sixth.
    found = kill_a_worker(call, tmp_path, after=45)
    assert len(list(tmp_path.iterdir())) >= 8 * expected.nfev
    assert found.nfev == expected.nfev > 8
    assert found.fun == expected.fun
    assert_array_equal(found.x["weights"], expected.x["weights"])
    assert_array_equal(found.x["bias"], expected.x["bias"])
