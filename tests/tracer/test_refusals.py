"""tracer: what cannot be traced says what it was, on which of the user's lines, and what to write instead."""

import types

import fastcalc as fc
import numpy as np
import pytest
import scipy.special

V = np.linspace(0.1, 0.9, 8)
BUFFER = np.zeros(8)


def assign_into(a):
    a[0] = 1.0
    return a


def alias(a):
    b = a
    b += 1.0
    return a


# the function, and what its message must name
REFUSED = {
    "complex": (lambda a: complex(a[0]), "real and the imaginary part"),
    "format": (lambda a: f"{a[0]:.3f}", "format"),
    "index": (lambda a: V[a[0]], "index"),
    "range": (lambda a: sum(range(a[0])), "index or a count"),
    "assignment into an argument": (assign_into, "argument"),
    "+= on an alias": (alias, "argument"),
    "out": (lambda a: np.exp(a, out=BUFFER), "out="),
    "out of sum": (lambda a: np.sum(a, axis=0, out=BUFFER[0]), "out="),
    "out of clip": (lambda a: np.clip(a, 0.2, 0.5, out=BUFFER), "out="),
    "out of dot": (lambda a: np.dot(a, a, out=BUFFER[0, ...]), "out="),
    "out of outer": (lambda a: np.outer(a, a, out=np.zeros((8, 8))), "out="),
    "out of mean": (lambda a: np.mean(a, out=BUFFER[0, ...]), "out="),
    "where=": (lambda a: np.log(a, where=a > 0.5), "np.where"),
    "dtype": (lambda a: np.add(a, 1, dtype=np.float32), "dtype"),
    "at": (lambda a: np.add.at(a, 0, 1.0), "argument"),
    "reduceat": (lambda a: np.add.reduceat(a, [0, 3]), "reduceat"),
    "subtract.reduce": (lambda a: np.subtract.reduce(a), "reduce"),
    "fft": (lambda a: np.fft.fft(a), "fft"),
    "rfft": (lambda a: np.fft.rfft(a), "np.fft.rfft cannot be traced; its result is complex"),
    "eig": (lambda a: np.linalg.eig(np.outer(a, a))[0], "np.linalg.eig cannot be traced; .* np.linalg.eigh"),
    "eigvals": (
        lambda a: np.linalg.eigvals(np.outer(a, a)),
        "np.linalg.eigvals cannot be traced; .* np.linalg.eigvalsh",
    ),
    "roots": (lambda a: np.roots(a), "np.roots cannot be traced"),
    "roots of another kind of polynomial": (lambda a: np.polynomial.polynomial.polyroots(a), "polyroots|eigvals"),
    "histogram": (lambda a: np.histogram(a, 3)[0], "np.histogram cannot be traced"),
    "masked array": (lambda a: np.ma.masked_where(a > 0.5, a).sum(), "plain NumPy array|masked"),
    "betainc": (lambda a: scipy.special.betainc(a, 2.0, 0.5), "betainc"),
    "complex number": (lambda a: a * 1j, "real and the imaginary part"),
    "string": (lambda a: a + "b", "str"),
    "None": (lambda a: a * None, "NoneType"),
    "object array": (lambda a: a * np.array([None] * 8), "numbers"),
    "bitwise": (lambda a: a & 1, "bitwise_and"),
    "shift": (lambda a: a << 1, "left_shift"),
    "truth minus truth": (lambda a: (a > 0.5) - (a < 0.2), "1.0 [*] mask"),
    "root of truth": (lambda a: np.sqrt(a > 0.5), "1.0 [*] mask"),
    "returns nothing": (lambda a: None, "returned|NoneType"),
    "returns a string": (lambda a: "a", "str"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_traced_is_refused_with_what_where_and_the_rewrite(name):
    f, words = REFUSED[name]
    with pytest.raises(fc.TraceError, match=words) as raised:
        fc.compile(f)(V)
    assert "test_refusals.py:" in str(raised.value)
    assert str(raised.value).count("\n") == 0


def test_the_line_is_the_users_own_also_in_a_helper():
    def helper(a):
        return np.fft.fft(a)  # the line to name

    with pytest.raises(fc.TraceError, match="the line to name"):
        fc.compile(lambda a: 1 + helper(a))(V)


def test_the_nearest_covered_function_is_named():
    with pytest.raises(fc.TraceError, match=r"np\.bincount cannot be traced"):
        fc.compile(lambda a: np.bincount([0, 1], a))(V[:2])
    with pytest.raises(fc.TraceError, match=r"np\.lexsort cannot be traced; the nearest covered function is np\.sort"):
        fc.compile(lambda a: np.lexsort((a,)))(V)


def test_a_value_kept_from_another_trace_is_refused():
    kept, store = [], types.SimpleNamespace()

    def in_a_list(a):
        kept.append(a)
        return a * kept[0]

    def in_an_attribute(a):
        if not hasattr(store, "a"):
            store.a = a
        return a * store.a

    with pytest.raises(fc.TraceError, match="kept in an outer variable"):
        fc.compile(in_a_list)(2.0)
    compiled = fc.compile(in_an_attribute)
    assert compiled(2.0) == 4
    with pytest.raises(fc.TraceError, match="another trace"):
        compiled(V)


@pytest.mark.parametrize("made", [fc.compile, fc.grad, fc.hessian, lambda f: fc.grad(fc.grad(f))])
def test_what_a_function_does_to_outer_variables_is_settled_in_derivatives_too(made):
    history, calls = [], {"count": 0}

    def keeps(a):
        history.append(a)
        return a**2

    def counts(a):
        calls["count"] = 7
        return a**2

    with pytest.raises(fc.TraceError, match="kept in an outer variable"):
        made(keeps)(2.0)
    made(counts)(2.0)
    assert calls == {"count": 7}


def test_nothing_is_left_behind_by_a_refused_trace():
    compiled = fc.compile(lambda a: np.fft.fft(a) if a.ndim else a * 2)
    with pytest.raises(fc.TraceError):
        compiled(V)
    assert compiled(2.0) == 4
    with pytest.raises(fc.TraceError):
        compiled(V)


def test_an_exception_of_the_function_is_its_own():
    class Own(Exception):
        pass

    def f(a):
        raise Own("mine")

    with pytest.raises(Own, match="mine"):
        fc.compile(f)(1.0)
