"""tasks: linear least squares of more rows than memory: files, memmaps, peak memory; Ctrl-C; many predictors by BLAS."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from conftest import measures_the_process
from interrupts import AT_ONCE, seconds_to_return

needs_pyarrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="files and Arrow tables are read by pyarrow")


@pytest.fixture
def table(rng):
    a, b = rng.normal(size=(2, 5000))
    return {"a": a, "b": b, "w": rng.uniform(0.5, 2, size=5000), "y": 1 + 2 * a - b + rng.normal(size=5000)}


def written(table, path: Path) -> Path:
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    arrow = pa.table(table)
    if path.suffix == ".parquet":
        pyarrow.parquet.write_table(arrow, path, row_group_size=700)
    elif path.suffix == ".csv":
        pyarrow.csv.write_csv(arrow, path)
    else:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, arrow.schema) as out:
            out.write_table(arrow, max_chunksize=700)
    return path


@needs_pyarrow
@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.arrow"])
def test_a_file_is_its_columns(table, tmp_path, name):
    path = written(table, tmp_path / name)
    fit = fc.lstsq(path, "y", "w", intercept=True)
    X = np.column_stack([table["a"], table["b"]])
    expected = fc.lstsq(X, table["y"], table["w"], intercept=True)
    assert fit.names == ("intercept", "a", "b")
    np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-14)
    np.testing.assert_allclose(fit.stderr, expected.stderr, rtol=1e-13)
    one = fc.lstsq(str(path), "y", names=["b"])
    np.testing.assert_allclose(one.coef, fc.lstsq(X[:, 1:], table["y"]).coef, rtol=1e-14)
    with pytest.raises(ValueError, match="no column 'z'"):
        fc.lstsq(path, "z")


@needs_pyarrow
def test_arrow_and_mappings_by_name(table):
    import pyarrow as pa

    expected = fc.lstsq(np.column_stack([table["a"], table["b"]]), table["y"], sigma=table["w"])
    for source in (table, pa.table(table)):
        fit = fc.lstsq(source, "y", sigma="w")
        np.testing.assert_array_equal(fit.coef, expected.coef)
        assert fit.residuals.shape == (5000,)
    batches = fc.lstsq(iter(pa.table(table).to_batches(max_chunksize=300)), "y", sigma="w")
    np.testing.assert_allclose(batches.coef, expected.coef, rtol=1e-14)


@needs_pyarrow
def test_a_gap_in_a_column_is_missing():
    import pyarrow as pa

    gaps = pa.table({"x": pa.array([1.0, None, 3.0, 4.0]), "k": pa.array([1, 2, 5, None]), "y": [1.0, 2.0, 3.0, 4.0]})
    assert fc.lstsq(gaps, "y", names=["x", "k"], nan_policy="omit").nobs == 2
    with pytest.raises(ValueError, match="row 1, column 'x' is nan"):
        fc.lstsq(gaps, "y", names=["x"])


def test_a_memmap_is_an_array(table, tmp_path):
    X = np.column_stack([table["a"], table["b"]])
    np.save(tmp_path / "x.npy", X)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    np.testing.assert_array_equal(fc.lstsq(mapped, table["y"]).coef, fc.lstsq(X, table["y"]).coef)


PEAK = """
import resource, sys
import numpy as np
import fastcalc as fc
def peak():  # of this program alone: the kernel's counter of the process begins with its parent's
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
small = np.ones((1000, 3)) * np.arange(1000)[:, None] ** np.arange(3)
fc.lstsq(small, np.arange(1000.0))
kind, path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
layouts = {
    "float64": lambda: np.empty((rows, 20)), "by columns": lambda: np.empty((rows, 20), order="F"),
    "every second": lambda: np.empty((2 * rows, 40))[::2, ::2], "float32": lambda: np.empty((rows, 20), "f4"),
    "int16": lambda: np.empty((rows, 20), "i2"),
}
if kind in layouts:
    X, y = layouts[kind](), np.empty(rows)
    rng = np.random.default_rng(0)
    for first in range(0, rows, 500):  # what is freed here would hide as much of the growth: 160 kB
        X[first : first + 500] = 100 * rng.normal(size=(min(500, rows - first), 20))
    y[:] = X[:, 0]
    data = X
elif kind == "memmap":
    data = np.memmap(path, np.float64, "r", shape=(rows, 20))
    y = np.zeros(rows)
before = peak()
if kind in layouts or kind == "memmap":
    fc.lstsq(data, y)
else:
    fc.lstsq(path, "y")
print(peak() - before)
"""


def peak_growth(kind: str, path: Path | str, rows: int) -> float:
    """MB by which the peak grows."""
    run = subprocess.run(
        [sys.executable, "-c", PEAK, kind, str(path), str(rows)], capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    return float(run.stdout)


@measures_the_process
@pytest.mark.parametrize(
    ("layout", "rows"),
    [
        ("float64", 300_000), ("by columns", 100_000), ("every second", 100_000), ("float32", 100_000), ("int16", 100_000),
        pytest.param("float64", 2_000_000, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_less_than_a_megabyte_beyond_the_data(layout, rows):
    # A thread's stack and its allocator's arena count as well, before its part of the sums. A copy would be 4 MB at least.
    assert peak_growth(layout, "-", rows) < 1.0


@measures_the_process
@pytest.mark.parametrize("rows", [600_000, pytest.param(6_000_000, marks=pytest.mark.long)])
def test_a_memmap_of_any_size_in_64_megabytes(tmp_path, rows):
    path = tmp_path / "x.raw"  # 96 MB, or 960
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        for _ in range(0, rows, 100_000):
            rng.normal(size=(100_000, 20)).tofile(file)
    assert peak_growth("memmap", path, rows) < 64


@needs_pyarrow
@measures_the_process
@pytest.mark.parametrize("rows", [1_000_000, pytest.param(20_000_000, marks=pytest.mark.long)])
def test_a_parquet_file_of_any_size_in_200_megabytes(tmp_path, rows):
    import pyarrow as pa
    import pyarrow.parquet

    path = tmp_path / "t.parquet"  # 64 MB, or 1280
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(7)]
    with pyarrow.parquet.ParquetWriter(
        path, pa.schema([(n, pa.float64()) for n in [*names, "y"]]), use_dictionary=False
    ) as out:
        for _ in range(0, rows, 100_000):
            out.write_table(pa.table({name: rng.normal(size=100_000) for name in [*names, "y"]}))
    assert peak_growth("parquet", path, rows) < 200


@needs_pyarrow
@measures_the_process
@pytest.mark.parametrize("rows", [1_000_000, pytest.param(5_000_000, marks=pytest.mark.long)])
def test_a_csv_file_of_any_size_in_200_megabytes(tmp_path, rows):
    import pyarrow as pa
    import pyarrow.csv

    path = tmp_path / "t.csv"  # 157 MB, or 785
    rng = np.random.default_rng(0)
    names = [*(f"x{i}" for i in range(7)), "y"]
    with pyarrow.csv.CSVWriter(path, pa.schema([(name, pa.float64()) for name in names])) as out:
        for _ in range(0, rows, 100_000):
            out.write_table(pa.table({name: rng.normal(size=100_000) for name in names}))
    # pyarrow itself, and the 32 blocks of a MB that it reads ahead: with 4 MB a block it was 250 MB.
    assert peak_growth("csv", path, rows) < 200


CHILD = """
def of_one_memory(rows, columns):  # many rows
    X = np.lib.stride_tricks.as_strided(np.ones(1000), (rows, columns), (0, 8))
    return X, np.lib.stride_tricks.as_strided(np.ones(1), (rows,), (0,))
sums = fc.NormalEquations()
if work.startswith("solve"):
    X = np.random.default_rng(0).normal(size=(1600 if work == "solve" else 300, 1200))
    sums.update(X, X[:, 0] + 1.0)
    run = lambda: [sums.solve() for _ in range(100)]
elif work == "blas":
    X = np.random.default_rng(0).normal(size=(2000, 1000))
    run = lambda: [fc.lstsq(X, X[:, 0] + 1.0) for _ in range(100)]
else:
    X, y = of_one_memory(20_000_000, int(work))
    run = lambda: sums.update(X, y)
before = sums.nobs
check = lambda: sums.nobs == before
"""


# Columns that are summed up; the elimination of a thousand columns, in two of its stages; directions that change no fitted value; BLAS.
@measures_the_process
@pytest.mark.parametrize(
    ("work", "delay"),
    [("30", 0.5), ("800", 0.5), ("solve", 0.1), ("solve", 0.6), ("solve for few rows", 1.0), ("blas", 0.5)],
)
def test_ctrl_c_returns_at_once_and_changes_nothing(work, delay):
    assert seconds_to_return(CHILD, work, delay) < AT_ONCE


def test_a_forked_process_can_fit_too():
    # OpenMP's threads would outlive the first fit, and the child would wait for them for ever.
    child = """
import os
import numpy as np
import fastcalc as fc
X, y = np.random.default_rng(0).normal(size=(400_000, 5)), np.ones(400_000)
before = fc.lstsq(X, y).coef
pid = os.fork()
if pid == 0:
    os._exit(0 if np.array_equal(fc.lstsq(X, y).coef, before) else 1)
assert os.waitpid(pid, 0)[1] == 0
"""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", child], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


@pytest.fixture
def wide(rng):
    X = rng.normal(size=(600, 150)) + 1
    return X, X @ rng.normal(size=150) + rng.normal(size=600)


def by_sums(X, y, *, intercept=False, **options):
    return fc.NormalEquations(intercept=intercept).update(X, y).solve(**options)


@pytest.mark.parametrize("intercept", [False, True])
@pytest.mark.parametrize("ridge", [0.0, 3.0])
def test_many_predictors_by_blas_are_those_by_sums(wide, intercept, ridge):
    X, y = wide
    Y = np.column_stack([y, X[:, 3] ** 2])
    fit = fc.lstsq(X, Y, ridge=ridge, intercept=intercept)
    assert fit.method.startswith("CholeskyQR by BLAS in 1 pass")
    expected = by_sums(X, Y, ridge=ridge, intercept=intercept)
    np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-13, atol=1e-15)
    for name in ("chi2", "r2", "dof", "f_value", "condition"):
        np.testing.assert_allclose(getattr(fit, name), getattr(expected, name), rtol=1e-9)
    np.testing.assert_allclose(fit.stderr, expected.stderr, rtol=1e-9)  # XᵀX in double, see `enough` in lstsq.cpp


@pytest.mark.parametrize(("condition", "passes"), [(1e4, 2), (1e6, 2), (1e9, 3), (1e11, 3)])
def test_many_predictors_nearly_dependent(rng, monkeypatch, condition, passes):
    left, _ = np.linalg.qr(rng.normal(size=(600, 130)))
    right, _ = np.linalg.qr(rng.normal(size=(130, 130)))
    X = left * np.geomspace(1, 1 / condition, 130) @ right
    y = X @ np.ones(130) + 1e-3 * rng.normal(size=600)
    fit = fc.lstsq(X, y)
    assert f"in {passes} passes" in fit.method
    # Right to rounding, as sums in double-double, improved on the rows, are; the errors as those of QR.
    monkeypatch.setattr("fastcalc._doors._lstsq._MANY", 131)
    rows_block = fc.lstsq(np.ascontiguousarray(X), y)
    assert "double-double" in rows_block.method
    np.testing.assert_allclose(fit.coef, rows_block.coef, rtol=1e-14)
    np.testing.assert_allclose(fit.stderr, rows_block.stderr, rtol=1e-15 * condition + 1e-11)


def test_many_predictors_of_which_some_depend_go_by_sums(wide):
    X, y = wide
    X[:, 140] = X[:, 3] - X[:, 7]
    with pytest.warns(np.exceptions.RankWarning, match="x141 = x4 - x8"):
        fit = fc.lstsq(X, y)
    assert fit.rank == 149
    np.testing.assert_allclose(fit.coef, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-9)


@pytest.mark.parametrize("intercept", [False, True])
def test_many_predictors_without_the_rows_that_lack_something(wide, rng, intercept):
    X, y = wide
    Y, weights = np.column_stack([y, X[:, 3] ** 2]), rng.uniform(0.5, 2, size=len(y))
    X[5, 3] = Y[7, 1] = weights[9] = np.nan
    X[11, 4] = np.inf  # which where= leaves out
    where = np.arange(len(y)) != 11
    whole = np.isfinite(X).all(axis=1) & np.isfinite(Y).all(axis=1) & np.isfinite(weights)
    fit = fc.lstsq(X, Y, weights, intercept=intercept, nan_policy="omit", where=where)
    assert "BLAS" in fit.method and fit.nobs == len(y) - 4
    expected = fc.lstsq(X[whole], Y[whole], weights[whole], intercept=intercept)
    # XᵀX is summed in another order, see `enough` in lstsq.cpp; the coefficients are improved on the rows.
    np.testing.assert_allclose(fit.coef, expected.coef, rtol=1e-14)
    np.testing.assert_allclose(fit.stderr, expected.stderr, rtol=1e-9)
    np.testing.assert_allclose(fit.r2, expected.r2, rtol=1e-14)
    where[11] = True
    with pytest.raises(ValueError, match="row 11, column 'x5' is inf"):
        fc.lstsq(X, Y, weights, intercept=intercept, nan_policy="omit", where=where)


def test_many_predictors_refuse_what_few_do(wide):
    X, y = wide
    X[5, 7] = np.nan
    with pytest.raises(ValueError, match="row 5, column 'x8' is nan"):
        fc.lstsq(X, y)


BITS = """
import sys
import numpy as np
import fastcalc as fc
rng = np.random.default_rng(5)
for columns, condition, gaps in [(120, 1.0, True), (300, 1e6, False), (130, 1e10, False), (20, 1.0, True)]:
    X = rng.normal(size=(1500, columns))
    X[:, 1:] = X[:, :1] + X[:, 1:] / condition
    y = X[:, 0] + rng.normal(size=1500)
    if gaps:
        X[::17, 3] = np.nan
    fit = fc.lstsq(X, y, intercept=True, nan_policy="omit" if gaps else None)
    assert ("BLAS" in fit.method) is (columns > 100)
    for each in (fit.coef, fit.cov, fit.covariance("classical"), fit.chi2, fit.r2):
        sys.stdout.write(np.asarray(each).tobytes().hex())
"""


def test_the_same_bits_for_any_number_of_threads_blas_as_ours():
    found = set()
    for blas, ours in [("1", "1"), ("2", "1"), ("1", "3"), ("4", "2")]:
        environment = os.environ | {"OPENBLAS_NUM_THREADS": blas, "MKL_NUM_THREADS": blas, "OMP_NUM_THREADS": ours}
        run = subprocess.run([sys.executable, "-c", BITS], capture_output=True, text=True, timeout=120, env=environment)
        assert run.returncode == 0, run.stderr
        found.add(run.stdout)
    assert len(found) == 1
