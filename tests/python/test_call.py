"""front door call: functions that are called, not traced, inside of functions that are."""

import math
import pickle
import threading

import fastcalc as fc
import numpy as np
import pytest
import scipy.integrate
import scipy.special


def by_math(p):
    """Nothing that could be traced."""
    return np.array([math.exp(float(p[0])), float(p[0]) * float(p[1]), math.sin(float(p[1]))])


def in_numpy(p):
    return np.stack([np.exp(p[0]), p[0] * p[1], np.sin(p[1])])


simulate = fc.call(by_math)
AT = np.array([0.3, 1.7])

# Central differences with steps of ε^(1/3) of the argument's size: the values are right to ε, the derivatives to about ε^(2/3) = 4e-11,
# those of these to (4e-11)^(2/3) = 1e-7; times some ten for the functions here.
FIRST, SECOND = 1e-9, 2e-6


def test_outside_of_a_trace_it_is_the_function():
    assert fc.call(math.exp)(1.0) == math.e
    assert simulate.__name__ == "by_math" and simulate.__doc__ == by_math.__doc__


def test_values_are_the_functions_own():
    traced = fc.compile(lambda p: 2 * simulate(p) + 1)
    for p in (AT, AT + 1, -AT):
        np.testing.assert_array_equal(traced(p), 2 * by_math(p) + 1)


@pytest.mark.parametrize("mode", ["forward", "reverse", "auto"])
def test_jacobians_are_those_of_the_traceable_twin(mode):
    for f, twin in [
        (lambda p: simulate(np.cos(p)) ** 2, lambda p: in_numpy(np.cos(p)) ** 2),
        (lambda p: simulate(simulate(p)[:2]), lambda p: in_numpy(in_numpy(p)[:2])),
        (lambda p: np.outer(simulate(p), simulate(p[::-1])), lambda p: np.outer(in_numpy(p), in_numpy(p[::-1]))),
    ]:
        found, expected = fc.jacobian(f, mode=mode)(AT), fc.jacobian(twin)(AT)
        np.testing.assert_allclose(found, expected, rtol=FIRST, atol=FIRST)


def test_second_derivatives_of_a_scalar_objective():
    found = fc.hessian(lambda p: np.sum(simulate(p) ** 2))(AT)
    np.testing.assert_allclose(found, fc.hessian(lambda p: np.sum(in_numpy(p) ** 2))(AT), rtol=SECOND, atol=SECOND)
    assert fc.hvp(lambda p: np.sum(simulate(p)))(AT, np.ones(2)).shape == (2,)


def test_a_third_derivative_is_refused():
    cube = fc.call(lambda x: float(x) ** 3)
    with pytest.raises(ValueError, match="up to the second"):
        fc.grad(fc.grad(fc.grad(cube)))(1.0)
    with pytest.raises(ValueError, match="has no power series"):
        fc.taylor(cube, 1.0, 3)


def test_several_arguments_of_several_shapes():
    @fc.call
    def mixed(scale, matrix, shift):
        assert isinstance(scale, float) and matrix.shape == (2, 3) and matrix.flags.writeable
        matrix += 1  # a copy
        return scale * np.array(matrix.tolist()) + shift

    matrix = np.arange(6.0).reshape(2, 3)
    value = fc.compile(lambda s, m, b: mixed(s, m, b))(2.0, matrix, np.ones(3))
    np.testing.assert_array_equal(value, 2 * (matrix + 1) + 1)
    np.testing.assert_array_equal(matrix, np.arange(6.0).reshape(2, 3))
    scale, inner, shift = fc.grad(lambda s, m, b: np.sum(mixed(s, m, b)), argnums=(0, 1, 2))(2.0, matrix, np.ones(3))
    np.testing.assert_allclose(scale, (matrix + 1).sum(), rtol=FIRST)
    np.testing.assert_allclose(inner, np.full((2, 3), 2.0), rtol=FIRST)
    np.testing.assert_allclose(shift, np.full(3, 2.0), rtol=FIRST)


def test_a_ufunc_is_differentiated_element_by_element():
    x = np.linspace(0.2, 5, 1000)  # a dense Jacobian would take 2000 calls and 8 MB
    ufunc = fc.call(scipy.special.gammainc)
    by_a, by_x = fc.grad(lambda a, x: np.sum(ufunc(a, x)), argnums=(0, 1))(2.5, x)
    np.testing.assert_allclose(by_x, fc.grad(lambda x: np.sum(scipy.special.gammainc(2.5, x)))(x), atol=1e-10)
    assert by_a == pytest.approx(np.sum(_slopes_by_a(2.5, x)), rel=1e-9)
    second = fc.hessian(lambda x: np.sum(ufunc(2.5, x)))(x[:5])
    expected = fc.hessian(lambda x: np.sum(scipy.special.gammainc(2.5, x)))(x[:5])
    np.testing.assert_allclose(second, expected, atol=SECOND)


def _slopes_by_a(a, x):
    """By Richardson's extrapolation of coarser differences."""

    def slope(h):
        return (scipy.special.gammainc(a + h, x) - scipy.special.gammainc(a - h, x)) / (2 * h)

    return (4 * slope(5e-4) - slope(1e-3)) / 3


def test_solvers_use_it():
    data = by_math(AT)
    found = fc.minimize(lambda p: np.sum((simulate(p) - data) ** 2), np.array([0.1, 1.0]))
    assert found.success and found.derivative_source == "program" and found.method == "newton"
    np.testing.assert_allclose(found.x, AT, rtol=1e-7)
    system = fc.root(lambda p: simulate(p)[:2] - data[:2], np.array([0.1, 1.0]))
    assert system.success
    np.testing.assert_allclose(system.x, AT, rtol=1e-12)


def test_a_differential_equation_in_the_middle():
    @fc.call
    def decayed(rate):
        return scipy.integrate.solve_ivp(lambda t, y: -rate * y, (0, 1), [1.0], rtol=1e-12, atol=1e-14).y[0, -1]

    slope = fc.grad(lambda rate: np.log(decayed(rate)) ** 2)(0.7)  # ln e^(−r) = −r
    assert slope == pytest.approx(1.4, rel=1e-6)  # the solver's own steps are coarser than its tolerance is small


def test_what_it_raises_comes_out_wherever_it_is_run():
    @fc.call
    def fragile(p):
        if p[0] > 0.5:
            raise RuntimeError("out of range")
        return p * 2.0

    def f(p):
        return np.sum((fragile(p) - 3) ** 2)

    gradient = fc.grad(f)
    np.testing.assert_allclose(gradient(np.array([0.2])), [2 * 2 * (0.4 - 3)], rtol=FIRST)
    for run in (
        lambda: gradient(np.array([0.7])),
        lambda: fc.minimize(f, np.array([0.2])),
        lambda: fc.minimize_many(f, np.array([[0.2], [0.3]])),
        lambda: fc.root(lambda p: fragile(p) - 3, np.array([0.2])),
    ):
        with pytest.raises(RuntimeError, match="out of range"):
            run()
    np.testing.assert_allclose(gradient(np.array([0.2])), [2 * 2 * (0.4 - 3)], rtol=FIRST)


def test_another_shape_than_at_first_is_an_error():
    growing = fc.call(lambda x: np.ones(2 if x < 1.5 else 3))
    compiled = fc.compile(lambda x: np.sum(growing(x)))
    compiled(1.0)
    with pytest.raises(ValueError, match=r"gave the shape \(3,\), and \(2,\) when it was first called"):
        compiled(2.0)


def test_made_inside_of_a_traced_function_it_is_refused():
    with pytest.raises(fc.TraceError, match="make it outside"):
        fc.grad(lambda x: fc.call(by_math)(x)[0])(AT)
    with pytest.raises(TypeError, match="a function is called"):
        fc.call(3.0)


def test_it_is_called_anew_each_time():
    state = {"factor": 1.0}
    scaled = fc.call(lambda x: state["factor"] * x)
    compiled = fc.compile(lambda x: scaled(x) + scaled(2.0))
    assert compiled(3.0) == 5.0
    state["factor"] = 10.0
    assert compiled(3.0) == 50.0


def test_threads_and_pickles():
    gradient = fc.grad(lambda p: np.sum(simulate(p) ** 2))
    expected, found = gradient(AT), [None] * 8

    def work(k):
        for _ in range(50):
            found[k] = gradient(AT)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in found:
        np.testing.assert_array_equal(each, expected)
    again = pickle.loads(pickle.dumps(simulate))
    np.testing.assert_array_equal(again(AT), by_math(AT))


def test_empty_arrays():
    nothing = fc.call(lambda x: x * 1.0)
    assert fc.compile(lambda x: nothing(x))(np.zeros(0)).shape == (0,)
    assert fc.grad(lambda x: np.sum(nothing(x)))(np.zeros(0)).shape == (0,)
