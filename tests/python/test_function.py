"""function: a compiled function is the function: every kind of argument, from several threads, after a pickle."""

import dataclasses
import functools
import inspect
import pickle
import sys
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import fastcalc as fc
import numpy as np
import pytest
from fastcalc._functions._function import MOST_PROGRAMS

from python import module_of_functions


def test_the_result_of_an_array_is_an_array_and_of_a_number_a_number():
    f = fc.compile(lambda x: x * 2.0)
    assert type(f(1.0)) is np.float64
    assert type(f(np.array(1.0))) is np.float64
    assert type(f(1)) is np.float64
    assert type(f(np.ones(3))) is np.ndarray
    assert type(fc.compile(np.sum)(np.ones(3))) is np.float64
    assert f(np.ones((1, 0, 2))).shape == (1, 0, 2)


def test_each_result_is_an_array_of_its_own():
    f = fc.compile(lambda x: x * 1.0)
    x = np.arange(4.0)
    first, second = f(x), f(x)
    first[:] = -1
    np.testing.assert_array_equal(second, x)
    np.testing.assert_array_equal(x, np.arange(4.0))
    assert first.flags.writeable
    assert first.flags.owndata


X = np.linspace(0.1, 2.0, 24).reshape(4, 6)
READ_ONLY = X.copy()
READ_ONLY.flags.writeable = False
UNALIGNED = np.frombuffer(b"\0" + X.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(X.shape)


@pytest.mark.parametrize(
    "x",
    [
        X, X[::2], X[:, ::-1], X.T, np.asfortranarray(X), X.astype(np.float32), X.astype(int), X.astype(">f8"), X.tolist(),
        READ_ONLY, UNALIGNED, np.broadcast_to(X[0], (3, 6)), X[:0], X[1, 2], 0.5, 1, np.float32(0.5), np.int8(3), np.array(2), [], (1, 2.5),
    ],
    ids=lambda x: f"{type(x).__name__}{np.shape(x)}",
)  # fmt: skip
def test_any_array_of_numbers_is_an_argument(x):
    def f(x):
        return x * 3.0 - np.sum(x)

    compiled = fc.compile(f)
    want = f(np.asarray(x, dtype=np.float64))
    for _ in range(2):  # traced, and known
        got = compiled(x)
        assert np.shape(got) == np.shape(want)
        np.testing.assert_allclose(got, want, rtol=1e-14)  # a sum of 24 terms in another order
    assert len(compiled.calls) == 1


@pytest.mark.parametrize(
    "x",
    [
        np.ma.masked_array(X, X > 1),
        X.view(type("Metres", (np.ndarray,), {})),
        1j,
        np.array([1j]),
        np.array(["a"]),
        object(),
        [[1.0], [1.0, 2.0]],
    ],
)
def test_what_is_no_array_of_real_numbers_is_refused(x):
    with pytest.raises((TypeError, ValueError)):
        fc.compile(lambda x: x)(x)


def test_shapes_and_branches_have_programs_of_their_own():
    f = fc.compile(lambda x, y: x + y if np.sum(x) > 0 else x - y)
    for _ in range(3):
        for n in (1, 2, 5):
            for sign in (1, -1):
                x, y = np.full(n, sign * 2.0), np.arange(n) * 1.0
                np.testing.assert_array_equal(f(x, y), x + sign * y)
    assert len(f.calls) == 6
    assert f.program is f.calls[0].program


def test_the_number_of_programs_is_bounded():
    f = fc.compile(lambda x: x + 1)
    for n in range(3 * MOST_PROGRAMS):
        assert f(np.zeros(n)).shape == (n,)
    assert len(f.calls) == MOST_PROGRAMS


def test_the_wrong_number_of_arguments_is_the_functions_own_error():
    f = fc.compile(lambda x, y: x + y)
    f(1.0, 2.0)
    for arguments in ((), (1.0,), (1.0, 2.0, 3.0)):
        with pytest.raises(TypeError):
            f(*arguments)
    with pytest.raises(TypeError, match="unexpected keyword"):
        f(1.0, 2.0, z=3.0)


def test_arguments_by_name_flags_and_defaults():
    def f(x, scale=2.0, *, shift=0.0, negate=False, mode="up", then=None):
        y = scale * x + shift
        y = -y if negate else y
        y = y if mode == "up" else y * 10
        return y if then is None else then(y)

    compiled = fc.compile(f)
    x = np.array([1.0, 2.0])
    for named in ({}, {"scale": 3.0}, {"shift": x}, {"negate": True}, {"negate": False}, {"mode": "down"}, {"then": np.exp}, {"scale": 3, "shift": 1}):  # fmt: skip
        for _ in range(2):
            np.testing.assert_allclose(compiled(x, **named), f(x, **named), rtol=1e-15)
    assert "scale" in str(compiled)
    assert len(compiled.calls) == 8


@dataclasses.dataclass(frozen=True)
class Layer:
    weights: np.ndarray
    bias: float


def test_arguments_of_any_structure():
    def f(model, x):
        return np.sum(model["layers"][0].weights * x) + model["layers"][0].bias + model["offset"][0]

    compiled = fc.compile(f)
    for scale in (1.0, 2.0):
        model = {"layers": [Layer(scale * np.ones(3), 0.5)], "offset": (scale, None)}
        assert compiled(model, np.arange(3.0)) == f(model, np.arange(3.0))
    assert len(compiled.calls) == 1
    assert "layers" in str(compiled)


def test_a_compiled_function_looks_like_the_function():
    def decay(t, rate=1.0):
        """Fall off."""
        return np.exp(-rate * t)

    compiled = fc.compile(decay)
    assert compiled.__name__ == "decay"
    assert compiled.__doc__ == "Fall off."
    assert inspect.signature(compiled) == inspect.signature(decay)
    assert repr(compiled) == "<fastcalc.Function decay>"
    assert callable(compiled)
    assert compiled.__call__(0.0) == 1.0
    assert list(map(compiled, [0.0, 0.0])) == [1.0, 1.0]
    assert functools.partial(compiled, 0.0)() == 1.0


def test_a_function_calls_itself_and_others_while_it_is_traced():
    inner = fc.compile(lambda x: x * x)
    inner(3.0)  # known: but inside of a trace it must not run by itself
    traces = deque()  # what stands in it is not compared from call to call

    def closed_over(x):
        traces.append(1)
        return fc.compile(lambda y: y + x)(1.0) * inner(2.0)

    compiled = fc.compile(closed_over)
    assert [compiled(x) for x in (1.0, 5.0)] == [8.0, 24.0]
    assert len(traces) == 1


def test_what_the_function_raises_leaves_no_trace_under_way():
    def broken(x):
        raise KeyError("mine")

    known = fc.compile(lambda x: x + 1)
    known(1.0)
    with pytest.raises(KeyError):
        fc.compile(broken)(1.0)
    calls = known.calls
    assert known(2.0) == 3.0
    assert known.calls == calls


def test_threads_share_one_function():
    traced = deque()  # what stands in it is not compared from call to call

    def f(x, a):
        traced.append(threading.get_ident())
        return np.exp(a * x) + (np.sum(x) if a > 0 else 0.0)

    compiled = fc.compile(f)
    sizes = (3, 400, 20_000)
    want = {(n, k): f(np.linspace(0, 1, n), float(k - 3)) for n in sizes for k in range(8)}
    traced.clear()
    start = threading.Barrier(8)

    def work(k):
        start.wait()
        for _ in range(100):
            for n in sizes:
                got = compiled(np.linspace(0, 1, n), float(k - 3))
                np.testing.assert_allclose(got, want[n, k], rtol=1e-13)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    finally:
        sys.setswitchinterval(interval)
    assert len(traced) == 2 * len(sizes)  # one trace for each branch and shape, whoever came first


def test_an_import_inside_of_a_function_finds_its_package():
    f = fc.compile(module_of_functions.imports_from_its_package)
    assert f(0.5) == 2.0 * module_of_functions.plain(0.5)


def test_a_function_travels_as_a_pickle():
    x = np.array([0.5, 1.5])
    for f in (fc.compile(module_of_functions.plain), module_of_functions.decorated):
        want = f(x)
        again = pickle.loads(pickle.dumps(f))
        np.testing.assert_array_equal(again(x), want)
        assert again.__name__ == f.__name__
    assert again is module_of_functions.decorated
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(fc.compile(lambda x: x))


def test_a_result_of_any_structure():
    f = fc.compile(lambda x: {"sum": np.sum(x), "all": [x * 2, (x[0], None)], "fixed": 1.0})
    for x in (np.arange(3.0), np.ones((2, 2))):
        got = f(x)
        assert list(got) == ["sum", "all", "fixed"]
        assert got["sum"] == np.sum(x)
        assert type(got["sum"]) is np.float64
        np.testing.assert_array_equal(got["all"][0], 2 * x)
        np.testing.assert_array_equal(got["all"][1][0], x[0])
        assert got["all"][1][1] is None
        assert got["fixed"] == 1.0
    first, second = fc.compile(lambda x: (x, x + 1))(np.zeros(3))
    first[:] = 5
    np.testing.assert_array_equal(second, 1)
    assert fc.compile(lambda x: [x])(1.0) == [1.0]
    assert fc.compile(lambda x: ())(1.0) == ()


def test_a_flag_beside_a_number_makes_no_array_of_both():
    def f(x, doubled):
        return x * x * (2 if doubled else 1)

    compiled = fc.compile(f)
    for flag in (True, False, True):
        assert compiled(3.0, flag) == f(3.0, flag)
        assert fc.newton(lambda x, flag: f(x, flag) - 2, 1.0, args=(flag,)) == pytest.approx((1 if flag else 2) ** 0.5)
    assert fc.grad(f)(3.0, True) == 12
