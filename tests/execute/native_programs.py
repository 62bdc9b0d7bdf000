"""tests: programs of every shape, as the engine that the environment names runs them. Prints the engine, how many ran as machine code,
and the bits of all results."""

import zlib

import fastcalc as fc
import numpy as np
from fastcalc import _core

rng = np.random.default_rng(7)
print(_core.config()["engine"])
lines, native = [], 0


def run(name, function, *arguments):
    global native
    results = function(*arguments)
    results = results if isinstance(results, tuple) else (results,)
    bits = b"".join(np.asarray(result).tobytes() for result in results)
    lines.append(f"{name} {zlib.crc32(bits):08x} {np.asarray(results[0]).ravel()[:1]}")
    native += function.program.is_native


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def crowded(x):
    """More numbers that live at once than any processor has registers, across calls."""
    parts = [(x + k) * (x - k) for k in range(70)]
    middle = np.exp(-x * x)
    return sum((part * middle + k for k, part in enumerate(parts)), start=x) + np.tanh(parts[3] * 1e-2) * parts[60]


def chosen(x, y):
    low, high = np.minimum(x, y), np.maximum(x, y)
    inside = (x > -0.5) & (y < 0.5) | (x == y) ^ ~(low < high)
    return (
        np.where(inside, low * high, np.sqrt(np.abs(x)))
        + np.where(x > 0, 0.0, y)
        + np.where(x > 0, y, 0.0)
        + 1.0 * inside
    )


def rounded(x):
    return np.floor(3 * x) + np.ceil(x) - np.trunc(5 * x) + np.rint(7 * x) + np.copysign(x, -1 - x) % 0.3 + x // 0.7


def shared(x, a, b):
    """What is the same for all rows: quotients, functions and choices of parameters alone."""
    scale = np.exp(a) / (b + 2) + np.where(a > b, a, b)
    return x * scale / (a * a + 1) + np.sin(a) * np.ones_like(x) + b


def neighbours(x, y):
    """Slices at every distance that sums reach within registers, and beyond; reductions of other kinds than sums."""
    parts = [y[4:] * np.sin(y[4:] + k) * x[k : k + x.size - 4] for k in (1, 0, 3, 4, 2)]
    return (
        sum(part.sum() for part in parts)
        + np.prod(np.cos(parts[0]))
        + np.max(np.exp(parts[2]))
        + np.sum(y[4:] * x[:-4])
    )


def repeated(x, y):
    """A number that nobody reads but a sum over a step that has other instructions, too."""
    number = np.sin(y[:1])
    row = np.broadcast_to(number, x.shape)
    copy = row.copy()
    copy[-1] += 1.5
    return np.sum(row) + np.sum(copy)


for n in (1, 2, 3, 7, 8, 9, 31, 255, 256, 257, 600):
    x, y = rng.normal(size=(2, n))
    y[::3] = x[::3]
    for function in (crowded, rounded):
        run(f"{function.__name__} {n}", fc.compile(function), x)
        run(f"gradient of {function.__name__} {n}", fc.grad(lambda t, f=function: f(t).sum()), x)
    run(f"chosen {n}", fc.compile(chosen), x, y)
    run(f"gradient of chosen {n}", fc.grad(lambda t, u: (chosen(t, u) * u).sum()), x, y)
    run(f"shared {n}", fc.compile(shared), x, 0.3, -0.2)
    run(f"Jacobian of shared {n}", fc.jacobian(shared, argnums=(1, 2)), x, 0.3, -0.2)
    run(f"repeated {n}", fc.value_and_grad(repeated, argnums=1), x, y)
    if n > 1:
        run(f"Rosenbrock {n}", fc.value_and_grad(rosenbrock), x)
    if n > 4:
        run(f"neighbours {n}", fc.value_and_grad(neighbours), x, y)
    if 1 < n < 32:
        run(f"Hessian {n}", fc.hessian(rosenbrock), x)
        run(f"outer {n}", fc.compile(lambda t, u: np.exp(-(np.subtract.outer(t, u) ** 2)) @ u), x, y)
    decay, t, z = (
        (lambda t, a, b, c: a * np.exp(-b * t) + c / (1 + a)),
        np.linspace(0, 3, n + 9),
        rng.normal(size=n + 9),
    )
    lines.append(f"fit {n} " + fc.curve_fit(decay, t, 3 * np.exp(-t) + 0.1 * z, [1.0, 0.5, 0.0])[0].tobytes().hex())

print(f"native: {native}")
print("\n".join(lines))
