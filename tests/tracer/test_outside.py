"""tracer: what a function reads besides its arguments may change between calls; the next call sees it."""

import collections
import sys

import fastcalc as fc
import numpy as np
import pytest

K = 2.0
WEIGHTS = np.array([1.0, 2.0])
LARGE = np.ones(200_000)
PARAMETERS = {"k": 2.0, "nested": [1.0, np.array([3.0])]}
RATES = [1.0, 2.0]
COUNTER = 0


def helper(x):
    return x * K


def with_array_as_default(x, weights=np.array([1.0, 2.0])):  # noqa: B008
    return np.sum(x * weights)


class Model:
    scale = 2.0

    def __init__(self):
        self.k = 2.0
        self.parts = {"a": 1.0}

    def __call__(self, x):
        return self.k * x + self.parts["a"]

    def method(self, x):
        return self.inner(x) * self.k

    def inner(self, x):
        return x * self.parts["a"]


MODEL = Model()


def closed_over():
    k, weights = 2.0, np.array([1.0, 2.0])

    def f(x):
        return np.sum(weights * x) * k

    def change():
        nonlocal k
        k = 3.0

    return f, change, lambda: weights.__setitem__(0, 7.0)


def set_global(name, value):
    return lambda: setattr(sys.modules[__name__], name, value)


OUTER, CHANGE_NUMBER, CHANGE_ARRAY = closed_over()
SPARSE_VIEW = np.ones((4, 4))[::2, ::2]

# the function, and what changes between two calls
CHANGES = {
    "global number": (lambda x: x * K, set_global("K", 3.0)),
    "global of a helper": (lambda x: helper(x), set_global("K", 4.0)),
    "helper itself": (lambda x: helper(x), set_global("helper", lambda x: x * 100)),
    "global array, in place": (lambda x: np.sum(x * WEIGHTS), lambda: WEIGHTS.__setitem__(0, 5.0)),
    "global array, another": (lambda x: np.sum(x * WEIGHTS), set_global("WEIGHTS", np.array([1.0, 2.0, 3.0]))),
    "large array, all of it": (lambda x: np.sum(x * LARGE), lambda: np.multiply(LARGE, 2, out=LARGE)),
    "view in pieces": (lambda x: np.sum(x * SPARSE_VIEW), lambda: SPARSE_VIEW.__setitem__((1, 0), 5.0)),
    "dict": (lambda x: x * PARAMETERS["k"], lambda: PARAMETERS.__setitem__("k", 3.0)),
    "list in a dict": (lambda x: x * PARAMETERS["nested"][0], lambda: PARAMETERS["nested"].__setitem__(0, 9.0)),
    "array in a list": (lambda x: x * PARAMETERS["nested"][1][0], lambda: PARAMETERS["nested"][1].__setitem__(0, 9.0)),
    "list": (lambda x: x * RATES[0], lambda: RATES.__setitem__(0, 9.0)),
    "longer list": (lambda x: x * len(RATES), lambda: RATES.append(1.0)),
    "outer variable": (OUTER, CHANGE_NUMBER),
    "outer array": (OUTER, CHANGE_ARRAY),
    "default": (with_array_as_default, lambda: with_array_as_default.__defaults__[0].__setitem__(0, 5.0)),
    "attribute of an object": (lambda x: x * MODEL.k, lambda: setattr(MODEL, "k", 3.0)),
    "attribute of a callable": (MODEL, lambda: setattr(MODEL, "k", 4.0)),
    "attribute in a method": (MODEL.method, lambda: setattr(MODEL, "k", 5.0)),
    "dict in an attribute": (MODEL.method, lambda: MODEL.parts.__setitem__("a", 8.0)),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_outside_is_seen_by_the_next_call(change):
    f, happen = CHANGES[change]
    compiled, gradient = fc.compile(f), fc.grad(f)
    for _ in range(2):
        assert compiled(1.5) == f(np.float64(1.5))
        before = gradient(1.5)
    happen()
    for _ in range(2):
        assert compiled(1.5) == f(np.float64(1.5))
        difference = (f(np.float64(2.5)) - f(np.float64(0.5))) / 2  # each is linear in x
        np.testing.assert_allclose(gradient(1.5), difference, rtol=1e-14)
    assert gradient(1.5) != before
    assert len(compiled.calls) == 1


def test_what_is_unchanged_is_not_traced_anew():
    traced = collections.deque()  # what stands in it is not compared

    class Config:
        k = 2.0

    config = Config()

    def f(x):
        traced.append(1)
        return np.sum(x * WEIGHTS[0]) * K * config.k

    compiled = fc.compile(f)
    for x in (1.0, 2.0, 3.0):
        compiled(x)
        globals()["K"] = float(str(K))  # another object of the same value
    assert len(compiled.calls) == 1
    first = compiled.calls[0]
    compiled(4.0)
    assert compiled.calls[0] is first
    assert len(traced) == 1


def test_a_function_that_changes_what_it_reads_is_right_in_each_call():
    global COUNTER
    COUNTER = 0
    log = []

    def counts(x):
        global COUNTER
        COUNTER += 1
        log.append(COUNTER)
        return x * COUNTER

    compiled = fc.compile(counts)
    assert [compiled(2.0).item() for _ in range(40)] == [2.0 * n for n in range(1, 41)]
    assert log == list(range(1, 41))


def test_a_name_that_is_gone_raises_as_the_function_does():
    namespace = {"np": np, "scale": 2.0}
    exec("def f(x): return x * scale", namespace)
    compiled = fc.compile(namespace["f"])
    assert compiled(1.0) == 2.0
    del namespace["scale"]
    with pytest.raises(NameError, match="scale"):
        compiled(1.0)


def test_series_and_nested_derivatives_see_the_change_too():
    namespace = {"np": np, "scale": 2.0}
    exec("def f(x): return np.sin(x) * scale", namespace)
    f = fc.compile(namespace["f"])
    second = fc.grad(fc.grad(namespace["f"]))
    nth = fc.derivative(f, 3)
    values = [(second(0.5), nth(0.5))]
    namespace["scale"] = 6.0
    values.append((second(0.5), nth(0.5)))
    np.testing.assert_allclose(np.array(values[1]), 3 * np.array(values[0]), rtol=1e-15)
