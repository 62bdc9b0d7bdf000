"""tests: random NumPy functions, run as programs on one instruction set. `python random_programs.py COUNT SEED`.

Each function is a list of steps over a pool of arrays: element-wise operations with broadcasting, views (slices with negative
steps, transposes, reshapes, new axes), reductions over any axes, choices. Three things are compared: values with NumPy's own; the
Jacobian with NumPy's complex step, Im f(x, p + ih)/h, which has no truncation error; the rewritten program with the recorded one.
Prints one line for each function that fails.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from fastcalc import _core, _fast
from program import record

# Around the borders of a register (2, 4, 8) and of a block (256).
SIZES = (1, 2, 7, 8, 9, 16, 255, 256, 257, 264, 512, 1000)

Step = Callable[[list[Any]], Any]

# Bounded, with derivatives of order one: errors do not grow along the steps. All accept complex numbers.
UNARY = [
    np.sin, np.tanh, np.cos,
    lambda a: -a, lambda a: np.exp(-a * a), lambda a: np.sqrt(1 + a * a), lambda a: np.log(2 + np.cos(a)),
    lambda a: np.reciprocal(2 + np.sin(a)), lambda a: a * 0.5, lambda a: a / 2, np.square, lambda a: 1 * a,
    lambda a: np.arctan(a), lambda a: np.where(a < 0.123, -a, 0.5 * a), lambda a: np.maximum(a, 0.321),
    lambda a: np.minimum(-a, 0.213),
]  # fmt: skip
BINARY = [
    lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / (1 + b * b), lambda a, b: a - (-b),
    lambda a, b: -a * -b, lambda a, b: np.where(b > 0.111, a, b),
]  # fmt: skip
REDUCTIONS = [
    np.sum,
    np.mean,
    np.max,
    np.min,
    lambda a, axis, keepdims: np.prod(np.cos(0.1 * a), axis=axis, keepdims=keepdims),
]


def bounded(a: Any) -> Any:
    """Keep magnitudes near one, so that no step overflows or loses all digits."""
    return a / np.sqrt(1 + a * a)


def broadcast(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    try:
        return np.prod(np.broadcast_shapes(first, second), initial=1) <= 8000
    except ValueError:
        return False


def view(rng: np.random.Generator, shape: tuple[int, ...]) -> Callable[[Any], Any]:
    kind = rng.integers(6)
    if kind == 0:
        return lambda a: a.T
    if kind == 1:
        return lambda a: a[None]
    if kind == 2 and len(shape) > 1:
        return lambda a: a.reshape(-1)
    if kind == 3 and len(shape) == 1 and shape[0] % 2 == 0:
        return lambda a: a.reshape(2, -1)
    if kind == 4 and len(shape) > 1:
        return lambda a: np.swapaxes(a, 0, -1)
    keys = []
    for extent in shape:
        step = int(rng.choice([-3, -2, -1, 1, 1, 2]))
        first = int(rng.integers(0, max(extent // 4, 1)))
        keys.append(slice(first, None, step) if step > 0 else slice(extent - 1 - first, None, step))
    return lambda a: a[tuple(keys)]


class RandomFunction:
    """`f(*data, *parameters)` with random steps that fit these arguments."""

    def __init__(self, rng: np.random.Generator, arguments: list[Any], length: int) -> None:
        self.steps: list[Step] = []
        pool = [np.asarray(a) for a in arguments]
        for _ in range(length):
            step = self.step(rng, pool)
            pool.append(np.asarray(step(pool)))
            self.steps.append(step)

    def step(self, rng: np.random.Generator, pool: list[np.ndarray]) -> Step:
        i = int(rng.integers(len(pool)))
        a, kind = pool[i], rng.random()
        if kind < 0.3:
            f = UNARY[rng.integers(len(UNARY))]
            return lambda pool: f(pool[i])
        if kind < 0.65:
            fitting = [j for j in range(len(pool)) if broadcast(a.shape, pool[j].shape)]
            j = int(rng.choice(fitting))
            g = BINARY[rng.integers(len(BINARY))]
            return lambda pool: bounded(g(pool[i], pool[j]))
        if kind < 0.85 and a.ndim:
            look = view(rng, a.shape)
            return lambda pool: look(pool[i])
        if a.ndim:
            axes = tuple(int(k) for k in np.flatnonzero(rng.random(a.ndim) < 0.6)) or None
            keep = bool(rng.integers(2))
            reduction = REDUCTIONS[rng.integers(len(REDUCTIONS))]
            return lambda pool: bounded(reduction(pool[i], axis=axes, keepdims=keep))
        return lambda pool: np.sin(pool[i])

    def __call__(self, *arguments: Any) -> Any:
        pool = list(arguments)
        for step in self.steps:
            pool.append(step(pool))
        # All that was made is used: as the result, or by its mean.
        return pool[-1] + sum(0.1 * np.mean(a) for a in pool[len(arguments) : -1])


def complex_step(f: Callable[..., Any], data: list[np.ndarray], parameters: np.ndarray) -> np.ndarray:
    h = 1e-150
    columns = []
    for j in range(parameters.size):
        shifted = parameters.astype(complex)
        shifted[j] += 1j * h
        columns.append(np.ravel(np.imag(f(*data, *shifted)) / h))
    return np.stack(columns, axis=1)


def faults(f: Callable[..., Any], data: list[np.ndarray], parameters: np.ndarray) -> list[str]:
    found = []
    before = [a.copy() for a in data]
    want = np.asarray(f(*data, *parameters))
    program = record.program(f, data, parameters)
    plain = record.program(f, data, parameters, rewrite=False)
    value, jacobian = program.jacobian(data, parameters)
    # At most 30 operations of condition about 1 (those above), each with the few ulp of NumPy's and libmvec's functions; sums of
    # up to 8000 terms of one sign add in another order: 1e-11 leaves two digits.
    if value.shape != want.shape:
        return [f"shape {value.shape}, not {want.shape}"]
    if not np.allclose(value, want, rtol=1e-11, atol=1e-11):
        found.append(f"values off by {np.max(np.abs(value - want))}")
    exact = complex_step(f, data, parameters)
    if not np.allclose(jacobian, exact, rtol=1e-9, atol=1e-9):  # derivatives multiply the conditions
        found.append(f"Jacobian off by {np.max(np.abs(jacobian - exact))}")
    if not np.array_equal(program.values(data, parameters), plain.values(data, parameters)):
        found.append("rewriting changed the value")
    call = _fast.Call(program)
    if not all(
        np.array_equal(call(*data, *parameters), value) for _ in range(2)
    ):  # the second run has a used workspace
        found.append("another run gives another value")
    if not all(np.array_equal(a, b) for a, b in zip(data, before, strict=True)):
        found.append("the arguments were written to")
    return found


def example(seed: int) -> tuple[RandomFunction, list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(seed)
    n = SIZES[seed % len(SIZES)]
    data = [
        rng.uniform(-1, 1, n),
        rng.uniform(-1, 1, (3, n)),
        rng.uniform(-1, 1, (n, 1)),
        rng.uniform(-1, 1, (2, 3, 4)),
    ]
    parameters = rng.uniform(-1, 1, 3)
    return RandomFunction(rng, [*data, *parameters], int(rng.integers(4, 16))), data, parameters


if __name__ == "__main__":
    count, start = int(sys.argv[1]), int(sys.argv[2])
    print(_core.config()["engine"])
    for seed in range(start, start + count):
        for fault in faults(*example(seed)):
            print(f"function {seed}, n = {SIZES[seed % len(SIZES)]}: {fault}", flush=True)
