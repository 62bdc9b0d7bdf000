"""tasks: many threads, the same models and others: the bits of one thread."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from fastcalc import _fast
from fastcalc._problems._model import Model
from program import record

THREADS = 8


@pytest.fixture
def restless():
    """Threads change places after each few instructions of Python."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def together(work):
    """Run work(k) for each thread's number k at once; raise the first exception."""
    errors = []
    barrier = threading.Barrier(THREADS)

    def run(k):
        try:
            barrier.wait()
            work(k)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def plain(x, a, b):
    return a * np.exp(-b * x)


def branching(x, a, b):
    if a > 1.5:
        return a * np.exp(-b * x)
    if b > 0.5:
        return a / np.exp(b * x)
    return np.exp(-b * x) * a


def constant_data(x, a, b):
    return a * np.interp(x, [0, 5, 10], [1, 2, 4]) + b * x


@pytest.mark.parametrize("shared", [True, False], ids=["one model", "a model each"])
@pytest.mark.parametrize("f", [plain, branching, constant_data])
def test_threads_fit_with_the_bits_of_one(restless, f, shared):
    x = [np.linspace(0, 10, 200) + 0.01 * k for k in range(THREADS)]
    y = [f(x[k], 2.0 + 0.1 * k, 0.3) + 0.01 * np.cos(9 * x[k]) for k in range(THREADS)]
    start = np.array([1.0, 1.0])
    alone = [Model(f).fit(x[k], y[k], start) for k in range(THREADS)]
    model = Model(f)

    def work(k):
        mine = model if shared else Model(f)
        for _ in range(30):
            outcome = mine.fit(x[k], y[k], start)
            assert outcome.derivative_source == alone[k].derivative_source, outcome.derivative_note
            assert outcome.x.tobytes() == alone[k].x.tobytes()
            assert outcome.covariance.tobytes() == alone[k].covariance.tobytes()

    together(work)
    if shared:
        (known,) = model._known.values()
        assert len(known.branches.known) <= 3  # the paths of `branching`: none twice


def test_threads_call_one_compiled_function(restless):
    x = np.linspace(0, 1, 5000)
    call = _fast.Call(record.program(lambda x, a: np.exp(np.sin(a * x[::-1])) - np.mean(a * x), (x,), (1.0,)))
    alone = [call(x, float(k)) for k in range(THREADS)]

    def work(k):
        for _ in range(100):
            assert np.array_equal(call(x, float(k)), alone[k])

    together(work)


def test_threads_with_many_functions_remember_them_in_peace(restless):
    # more functions than are remembered: each thread makes room while the others do
    def work(k):
        for _ in range(3000):
            assert Model.of(lambda x, a: a * x).name == "<lambda>"

    together(work)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_child_of_fork_may_trace_what_another_thread_was_tracing():
    child = """
import os, signal, threading, time
import numpy as np
import fastcalc as fc

begun, forked = threading.Event(), threading.Event()

def slowly(x):
    if threading.current_thread() is not threading.main_thread():
        begun.set()
        forked.wait(20)
    return np.sum(x**2)

f = fc.compile(slowly)
thread = threading.Thread(target=f, args=(np.ones(3),))
thread.start()
assert begun.wait(20)
pid = os.fork()
if pid == 0:
    signal.alarm(20)  # ends a child that waits for ever
    os._exit(0 if f(np.ones(3)) == 3 and fc.minimize(slowly, np.ones(3)).success else 1)
forked.set()
thread.join()
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", child], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
