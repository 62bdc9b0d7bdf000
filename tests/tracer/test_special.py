"""tracer: scipy.special's ufuncs are traced, known by what they are and not by their name."""

import subprocess
import sys
import types

import fastcalc as fc
import numpy as np
import pytest
from fastcalc import _core
from fastcalc._tracer import _ops
from program import record
from scipy import special

UNARY = sorted({row["numpy"] for row in _core.op_table() if row["numpy"].startswith("special.") and row["arity"] == 1})
BINARY = sorted({row["numpy"] for row in _core.op_table() if row["numpy"].startswith("special.") and row["arity"] == 2})


def of_scipy(path):
    found = special
    for name in path.split(".")[1:]:
        found = getattr(found, name, None)
    return found


@pytest.mark.parametrize(
    "path",
    [*UNARY, "special.digamma", "special.cbrt", "special.exp2", "special.expm1", "special.log1p", "special.round"],
)
def test_a_function_of_one_argument_is_traced(path):
    f, x = of_scipy(path), np.linspace(0.05, 0.95, 37)
    got = record.values(lambda x: f(x), (x,))
    # SciPy's own loops; rules of our own are within 6 ulp (tests/ops)
    np.testing.assert_allclose(got, f(x), rtol=6 * np.finfo(float).eps)


@pytest.mark.parametrize("path", BINARY)
def test_a_function_of_two_arguments_is_traced(path):
    f, y = of_scipy(path), np.linspace(0.05, 0.95, 37)
    if f is None:
        return  # `exp_moment`, which only derivatives use
    row = next(row for row in _core.op_table() if row["numpy"] == path)
    if row["constant"][1]:
        got, want = record.values(lambda x: f(x, 2.0), (y,)), f(y, 2.0)
    else:
        got, want = record.values(lambda y: f(2.0, y), (y,)), f(2.0, y)
    np.testing.assert_allclose(got, want, rtol=6 * np.finfo(float).eps)


def test_zeta_is_a_python_function_and_traced_all_the_same():
    x = np.linspace(1, 9, 20)
    np.testing.assert_array_equal(record.values(lambda x: special.zeta(3.0, x), (x,)), special.zeta(3.0, x))


@pytest.mark.parametrize(
    "f",
    [
        special.jv,
        special.yv,
        special.iv,
        special.ive,
        special.kv,
        special.kve,
        special.kn,
        special.yn,
        special.gammainc,
        special.gammaincc,
    ],
)
def test_an_order_that_depends_on_an_argument_is_refused(f):
    with pytest.raises(fc.TraceError, match=rf"first argument of scipy.special.{f.__name__}.*make it a constant"):
        record.values(lambda n, x: f(n, x), (np.ones(3), np.ones(3)))


def test_a_foreign_ufunc_is_not_taken_for_numpys():
    impostor = types.SimpleNamespace(__name__="power")
    assert _ops.name_of(np.power) == "power"
    assert _ops.name_of(special.psi) == "special.psi"
    assert _ops.by_ufunc.get(_ops.name_of(impostor)) is None
    with pytest.raises(
        fc.TraceError, match=r"the ufunc <lambda> \(vectorized\), which is not NumPy's cannot be traced"
    ):
        record.values(lambda x: np.frompyfunc(lambda a: a, 1, 1)(x), (np.ones(3),))


def test_every_ufunc_of_numpy_is_traced_or_refused_by_name():
    ufuncs = {getattr(np, name) for name in dir(np) if isinstance(getattr(np, name), np.ufunc)}
    refused = set()
    for ufunc in ufuncs:
        x = np.full((2, 2), 0.5) if ufunc.signature else np.full(2, 0.5)
        try:
            record.values(lambda *x, ufunc=ufunc: ufunc(*x), (x,) * ufunc.nin)
        except (fc.TraceError, TypeError) as error:
            assert ufunc.__name__ in str(error) or isinstance(error, TypeError), ufunc
            refused.add(ufunc.__name__)
    # of whole numbers, of truth values, of dates; of a number's bits
    unfit = {
        "gcd",
        "lcm",
        "left_shift",
        "right_shift",
        "bitwise_count",
        "bitwise_and",
        "bitwise_or",
        "bitwise_xor",
        "invert",
        "isnat",
    }
    assert refused == unfit | {"spacing", "nextafter", "frexp"}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_logsumexp_is_scipys(rng, axis, keepdims):
    a, b = rng.uniform(-800, 800, (3, 5)), rng.uniform(0, 2, (3, 5))
    a[1, 2] = -np.inf

    def f(a):
        return special.logsumexp(a, axis=axis, b=b, keepdims=keepdims)

    np.testing.assert_allclose(fc.compile(f)(a), f(a), rtol=1e-15)
    np.testing.assert_allclose(fc.compile(special.logsumexp)(a), special.logsumexp(a), rtol=1e-15)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_is_scipys(rng, name):
    function, x = getattr(special, name), rng.uniform(-300, 300, (3, 5))
    np.testing.assert_allclose(fc.compile(lambda x: function(x, axis=1))(x), function(x, axis=1), rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_polygamma_is_scipys(n):
    x = np.linspace(0.3, 9, 30)
    np.testing.assert_allclose(fc.compile(lambda x: special.polygamma(n, x))(x), special.polygamma(n, x), rtol=1e-15)


def test_softplus_is_scipys():
    if not hasattr(special, "softplus"):  # SciPy 1.16 has none
        return
    x = np.array([-800.0, -30.0, -1.0, 0.0, 0.3, 40.0, 800.0])
    np.testing.assert_allclose(fc.compile(special.softplus)(x), special.softplus(x), rtol=1e-15)
    np.testing.assert_allclose(fc.grad(lambda x: special.softplus(x).sum())(x), special.expit(x), rtol=1e-15)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_multigammaln_is_scipys(d):
    a = np.linspace(2.5, 9, 12)
    np.testing.assert_allclose(
        fc.compile(lambda a: special.multigammaln(a, d))(a), special.multigammaln(a, d), rtol=1e-14
    )
    slope = sum(special.digamma(a - 0.5 * j) for j in range(d))
    np.testing.assert_allclose(fc.grad(lambda a: special.multigammaln(a, d).sum())(a), slope, rtol=1e-14)
    with pytest.raises(ValueError, match="condition a"):
        fc.compile(lambda a: special.multigammaln(a, 9))(a)


def test_scipy_is_imported_by_nobody_but_the_user():
    code = "import sys, fastcalc; assert not any(name.partition('.')[0] == 'scipy' for name in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
