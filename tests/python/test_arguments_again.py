"""face: `minimize`, `root`, `newton` and `root_scalar` of a function that was solved before, with other arguments."""

import gc
import weakref

import fastcalc as fc
import numpy as np
import pytest


def valley(x, steepness, centre):
    return np.sum(steepness * (x[1:] - x[:-1] ** 2) ** 2 + (centre - x[:-1]) ** 2)


def system(x, load, stiffness):
    return stiffness * x + x**3 - load


def by_parts(x, a):
    return x**3 + x - a if a > 0 else x**3 + 2 * x - a


RNG = np.random.default_rng(5)
ARGUMENTS = [(10.0 * (1 + k), RNG.uniform(0.5, 1.5, 2)) for k in range(4)]


@pytest.mark.parametrize("method", [None, "newton-cg", "bfgs", "l-bfgs", "gradient-descent"])
@pytest.mark.parametrize("compiled", [False, True])
def test_minimize_gives_the_bits_of_a_function_that_nobody_knows(method, compiled):
    made = fc.compile if compiled else lambda f: lambda *given: f(*given)
    f, start = made(valley), np.array([0.3, 0.7, 0.2])
    for arguments in ARGUMENTS * 2:
        found, fresh = fc.minimize(f, start, arguments, method), fc.minimize(made(valley), start, arguments, method)
        np.testing.assert_array_equal(found.x, fresh.x)
        assert list(found) == list(fresh) and found.nit == fresh.nit and found.derivative_source == "program"


def test_root_gives_the_bits_of_a_function_that_nobody_knows():
    for k, load in enumerate(RNG.uniform(-3, 3, (6, 3))):
        arguments = (load, 1.0 + k)
        found, fresh = fc.root(system, np.zeros(3), arguments), fc.root(lambda *a: system(*a), np.zeros(3), arguments)
        for name in ("x", "fun", "jac"):
            np.testing.assert_array_equal(found[name], fresh[name])
        assert found.success and list(found) == list(fresh)


@pytest.mark.parametrize("a", [3.0, np.float64(4.0), -2.0, -3.0, 5.0, 6, np.array(7.0), True])
def test_roots_of_one_number_follow_the_branch_of_their_argument(a):
    for _ in range(3):
        between = fc.root_scalar(by_parts, (a,), bracket=(-5.0, 5.0)).root
        for x in (fc.newton(by_parts, 0.5, args=(a,)), fc.root_scalar(by_parts, (a,), x0=0.5).root, between):
            assert abs(by_parts(float(x), float(a))) < 1e-14
        x = fc.root(by_parts, np.array([0.5]), (a,)).x
        assert abs(by_parts(x[0], float(a))) < 1e-14


def test_shapes_and_structures_may_change():
    for load in (np.ones(3), np.ones((1, 3)), 1.0, np.ones(3)[::-1], np.arange(6.0)[::2], np.ones(3), 2):
        found = fc.root(system, np.zeros(3), (load, 2.0))
        assert found.success
        np.testing.assert_allclose(np.reshape(system(found.x, load, 2.0), 3), 0, atol=1e-14)
        valley_at = fc.minimize(lambda x, a: np.sum((x - a) ** 2), np.zeros(3), (load,))
        np.testing.assert_allclose(valley_at.x, np.broadcast_to(np.ravel(load), 3), atol=1e-12)


def test_an_array_that_was_changed_in_place():
    load = np.ones(3)
    first = fc.root(system, np.zeros(3), (load, 2.0)).x
    load *= 2
    np.testing.assert_allclose(system(fc.root(system, np.zeros(3), (load, 2.0)).x, load, 2.0), 0, atol=1e-14)
    load /= 2
    np.testing.assert_array_equal(fc.root(system, np.zeros(3), (load, 2.0)).x, first)


def test_an_argument_that_was_a_constant_of_the_trace_is_one_again():
    def f(x, power):
        return np.sum((x - 1) ** 2) + x[0] ** int(f"{power:.0f}")  # a tracer has no text

    for power in (2.0, 4.0, 2.0):
        found = fc.minimize(f, np.array([0.5, 0.5]), (power,))
        slope = 2 * (found.x - 1) + [power * found.x[0] ** (power - 1), 0]
        np.testing.assert_allclose(slope, 0, atol=1e-8)  # gtol
        assert found.derivative_source == "program (arguments as constants)"


def test_arguments_are_not_kept():
    def f(x, a):
        return x - np.mean(a)

    for solve in (
        lambda many: fc.minimize(lambda x, a: np.sum(f(x, a) ** 2), np.zeros(2), (many,)),
        lambda many: fc.root(f, np.zeros(2), (many,)),
        lambda many: fc.newton(f, 1.0, args=(many,)),
    ):
        for _ in range(3):
            many = np.ones(1000)
            kept = weakref.ref(many)
            solve(many)
            del many
            gc.collect()
            assert kept() is None


@pytest.mark.parametrize("a", [np.nan, np.inf])
def test_arguments_that_are_not_finite_are_named(a):
    assert fc.root(system, np.zeros(3), (1.0, 2.0)).success
    with pytest.raises(ValueError, match="not finite at x0"):
        fc.root(system, np.zeros(3), (a, 2.0))
    assert fc.minimize(valley, np.zeros(3), (1.0, 2.0)).success
    with pytest.raises(ValueError, match="objective is"):
        fc.minimize(valley, np.zeros(3), (1.0, a))


def test_too_few_and_too_many_arguments_are_python_s_errors():
    assert fc.root(system, np.zeros(3), (1.0, 2.0)).success
    for arguments in ((1.0,), (1.0, 2.0, 3.0), ()):
        with pytest.raises(TypeError, match="argument"):
            fc.root(system, np.zeros(3), arguments)


def test_tolerances_and_limits_are_those_of_each_call():
    def steep(x):
        return np.exp(x) - 20

    start = np.zeros(1)
    for _ in range(3):
        plain, loose = fc.root(steep, start), fc.root(steep, start, tol=0.1)
        assert loose.nit < plain.nit and loose.nit == fc.root(lambda x: steep(x), start, tol=0.1).nit
        assert fc.newton(steep, 3.0) == fc.newton(lambda x: steep(x), 3.0)
        assert fc.newton(steep, 3.0, tol=0.1) == fc.newton(lambda x: steep(x), 3.0, tol=0.1) != fc.newton(steep, 3.0)
        between = fc.root_scalar(steep, bracket=(0.0, 9.0), xtol=0.5)
        assert between.iterations < fc.root_scalar(steep, bracket=(0.0, 9.0)).iterations
        with pytest.raises(RuntimeError, match="after 1 iterations"):
            fc.newton(steep, 3.0, maxiter=1)
        with pytest.raises(ValueError, match="tol too small"):
            fc.newton(steep, 3.0, tol=-1.0)
        with pytest.raises(ValueError, match="rtol too small"):
            fc.root_scalar(steep, x0=3.0, rtol=-1.0)


def test_arrays_are_one_equation_s_argument_or_many_equations():
    def f(x, a):
        return x * x - a

    def of_all(x, a):
        return x - np.mean(a)

    many = np.array([2.0, 9.0])
    for _ in range(2):
        assert fc.root_scalar(of_all, (many,), bracket=(0.0, 9.0)).root == pytest.approx(5.5)
        np.testing.assert_allclose(fc.newton(f, 1.0, args=(many,)), [2**0.5, 3])
        np.testing.assert_allclose(fc.newton(of_all, 1.0, args=(many,)), [5.5, 5.5])


def test_a_function_may_ask_for_the_type_of_its_argument():
    def f(x, b):
        return x**3 + x - b * (2.0 if isinstance(b, np.ndarray) else 3.0 if type(b) is np.float64 else 1.0)

    for b in (2.0, np.array(2.0), np.float64(2.0), 2, 2.0, np.array(2.0), np.float64(2.0)):
        found = fc.root(f, np.ones(1), (b,))
        np.testing.assert_allclose(f(found.x, b), 0, atol=1e-14)
        for x in (fc.root_scalar(f, (b,), x0=1.0).root, fc.root_scalar(f, (b,), bracket=(-5.0, 5.0)).root):
            assert abs(f(x, b)) < 1e-13
        if not isinstance(b, np.ndarray):
            assert abs(f(fc.newton(f, 1.0, args=(b,)), b)) < 1e-13
