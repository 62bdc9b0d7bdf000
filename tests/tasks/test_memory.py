"""tasks: nothing grows from fit to fit. Each measurement runs in a process of its own, after a warm-up."""

import contextlib
import gc
import math
import subprocess
import sys
import weakref

import fastcalc as fc
import numpy as np
import pytest
from conftest import measures_the_process

MEASURE = """
import ctypes, math, os, sys, warnings
import numpy as np
import fastcalc as fc
warnings.simplefilter("ignore")

def resident():
    ctypes.CDLL(None).malloc_trim(0)  # what the allocator keeps for the next call is nobody's
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGESIZE")

def plain(x, a, b):
    return a * np.exp(-b * x)

def branching(x, a, b):
    return a * np.exp(-b * x) if a > 1.5 else a / np.exp(b * x)

def constant(x, a, b):
    return a * np.exp(-b * np.cumsum(x) / 50)

def by_hand(x, a, b):
    return np.array([a * math.exp(-b * v) for v in x])

def of_mean_one(x, a, b):
    values = np.exp(-b * x)
    return a * values / np.mean(values)

x = np.linspace(0, 4, 50)
y = 2 * np.exp(-0.7 * x) + 0.01 * np.cos(9 * x)

def same(k):
    fc.curve_fit(plain, x, y, [1.0, 1.0])

def branches(k):
    fc.curve_fit(branching, x, y, [1.0, 1.0])

def data_constant(k):
    fc.curve_fit(constant, x + 0, y, [1.0, 1.0])

def new_functions(k):
    fc.curve_fit(lambda x, a, b: a * np.exp(-b * x), x, y, [1.0, 1.0])

def new_lengths(k):
    n = 10 + k % 3000
    t = np.linspace(0, 4, n)
    fc.curve_fit(plain, t, np.exp(-t), [1.1, 1.1])

def differences(k):
    fc.curve_fit(by_hand, x, y, [1.0, 1.0])

def refusals(k):
    try:
        fc.compile(lambda x: np.cumsum(x))(x)
    except fc.TraceError:
        pass

def failures(k):
    try:
        fc.curve_fit(plain, x, y, [np.nan, 1.0])
    except ValueError:
        pass

def columns_that_wait(k):
    t = np.linspace(0, 4, 100_000 + k)
    fc.curve_fit(of_mean_one, t, 1 - t / 10, [1.0, 1.0])

work, count = globals()[sys.argv[1]], int(sys.argv[2])
for k in range(count // 4):
    work(k)
before = resident()
for k in range(count // 4, count):
    work(k)
print(resident() - before)
"""


def growth(work: str, count: int) -> int:
    run = subprocess.run([sys.executable, "-c", MEASURE, work, str(count)], capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


# Allocators keep a few pages more or less: a leak of one small object (64 bytes) a fit would show as the bound here.
@measures_the_process
@pytest.mark.parametrize(
    ("work", "count"), [("same", 10_000), ("branches", 2000), ("refusals", 2000), ("failures", 4000)]
)
def test_memory_does_not_grow(work, count):
    assert growth(work, count) < 2**19 + 64 * count


@measures_the_process
def test_fits_that_need_whole_columns_give_them_back():
    # A mean stands between two passes, so a column of 0.8 MB waits in a buffer, for each of 12 lengths, in each of two programs: 19 MB.
    # Nothing else may hold x and y either: 19 MB more.
    assert growth("columns_that_wait", 16) < 4e6


def decay(x, a, b):
    return a * np.exp(-b * x)


def decay_by_hand(x, a, b):
    return np.array([a * math.exp(-b * float(str(v))) for v in x])


def squares(p):
    return (p**2 + 0.1 * p).sum()


def chained(p):
    return np.sum((p[1:] - p[:-1] ** 2) ** 2) + np.sum((p - 1) ** 2)


def _around(g):
    return lambda t: np.sum(g(t) ** 2)


HOLDERS = {
    "fit": lambda x, y: fc.curve_fit(decay, x, y, [1.0, 1.0]),
    "fit by differences": lambda x, y: fc.curve_fit(decay_by_hand, x, y, [1.0, 1.0]),
    "fit that fails": lambda x, y: fc.curve_fit(decay, x, y, [np.nan, 1.0]),
    "call of a new function": lambda x, y: fc.compile(lambda t: t * y)(x),
    "gradient of a new function": lambda x, y: fc.grad(lambda t: np.sum(_around(lambda s: s * y)(t)))(x),
    "call of what is not traced": lambda x, y: fc.hessian(_around(fc.call(lambda t: t * y)))(x),
    "ufunc that is not traced": lambda x, y: fc.hessian(_around(fc.call(np.frompyfunc(math.exp, 1, 1))))(x),
    "sparse minimisation": lambda x, y: fc.minimize(chained, np.resize(x, 200)),
    "function that is refused": lambda x, y: fc.compile(lambda t: np.fft.fft(y) * t)(x),
    "minimisation": lambda x, y: fc.minimize(squares, x),
    "system of equations": lambda x, y: fc.root(lambda p: p**3 + p - 1, x),
    "linear least squares": lambda x, y: fc.lstsq(np.stack([x, x**2], axis=1), y),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", HOLDERS)
def test_no_array_waits_for_the_garbage_collector(name):
    x = np.linspace(0, 4, 20)
    y = 2 * np.exp(-0.7 * x) + 0.01 * np.cos(9 * x)
    arrays = weakref.ref(x), weakref.ref(y)
    gc.disable()
    try:
        with contextlib.suppress(ValueError, fc.TraceError):
            HOLDERS[name](x, y)
        del x, y
        assert [array() is None for array in arrays] == [True, True]
    finally:
        gc.enable()


@measures_the_process
@pytest.mark.long
@pytest.mark.parametrize(
    ("work", "count"),
    [
        ("same", 100_000),
        ("data_constant", 10_000),
        ("new_functions", 6000),
        ("differences", 2000),
        ("new_lengths", 8000),
    ],
)
def test_memory_does_not_grow_for_long(work, count):
    assert growth(work, count) < 2**20 + 64 * count
