"""tracer: functions as people write them are right in value and derivative, or refused with the reason; none is silently wrong."""

import contextlib
import copy
import io
import itertools

import fastcalc as fc
import numpy as np
import pytest
from tracer import collection, unrepeatable


def name(f):
    return getattr(f, "__qualname__", type(f).__name__)


def plain(f, x):
    """The function itself, on its own copy of the argument."""
    with contextlib.redirect_stdout(io.StringIO()):
        return f(np.array(x)) if np.ndim(x) else f(np.float64(x))


def extrapolated(f, x, direction):
    """Derivative along a direction: central differences with Romberg's extrapolation, good to about ten digits."""
    table = []
    for level in range(7):
        h = 2e-2 / 2**level
        row = [(plain(f, x + h * direction) - plain(f, x - h * direction)) / (2 * h)]
        for k, before in enumerate(table[-1] if table else [], start=1):
            row.append(row[-1] + (row[-1] - before) / (4**k - 1))
        table.append(row)
    last = [row[-1] for row in table]
    best = min(range(1, len(last)), key=lambda level: abs(last[level] - last[level - 1]))
    return last[best]


@pytest.mark.parametrize("f", collection.TRACED, ids=name)
def test_values_are_the_functions_own_on_every_path(f):
    points = collection.TRACED[f]
    with contextlib.redirect_stdout(io.StringIO()):
        compiled = fc.compile(f)
        for x in (*points, *points[::-1]):
            np.testing.assert_allclose(compiled(x), plain(f, x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("f", collection.TRACED, ids=name)
def test_derivatives_are_those_of_the_path(f):
    gradient_of = fc.grad(f)
    for x in collection.TRACED[f]:
        with contextlib.redirect_stdout(io.StringIO()):
            gradient = np.asarray(gradient_of(x))
        for place in itertools.product(*map(range, np.shape(x))):
            direction = np.zeros(np.shape(x))
            direction[place] = 1.0
            want = extrapolated(f, x, direction if np.ndim(x) else 1.0)
            # ten digits of the extrapolated differences, relative to the size of the gradient
            np.testing.assert_allclose(gradient[place], want, rtol=1e-8, atol=1e-9 * (1 + np.abs(gradient).max()))


@pytest.mark.parametrize("f", unrepeatable.REFUSED, ids=name)
def test_what_no_program_could_repeat_is_refused(f):
    points, words = unrepeatable.REFUSED[f]
    before = copy.deepcopy((unrepeatable.COUNTER, unrepeatable.CALLS, unrepeatable.BUFFER))
    for x in points:
        with pytest.raises(fc.TraceError, match=words):
            fc.compile(f)(np.array(x) if np.ndim(x) else x)
        unrepeatable.HISTORY.clear()
        unrepeatable.MEMO.clear()
    np.testing.assert_equal((unrepeatable.COUNTER, unrepeatable.CALLS, unrepeatable.BUFFER), before)


def test_the_collection_is_large():
    assert len(collection.TRACED) + len(unrepeatable.REFUSED) >= 100


def test_a_trace_leaves_the_outside_as_the_function_would():
    class Model:
        def __init__(self):
            self.current = np.arange(3.0)
            self.best = None
            self.calls = 0

        def __call__(self, x):
            self.best = self.current
            self.calls += 1
            return np.sum(self.best * x)

    model = Model()
    assert fc.compile(model)(np.ones(3)) == 3.0
    assert (model.best is model.current, model.calls) == (True, 1)
    model.best[0] = 7.0  # its own array, not a read-only view of it

    latest, calls = None, 0

    def f(x):
        nonlocal latest, calls
        latest = model.current
        calls += 1
        return x * 2

    assert fc.compile(f)(1.0) == 2.0
    assert (latest is model.current, calls) == (True, 1)
