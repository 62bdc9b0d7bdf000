"""function: the derivatives by name: right, nested, of any structure, in both modes."""

import dataclasses
import inspect
import pickle
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import fastcalc as fc
import numpy as np
import pytest

from python import module_of_functions


def complex_step(f, x):
    """The Jacobian, shape f(x).shape + x.shape, to rounding: Im f(x + ih)/h has no cancellation, and an error of h²."""
    x, h = np.asarray(x, dtype=np.float64), 1e-30
    columns = []
    for i in range(x.size):
        z = x.astype(complex).ravel()
        z[i] += 1j * h
        columns.append(np.asarray(f(z.reshape(x.shape)[()])).imag / h)
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


def differences(f, x, h=1e-5):
    """Central differences: an error of about h² f‴/6 and ε f/h, some 1e-10 for functions of order 1."""
    x = np.asarray(x, dtype=np.float64)
    columns = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = h
        step = step.reshape(x.shape)
        columns.append((np.asarray(f(x + step)) - np.asarray(f(x - step))) / (2 * h))
    return np.stack(columns, axis=-1).reshape(np.shape(columns[0]) + x.shape)


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


A = np.random.default_rng(5).uniform(0.2, 1, (4, 4))
NUMBERS = {
    "rosenbrock": rosenbrock,
    "quadratic form": lambda x: x @ A @ x,
    "logistic": lambda x: np.sum(np.log1p(np.exp(-A @ x))),
    "norm": lambda x: np.sqrt(np.sum(x * x)),
    "product": lambda x: np.prod(x) * np.sum(np.sin(x[::-1])),
    "helmholtz": lambda x: np.sum(x * np.log(x / (1 - np.sum(x) / 10))) - (x @ A @ x) / (np.sqrt(8) * np.sum(x)),
    "one element": lambda x: x[2] ** 3 * x[0],
    "outer": lambda x: np.sum(np.exp(-np.outer(x, x))),
    "mean and variance": lambda x: np.mean(x) * np.mean((x - np.mean(x)) ** 2) + x[-1],
}
ARRAYS = {
    "square": lambda x: x * x,
    "reversed": lambda x: x[::-1] * x,
    "matrix": lambda x: np.outer(x, np.cos(x)),
    "more outputs": lambda x: x[:, None] * np.exp(A) * x,
    "fewer outputs": lambda x: np.sum(x.reshape(2, 2) ** 3, axis=0),
    "linear": lambda x: A @ x,
    "normalised": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "a number": lambda x: np.sum(x**3),
    "one": lambda x: (x[0] * x[1])[None],
}
X = np.array([0.4, 0.9, 0.7, 1.3])


@pytest.mark.parametrize("name", NUMBERS)
def test_gradients_and_hessians_are_right(name):
    f = NUMBERS[name]
    gradient = fc.grad(f)(X)
    # a few dozen operations, each good to some ulp, without cancellation beyond a digit or two
    np.testing.assert_allclose(gradient, complex_step(f, X), rtol=1e-13, atol=1e-13)
    value, again = fc.value_and_grad(f)(X)
    assert value == pytest.approx(f(X), rel=1e-14)
    np.testing.assert_allclose(again, gradient, rtol=1e-15)
    hessian = fc.hessian(f)(X)
    assert np.array_equal(hessian, hessian.T)
    np.testing.assert_allclose(hessian, complex_step_of_gradient(f, X), rtol=1e-7, atol=1e-7)  # differences: see there
    np.testing.assert_allclose(hessian, fc.jacobian(fc.grad(f))(X), rtol=1e-12, atol=1e-12)
    v = np.array([1.0, -2.0, 0.5, 3.0])
    np.testing.assert_allclose(fc.hvp(f)(X, v), hessian @ v, rtol=1e-12, atol=1e-12)


def complex_step_of_gradient(f, x):
    return differences(lambda x: complex_step(f, x), x)


@pytest.mark.parametrize("name", ARRAYS)
def test_jacobians_are_right_in_both_modes(name, rng):
    f = ARRAYS[name]
    want = complex_step(f, X)
    for mode in ("forward", "reverse", "auto"):
        got = fc.jacobian(f, mode=mode)(X)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-13, atol=1e-13)
    v, w = rng.normal(size=4), rng.normal(size=np.shape(f(X)))
    np.testing.assert_allclose(fc.jvp(f)(X, v), want @ v, rtol=1e-12, atol=1e-12)
    value, pull = fc.vjp(f)(X)
    np.testing.assert_allclose(value, f(X), rtol=1e-14)
    np.testing.assert_allclose(pull(w), np.tensordot(w, want, axes=np.ndim(w)), rtol=1e-12, atol=1e-12)
    model = fc.linearize(f, X)
    np.testing.assert_allclose(model(X + v), f(X) + want @ v, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (1, 1), (0,), (2, 0)])
def test_derivatives_have_the_shape_of_the_argument(shape, rng):
    x = rng.uniform(0.5, 1, shape)[()]

    def f(x):
        return np.sum(np.sin(x) * x)

    slope = np.cos(x) * x + np.sin(x)
    gradient = fc.grad(f)(x)
    assert np.shape(gradient) == shape
    assert isinstance(gradient, np.ndarray if shape else np.float64)
    np.testing.assert_allclose(gradient, slope, rtol=1e-14)
    hessian = fc.hessian(f)(x)
    assert np.shape(hessian) == shape + shape
    size = np.size(x)
    want = np.diag((2 * np.cos(x) - np.sin(x) * x).ravel() if shape else [2 * np.cos(x) - np.sin(x) * x])
    np.testing.assert_allclose(np.reshape(hessian, (size, size)), want, rtol=1e-13, atol=0)
    for mode in ("forward", "reverse"):
        assert np.shape(fc.jacobian(np.sin, mode=mode)(x)) == shape + shape
    value, gradient = fc.value_and_grad(f)(x)
    assert isinstance(value, np.float64)
    assert np.shape(gradient) == shape


def test_views_lists_integers_and_other_floats_are_converted():
    base = np.arange(24.0).reshape(4, 6) / 10
    f = fc.grad(lambda x: np.sum(x**3))
    for x in (
        base[::2, 1::3],
        base.T,
        base.astype(np.float32),
        np.arange(5),
        [1.0, 2.0],
        [[1, 2], [3, 4]],
        3,
        np.float32(2),
    ):
        x64 = np.asarray(x, dtype=np.float64)
        np.testing.assert_allclose(f(x), 3 * x64**2, rtol=1e-15)


def test_broadcasting_sums_up():
    def f(row, column, number):
        return np.sum((row * column + number) ** 2)

    row, column = np.arange(3.0), np.arange(4.0)[:, None]
    inner = 2 * (row * column + 2.0)
    got = fc.grad(f, argnums=(0, 1, 2))(row, column, 2.0)
    want = (np.sum(inner * column, axis=0), np.sum(inner * row, axis=1, keepdims=True), np.sum(inner))
    for g, w in zip(got, want, strict=True):
        assert np.shape(g) == np.shape(w)
        np.testing.assert_allclose(g, w, rtol=1e-14)


def test_argnums_choose_the_arguments():
    def f(x, y, scale=1.0):
        return scale * x**2 * y**3

    assert fc.grad(f)(2.0, 3.0) == 108
    assert fc.grad(f, argnums=1)(2.0, 3.0, scale=2.0) == 216
    assert fc.grad(f, argnums=-1)(2.0, 3.0) == 108
    assert fc.grad(f, argnums=(1, 0))(2.0, 3.0) == (108, 108)
    assert fc.grad(f, argnums=(0,))(2.0, 3.0) == (108,)
    assert fc.hessian(f, argnums=(0, 1))(2.0, 3.0) == ((54, 108), (108, 72))
    assert fc.jacobian(f, argnums=2)(2.0, 3.0, 1.0) == 108
    assert fc.jvp(f, argnums=(0, 1))(2.0, (1.0, 10.0), 3.0) == 108 + 1080
    with pytest.raises(TypeError, match="argnums has 2"):
        fc.grad(f, argnums=2)(2.0, 3.0)


# Nested ----------------------------------------------------------------------------------------------------------------------


def test_derivatives_of_derivatives():
    third = fc.grad(fc.grad(fc.grad(lambda x: x**5)))
    assert third(2.0) == pytest.approx(5 * 4 * 3 * 4, rel=1e-14)
    f = fc.grad(lambda x: np.sum(fc.grad(rosenbrock)(x) ** 2))
    np.testing.assert_allclose(f(X), 2 * fc.hessian(rosenbrock)(X) @ fc.grad(rosenbrock)(X), rtol=1e-13)
    cubic = fc.jacobian(fc.hessian(lambda x: np.sum(x) ** 3))(np.ones(2))
    np.testing.assert_allclose(cubic, np.full((2, 2, 2), 6.0), rtol=1e-14)


def test_perturbations_are_not_confused():
    d = fc.grad
    # Siskind and Pearlmutter, "Nesting forward-mode AD in a functional framework" (2008), and its usual relatives
    assert d(lambda x: x * d(lambda y: x + y)(1.0))(3.0) == 1
    assert d(lambda x: x * d(lambda y: x * y)(2.0))(3.0) == 6
    assert d(lambda x: d(lambda y: x * y * y)(x))(5.0) == 20
    assert d(lambda x: d(lambda y: d(lambda z: x * y * z)(1.0) * y)(2.0))(7.0) == 4
    assert d(lambda x: fc.jvp(lambda y: x * y)(2.0, x))(3.0) == 6
    assert fc.jvp(lambda x: d(lambda y: x**2 * y)(1.0))(3.0, 1.0) == 6
    assert d(lambda x: fc.hessian(lambda y: x * np.sum(y**2))(np.ones(2))[0, 0])(3.0) == 2
    assert d(lambda x: x * fc.compile(lambda y: x + y)(1.0))(3.0) == 7


def test_a_curried_derivative_closes_over_the_outer_variable():
    # Manzyuk et al., "Perturbation confusion in forward automatic differentiation of higher-order functions" (2019), sec. 2
    def shifted(u):
        return lambda f: lambda x: f(x + u)

    def offset(u):
        return lambda x: fc.grad(shifted(u)(np.sin))(x)

    assert fc.grad(lambda u: offset(u)(0.3))(0.0) == pytest.approx(-np.sin(0.3), rel=1e-15)
    assert fc.grad(lambda u: fc.grad(offset(u))(0.3))(0.0) == pytest.approx(-np.cos(0.3), rel=1e-15)


def test_a_derivative_decides_which_branch_is_taken():
    def newton(x):
        for _ in range(50):
            step = (x**2 - 2) / fc.grad(lambda y: y**2)(x)
            x = x - step
            if abs(step) < 1e-14:
                break
        return x

    found = fc.compile(newton)
    for start in (1.0, 3.0, 10.0):
        assert found(start) == pytest.approx(np.sqrt(2), rel=1e-15)
    assert fc.grad(lambda a: a if fc.grad(lambda y: a * y)(1.0) > 0 else -a)(-2.0) == -1


def test_derivatives_follow_branches():
    f = fc.grad(lambda x: x**2 if x > 1 else 3 * x)
    assert [f(x) for x in (2.0, 0.0, 3.0, -1.0, 1.0)] == [4, 3, 6, 3, 3]
    assert len(f.calls) == 2
    g = fc.grad(lambda x: sum(v * v for v in x if v > 0))
    rng = np.random.default_rng(1)
    for _ in range(60):  # more branches than are kept
        x = rng.normal(size=8)
        np.testing.assert_allclose(g(x), np.where(x > 0, 2 * x, 0), rtol=1e-15)


# Structures ------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Layer:
    weights: np.ndarray
    bias: float


def test_gradients_have_the_structure_of_the_argument(rng):
    def loss(model, x):
        h = np.tanh(model["first"].weights @ x + model["first"].bias)
        return np.sum(h * model["second"][0]) + model["second"][1]

    model = {"first": Layer(rng.normal(size=(3, 2)), 0.1), "second": (rng.normal(size=3), 2.0), "unused": None}
    x = rng.normal(size=2)
    gradient = fc.grad(loss)(model, x)
    assert isinstance(gradient["first"], Layer)
    assert gradient["unused"] is None
    h = np.tanh(model["first"].weights @ x + 0.1)
    np.testing.assert_allclose(gradient["second"][0], h, rtol=1e-14)
    assert gradient["second"][1] == 1
    slope = (1 - h * h) * model["second"][0]
    np.testing.assert_allclose(gradient["first"].weights, np.outer(slope, x), rtol=1e-13)
    assert gradient["first"].bias == pytest.approx(slope.sum(), rel=1e-13)
    value, again = fc.value_and_grad(loss, argnums=(0, 1))(model, x)
    assert value == pytest.approx(loss(model, x), rel=1e-14)
    np.testing.assert_allclose(again[0]["second"][0], h, rtol=1e-14)
    np.testing.assert_allclose(again[1], slope @ model["first"].weights, rtol=1e-13)


def test_hessians_and_jacobians_of_structures():
    def f(p):
        return p["a"] ** 2 * np.sum(p["b"] ** 2)

    p = {"a": 3.0, "b": np.array([1.0, 2.0])}
    h = fc.hessian(f)(p)
    assert h["a"]["a"] == 10
    np.testing.assert_array_equal(h["a"]["b"], [12, 24])
    np.testing.assert_array_equal(h["b"]["a"], [12, 24])
    np.testing.assert_array_equal(h["b"]["b"], 18 * np.eye(2))
    v = {"a": 1.0, "b": np.array([0.0, 1.0])}
    got = fc.hvp(f)(p, v)
    assert got["a"] == 10 + 24
    np.testing.assert_array_equal(got["b"], [12, 24 + 18])
    for mode in ("forward", "reverse"):
        j = fc.jacobian(lambda p: {"u": p["b"] * p["a"], "v": p["a"]}, mode=mode)(p)
        np.testing.assert_array_equal(j["u"]["b"], 3 * np.eye(2))
        np.testing.assert_array_equal(j["u"]["a"], [1, 2])
        np.testing.assert_array_equal(j["v"]["b"], [0, 0])
        assert j["v"]["a"] == 1
    value, pull = fc.vjp(lambda p: (p["a"] * p["b"], p["a"]))(p)
    assert isinstance(value, tuple)
    back = pull((np.array([1.0, 0.0]), 2.0))
    assert back["a"] == 3
    np.testing.assert_array_equal(back["b"], [3, 0])


# Never silently wrong --------------------------------------------------------------------------------------------------------


def test_what_does_not_depend_on_the_argument_has_derivative_zero():
    assert fc.grad(lambda x: 3.0)(2.0) == 0
    assert fc.grad(lambda x, y: y**2)(2.0, 1.0) == 0
    np.testing.assert_array_equal(fc.grad(lambda x: np.sum(np.ones(3)))(np.ones(2)), [0, 0])
    np.testing.assert_array_equal(fc.hessian(np.sum)(np.ones(2)), np.zeros((2, 2)))
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(fc.jacobian(lambda x: np.arange(3.0), mode=mode)(np.ones(2)), np.zeros((3, 2)))
    np.testing.assert_array_equal(fc.grad(lambda x: np.sum(x > 0))(np.ones(2)), [0, 0])
    np.testing.assert_array_equal(fc.grad(lambda x: np.sum(np.floor(x)))(np.ones(2)), [0, 0])
    assert fc.grad(lambda x: x)(2.0) == 1
    np.testing.assert_array_equal(fc.jacobian(lambda x: x)(np.ones(2)), np.eye(2))


def test_not_a_number_and_infinity_pass_through():
    assert np.isnan(fc.grad(lambda x: x * x)(np.nan))
    assert fc.grad(np.sqrt)(0.0) == np.inf
    assert fc.grad(lambda x: x * x)(np.inf) == np.inf
    np.testing.assert_array_equal(fc.grad(lambda x: np.sum(x**2))(np.array([np.nan, 1, np.inf])), [np.nan, 2, np.inf])
    assert fc.grad(lambda x: fc.where(x > 0, np.sqrt(x), 0.0))(0.0) == 0
    assert fc.hessian(lambda x: fc.where(x > 0, np.log(x), x))(0.0) == 0


def test_a_gradient_of_an_array_is_refused():
    for f in (lambda x: x, lambda x: x[:1], lambda x: (x[0], x[1]), lambda x: {"a": x[0]}):
        for derivative in (fc.grad(f), fc.value_and_grad(f), fc.hessian(f)):
            with pytest.raises(TypeError, match=r"fc\.jacobian"):
                derivative(np.ones(3))


def test_arguments_that_cannot_be_right_are_refused():
    with pytest.raises(TypeError, match="complex"):
        fc.grad(lambda x: x * x)(1j)
    with pytest.raises(TypeError, match="a function is"):
        fc.grad(3.0)
    with pytest.raises(ValueError, match="direction"):
        fc.jvp(np.sin)(np.ones(3), np.ones(2))
    with pytest.raises(ValueError, match="direction"):
        fc.hvp(np.sum)(np.ones(3), 1.0)
    with pytest.raises(ValueError, match="adjoint"):
        fc.vjp(np.sin)(np.ones(3))[1](np.ones(2))
    with pytest.raises(ValueError, match="mode"):
        fc.jacobian(np.sin, mode="sideways")
    with pytest.raises(fc.TraceError):
        fc.grad(lambda x: complex(x))(1.0)


def test_a_pullback_stays_where_it_was_taken():
    x = np.array([1.0, 2.0])
    _, pull = fc.vjp(lambda x: x**2)(x)
    x[:] = 10.0
    np.testing.assert_array_equal(pull(np.ones(2)), [2, 4])


# As functions ----------------------------------------------------------------------------------------------------------------


def test_a_derivative_looks_like_the_function():
    def energy(x, scale=1.0):
        """What it costs."""
        return scale * np.sum(x * x)

    for derivative in (fc.grad, fc.value_and_grad, fc.jacobian, fc.hessian, fc.jvp, fc.vjp, fc.hvp):
        made = derivative(energy)
        assert made.__name__ == "energy"
        assert made.__doc__ == "What it costs."
        assert inspect.signature(made) == inspect.signature(energy)
    compiled = fc.compile(energy)
    np.testing.assert_array_equal(compiled.grad(np.ones(2)), [2, 2])
    np.testing.assert_array_equal(compiled.hessian(np.ones(2)), 2 * np.eye(2))
    assert compiled.grad is compiled.grad
    np.testing.assert_array_equal(fc.grad(compiled)(np.ones(2)), [2, 2])
    assert "energy" in str(compiled.grad)


def test_a_function_is_traced_once_for_each_shape():
    traced = deque()  # what stands in it is not compared from call to call

    def f(x):
        traced.append(x.shape)
        return np.sum(x * x)

    both = fc.value_and_grad(f)
    for n in (2, 3, 2, 3):
        for _ in range(3):
            both(np.ones(n))
    assert list(traced) == [(2,), (3,)]


def test_derivatives_travel_as_pickles():
    x = np.array([0.5, 1.5])
    for derivative in (fc.grad, fc.value_and_grad, fc.hessian, fc.jacobian):
        f = derivative(module_of_functions.plain)
        again = pickle.loads(pickle.dumps(f))
        np.testing.assert_equal(again(x), f(x))


def test_threads_share_one_gradient():
    gradient = fc.grad(lambda x: np.sum(np.exp(np.sin(x)) * (x if np.sum(x) > 0 else 2 * x)))
    arguments = [np.linspace(0, 1, n) * (-1) ** k for n in (3, 5000) for k in range(8)]
    want = [np.exp(np.sin(x)) * (1 + np.cos(x) * x) * (1 if x[-1] > 0 else 2) for x in arguments]
    start = threading.Barrier(8)

    def work(k):
        start.wait()
        for _ in range(60):
            for x, w in zip(arguments, want, strict=True):
                np.testing.assert_allclose(gradient(x), w, rtol=1e-13)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_scipy_takes_the_derivatives():
    from scipy import optimize

    found = optimize.minimize(
        rosenbrock, np.zeros(5), jac=fc.grad(rosenbrock), hess=fc.hessian(rosenbrock), method="trust-exact"
    )
    np.testing.assert_allclose(found.x, 1, rtol=1e-6)
    found = optimize.minimize(
        rosenbrock, np.zeros(5), jac=fc.grad(rosenbrock), hessp=fc.hvp(rosenbrock), method="trust-krylov"
    )
    np.testing.assert_allclose(found.x, 1, rtol=1e-6)
