"""tests: random functions of short arrays, of exactly rounded operations. `python short_programs.py COUNT SEED`.

Each is recorded once; its values, its gradient and its Jacobian are compared to the last bit with those of the program as it was
recorded, which runs over the arrays. Prints the engine, how many programs had become plain numbers, and a line for each that differs.
"""

import sys
from typing import Any

import numpy as np
from fastcalc import _core, _fast
from fastcalc._tracer import Recording

AWKWARD = np.array([0.0, -0.0, 1.0, -1.0, 0.1, -3.7, 5e-324, 1e-300, 1e155, -1e300, np.inf, -np.inf, np.nan])


class Short:
    """A function of two short arrays in random steps."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.kinds = [(int(rng.integers(12)), *rng.integers(0, 1 << 30, 3)) for _ in range(rng.integers(3, 10))]

    def __call__(self, *arguments: Any) -> Any:
        pool = list(arguments)
        for kind, first, second, third in self.kinds:
            pool.append(self.step(kind, pool[first % len(pool)], pool[second % len(pool)], int(third), pool))
        total = sum((np.sum(a) for a in pool[len(arguments) : -1]), start=0.5 * pool[-1])
        return total * 1.5

    @staticmethod
    def step(kind: int, a: Any, b: Any, number: int, pool: list[Any]) -> Any:
        flat, n = np.reshape(a, -1), int(np.size(a))
        other = np.reshape(b, -1)
        match kind:
            case 0:
                return flat * other[0] + number % 3
            case 1:
                return flat[::-1] - np.square(flat)
            case 2:
                return flat[1:] * flat[:-1] if n > 1 else -flat
            case 3:
                return np.concatenate([flat, other[: 1 + number % 3]])
            case 4:
                return np.where(flat > 0.3, flat, other[0])
            case 5:
                return flat[np.array([number % n, 0, n - 1])]
            case 6:
                return np.sqrt(1 + flat * flat) / (flat - 0.25)
            case 7:
                return np.maximum(flat, other[-1]) + np.abs(flat)
            case 8:
                return flat[:, None] * other[None, :3] if n < 9 else flat * 0.5
            case 9:
                made = np.zeros(n + 1) + 0.0 * flat[0]
                made[1:] = flat
                made[0] = other[0]
                return made
            case 10:
                return np.sum(flat.reshape(1, -1) * other[:2][:, None], axis=number % 2)
        return np.min(flat) * flat + np.prod(other[:4])


def faults(seed: int) -> tuple[int, list[str]]:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=int(rng.integers(1, 9))), rng.normal(size=int(rng.integers(1, 4)))
    recording = Recording()
    inputs = [recording.input(name, value, seed=False) for name, value in (("x", x), ("y", y))]
    result = recording.result(Short(rng)(*inputs))
    builder, of = recording.builder, inputs[0]._value
    wanted = {
        "value": result._value,
        "gradient": builder.gradient(result._value, [of], builder.constant(np.ones((1, *result.shape))))[0],
        "Jacobian": builder.tangent(result._value, [of], [builder.constant(np.eye(x.size))]),
    }
    points = [(x, y)] + [(rng.choice(AWKWARD, x.size), rng.choice(AWKWARD, y.size)) for _ in range(4)]
    unrolled, found = 0, []
    for name, value in wanted.items():
        numbers, plain = (builder.finish(value, name, rewrite) for rewrite in (True, False))
        unrolled += plain.steps > numbers.steps
        for point in points:
            got, want = (_fast.Call(program)(*point) for program in (numbers, plain))
            same = np.asarray(got).view(np.int64) == np.asarray(want).view(np.int64)
            if not np.all(same | (np.isnan(got) & np.isnan(want))):
                found.append(f"{name} of function {seed} at {point}: {got}, not {want}")
    return unrolled, found


if __name__ == "__main__":
    count, start = int(sys.argv[1]), int(sys.argv[2])
    total, lines = 0, []
    with np.errstate(all="ignore"):
        for seed in range(start, start + count):
            unrolled, found = faults(seed)
            total, lines = total + unrolled, lines + found
    print(_core.config()["engine"])
    print(total)
    print(*lines, sep="\n")
