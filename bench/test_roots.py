"""bench: roots, from Python: one number, systems, and a hundred thousand numbers at once."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from race import race


@pytest.fixture(scope="session")
def limits(tmp_path_factory):
    from kernels import module

    return module("roots", tmp_path_factory.mktemp("roots"))


@pytest.fixture
def together(record) -> Callable[..., None]:
    """Return `together(title, ours, rivals, limit, goals…)`: all give the limit's root before they race."""

    def run(
        title: str, ours: Callable[[], Any], rivals: Mapping[str, Any], limit: Callable[[], Any], **goals: float
    ) -> None:
        contenders = {"fastcalc": ours, **rivals, "limit": limit}
        for name, call in contenders.items():
            # SciPy ends with a step of 1.5e-8, of the secant method or of Powell's with differences
            np.testing.assert_allclose(call(), limit(), rtol=1e-12 if name == "fastcalc" else 1e-7, err_msg=name)
        times = race(contenders, batch=5e-4)
        record(title, ours, times["fastcalc"], {name: times[name] for name in rivals}, times["limit"], **goals)

    return run


def cubic(x):
    return x**3 - 2 * x - 5


def cubic_slope(x):
    return 3 * x**2 - 2


def cosine(x):
    return np.cos(x) - x


def broyden(x):
    before, after = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return (3 - 2 * x) * x - before - 2 * after + 1


def casadi_broyden(x0) -> dict[str, Callable[[], Any]]:
    """Return CasADi's own loop over its compiled expression, called without copies."""
    if not find_spec("casadi"):
        return {}
    import casadi as ca

    x, zero, found = ca.SX.sym("x", x0.size), ca.SX(1, 1), np.empty(x0.size)
    before, after = ca.vertcat(zero, x[:-1]), ca.vertcat(x[1:], zero)
    problem = {"x": x, "g": (3 - 2 * x) * x - before - 2 * after + 1}
    function = ca.rootfinder("solve", "fast_newton", problem)
    buffer, run = function.buffer()
    buffer.set_arg(0, memoryview(x0))
    buffer.set_res(0, memoryview(found))

    def solve(_alive=(function, buffer, x0)):
        run()
        return found

    return {"CasADi fast_newton": solve}


def jax_broyden(x0) -> dict[str, Callable[[], Any]]:
    if not find_spec("jax"):
        return {}
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)

    def system(x):
        before, after = jnp.concatenate([jnp.zeros(1), x[:-1]]), jnp.concatenate([x[1:], jnp.zeros(1)])
        return (3 - 2 * x) * x - before - 2 * after + 1

    def newton(state):
        x, _ = state
        step = jnp.linalg.solve(jax.jacfwd(system)(x), system(x))
        return x - step, jnp.max(jnp.abs(step))

    solve = jax.jit(lambda x: jax.lax.while_loop(lambda state: state[1] > 1.5e-8, newton, (x, jnp.inf))[0])
    return {"JAX while_loop by hand": lambda: np.asarray(solve(x0))}


def kepler(E, M, e):
    return E - e * np.sin(E) - M


def kepler_slope(E, M, e):
    return 1 - e * np.cos(E)


def numba_newton() -> dict[str, Callable[[], Any]]:
    if not find_spec("numba"):
        return {}
    import numba

    @numba.njit
    def solve(x):
        for _ in range(100):
            step = (x * x * x - 2 * x - 5) / (3 * x * x - 2)
            x -= step
            if abs(step) <= 1.5e-8 * abs(x):
                break
        return x

    return {"numba by hand": lambda: solve(2.0)}


def numba_kepler(M, e) -> dict[str, Callable[[], Any]]:
    if not find_spec("numba"):
        return {}
    import numba

    @numba.njit(error_model="numpy")
    def solve(M, e):
        root = np.empty_like(M)
        for i in range(M.size):
            x = M[i]
            for _ in range(100):
                step = (x - e[i] * np.sin(x) - M[i]) / (1 - e[i] * np.cos(x))
                x -= step
                if abs(step) <= 1.5e-8 * abs(x):
                    break
            root[i] = x
        return root

    return {"numba by hand": lambda: solve(M, e)}


def test_a_root_of_one_number(together, limits):
    rivals = {
        "SciPy brentq": lambda: scipy.optimize.brentq(cubic, 2.0, 3.0),
        "SciPy newton": lambda: scipy.optimize.newton(cubic, 2.0, cubic_slope),
        **numba_newton(),
    }
    together("a root of a cubic", lambda: fc.newton(cubic, 2.0), rivals, lambda: limits.cubic(2.0), goal=0.6e-6)


def test_a_root_between_two_ends(together, limits):
    rivals = {
        "SciPy brentq": lambda: scipy.optimize.brentq(cosine, 0.0, 1.0),
        "SciPy root_scalar": lambda: scipy.optimize.root_scalar(cosine, bracket=(0.0, 1.0)).root,
    }
    ours = lambda: fc.root_scalar(cosine, bracket=(0.0, 1.0))["root"]  # noqa: E731
    together("cos x = x between two ends, with a result", ours, rivals, lambda: limits.cosine(1.0))


@pytest.mark.parametrize("n", [3, 10, 100])
def test_broyden_s_system(n, together, limits):
    x0 = -np.ones(n)
    rivals = {"SciPy hybr": lambda: scipy.optimize.root(broyden, x0).x, **casadi_broyden(x0), **jax_broyden(x0)}
    together(f"Broyden's system, n = {n}", lambda: fc.root(broyden, x0).x, rivals, lambda: limits.broyden(x0), goal_over_limit=3)  # fmt: skip


def test_a_hundred_thousand_kepler_equations(together, limits):
    rng = np.random.default_rng(1)
    M, e = rng.uniform(0, 2 * np.pi, 100_000), rng.uniform(0, 0.9, 100_000)
    rivals = {
        "SciPy newton": lambda: scipy.optimize.newton(kepler, M, kepler_slope, args=(M, e)),
        **numba_kepler(M, e),
    }
    ours = lambda: fc.newton(kepler, M, args=(M, e))  # noqa: E731
    together("1e5 Kepler equations", ours, rivals, lambda: limits.kepler(M, e), goal_over_limit=2)


def test_a_differential_equation_on_a_grid(record):
    """Bratu's: Δu + 5 eᵘ = 0 on a square of 100 × 100 points, 0 around it."""

    def bratu(u):
        around = np.zeros((102, 102))
        around[1:-1, 1:-1] = u
        return (
            around[2:, 1:-1] + around[:-2, 1:-1] + around[1:-1, 2:] + around[1:-1, :-2] - 4 * u + 5 / 101**2 * np.exp(u)
        )

    start = np.zeros((100, 100))
    contenders = {
        "fastcalc": lambda: fc.root(bratu, start).x,
        # no other method of SciPy's does without a dense matrix of 800 MB
        "SciPy krylov": lambda: scipy.optimize.root(bratu, start, method="krylov", options={"fatol": 1e-12}).x,
    }
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), contenders["fastcalc"](), atol=1e-8, err_msg=name)
    times = race(contenders, rounds=10)
    rivals = {"SciPy krylov": times["SciPy krylov"]}
    record("Bratu's equation on a grid of 100 × 100", contenders["fastcalc"], times["fastcalc"], rivals)
