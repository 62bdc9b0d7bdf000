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


@pytest.fixture(scope="session")
def limits(tmp_path_factory):
    from kernels import calls

    return calls(tmp_path_factory.mktemp("calls"))


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
    others = rivals(rosenbrock, "both", x)
    together(f"value and gradient of Rosenbrock, n = {n:.0e}", lambda: f(x), others, lambda: limits.rosenbrock_value_and_gradient(x), 2)  # fmt: skip


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
