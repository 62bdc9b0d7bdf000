"""front doors newton, root_scalar and fixed_point: one number, or many that have nothing to do with each other."""

import math
import re

import fastcalc as fc
import mpmath
import numpy as np
import pytest


def kepler(E, M, e):
    return E - e * np.sin(E) - M


def cubic(x):
    return x**3 - 2 * x + 2


def test_newton_s_own_equation():
    exact = float(mpmath.findroot(lambda x: x**3 - 2 * x - 5, 2))
    assert fc.newton(lambda x: x**3 - 2 * x - 5, 2.0) == pytest.approx(exact, rel=4e-16)
    root, results = fc.newton(lambda x: x**3 - 2 * x - 5, 2, full_output=True)
    assert results.converged and results.root == root and results.function_calls <= 5


@pytest.mark.parametrize(
    ("f", "start", "name"),
    [
        (cubic, 0.0, "cycle"),
        (lambda x: x**2 - 4, 0.0, "Derivative was zero. Failed to converge after 1 iterations, value is 0.0."),
        (np.arctan, 2.0, "run away"),
        (lambda x: x * np.exp(-x), 2.0, "run away"),
    ],
)
def test_a_bare_iteration_that_fails_is_named(f, start, name):
    with pytest.raises(RuntimeError, match=name):
        fc.newton(f, start, safeguard=False)


@pytest.mark.parametrize(("f", "start"), [(cubic, 0.0), (lambda x: x**2 - 4, 0.0), (np.arctan, 2.0), (np.arctan, 1e8)])
def test_a_safeguarded_iteration_survives_it(f, start):
    x = fc.newton(f, start)
    assert abs(f(x)) <= 1e-14 * max(1, abs(start))


def test_scipy_s_texts():
    with pytest.raises(RuntimeError, match=r"^Failed to converge after 2 iterations, value is "):
        fc.newton(lambda x: x**3 - 1e9, 1.0, maxiter=2)
    with pytest.raises(ValueError, match=r"tol too small \(-1 < 0\)"):
        fc.newton(cubic, 1.0, tol=-1)
    with pytest.raises(ValueError, match="maxiter must be greater than 0"):
        fc.newton(cubic, 1.0, maxiter=0)
    with pytest.raises(ValueError, match="f\\(a\\) and f\\(b\\) must have different signs"):
        fc.root_scalar(cubic, bracket=(0, 1))
    with pytest.raises(ValueError, match="Unknown solver nope"):
        fc.root_scalar(cubic, bracket=(0, 1), method="nope")
    with pytest.raises(ValueError, match="neither bracket nor starting point"):
        fc.root_scalar(cubic)


def test_what_is_no_derivative_is_refused():
    with pytest.raises(ValueError, match="`fprime` must be callable, not 'text'"):
        fc.newton(cubic, 1.0, fprime="text")
    with pytest.raises(ValueError, match="`fprime` must be callable or True, not 'text'"):
        fc.root_scalar(cubic, x0=1.0, fprime="text")


def test_no_exception_where_none_is_wanted():
    x, results = fc.newton(lambda x: x**2 + 1, 1.0, full_output=True, disp=False)
    assert not results.converged and results.status == "no_root_nearby"
    assert isinstance(x, float)


def test_a_hundred_thousand_kepler_equations():
    rng = np.random.default_rng(1)
    M, e = rng.uniform(0, 2 * np.pi, 100_000), rng.uniform(0, 0.99, 100_000)
    found = fc.newton(kepler, M, args=(M, e), full_output=True)
    assert found.converged.all() and found.root.shape == M.shape
    np.testing.assert_allclose(kepler(found.root, M, e), 0, atol=4e-15)  # rounding of terms up to 2π
    assert found.iterations.mean() < 5


def test_elements_are_found_as_they_are_alone():
    M, e = np.linspace(0.1, 6, 700), 0.9
    together = fc.newton(kepler, M, args=(M, e))
    alone = np.array([fc.newton(kepler, float(m), args=(float(m), e)) for m in M[::50]])
    # a lane uses the vector sine, a number the scalar one: they differ in the last bit, and the roots up to 1/(1 − e) times that
    np.testing.assert_allclose(together[::50], alone, rtol=1e-14)
    np.testing.assert_array_equal(fc.newton(kepler, M[::-1], args=(M[::-1], e))[::-1], together)


@pytest.mark.parametrize("n", [1, 5, 8, 255, 256, 257, 1000])
def test_arrays_of_a_closure_belong_to_their_elements(n):
    M, e = np.linspace(0.1, 6, n), np.linspace(0, 0.9, n)
    of_arguments = fc.newton(kepler, M, args=(M, e))
    of_closure = fc.newton(lambda E: kepler(E, M, e), M)
    np.testing.assert_allclose(of_closure, of_arguments, rtol=4e-16)
    np.testing.assert_allclose(kepler(of_closure, M, e), 0, atol=4e-15)


def test_arguments_broadcast():
    a = np.array([[2.0], [9.0]])
    x = fc.newton(lambda x, a: x**2 - a, np.array([1.0, 5.0, -3.0]), args=(a,))
    np.testing.assert_allclose(x, np.sqrt(a) * [1, 1, -1], rtol=1e-15)
    coefficients = np.array([-6.0, 11.0, -6.0, 1.0])  # (x − 1)(x − 2)(x − 3): not of the elements
    x = fc.newton(lambda x, c: c[0] + x * (c[1] + x * (c[2] + x * c[3])), np.array([0.5, 3.5]), args=(coefficients,))
    np.testing.assert_allclose(x, [1, 3], rtol=1e-13)
    assert fc.newton(lambda x: x, np.zeros((0, 3))).shape == (0, 3)


def test_many_elements_have_the_same_bits_for_any_number_of_threads(monkeypatch):
    rng = np.random.default_rng(3)
    M, e = rng.uniform(0, 2 * np.pi, 70_001), rng.uniform(0, 0.99, 70_001)
    M[[5, 40_000]] = np.nan  # two that fail, in pieces of different threads
    found = {}
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        with pytest.warns(RuntimeWarning, match="2 × not_finite_at_start"):
            found[threads] = fc.newton(kepler, M, args=(M, e), full_output=True)
    assert np.flatnonzero(~found["1"].converged).tolist() == [5, 40_000]
    for threads in ("2", "3"):
        for one, other in zip(found["1"], found[threads], strict=True):
            assert one.tobytes() == other.tobytes()


def test_branches_of_arrays():
    x = fc.newton(lambda x: np.where(x > 1, x**2 - 4, x - 3), np.array([0.5, 5.0, 1.5]))
    np.testing.assert_allclose(x, [2, 2, 2], rtol=1e-15)

    def by_norm(x):  # looks at all elements: traced as a whole, and again where the outcome changes
        return x**2 - 4 if np.max(x) > 2.5 else x - 2

    np.testing.assert_allclose(fc.newton(by_norm, np.array([0.5, 5.0, 1.5])), 2, rtol=1e-15)
    np.testing.assert_allclose(fc.newton(by_norm, np.linspace(0.5, 5.0, 40_000)), 2, rtol=1e-15)


@pytest.mark.parametrize("size", [2, 5, 100, 200, 1000])
@pytest.mark.parametrize(
    "mixed",
    [
        np.mean, np.max, np.min, np.sum, np.cumsum, lambda a: a[0], lambda a: a[-1], lambda a: a[::-1], lambda a: np.roll(a, 1),
        lambda a: a.size, lambda a: np.arange(a.size), lambda a: np.linspace(0, 1, a.size), lambda a: a if a.size < 300 else 2 * a,
    ],
    ids=[
        "mean", "max", "min", "sum", "cumsum", "first", "last", "reversed", "rolled", "size", "index", "part", "size's branch",
    ],
)  # fmt: skip
def test_arguments_may_be_mixed(mixed, size):
    def f(x, a):
        return x - mixed(a)

    for n in (size, 2 * size):  # the second with what is known of the first
        a = np.arange(n) + 1.0
        np.testing.assert_allclose(fc.newton(f, np.ones(n), args=(a,)), np.broadcast_to(mixed(a), n), rtol=1e-14)
        np.testing.assert_allclose(fc.newton(f, 1.0, args=(a,)), np.broadcast_to(mixed(a), n), rtol=1e-14)


def test_a_maximum_that_few_elements_ask_for_is_that_of_all():
    def f(x, a):
        return x - np.where(np.abs(a - 700) < 5, a.max(), a)

    a = np.arange(3000.0)
    np.testing.assert_allclose(f(fc.newton(f, np.full(3000, 1.5), args=(a,)), a), 0, atol=1e-12)


@pytest.mark.parametrize("size", [3, 300])
@pytest.mark.parametrize("step", [lambda x: np.sum(x > x[0]), lambda x: x == x.min()], ids=["count", "least"])
def test_steps_that_mix_the_elements_are_refused_too(step, size):
    with pytest.raises(ValueError, match="element by element"):
        fc.newton(lambda x: x - 0.5 * step(x), np.linspace(1, 2, size))


def test_elements_that_fail_are_told_and_stop_no_other():
    a = np.array([4.0, -1.0, 9.0])
    with pytest.warns(RuntimeWarning, match="some failed to converge .*1 × no_root_nearby"):
        found = fc.newton(lambda x, a: x**2 - a, np.ones(3), args=(a,), full_output=True)
    assert found.converged.tolist() == [True, False, True]
    np.testing.assert_allclose(found.root[[0, 2]], [2, 3], rtol=1e-15)
    with pytest.raises(RuntimeError, match="all failed to converge"):
        fc.newton(lambda x: x**2 + 1, np.ones(3))
    with pytest.warns(RuntimeWarning, match="derivative_zero"):
        found = fc.newton(lambda x: x**2 - 4, np.array([0.0, 1.0]), safeguard=False, full_output=True)
    assert found.zero_der.tolist() == [True, False]


def test_a_function_that_mixes_elements_is_refused():
    with pytest.raises(ValueError, match=r"element by element; a system of equations is solved by fastcalc\.root"):
        fc.newton(lambda x: x - np.mean(x), np.array([1.0, 2.0]))
    with pytest.raises(ValueError, match="element by element"):
        fc.newton(lambda x: np.sum(x), np.array([1.0, 2.0]))


def test_a_given_derivative_is_used():
    asked = []

    def fprime(x):
        asked.append(x)
        return 2 * x

    assert fc.newton(lambda x: x**2 - 2, 1.0, fprime) == pytest.approx(2**0.5, rel=1e-15)
    np.testing.assert_allclose(
        fc.newton(lambda x: x**2 - 2, np.array([1.0, -1.0]), fprime), [2**0.5, -(2**0.5)], rtol=1e-15
    )
    assert asked
    found = fc.root_scalar(lambda x: (x**2 - 2, 2 * x), bracket=(0, 2), fprime=True)
    assert found.root == pytest.approx(2**0.5, rel=1e-15)


def untraceable(f):
    return lambda x: f(float.fromhex(float(x).hex()))  # an element at a time


@pytest.mark.parametrize("size", [3, 8, 300])  # fewer than lanes, as many, more
def test_a_given_derivative_has_a_number_for_each_element_or_one_for_all(size):
    def f(x):
        return x**2 - 2

    start = np.linspace(1, 2, size)
    expected = fc.newton(f, start)
    slope = 2 * np.sqrt(2)
    for given in (4.0, np.float64(slope), [slope] * size, np.full(size, slope)):
        # steps f / c at least halve near the root, where 1 - 2 x / c is the ratio of two: what is left is no longer than the last, 1.5e-8
        np.testing.assert_allclose(fc.newton(f, start, lambda x, given=given: given), expected, rtol=1.5e-8)
    np.testing.assert_allclose(fc.newton(f, start, lambda x: [2 * each for each in x]), expected, rtol=1e-15)
    # one that looks at all elements is made of all of them, not of a row of lanes
    np.testing.assert_allclose(fc.newton(f, start, lambda x: np.max(2 * x)), expected, rtol=1.5e-8)


@pytest.mark.parametrize("size", [3, 8, 300])
def test_a_derivative_of_another_shape_is_refused(size):
    start = np.linspace(1, 2, size)
    for fprime, made in [
        (lambda x: np.array([4.0]), (1,)),
        (lambda x: np.array([4.0, 4.0]), (2,)),
        (lambda x: 2 * x[:-1], (size - 1,)),
        (lambda x: 2 * x[:, None], (size, 1)),
        (lambda x: 2 * x[None], (1, size)),
        (lambda x: np.diag(2 * x), (size, size)),  # a system's Jacobian
    ]:
        with pytest.raises(TypeError, match=re.escape(f"the 'fprime' argument '<lambda>'. Shape should be ({size},) but it is {made}")):  # fmt: skip
            fc.newton(lambda x: x**2 - 2, start, fprime)
    with pytest.raises(TypeError, match=re.escape(f"the 'func' argument '<lambda>'. Shape should be ({size},)")):
        fc.newton(lambda x: np.array([x, x]), start, lambda x: 2 * x)


@pytest.mark.parametrize("way", [lambda f: f, untraceable])
def test_a_number_s_derivative_is_a_number(way):
    def f(x):
        return x**2 - 2

    for fprime in (lambda x: np.array([2 * x]), lambda x: [2 * x]):
        assert fc.newton(way(f), 1.0, way(fprime)) == pytest.approx(2**0.5, rel=1e-15)
    with pytest.raises(TypeError, match=r"the 'fprime' argument .* Shape should be \(\) but it is \(2,\)"):
        fc.newton(way(f), 1.0, way(lambda x: np.array([2 * x, 2 * x])))
    with pytest.raises(TypeError, match=r"gives None; is its `return` missing\?"):
        fc.newton(way(f), 1.0, way(lambda x: None))
    with pytest.raises(TypeError, match="complex128 numbers"):
        fc.newton(way(f), 1.0, way(lambda x: 2j * x))


def test_python_s_own_mathematics_traces():
    assert fc.newton(lambda x: math.exp(x) - 3, 1.0) == pytest.approx(math.log(3), rel=4e-16)
    assert fc.root_scalar(lambda x: x * x - 2 if x > 0 else -1.0, bracket=(-1, 2)).root == pytest.approx(
        2**0.5, rel=4e-16
    )


def test_between_two_ends():
    for f, a, b in [(np.arctan, -50, 1000), (lambda x: (x - 1) ** 3, -4, 9), (lambda x: np.log1p(x) - 1e-3, 0, 1e300)]:
        found = fc.root_scalar(f, bracket=(a, b))
        assert found.converged
        assert abs(f(found.root)) < 1e-15
    pole = fc.root_scalar(lambda x: 1 / (x - 0.3), bracket=(-1, 2))
    assert not pole.converged and pole.status == "pole"


@pytest.mark.parametrize("where", [{"bracket": (0.0, 1.0)}, {"bracket": [0, 1]}, {"x0": 0.5}, {"x0": 1}])
def test_later_results_are_like_the_first(where):
    first = fc.root_scalar(lambda x: np.cos(x) - x, **where)
    f = fc.compile(lambda x: np.cos(x) - x)
    for _ in range(3):
        found = fc.root_scalar(f, **where)
        assert type(found) is type(first) and list(found.items()) == list(first.items())
    assert fc.newton(f, 0.5) == pytest.approx(first.root, rel=1e-15)


def test_later_calls_refuse_what_the_first_refuses():
    def f(x):
        return np.cos(x) - x

    for _ in range(2):
        assert fc.root_scalar(f, bracket=(0.0, 1.0)).converged and fc.root_scalar(f, x0=0.5).converged
        with pytest.raises(ValueError, match="different signs"):
            fc.root_scalar(f, bracket=(1.0, 2.0))
        with pytest.raises(ValueError, match="two finite numbers"):
            fc.root_scalar(f, bracket=(0.0, np.inf))
        with pytest.raises(ValueError, match="two finite numbers"):
            fc.root_scalar(f, bracket=(0.0, 1.0, 2.0))
        with pytest.raises(ValueError, match="neither bracket nor"):
            fc.root_scalar(f)
        with pytest.raises(ValueError, match="different signs"):
            fc.root_scalar(f, bracket=(1.0, 2.0), x0=0.5)


def test_what_changes_outside_is_seen():
    target = 2.0

    def f(x):
        return x * x - target

    assert fc.newton(f, 1.0) == pytest.approx(2**0.5, rel=1e-15)
    target = 9.0
    assert fc.newton(f, 1.0) == pytest.approx(3, rel=1e-15)
    np.testing.assert_allclose(fc.newton(f, np.ones(3)), 3, rtol=1e-15)
    target = 16.0
    np.testing.assert_allclose(fc.newton(f, np.ones(3)), 4, rtol=1e-15)


def test_a_function_that_cannot_be_traced():
    def opaque(x):
        return float(repr(float(x))) ** 2 - 2

    with pytest.warns(fc.FallbackWarning, match="opaque"):
        assert fc.newton(opaque, 1.0) == pytest.approx(2**0.5, rel=1e-14)
    np.testing.assert_allclose(fc.newton(opaque, np.array([1.0, -2.0])), [2**0.5, -(2**0.5)], rtol=1e-14)


def test_a_function_that_cannot_be_traced_and_takes_arrays_alone():
    with pytest.warns(fc.FallbackWarning):
        roots = fc.newton(
            lambda x, a: np.array([float(str(v)) for v in x]) ** 2 - a, np.ones(3), args=(np.array([1.0, 4.0, 9.0]),)
        )
    np.testing.assert_allclose(roots, [1, 2, 3], rtol=1e-15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fc.root_scalar(np.arctan, bracket=(-np.inf, np.inf)), ValueError, "two finite numbers"),
        (lambda: fc.root_scalar(np.arctan, x0=1.0, maxiter="many"), TypeError, "maxiter must be a number"),
        (lambda: fc.root_scalar(np.arctan, x0=1.0, xtol="fine"), TypeError, "tol must be a number"),
        (lambda: fc.newton(lambda x: x + 1j, np.ones(3)), TypeError, "gives complex128 numbers"),
        (lambda: fc.newton(np.log, -1.0), RuntimeError, "The function is not finite at the start"),
        (
            lambda: fc.fixed_point(lambda x: np.ones(2), np.ones(3)),
            TypeError,
            r"Shape should be \(3,\) but it is \(2,\)",
        ),
    ],
)
def test_what_is_of_no_use_is_named(call, error, message):
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        call()


def test_what_the_function_raises_comes_out():
    def f(x):
        raise ArithmeticError("no")

    for call in (
        lambda: fc.newton(f, 1.0),
        lambda: fc.newton(f, np.ones(2)),
        lambda: fc.root_scalar(f, bracket=(0, 1)),
    ):
        with pytest.raises(ArithmeticError, match="no"):
            call()


def test_bad_starts_are_refused():
    with pytest.raises(ValueError, match="real"):
        fc.newton(cubic, 1j)
    with pytest.raises(TypeError, match="numbers"):
        fc.newton(cubic, "one")
    with pytest.raises(RuntimeError, match="not finite"):
        fc.newton(np.log, -1.0)
    with pytest.raises(ValueError, match="Halley"):
        fc.newton(cubic, 1.0, fprime2=np.sin)


def test_fixed_points():
    assert fc.fixed_point(np.cos, 1.0) == pytest.approx(0.7390851332151607, rel=4e-16)
    # the iteration x = g(x) itself runs away from this one: g′ = −2.25 there
    assert fc.fixed_point(lambda x: 3.25 * x * (1 - x) * 1.2, 0.7) == pytest.approx(1 - 1 / 3.9, rel=1e-15)
    x = fc.fixed_point(lambda x, a: np.sqrt(a * x + 1), np.array([1.0, 2.0]), args=(np.array([1.0, 2.0]),))
    np.testing.assert_allclose(x, [(1 + 5**0.5) / 2, 1 + 2**0.5], rtol=1e-14)
    with pytest.raises(RuntimeError, match="Failed to converge"):
        fc.fixed_point(lambda x: x + 1, 1.0)


@pytest.mark.parametrize("start", [1.0, -3.0, np.array([1.0, -3.0, 0.5])])
@pytest.mark.parametrize("safeguard", [True, False])
def test_a_flight_to_where_a_function_is_nearly_0_is_told_from_a_slow_search(start, safeguard):
    def reciprocal(x):
        return 1 / x

    if isinstance(start, float):
        with pytest.raises(RuntimeError, match="run away"):
            fc.newton(reciprocal, start, safeguard=safeguard)
    else:
        with pytest.warns(RuntimeWarning, match="3 × newton_diverged"):
            fc.newton(reciprocal, start, safeguard=safeguard, disp=False)
    with pytest.raises(RuntimeError, match="after 3 iterations"):  # too few to tell
        fc.newton(lambda x: (x - 1.0) ** 9, 1e3, safeguard=safeguard, maxiter=3)
