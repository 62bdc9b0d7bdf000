"""tasks: Ctrl-C during a long fit returns within 0.1 s on every rung, and the process goes on."""

import signal
import subprocess
import sys

import pytest
from conftest import measures_the_process
from interrupts import AT_ONCE, seconds_to_return

CHILD = """
import math
from fastcalc._problems._model import Model
def plain(x, a, b, c):
    return a * np.exp(-b * x) + c

def by_hand(x, a, b):
    return np.array([a * math.exp(-b * v) for v in x])

def slow(x, a, b):
    time.sleep(0.01)
    return np.array([a * math.exp(-b * v) for v in x[:10]])

if work == "program":
    n = 20_000_000
    x = np.linspace(0, 4, n)
    y = x % 1.0
    model, start = Model(plain), np.array([1.0, 1.0, 0.0])
    # the start is checked with the function itself; the loop goes on for ever: no tolerance can be reached
    x0 = x[:1000].copy()
    model.fit(x0, y[:1000].copy(), start)
    run = lambda: [model.fit(x, y, start + 0.01 * k, ftol=0.0, xtol=0.0, gtol=0.0, max_nfev=10**9) for k in range(10**6)]
elif work == "many fits":
    x = np.linspace(0, 4, 50)
    run = lambda: [fc.curve_fit(plain, x, np.exp(-x), [1.0, 1.5, 0.1]) for _ in range(10**9)]
elif work == "rows of one reduction":
    x = np.ones((2, 5_000_000))
    f = lambda x, a, b: np.sum(np.exp(-a * x), axis=1) * b
    run = lambda: [Model(f).fit(x, np.array([1.0, 2.0]), np.array([1.0, 1.0]), ftol=0.0, xtol=0.0, gtol=0.0, max_nfev=10**9) for _ in range(10**6)]
elif work == "differences":
    x = np.linspace(0, 4, 200)
    f = by_hand
    run = lambda: [Model(f).fit(x, x % 1, np.array([1.0, 1.0])) for _ in range(10**6)]
else:
    x = np.linspace(0, 4, 10)
    run = lambda: [Model(slow).fit(x, x % 1, np.array([1.0, 1.0]), ftol=0.0, xtol=0.0, gtol=0.0, max_nfev=10**9) for _ in range(10**6)]

check = lambda: Model(plain).fit(np.linspace(0, 4, 50), np.exp(-np.linspace(0, 4, 50)), np.array([1.1, 1.1, 0.1])).success
"""


@measures_the_process
@pytest.mark.parametrize(
    ("rung", "delay"),
    [
        ("many fits", 1.0), ("differences", 1.0), ("sleeping", 1.0),
        pytest.param("program", 5.0, marks=pytest.mark.long), pytest.param("rows of one reduction", 2.0, marks=pytest.mark.long),
    ],
)  # fmt: skip
def test_ctrl_c_returns_at_once(rung, delay):
    assert seconds_to_return(CHILD, rung, delay) < AT_ONCE


def test_a_signal_handler_that_does_not_raise_lets_the_fit_go_on():
    child = """
import os, signal, threading, time
import numpy as np
from fastcalc._problems._model import Model
seen = []
signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
x = np.linspace(0, 4, 2_000_000)
end = time.time() + 1
while time.time() < end:
    assert Model(lambda x, a, b: a * np.exp(-b * x)).fit(x, np.exp(-x), np.array([1.1, 1.1])).success
assert seen
"""
    assert signal.SIGUSR1
    run = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
