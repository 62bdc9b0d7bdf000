"""The test problems of Moré, Garbow and Hillstrom 1981, ACM Trans. Math. Softw. 7, 17, from the paper's definitions.

Goes out: `PROBLEMS`: for each its residuals, whose sum of squares is minimised, its standard start, and the values of its known minima as
the paper gives them, to the digits that it prints (0 where the residuals can all vanish).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Problem:
    number: int
    name: str
    residuals: Callable
    start: np.ndarray
    minima: tuple[float, ...]

    def __call__(self, x):
        r = self.residuals(x)
        return np.sum(r * r)

    def is_minimum(self, value: float) -> bool:
        """Whether it is one of the known minima, to the six digits that are printed."""
        return any(abs(value - known) <= max(1e-5 * known, 1e-10) for known in self.minima)

    def __str__(self) -> str:
        return f"{self.number} {self.name}, n = {self.start.size}"


PROBLEMS: list[Problem] = []


def problem(number: int, start, *minima: float):
    def add(residuals):
        name = residuals.__name__.replace("_", " ")
        PROBLEMS.append(Problem(number, name, residuals, np.array(start, float), minima))
        return residuals

    return add


@problem(1, [-1.2, 1], 0)
def rosenbrock(x):
    return np.stack([10 * (x[1] - x[0] ** 2), 1 - x[0]])


@problem(2, [0.5, -2], 0, 48.9842)
def freudenstein_and_roth(x):
    return np.stack([-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]])


@problem(3, [0, 1], 0)
def powell_badly_scaled(x):
    return np.stack([1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001])


@problem(4, [1, 1], 0)
def brown_badly_scaled(x):
    return np.stack([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2])


@problem(5, [1, 1], 0)
def beale(x):
    return np.array([1.5, 2.25, 2.625]) - x[0] * (1 - x[1] ** np.array([1, 2, 3]))


@problem(6, [0.3, 0.4], 124.362)
def jennrich_and_sampson(x):
    i = np.arange(1, 11)
    return 2 + 2 * i - (np.exp(i * x[0]) + np.exp(i * x[1]))


@problem(7, [-1, 0, 0], 0)
def helical_valley(x):
    theta = np.arctan(x[1] / x[0]) / (2 * np.pi)
    if x[0] < 0:
        theta = theta + 0.5
    return np.stack([10 * (x[2] - 10 * theta), 10 * (np.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]])


BARD = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])


@problem(8, [1, 1, 1], 8.21487e-3, 17.4286)
def bard(x):
    u = np.arange(1.0, 16)
    v = 16 - u
    return BARD - (x[0] + u / (v * x[1] + np.minimum(u, v) * x[2]))


GAUSSIAN = np.array([0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989])


@problem(9, [0.4, 1, 0], 1.12793e-8)
def gaussian(x):
    t = (8 - np.arange(1.0, 16)) / 2
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - np.concatenate([GAUSSIAN, GAUSSIAN[-2::-1]])


MEYER = np.array(
    [34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872.0]
)


@problem(10, [0.02, 4000, 250], 87.9458)
def meyer(x):
    return x[0] * np.exp(x[1] / (45 + 5 * np.arange(1, 17) + x[2])) - MEYER


@problem(11, [5, 2.5, 0.15], 0)
def gulf_research_and_development(x):
    t = np.arange(1, 100) / 100
    return np.exp(-(np.abs(25 + (-50 * np.log(t)) ** (2 / 3) - x[1]) ** x[2]) / x[0]) - t


@problem(12, [0, 10, 20], 0)
def box_three_dimensional(x):
    t = 0.1 * np.arange(1, 11)
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


@problem(13, [3, -1, 0, 1], 0)
def powell_singular(x):
    return np.stack([x[0] + 10 * x[1], 5**0.5 * (x[2] - x[3]), (x[1] - 2 * x[2]) ** 2, 10**0.5 * (x[0] - x[3]) ** 2])


@problem(14, [-3, -1, -3, -1], 0)
def wood(x):
    return np.stack(
        [
            10 * (x[1] - x[0] ** 2),
            1 - x[0],
            90**0.5 * (x[3] - x[2] ** 2),
            1 - x[2],
            10**0.5 * (x[1] + x[3] - 2),
            10**-0.5 * (x[1] - x[3]),
        ]
    )


KOWALIK = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])


@problem(15, [0.25, 0.39, 0.415, 0.39], 3.07505e-4, 1.02734e-3)
def kowalik_and_osborne(x):
    u = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    return KOWALIK - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


@problem(16, [25, 5, -5, -1], 85822.2)
def brown_and_dennis(x):
    t = np.arange(1, 21) / 5
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


OSBORNE_1 = np.array(
    [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.580,
     0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406]
)  # fmt: skip


@problem(17, [0.5, 1.5, -1, 0.01, 0.02], 5.46489e-5)
def osborne_1(x):
    t = 10 * np.arange(33)
    return OSBORNE_1 - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


@problem(18, [1, 2, 1, 1, 1, 1], 0, 5.65565e-3)
def biggs_exp6(x):
    t = 0.1 * np.arange(1, 14)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y


OSBORNE_2 = np.array(
    [1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602,
     0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375,
     0.372, 0.391, 0.396, 0.405, 0.428, 0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591,
     0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054]
)  # fmt: skip


@problem(19, [1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5], 4.01377e-2)
def osborne_2(x):
    t = np.arange(65) / 10
    peaks = [x[1] * np.exp(-((t - x[8]) ** 2) * x[5]), x[2] * np.exp(-((t - x[9]) ** 2) * x[6])]
    return OSBORNE_2 - (x[0] * np.exp(-t * x[4]) + peaks[0] + peaks[1] + x[3] * np.exp(-((t - x[10]) ** 2) * x[7]))


def watson(x):
    n = x.shape[0]
    j = np.arange(1, n + 1)
    t = (np.arange(1, 30) / 29)[:, None]
    slope = (t ** np.maximum(j - 2, 0) * (j - 1)) @ x
    height = t ** (j - 1) @ x
    return np.concatenate([slope - height**2 - 1, np.stack([x[0], x[1] - x[0] ** 2 - 1])])


for n, minimum in ((6, 2.28767e-3), (9, 1.39976e-6), (12, 4.72238e-10)):
    problem(20, np.zeros(n), minimum)(watson)


@problem(21, [-1.2, 1] * 10, 0)
def extended_rosenbrock(x):
    return np.concatenate([10 * (x[1::2] - x[::2] ** 2), 1 - x[::2]])


@problem(22, [3, -1, 0, 1] * 3, 0)
def extended_powell_singular(x):
    a, b, c, d = x[::4], x[1::4], x[2::4], x[3::4]
    return np.concatenate([a + 10 * b, 5**0.5 * (c - d), (b - 2 * c) ** 2, 10**0.5 * (a - d) ** 2])


def penalty_i(x):
    return np.concatenate([1e-5**0.5 * (x - 1), np.reshape(np.sum(x * x) - 0.25, 1)])


problem(23, np.arange(1, 5), 2.24997e-5)(penalty_i)
problem(23, np.arange(1, 11), 7.08765e-5)(penalty_i)


def penalty_ii(x):
    n = x.shape[0]
    i = np.arange(2, n + 1)
    y = np.exp(i / 10) + np.exp((i - 1) / 10)
    return np.concatenate(
        [
            np.reshape(x[0] - 0.2, 1),
            1e-5**0.5 * (np.exp(x[1:] / 10) + np.exp(x[:-1] / 10) - y),
            1e-5**0.5 * (np.exp(x[1:] / 10) - np.exp(-0.1)),
            np.reshape(np.sum((n - np.arange(n)) * x * x) - 1, 1),
        ]
    )


problem(24, np.full(4, 0.5), 9.37629e-6)(penalty_ii)
problem(24, np.full(10, 0.5), 2.93660e-4)(penalty_ii)


@problem(25, 1 - np.arange(1, 11) / 10, 0)
def variably_dimensioned(x):
    total = np.sum(np.arange(1, x.shape[0] + 1) * (x - 1))
    return np.concatenate([x - 1, np.stack([total, total**2])])


@problem(26, np.full(10, 0.1), 0, 2.79506e-5)
def trigonometric(x):
    n = x.shape[0]
    return n - np.sum(np.cos(x)) + np.arange(1, n + 1) * (1 - np.cos(x)) - np.sin(x)


@problem(27, np.full(10, 0.5), 0, 1)
def brown_almost_linear(x):
    n = x.shape[0]
    return np.concatenate([x[:-1] + np.sum(x) - (n + 1), np.reshape(np.prod(x) - 1, 1)])


MESH = np.arange(1, 11) / 11


@problem(28, MESH * (MESH - 1), 0)
def discrete_boundary_value(x):
    h = 1 / (x.shape[0] + 1)
    around = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return 2 * x - around[:-2] - around[2:] + h**2 * (x + MESH + 1) ** 3 / 2


@problem(29, MESH * (MESH - 1), 0)
def discrete_integral_equation(x):
    n = x.shape[0]
    h = 1 / (n + 1)
    cubes = (x + MESH + 1) ** 3
    below = np.tril(np.ones((n, n)))
    return x + h / 2 * ((1 - MESH) * (below @ (MESH * cubes)) + MESH * ((1 - below) @ ((1 - MESH) * cubes)))


@problem(30, -np.ones(10), 0)
def broyden_tridiagonal(x):
    around = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return (3 - 2 * x) * x - around[:-2] - 2 * around[2:] + 1


@problem(31, -np.ones(10), 0)
def broyden_banded(x):
    n = x.shape[0]
    i, j = np.ogrid[:n, :n]
    band = ((i - 5 <= j) & (j <= i + 1) & (i != j)).astype(float)
    return x * (2 + 5 * x**2) + 1 - band @ (x * (1 + x))


@problem(32, np.ones(10), 10)
def linear_full_rank(x):
    total = 2 / 20 * np.sum(x)
    return np.concatenate([x - total - 1, np.full(10, -1.0) - total])


@problem(33, np.ones(10), 20 * 19 / (2 * 41))
def linear_rank_1(x):
    return np.arange(1, 21) * np.sum(np.arange(1, 11) * x) - 1


@problem(34, np.ones(10), (20**2 + 3 * 20 - 6) / (2 * (2 * 20 - 3)))
def linear_rank_1_with_zero_columns_and_rows(x):
    inner = np.arange(1, 19) * np.sum(np.arange(2, 10) * x[1:-1]) - 1
    return np.concatenate([np.full(1, -1.0), inner, np.full(1, -1.0)])


def chebyquad(x):
    n = x.shape[0]
    before, now = np.ones(n), 2 * x - 1
    first = now
    rows = []
    for i in range(1, n + 1):
        rows.append(np.sum(now) / n + (1 / (i * i - 1) if i % 2 == 0 else 0))
        before, now = now, 2 * first * now - before
    return np.stack(rows)


# For n = 10 there is a lower minimum than the paper's.
for n, minima in ((7, (0,)), (8, (3.51687e-3,)), (9, (0,)), (10, (4.77271e-3, 6.50395e-3))):
    problem(35, np.arange(1, n + 1) / (n + 1), *minima)(chebyquad)
