"""backends: linear least squares of Dask collections, in this process and on a cluster of two."""

import os
import time

import dask
import dask.array as da
import dask.dataframe as dd
import fastcalc as fc
import numpy as np
import pandas as pd
import pytest
from fastcalc.dask import lstsq, normal_equations
from ill_conditioned import exact_solution, ill_conditioned
from numpy.testing import assert_allclose, assert_array_equal


@pytest.fixture
def problem(rng):
    X = rng.normal([0.0, 5.0, -1.0], size=(1000, 3))
    return X, X @ [1.0, -2.0, 0.5] + 3.0 + rng.normal(size=1000), rng.uniform(0.5, 2.0, 1000)


def assert_same_fit(found, expected, condition=1.0):
    assert found.names == expected.names
    assert found.nobs == expected.nobs
    # Sums merged in another order agree to 1e-30 before their last rounding.
    assert_allclose(found.coef, expected.coef, rtol=4e-16)
    # The errors are those of the sums, which residuals do not improve.
    assert_allclose(found.stderr, expected.stderr, rtol=4e-16 + 4 * condition**2 * 2.0**-104)


@pytest.mark.parametrize("chunks", [(100, 3), (333, 2), (1000, 3), (1, 3)])
@pytest.mark.parametrize("kind", [None, "weights", "sigma"])
def test_arrays_in_any_blocks_give_the_fit_in_memory(problem, chunks, kind):
    X, y, w = problem
    X, y, w = X[-130:], y[-130:], w[-130:]
    rows = {} if kind is None else {kind: da.from_array(w, chunks=50)}
    found = lstsq(da.from_array(X, chunks=chunks), da.from_array(y, chunks=77), intercept=True, **rows)
    assert_same_fit(found, fc.lstsq(X, y, intercept=True, **({} if kind is None else {kind: w})))


def test_the_bits_are_those_of_the_same_parts_merged_in_memory(problem):
    X, y, _ = problem
    parts = [fc.NormalEquations().update(X[i : i + 200], y[i : i + 200]) for i in range(0, 1000, 200)]
    total = parts[0]
    for part in parts[1:]:
        total.merge(part)
    expected = total.solve()
    for scheduler in ("synchronous", "threads"):
        with dask.config.set(scheduler=scheduler):
            found = lstsq(da.from_array(X, chunks=(200, 3)), y)
        assert_array_equal(found.coef, expected.coef)
        assert_array_equal(found.cov, expected.cov)


def test_a_straight_line_many_targets_a_mask_and_gaps(problem):
    X, y, _ = problem
    line = lstsq(da.from_array(X[:, 0], chunks=300), y)
    assert_same_fit(line, fc.lstsq(X[:, 0], y))
    assert line.names == ("intercept", "slope")
    Y = np.column_stack([y, -y, y**2])
    assert_same_fit(lstsq(da.from_array(X, chunks=300), da.from_array(Y, chunks=(300, 2))), fc.lstsq(X, Y))
    keep = y > 0
    assert_same_fit(lstsq(da.from_array(X, chunks=300), y, where=keep), fc.lstsq(X, y, where=keep))
    y[::7] = np.nan
    found = lstsq(da.from_array(X, chunks=300), y, nan_policy="omit")
    assert_same_fit(found, fc.lstsq(X, y, nan_policy="omit"))


def test_data_frames_by_the_names_of_columns(problem):
    X, y, w = problem
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=y, w=w)
    parts = dd.from_pandas(frame, npartitions=7)
    assert_same_fit(lstsq(parts, "y", "w", intercept=True), fc.lstsq(frame, "y", "w", intercept=True))
    assert_same_fit(lstsq(parts, "y", sigma="w", names=["c", "a"]), fc.lstsq(frame, "y", sigma="w", names=["c", "a"]))
    assert_same_fit(lstsq(parts[["a", "c"]], parts["y"]), fc.lstsq(frame[["a", "c"]], frame["y"]))
    assert_same_fit(lstsq(parts["a"], parts["y"]), fc.lstsq(frame["a"], frame["y"]))


def test_parts_that_a_filter_left_empty_are_no_trouble(problem):
    X, y, _ = problem
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(y=y, t=np.arange(1000))
    parts = dd.from_pandas(frame, npartitions=7)
    found = lstsq(parts[parts.t >= 500], "y", names=["a", "b", "c"])
    assert_same_fit(found, fc.lstsq(frame[frame.t >= 500], "y", names=["a", "b", "c"]))
    values = parts[parts.t >= 500][["a", "b", "c"]].values  # blocks of unknown lengths
    assert_same_fit(lstsq(values, parts[parts.t >= 500]["y"].values), fc.lstsq(X[500:], y[500:]))


def test_ridge_and_dependent_columns_as_in_memory(problem):
    X, y, _ = problem
    assert_same_fit(lstsq(da.from_array(X, chunks=300), y, ridge=10.0), fc.lstsq(X, y, ridge=10.0))
    X[:, 2] = X[:, 0] + X[:, 1]
    with pytest.warns(np.exceptions.RankWarning, match="x3"):
        found = lstsq(da.from_array(X, chunks=300), y)
    with pytest.warns(np.exceptions.RankWarning):
        assert_allclose(found.coef, fc.lstsq(X, y).coef, rtol=1e-12)


@pytest.mark.parametrize("condition", [1e2, 1e4, 1e6, 1e8, 1e10, 1e12, 1e14])
def test_no_condition_number_up_to_1e14_costs_a_digit(rng, condition):
    X, y = ill_conditioned(rng, condition)
    wanted = exact_solution(X, y)
    found = lstsq(da.from_array(X, chunks=(7, 6)), y)
    # As in memory: right to the last place, and perhaps its neighbour.
    assert_allclose(found.coef, wanted, rtol=4.5e-16, atol=0)
    by_numpy = np.linalg.norm(np.linalg.lstsq(X, y, rcond=-1)[0] - wanted) / np.linalg.norm(wanted)
    assert np.linalg.norm(found.coef - wanted) / np.linalg.norm(wanted) <= max(by_numpy, 4.5e-16)
    in_memory = fc.lstsq(X, y)
    assert_array_equal(found.coef, in_memory.coef)
    assert_allclose(found.chi2, in_memory.chi2, rtol=1e-15)
    assert ("refined" in found.method) is (condition > 1e7)


def test_ill_conditioned_data_frames_many_targets_gaps_and_ridge_are_improved_too(rng):
    X, y = ill_conditioned(rng, 1e11, rows=200)
    w = rng.uniform(0.5, 2.0, 200)
    frame = pd.DataFrame(X, columns=list("abcdef")).assign(y=y, w=w, t=np.arange(200))
    parts = dd.from_pandas(frame, npartitions=7)
    some = parts[parts.t >= 60]  # the first parts are empty
    found = lstsq(some, "y", "w", names=list("abcdef"), intercept=True)
    assert "refined" in found.method
    assert_same_fit(found, fc.lstsq(X[60:], y[60:], w[60:], intercept=True, names=list("abcdef")), 1e11)
    blocks = da.from_array(X, chunks=(30, 6))
    Y = np.column_stack([y, 1e200 * y**2])
    found = lstsq(blocks, Y, sigma=w, where=w > 0.7, ridge=1e-23)
    assert "refined" in found.method
    assert_allclose(found.coef, fc.lstsq(X, Y, sigma=w, where=w > 0.7, ridge=1e-23).coef, rtol=4.5e-16)
    y[11] = np.nan
    assert_same_fit(lstsq(blocks, y, nan_policy="omit"), fc.lstsq(X, y, nan_policy="omit"), 1e11)


def test_the_sums_can_be_solved_again_and_added_to(problem):
    X, y, _ = problem
    sums = normal_equations(da.from_array(X[:600], chunks=100), y[:600])
    assert sums.nobs == 600
    assert_same_fit(sums.update(X[600:], y[600:]).solve(2.0), fc.lstsq(X, y, ridge=2.0))


def test_what_cannot_be_used_is_told_with_its_block(problem):
    X, y, w = problem
    blocks = da.from_array(X, chunks=(100, 3))
    y[317] = np.inf
    with pytest.raises(ValueError, match=r"block 3: .*row 17, column 'y' is inf"):
        lstsq(blocks, y)
    with pytest.raises(TypeError, match=r"fc\.lstsq\(X, y\)"):
        lstsq(X, y)
    with pytest.raises(ValueError, match="`y` has 999 rows, but the data have 1000"):
        lstsq(blocks, y[1:])
    with pytest.raises(ValueError, match="`weights` has 10 rows"):
        lstsq(blocks, w, w[:10])
    with pytest.raises(TypeError, match="has no names"):
        lstsq(blocks, "y")
    frame = dd.from_pandas(pd.DataFrame(X, columns=["a", "b", "c"]), npartitions=3)
    with pytest.raises(ValueError, match="no column 'z'"):
        lstsq(frame, "z")
    with pytest.raises(TypeError, match="make `y` a column"):
        lstsq(frame, w)
    with pytest.raises(TypeError, match="`weights` must be the name"):
        lstsq(frame, "a", w)
    with pytest.raises(ValueError, match="no rows"):
        lstsq(frame[frame.a > 1e9], "a")


def test_a_cluster_of_processes_gives_the_same_bits(problem, on_cluster):
    X, y, _ = problem
    blocks = da.from_array(X, chunks=(70, 3))
    with dask.config.set(scheduler="synchronous"):
        expected = lstsq(blocks, y, intercept=True)
    found = lstsq(blocks, y, intercept=True)
    assert_array_equal(found.coef, expected.coef)
    assert_array_equal(found.cov, expected.cov)
    y[5] = np.nan
    with pytest.raises(ValueError, match=r"block 0: .*row 5"):
        lstsq(blocks, y)


def test_a_worker_killed_in_the_middle_loses_nothing(problem, kill_a_worker, tmp_path):
    X, y, _ = problem

    def slowly(block):
        (tmp_path / f"{time.monotonic_ns()}-{os.getpid()}").touch()
        time.sleep(0.1)
        return block

    blocks = da.from_array(X, chunks=(25, 3))
    expected = lstsq(blocks.persist(scheduler="synchronous"), y)
    fit = kill_a_worker(lambda: lstsq(blocks.map_blocks(slowly, dtype=float), y), tmp_path)
    assert len(list(tmp_path.iterdir())) > 40  # the blocks that were lost came again
    assert fit.nobs == 1000
    assert_array_equal(fit.coef, expected.coef)
    assert_array_equal(fit.cov, expected.cov)


def test_a_worker_killed_while_residuals_are_summed_loses_nothing(rng, kill_a_worker, tmp_path):
    X, y = ill_conditioned(rng, 1e11, rows=240)

    def slowly(block):
        (tmp_path / f"{time.monotonic_ns()}-{os.getpid()}").touch()
        time.sleep(0.05)
        return block

    blocks = da.from_array(X, chunks=(10, 6))
    expected = lstsq(blocks.persist(scheduler="synchronous"), y)
    # The sums have read all 24 blocks once; then each pass reads them again.
    fit = kill_a_worker(lambda: lstsq(blocks.map_blocks(slowly, dtype=float), y), tmp_path, after=34)
    assert "refined" in fit.method
    assert_array_equal(fit.coef, expected.coef)
    assert_array_equal(fit.cov, expected.cov)
