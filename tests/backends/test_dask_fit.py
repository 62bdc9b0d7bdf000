"""backends: non-linear fits of Dask collections, in this process and on a cluster of two."""

import os
import time

import dask
import dask.array as da
import dask.dataframe as dd
import fastcalc as fc
import nist
import numpy as np
import pandas as pd
import pytest
from fastcalc.dask import fit
from numpy.testing import assert_allclose, assert_array_equal


def decay(t, a, rate, offset):
    return a * np.exp(-rate * t) + offset


# A worker cannot import this file: what is defined in a function travels as itself.
def travelling():
    return lambda t, a, rate, offset: a * np.exp(-rate * t) + offset


P0 = [1.0, 1.0, 1.0]


@pytest.fixture
def problem(rng):
    t = rng.uniform(0.0, 4.0, 1000)
    return t, decay(t, 2.5, 1.3, 0.5) + 0.01 * rng.normal(size=1000), rng.uniform(0.5, 2.0, 1000)


@pytest.fixture(autouse=True)
def in_this_process():
    with dask.config.set(scheduler="synchronous"):
        yield


def assert_same_fit(found, expected):
    # Both end where a step changes 1e-12 of the parameters; sums in another order move that by rounding.
    assert_allclose(found.x, expected.x, rtol=1e-11)
    assert_allclose(found.covariance, expected.covariance, rtol=1e-9, atol=1e-12 * np.abs(expected.covariance).max())
    assert_allclose(found.chi2, expected.chi2, rtol=1e-11)
    for name in ("names", "dof", "nobs", "rank", "success", "fixed", "at_bound", "derivative_source"):
        assert getattr(found, name) == getattr(expected, name), name


@pytest.mark.parametrize("chunks", [1000, 170, (1, 2, 997)])
def test_any_blocks_give_the_fit_in_memory(problem, chunks):
    t, y, sigma = problem
    blocks = da.from_array(t, chunks=300), da.from_array(y, chunks=(chunks,))
    assert_same_fit(fit(decay, *blocks, P0), fc.fit(decay, t, y, P0))
    found = fit(decay, *blocks, P0, sigma=da.from_array(sigma, chunks=77), absolute_sigma=True)
    assert_same_fit(found, fc.fit(decay, t, y, P0, sigma=sigma, absolute_sigma=True))
    assert_same_fit(fit(decay, *blocks, P0, sigma=0.1), fc.fit(decay, t, y, P0, sigma=0.1))


def test_names_bounds_and_held_parameters_as_in_memory(problem):
    t, y, _ = problem
    for options in (
        {"fixed": {"offset": 0.4}, "p0": {"a": 2.0}},
        {"bounds": {"rate": (0.0, 1.0)}, "p0": [1.0, 0.5, 0.0]},
        {"bounds": ([0, 0, 0], [10, 10, 10])},
    ):
        found = fit(decay, da.from_array(t, chunks=170), da.from_array(y, chunks=170), **options)
        assert_same_fit(found, fc.fit(decay, t, y, **options))


@pytest.mark.parametrize("name", ["Misra1a", "Thurber", "MGH09"])
def test_certified_parameters_come_out_of_blocks(name):
    problem = nist.SETS[name]
    for start in problem.starts:
        found = fit(problem.model, da.from_array(problem.x, chunks=5), da.from_array(problem.y, chunks=5), start)
        # Certified to 11 digits, of which the conditioning of MGH09 costs some.
        assert_allclose(found.x, problem.parameters, rtol=1e-8)


def test_rows_may_be_the_first_or_the_last_axis(problem, rng):
    t, y, _ = problem
    X = np.stack([t, rng.normal(size=1000)])

    def by_rows(x, a, b):
        return a * np.exp(x[:, 1]) + b * x[:, 0]

    def by_columns(x, a, b):
        return a * np.exp(x[1]) + b * x[0]

    expected = fc.fit(by_columns, X, y)
    blocks = da.from_array(X, chunks=(1, 300))
    assert_same_fit(fit(by_columns, blocks, da.from_array(y, chunks=170)), expected)
    assert_same_fit(fit(by_rows, blocks.T, da.from_array(y, chunks=170)), expected)


def test_series_of_a_data_frame(problem):
    t, y, _ = problem
    frame = dd.from_pandas(pd.DataFrame({"t": t, "y": y}), npartitions=7)
    late = frame[frame.t > 2.0]  # parts of other lengths
    assert_same_fit(fit(decay, late["t"], late["y"], P0), fc.fit(decay, t[t > 2.0], y[t > 2.0], P0))


def test_a_function_that_cannot_be_traced_goes_down_the_ladder(problem):
    t, y, _ = problem

    def opaque(t, a, rate, offset):
        return np.array([a * float(np.exp(-rate * each)) + offset for each in t.tolist()])

    blocks = da.from_array(t, chunks=500), da.from_array(y, chunks=500)
    found = fit(opaque, *blocks, P0)
    assert_same_fit(found, fc.fit(opaque, t, y, P0))

    def by_table(t, a, rate, offset):
        return np.frombuffer((decay(t, float(a), float(rate), float(offset))).tobytes())

    with pytest.warns(fc.FallbackWarning, match="by_table"):
        found = fit(by_table, *blocks, P0)
    assert found.derivative_source == "finite differences"
    # Differences of second order leave 1e-10 of a derivative.
    assert_allclose(found.x, fc.fit(decay, t, y, P0).x, rtol=1e-8)


def test_a_model_that_mixes_rows_is_refused(problem):
    t, y, _ = problem

    def centred(t, a, b):
        return a * (t - t.mean()) + b

    with pytest.raises(ValueError, match=r"centred depend on other rows"):
        fit(centred, da.from_array(t, chunks=100), y_blocks := da.from_array(y, chunks=100))
    mean = t.mean()
    found = fit(lambda t, a, b: a * (t - mean) + b, da.from_array(t, chunks=100), y_blocks)
    assert_same_fit(found, fc.fit(centred, t, y))


def test_a_trial_that_overflows_is_no_end(rng):
    t = np.linspace(0.0, 1.0, 40)
    y = np.exp(np.exp(2.0 * t))

    def model(t, a):
        return np.exp(np.exp(a * t))

    found = fit(model, da.from_array(t, chunks=10), da.from_array(y, chunks=10), [0.1])
    assert_allclose(found.x, [2.0], rtol=1e-12)


def test_what_the_data_do_not_determine_is_told_as_in_memory(problem):
    t, y, _ = problem

    def twice(t, a, b, c):
        return (a + b) * t + c

    found, expected = fit(twice, da.from_array(t, chunks=100), da.from_array(y, chunks=100)), fc.fit(twice, t, y)
    assert found.rank == expected.rank == 2
    assert found.diagnosis == expected.diagnosis
    assert_array_equal(np.isinf(found.stderr), [True, True, False])


def test_what_cannot_be_used_is_told_with_its_block(problem):
    t, y, _ = problem
    blocks = da.from_array(t, chunks=100), da.from_array(y, chunks=100)
    with pytest.raises(TypeError, match=r"fc\.fit\(f, xdata, ydata\)"):
        fit(decay, t, y)
    with pytest.raises(ValueError, match="xdata has the shape"):
        fit(decay, blocks[0][:999], blocks[1])
    with pytest.raises(ValueError, match="one-dimensional"):
        fit(decay, blocks[0], blocks[1][:, None])
    with pytest.raises(ValueError, match="free parameters=3"):
        fit(decay, blocks[0][:2], blocks[1][:2])
    with pytest.raises(ValueError, match=r"block \d: `sigma` must be positive"):
        fit(decay, *blocks, P0, sigma=-1.0)
    with pytest.raises(ValueError, match="not finite"):
        fit(decay, *blocks, [1.0, -1e4, 0.0])
    y[317] = np.nan
    with pytest.raises(ValueError, match="block 3: array must not contain infs or NaNs"):
        fit(decay, blocks[0], da.from_array(y, chunks=100), P0)


def test_a_cluster_of_processes_gives_the_same_bits(problem, on_cluster):
    t, y, _ = problem
    blocks = da.from_array(t, chunks=70), da.from_array(y, chunks=70)
    expected = fit(travelling(), *blocks, P0)
    with dask.config.set(scheduler=on_cluster):
        found = fit(travelling(), *blocks, P0)
    assert_array_equal(found.x, expected.x)
    assert_array_equal(found.covariance, expected.covariance)
    assert found.derivative_source == "program"
    assert found.predict([0.0]).shape == (1,)


def test_a_worker_killed_in_the_middle_loses_nothing(problem, kill_a_worker, tmp_path):
    t, y, _ = problem

    def slowly(block):
        (tmp_path / f"{time.monotonic_ns()}-{os.getpid()}").touch()
        time.sleep(0.05)
        return block

    blocks = da.from_array(t, chunks=100)
    expected = fit(travelling(), blocks, da.from_array(y, chunks=100), P0)

    def call():
        with dask.config.set(scheduler=None):
            return fit(travelling(), blocks.map_blocks(slowly, dtype=float), da.from_array(y, chunks=100), P0)

    found = kill_a_worker(call, tmp_path)
    assert_array_equal(found.x, expected.x)
    assert_array_equal(found.covariance, expected.covariance)
    assert found.nfev == expected.nfev
