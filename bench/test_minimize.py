"""bench: loops of minimisation, wholly in C++ on our side; the limit is written by hand for Rosenbrock's function."""

import ctypes
from importlib.util import find_spec

import fastcalc as fc
import numpy as np
import pytest
import scipy.optimize
from race import race


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@pytest.fixture(scope="session")
def limits(tmp_path_factory):
    from kernels import compiled

    return compiled(tmp_path_factory.mktemp("minimize"), "minimize")


def pointer(array):
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def jax_newton():
    """Return Newton's method in JAX for one start, not compiled yet; by hand, as its own BFGS ends beside the minimum often."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    lengths = 0.5 ** jnp.arange(20.0)

    def valley(x):
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    gradient, hessian = jax.grad(valley), jax.hessian(valley)

    def step(x):
        g, h = gradient(x), hessian(x)
        least = jnp.linalg.eigvalsh(h)[0]
        p = jnp.linalg.solve(h + jnp.maximum(0, 1 - least) * (least <= 0) * jnp.eye(x.size), -g)
        falls = jax.vmap(lambda t: valley(x + t * p))(lengths) <= valley(x) + 1e-4 * lengths * (g @ p)
        return x + lengths[jnp.argmax(falls)] * p

    return lambda x: jax.lax.while_loop(lambda x: jnp.max(jnp.abs(gradient(x))) > 1e-8, step, x)


def jax_rival(starts, name, batched):
    if not find_spec("jax"):
        return {}
    import jax

    solve = jax.jit(jax.vmap(jax_newton()) if batched else jax_newton())
    return {name: lambda: np.asarray(solve(starts))}


@pytest.mark.parametrize("n", [2, 10, 100])
def test_newton_on_rosenbrock(n, record, limits):
    # In the valley: from (−1.2, 1, …) methods end in different minima for n > 3.
    start, found = np.full(n, 0.5), np.empty(n)
    f = fc.compile(rosenbrock)
    arguments = pointer(start), n, ctypes.c_double(1e-8), pointer(found)

    def ours():
        return fc.minimize(f, start, method="newton").x

    def limit():
        assert limits.newton(*arguments) >= 0
        return found

    contenders = {
        "fastcalc": ours,
        "SciPy trust-exact": lambda: (
            scipy.optimize.minimize(
                scipy.optimize.rosen,
                start,
                jac=scipy.optimize.rosen_der,
                hess=scipy.optimize.rosen_hess,
                method="trust-exact",
            ).x
        ),
        "SciPy BFGS": lambda: scipy.optimize.minimize(scipy.optimize.rosen, start, jac=scipy.optimize.rosen_der).x,
        **jax_rival(start, "JAX by hand, jit", batched=False),
        "limit": limit,
    }
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), 1, rtol=1e-3 if "SciPy" in name else 1e-7, err_msg=name)
    times = race(contenders)
    rivals = {name: time for name, time in times.items() if name not in ("fastcalc", "limit")}
    title = f"minimise Rosenbrock, n = {n}: Newton"
    record(title, ours, times["fastcalc"], rivals, times["limit"], goal_over_limit=3)


@pytest.mark.parametrize("n", [2, 100])
def test_ten_thousand_steps_of_gradient_descent(n, record, limits):
    start, found = np.full(n, 0.5), np.empty(n)
    f = fc.compile(rosenbrock)
    options = {"learning_rate": 1e-4, "maxiter": 10_000, "gtol": 0}
    arguments = pointer(start), n, ctypes.c_double(1e-4), 10_000, pointer(found)

    def ours():
        return fc.minimize(f, start, method="gradient-descent", options=options).x

    def limit():
        limits.descend(*arguments)
        return found

    contenders = {"fastcalc": ours, "limit": limit}
    if find_spec("numba"):
        import numba

        @numba.njit(error_model="numpy")
        def descend(start, rate, steps):
            x, g = start.copy(), np.empty_like(start)
            for _ in range(steps):
                g[:] = 0.0
                for i in range(x.size - 1):
                    a = x[i + 1] - x[i] * x[i]
                    g[i] += -400 * x[i] * a - 2 * (1 - x[i])
                    g[i + 1] += 200 * a
                x -= rate * g
            return x

        contenders["numba by hand"] = lambda: descend(start, 1e-4, 10_000)
    answer = limit().copy()
    for name, call in contenders.items():
        np.testing.assert_allclose(call(), answer, rtol=1e-9, err_msg=name)
    times = race(contenders)
    rivals = {name: time for name, time in times.items() if name == "numba by hand"}
    title = f"10,000 steps of gradient descent, n = {n}"
    record(title, ours, times["fastcalc"], rivals, times["limit"], goal_over_limit=4)


@pytest.mark.parametrize(("method", "name"), [("newton-cg", "Newton-CG"), ("newton", "Newton by the entries")])
def test_chained_rosenbrock_of_1e5_variables(method, name, record):
    start = np.full(100_000, 0.5)
    f = fc.compile(rosenbrock)

    def ours():
        return fc.minimize(f, start, method=method, tol=1e-5).x

    def scipys():
        return scipy.optimize.minimize(
            scipy.optimize.rosen,
            start,
            jac=scipy.optimize.rosen_der,
            method="L-BFGS-B",
            options={"gtol": 1e-5, "ftol": 0},
        ).x

    for call in (ours, scipys):
        np.testing.assert_allclose(call(), 1, atol=1e-4)
    times = race({"fastcalc": ours, "SciPy L-BFGS-B": scipys}, rounds=5)
    title = f"chained Rosenbrock, n = 1e5: {name}"
    record(title, ours, times["fastcalc"], {"SciPy L-BFGS-B": times["SciPy L-BFGS-B"]})


def test_a_thousand_small_problems(record, limits):
    starts = np.random.default_rng(1).uniform(-2, 2, (1000, 2))
    f, found = fc.compile(rosenbrock), np.empty((1000, 2))
    arguments = pointer(starts), 1000, 2, ctypes.c_double(1e-8), pointer(found)

    def ours():
        return fc.minimize_many(f, starts, threads=1).x

    def limit():
        limits.newton_for_each(*arguments)
        return found

    def scipys():
        return [
            scipy.optimize.minimize(scipy.optimize.rosen, start, jac=scipy.optimize.rosen_der, tol=1e-8).x
            for start in starts
        ]

    rivals = {"SciPy BFGS, one by one": scipys, **jax_rival(starts, "JAX by hand, vmap", batched=True)}
    for name, call in {"fastcalc": ours, "limit": limit, **rivals}.items():
        np.testing.assert_allclose(call(), 1, atol=1e-6, err_msg=name)
    times = race({"fastcalc": ours, "limit": limit, **rivals}, rounds=20)
    title = "minimise Rosenbrock, n = 2, from 1000 starts, one thread"
    record(title, ours, times["fastcalc"], {name: times[name] for name in rivals}, times["limit"])
