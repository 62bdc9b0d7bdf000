"""bench: one call of a derivative, an array in and an array out, where the way from Python counts as much as the arithmetic."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import fastcalc as fc
import numpy as np
import pytest
from race import race


def rosenbrock(x, np=np):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def helmholtz(x, np=np):
    b, root = 0.05, 2**0.5
    n = x.shape[0]
    a = 1.0 / (1 + np.arange(n)[:, None] + np.arange(n))
    s = b * np.sum(x)
    attraction = x @ a @ x / (8**0.5 * s) * np.log((1 + (1 + root) * s) / (1 + (1 - root) * s))
    return np.sum(x * np.log(x / (1 - s))) - attraction


def ackley(x, np=np):
    n = x.shape[0]
    near = -20 * np.exp(-0.2 * np.sqrt(np.sum(x * x) / n))
    return near - np.exp(np.sum(np.cos(2 * np.pi * x)) / n) + 20 + np.e


def casadi_expression(name: str, x: Any) -> Any:
    """The same functions in CasADi's language."""
    import casadi as ca

    n = x.shape[0]
    if name == "rosenbrock":
        return ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    if name == "helmholtz":
        root, s = 2**0.5, 0.05 * ca.sum1(x)
        a = ca.DM(1.0 / (1 + np.arange(n)[:, None] + np.arange(n)))
        attraction = ca.bilin(a, x, x) / (8**0.5 * s) * ca.log((1 + (1 + root) * s) / (1 + (1 - root) * s))
        return ca.sum1(x * ca.log(x / (1 - s))) - attraction
    near = -20 * ca.exp(-0.2 * ca.sqrt(ca.sum1(x * x) / n))
    return near - ca.exp(ca.sum1(ca.cos(2 * np.pi * x)) / n) + 20 + np.e


def casadi_buffer(name: str, derivative: str, x: np.ndarray) -> Callable[[], Any]:
    """Return CasADi's fastest way: a function bound to buffers, which are reused."""
    import casadi as ca

    symbol = ca.SX.sym("x", x.size)
    value = casadi_expression(name, symbol)
    slope = ca.gradient(value, symbol)
    outputs = {"gradient": [slope], "hessian": [ca.densify(ca.hessian(value, symbol)[0])], "both": [value, slope]}[
        derivative
    ]
    function = ca.Function("f", [symbol], outputs)
    buffer, evaluate = function.buffer()
    results = [np.zeros(output.shape[0] * output.shape[1]) for output in outputs]
    buffer.set_arg(0, memoryview(x))
    for number, result in enumerate(results):
        buffer.set_res(number, memoryview(result))

    shown = results[0].reshape(outputs[0].shape, order="F") if derivative == "hessian" else results[0]

    def call() -> Any:
        evaluate()
        return shown if len(results) == 1 else (results[0][0], results[1])

    call.kept = function, buffer
    return call


def rivals(f: Callable[..., Any], derivative: str, x: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Return what is installed, each used as its documentation says is fastest."""
    found: dict[str, Callable[[], Any]] = {}
    if find_spec("casadi") and x.size <= 1000:  # an expression of scalars; beyond, it takes minutes to build
        found["CasADi buffer"] = casadi_buffer(f.__name__, derivative, x)
    if find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        transform = {"gradient": jax.grad, "hessian": jax.hessian, "both": jax.value_and_grad}[derivative]
        compiled = jax.jit(transform(lambda x: f(x, jax.numpy)))
        found["JAX jit"] = (lambda: [np.asarray(part) for part in compiled(x)]) if derivative == "both" else lambda: np.asarray(compiled(x))  # fmt: skip
    if find_spec("autograd"):
        import autograd

        transform = {"gradient": autograd.grad, "hessian": autograd.hessian, "both": autograd.value_and_grad}[
            derivative
        ]
        eager = transform(lambda x: f(x, autograd.numpy))
        found["autograd"] = lambda: eager(x)
    return found


def numba_rosenbrock(x: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Value and gradient by hand."""
    if not find_spec("numba"):
        return {}
    import numba

    @numba.njit(error_model="numpy")
    def both(x):
        g = np.zeros_like(x)
        value = 0.0
        for i in range(x.size - 1):
            d, e = x[i + 1] - x[i] ** 2, 1 - x[i]
            value += 100 * d * d + e * e
            g[i] += -400 * x[i] * d - 2 * e
            g[i + 1] += 200 * d
        return value, g

    return {"numba by hand": lambda: both(x)}


@pytest.fixture(scope="session")
def limits(tmp_path_factory):
    from kernels import module

    return module("calls", tmp_path_factory.mktemp("calls"))


@pytest.fixture
def together(record) -> Callable[..., None]:
    """Return `together(title, ours, rivals, limit, goal_over_limit)`: all give the limit's answer before they race."""

    def run(
        title: str, ours: Callable[[], Any], rivals: Mapping[str, Any], limit: Callable[[], Any], goal: float
    ) -> None:
        contenders = {"fastcalc": ours, **rivals, "limit": limit}
        answer = limit()
        for name, call in contenders.items():
            parts = zip(call(), answer, strict=True) if isinstance(answer, tuple) else [(call(), answer)]
            for got, want in parts:  # sums in another order
                np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=name)
        times = race(contenders, batch=5e-4)
        record(
            title, ours, times["fastcalc"], {name: times[name] for name in rivals}, times["limit"], goal_over_limit=goal
        )

    return run


def test_overhead_of_a_call(record, limits):
    """Two numbers doubled: what is above the limit is the way to the program and back. The goal is 100 ns of it."""
    x = np.array([1.0, 2.0])
    f = fc.compile(lambda x: x * 2.0)
    np.testing.assert_array_equal(f(x), limits.doubled(x))
    times = race({"fastcalc": lambda: f(x), "limit": lambda: limits.doubled(x)}, batch=3e-4)
    record(
        "one call that doubles two numbers",
        lambda: f(x),
        times["fastcalc"],
        {},
        times["limit"],
        goal=times["limit"].best + 1e-7,
    )


@pytest.mark.parametrize("n", [2, 10, 100, 1000])
def test_gradient_of_rosenbrock(n, together, limits):
    x = np.linspace(-1, 1.5, n)
    f = fc.grad(rosenbrock)
    together(f"gradient of Rosenbrock, n = {n}", lambda: f(x), rivals(rosenbrock, "gradient", x), lambda: limits.rosenbrock_gradient(x), 3)  # fmt: skip


@pytest.mark.parametrize("function", [helmholtz, ackley])
def test_gradient_of_ten_variables(function, together, limits):
    x = np.linspace(0.3, 0.8, 10)
    f, limit = fc.grad(function), getattr(limits, f"{function.__name__}_gradient")
    title = f"gradient of {function.__name__.capitalize()}, n = 10"
    together(title, lambda: f(x), rivals(function, "gradient", x), lambda: limit(x), 4)


@pytest.mark.parametrize("n", [2, 10, 100])
def test_hessian_of_rosenbrock(n, together, limits):
    x = np.linspace(-1, 1.5, n)
    f = fc.hessian(rosenbrock)
    together(f"Hessian of Rosenbrock, n = {n}", lambda: f(x), rivals(rosenbrock, "hessian", x), lambda: limits.rosenbrock_hessian(x), 4)  # fmt: skip


@pytest.mark.parametrize("n", [10**3, 10**5, 10**6])
def test_value_and_gradient_of_rosenbrock(n, together, limits):
    x = np.linspace(-1, 1.5, n)
    f = fc.value_and_grad(rosenbrock)
    others = rivals(rosenbrock, "both", x) | numba_rosenbrock(x)
    together(f"value and gradient of Rosenbrock, n = {n:.0e}", lambda: f(x), others, lambda: limits.rosenbrock_value_and_gradient(x), 2)  # fmt: skip


def logistic(w, x, y, np=np):
    z = x @ w
    return np.sum(np.logaddexp(0.0, z) - y * z)


def logistic_rivals(w: np.ndarray, x: np.ndarray, y: np.ndarray) -> dict[str, Callable[[], Any]]:
    def two_products():
        z = x @ w
        return np.sum(np.logaddexp(0.0, z) - y * z), x.T @ (1 / (1 + np.exp(-z)) - y)

    found: dict[str, Callable[[], Any]] = {"NumPy by hand": two_products}
    if find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.value_and_grad(lambda w, x, y: logistic(w, x, y, jax.numpy)))
        there = jax.device_put(x), jax.device_put(y)
        found["JAX jit"] = lambda: [np.asarray(part) for part in compiled(w, *there)]
    if find_spec("autograd"):
        import autograd

        eager = autograd.value_and_grad(lambda w: logistic(w, x, y, autograd.numpy))
        found["autograd"] = lambda: eager(w)
    return found


def test_value_and_gradient_of_a_logistic_loss(together, limits):
    rng = np.random.default_rng(5)
    x = rng.normal(size=(10_000, 1000))
    w, y = rng.normal(size=1000) / 30, rng.integers(0, 2, 10_000).astype(float)
    f = fc.value_and_grad(logistic)
    flat = x.ravel()
    together(
        "value and gradient of a logistic loss, 10,000 × 1,000",
        lambda: f(w, x, y),
        logistic_rivals(w, x, y),
        lambda: limits.logistic_value_and_gradient(w, flat, y),
        1.3,
    )


def sparse_rivals(x: np.ndarray) -> dict[str, Callable[[], Any]]:
    """CasADi into its buffer; JAX: three products with the Hessian, coloured by hand."""
    found: dict[str, Callable[[], Any]] = {}
    n = x.size
    if find_spec("casadi"):
        import casadi as ca

        symbol = ca.MX.sym("x", n)
        function = ca.Function("h", [symbol], [ca.hessian(casadi_expression("rosenbrock", symbol), symbol)[0]])
        buffer, evaluate = function.buffer()
        data = np.zeros(function.nnz_out(0))
        buffer.set_arg(0, memoryview(x))
        buffer.set_res(0, memoryview(data))

        def call() -> np.ndarray:
            evaluate()
            return data

        call.kept = function, buffer
        found["CasADi buffer"] = call
    if find_spec("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
        slope = jax.grad(lambda x: rosenbrock(x, jax.numpy))
        seeds = np.zeros((3, n))
        seeds[np.arange(n) % 3, np.arange(n)] = 1
        rows = np.repeat(np.arange(n), 3)[1:-1]
        columns = (np.arange(n)[:, None] + [-1, 0, 1]).ravel()[1:-1]

        @jax.jit
        def entries(x):
            products = jax.vmap(lambda seed: jax.jvp(slope, (x,), (seed,))[1])(jax.numpy.asarray(seeds))
            return products[columns % 3, rows]

        found["JAX, coloured by hand"] = lambda: np.asarray(entries(x))
    return found


@pytest.mark.parametrize("n", [10**3, 10**4, 10**5])
def test_sparse_hessian_of_rosenbrock(n, together, limits):
    x = np.linspace(-1, 1.5, n)
    f = fc.hessian(rosenbrock, sparse=True)
    together(
        f"sparse Hessian of Rosenbrock, n = {n:.0e}",
        lambda: f(x).data,
        sparse_rivals(x),
        lambda: limits.rosenbrock_sparse_hessian(x),
        4,
    )


def test_first_gradient_of_a_new_function(record):
    """Trace, derivative, passes and run: each call gets a function that was never seen."""
    code = compile("def f(x): return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)", "<bench>", "exec")
    x = np.linspace(-1, 1.5, 10)

    def first() -> np.ndarray:
        names = {"np": np}
        exec(code, names)
        return fc.grad(names["f"])(x)

    np.testing.assert_allclose(first(), fc.grad(rosenbrock)(x), rtol=1e-12)
    record("the first gradient of a new function", first, race({"fastcalc": first})["fastcalc"], {}, goal=1e-3)
