"""tracer: Python's own choices become guards; another outcome traces another path."""

import functools

import fastcalc as fc
import numpy as np
import pytest

POINTS = [-3.0, -1.0, -0.5, -0.0, 0.0, 0.25, 0.5, 1.0, 2.0, 7.0, np.inf, -np.inf, np.nan]


def same(f, *points):
    """The compiled function follows the function from point to point, and back."""
    compiled = fc.compile(f)
    for point in (*points, *points[::-1]):
        with np.errstate(all="ignore"):
            want = f(*(point if isinstance(point, tuple) else (point,)))
        got = compiled(*(point if isinstance(point, tuple) else (point,)))
        np.testing.assert_allclose(got, want, rtol=1e-14, err_msg=str(point))


def choose(a):
    if (a > 0.5 and a < 3) or not a >= -1:
        return a * 2
    if a:
        return a + 10
    return a - 10


@pytest.mark.parametrize(
    "f",
    [
        choose, lambda a: a if a > 0 else -a, lambda a: max(a, 0.5) - min(a, -0.5), lambda a: sorted([a, 0.3, -0.2])[1], lambda a: (a or 5.0) + 1,
        lambda a: (a and 5.0) + 1, lambda a: not a, lambda a: -1 < a <= 0.5, lambda a: a == 0.5, lambda a: 0.5 in [a, 2.0], lambda a: a != a,
        lambda a: 1.0 if np.isnan(a) else 2.0, lambda a: 1.0 if np.isfinite(a) else 0.0, lambda a: abs(a) if a else 1,
        lambda a: 3.0 if all([a > 0, a < 1]) else 4.0, lambda a: 3.0 if any([a > 0, a < -2]) else 4.0, lambda a: max([a, 1.0, 2.0], key=lambda v: -v),
    ],
)  # fmt: skip
def test_choices_on_numbers(f):
    same(f, *POINTS)


def test_choices_on_arrays():
    def f(x):
        if np.any(x > 2):
            x = x - np.max(x)
        if x[0] > x[-1]:
            x = x[::-1]
        if (x > 0).all():
            return np.sqrt(x)
        return x * 2 if x.sum() > 0 else x * 3

    rng = np.random.default_rng(3)
    same(f, *(rng.uniform(low, high, 5) for low in (-3, -1, 0) for high in (0.5, 1, 3)))


def test_an_array_has_no_truth_value():
    for x in (np.ones(2), np.ones((0,))):
        with pytest.raises(ValueError, match="ambiguous"):
            fc.compile(lambda x: 1.0 if x > 0 else 2.0)(x)
    assert fc.compile(lambda x: 1.0 if x else 2.0)(np.ones((1, 1))) == 1


def test_loops_to_convergence():
    def root(a):
        x = a if a > 1 else 1.0
        while abs(x * x - a) > 1e-12 * a:
            x = (x + a / x) / 2
        return x

    same(root, *np.geomspace(1e-3, 1e6, 40))


def test_loops_to_the_last_bit():
    # the condition holds for the very values that the program computes, or the trace would fail at once
    def fixed_point(a):
        x, last = a * 0.5, a * 0
        for _ in range(200):  # for some a the last bit swings for ever
            if x == last:
                break
            last, x = x, np.exp(-x * a) * 0.5
        return x

    def exact(x):
        return 1.0 if np.exp(x[0]) == np.exp(x)[0] else 2.0

    compiled = fc.compile(fixed_point)
    for a in np.linspace(0.1, 1.2, 150):
        np.testing.assert_allclose(compiled(a), fixed_point(a), rtol=1e-14)
    compiled = fc.compile(exact)
    for a in np.linspace(0.1, 1.2, 150):
        assert compiled(np.full(300, a)) in (1.0, 2.0)


def test_recursion_helpers_and_closures():
    offset = 3.0

    def chebyshev(n, x):
        return 1.0 + 0 * x if n == 0 else x if n == 1 else 2 * x * chebyshev(n - 1, x) - chebyshev(n - 2, x)

    def depth(x):
        return x if x < 1 else 1 + depth(x / 2)

    same(lambda x: chebyshev(7, x) + offset, 0.1, 0.5, -0.3)
    same(depth, 0.5, 3.0, 100.0, 1e6)
    same(functools.partial(lambda x, y: x - y, y=2.0), 1.0, 2.0)
    same(lambda x, power=3: x**power, 1.5)
    same(lambda x, *, scale=2.0: x * scale, 1.5)
    same(lambda *x: sum(x), (1.0, 2.0, 3.0))


def test_a_callable_object_and_a_method_compile():
    class Model:
        scale = 3.0

        def __call__(self, x):
            return x * self.scale

        def method(self, x):
            return x + self.scale

    assert fc.compile(Model())(2.0) == 6
    assert fc.compile(Model().method)(2.0) == 5
    assert fc.compile(np.sin)(2.0) == np.sin(2.0)
    assert "sin" in str(fc.compile(np.sin))


def test_a_compiled_function_inside_another():
    inner = fc.compile(lambda x: np.exp(-x) if x.sum() > 0 else np.exp(x))
    same(lambda x: 2 * inner(x * x) + inner(-x), np.linspace(-1, 1, 5), np.linspace(-1, 2, 5))


def test_a_listing_needs_no_call():
    assert "exp" in str(fc.compile(lambda x, a=2.0, *, k=1, **more: np.exp(a * k * x)))
    assert "multiply" in str(fc.compile(lambda *x: x[0] * 2.0))
    f = fc.compile(lambda x: x[0] * 2)
    with pytest.raises(fc.FastcalcError, match="call it once"):
        str(f)
    f(np.ones(3))
    assert "multiply" in str(f)


def test_a_function_that_prints_prints_once_a_trace(capsys):
    def f(x):
        print("here", x)
        return x * 2

    compiled = fc.compile(f)
    assert [compiled(v).item() for v in (1.0, 2.0, 3.0)] == [2, 4, 6]
    assert capsys.readouterr().out.count("traced array") == 1


def test_paths_without_end_do_not_pile_up():
    compiled = fc.compile(lambda x: sum(v for v in x if v > 0))
    rng = np.random.default_rng(1)
    for _ in range(300):
        x = rng.normal(size=12)
        np.testing.assert_allclose(compiled(x), x[x > 0].sum(), rtol=1e-14)  # twelve positive terms
    assert len(compiled.calls) <= 64
