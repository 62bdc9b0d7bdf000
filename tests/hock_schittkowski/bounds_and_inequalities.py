"""hock_schittkowski: the problems with bounds and inequalities, up to number 76.

Comes from the book (see `problem`). Goes out: `problems`, by the book's number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .problem import INFINITY, Problem, row


def _rosenbrock(x: Any) -> Any:
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2


problems: dict[int, Problem] = {
    1: Problem(_rosenbrock, [-2, 1], 0, lower=[-INFINITY, -1.5]),
    3: Problem(lambda x: x[1] + 1e-5 * (x[1] - x[0]) ** 2, [10, 1], 0, lower=[-INFINITY, 0]),
    4: Problem(lambda x: (x[0] + 1) ** 3 / 3 + x[1], [1.125, 0.125], 8 / 3, lower=[1, 0]),
    5: Problem(
        lambda x: np.sin(x[0] + x[1]) + (x[0] - x[1]) ** 2 - 1.5 * x[0] + 2.5 * x[1] + 1,
        [0, 0],
        -np.sqrt(3) / 2 - np.pi / 3,
        lower=[-1.5, -3],
        upper=[4, 3],
    ),
    10: Problem(lambda x: x[0] - x[1], [-10, 10], -1, None, lambda x: -3 * x[0] ** 2 + 2 * x[0] * x[1] - x[1] ** 2 + 1),
    11: Problem(
        lambda x: (x[0] - 5) ** 2 + x[1] ** 2 - 25, [4.9, 0.1], -8.498464223, None, lambda x: -(x[0] ** 2) + x[1]
    ),
    12: Problem(
        lambda x: 0.5 * x[0] ** 2 + x[1] ** 2 - x[0] * x[1] - 7 * x[0] - 7 * x[1],
        [0, 0],
        -30,
        None,
        lambda x: 25 - 4 * x[0] ** 2 - x[1] ** 2,
    ),
    15: Problem(
        _rosenbrock, [-2, 1], 306.5, None, row(lambda x: (x[0] * x[1] - 1, x[0] + x[1] ** 2)), upper=[0.5, INFINITY]
    ),
    16: Problem(
        _rosenbrock,
        [-2, 1],
        0.25,
        None,
        row(lambda x: (x[0] + x[1] ** 2, x[0] ** 2 + x[1])),
        [-0.5, -INFINITY],
        [0.5, 1],
    ),
    17: Problem(
        _rosenbrock, [-2, 1], 1, None, row(lambda x: (x[1] ** 2 - x[0], x[0] ** 2 - x[1])), [-0.5, -INFINITY], [0.5, 1]
    ),
    18: Problem(
        lambda x: 0.01 * x[0] ** 2 + x[1] ** 2,
        [2, 2],
        5,
        None,
        row(lambda x: (x[0] * x[1] - 25, x[0] ** 2 + x[1] ** 2 - 25)),
        [2, 0],
        50,
    ),
    19: Problem(
        lambda x: (x[0] - 10) ** 3 + (x[1] - 20) ** 3,
        [20.1, 5.84],
        -6961.8138755801,
        None,
        row(lambda x: ((x[0] - 5) ** 2 + (x[1] - 5) ** 2 - 100, -((x[1] - 5) ** 2) - (x[0] - 6) ** 2 + 82.81)),
        [13, 0],
        100,
    ),
    20: Problem(
        _rosenbrock,
        [-2, 1],
        81.5 - 25 * np.sqrt(3),
        None,
        row(lambda x: (x[0] + x[1] ** 2, x[0] ** 2 + x[1], x[0] ** 2 + x[1] ** 2 - 1)),
        [-0.5, -INFINITY],
        [0.5, INFINITY],
    ),
    21: Problem(
        lambda x: 0.01 * x[0] ** 2 + x[1] ** 2 - 100,
        [-1, -1],
        -99.96,
        None,
        lambda x: 10 * x[0] - x[1] - 10,
        [2, -50],
        50,
    ),
    22: Problem(
        lambda x: (x[0] - 2) ** 2 + (x[1] - 1) ** 2,
        [2, 2],
        1,
        None,
        row(lambda x: (-x[0] - x[1] + 2, -(x[0] ** 2) + x[1])),
    ),
    23: Problem(
        lambda x: x[0] ** 2 + x[1] ** 2,
        [3, 1],
        2,
        None,
        row(
            lambda x: (
                x[0] + x[1] - 1,
                x[0] ** 2 + x[1] ** 2 - 1,
                9 * x[0] ** 2 + x[1] ** 2 - 9,
                x[0] ** 2 - x[1],
                x[1] ** 2 - x[0],
            )
        ),
        -50,
        50,
    ),
    24: Problem(
        lambda x: ((x[0] - 3) ** 2 - 9) * x[1] ** 3 / (27 * np.sqrt(3)),
        [1, 0.5],
        -1,
        None,
        row(lambda x: (x[0] / np.sqrt(3) - x[1], x[0] + np.sqrt(3) * x[1], 6 - x[0] - np.sqrt(3) * x[1])),
        0,
    ),
    29: Problem(
        lambda x: -np.prod(x),
        [1, 1, 1],
        -16 * np.sqrt(2),
        None,
        lambda x: 48 - x[0] ** 2 - 2 * x[1] ** 2 - 4 * x[2] ** 2,
    ),
    30: Problem(lambda x: np.sum(x**2), [1, 1, 1], 1, None, lambda x: x[0] ** 2 + x[1] ** 2 - 1, [1, -10, -10], 10),
    31: Problem(
        lambda x: 9 * x[0] ** 2 + x[1] ** 2 + 9 * x[2] ** 2,
        [1, 1, 1],
        6,
        None,
        lambda x: x[0] * x[1] - 1,
        [-10, 1, -10],
        [10, 10, 1],
    ),
    33: Problem(
        lambda x: (x[0] - 1) * (x[0] - 2) * (x[0] - 3) + x[2],
        [0, 0, 3],
        np.sqrt(2) - 6,
        None,
        row(lambda x: (x[2] ** 2 - x[1] ** 2 - x[0] ** 2, x[0] ** 2 + x[1] ** 2 + x[2] ** 2 - 4)),
        0,
        [INFINITY, INFINITY, 5],
    ),
    34: Problem(
        lambda x: -x[0],
        [0, 1.05, 2.9],
        -np.log(np.log(10)),
        None,
        row(lambda x: (x[1] - np.exp(x[0]), x[2] - np.exp(x[1]))),
        0,
        [100, 100, 10],
    ),
    35: Problem(
        lambda x: (
            9 - 8 * x[0] - 6 * x[1] - 4 * x[2] + 2 * x[0] ** 2 + 2 * x[1] ** 2 + x[2] ** 2 + 2 * x[0] * (x[1] + x[2])
        ),
        [0.5] * 3,
        1 / 9,
        None,
        lambda x: 3 - x[0] - x[1] - 2 * x[2],
        0,
    ),
    36: Problem(
        lambda x: -np.prod(x), [10] * 3, -3300, None, lambda x: 72 - x[0] - 2 * x[1] - 2 * x[2], 0, [20, 11, 42]
    ),
    37: Problem(
        lambda x: -np.prod(x),
        [10] * 3,
        -3456,
        None,
        row(lambda x: (72 - x[0] - 2 * x[1] - 2 * x[2], x[0] + 2 * x[1] + 2 * x[2])),
        0,
        42,
    ),
    38: Problem(
        lambda x: (
            100 * (x[1] - x[0] ** 2) ** 2
            + (1 - x[0]) ** 2
            + 90 * (x[3] - x[2] ** 2) ** 2
            + (1 - x[2]) ** 2
            + 10.1 * ((x[1] - 1) ** 2 + (x[3] - 1) ** 2)
            + 19.8 * (x[1] - 1) * (x[3] - 1)
        ),
        [-3, -1, -3, -1],
        0,
        lower=-10,
        upper=10,
    ),
    43: Problem(
        lambda x: x[0] ** 2 + x[1] ** 2 + 2 * x[2] ** 2 + x[3] ** 2 - 5 * x[0] - 5 * x[1] - 21 * x[2] + 7 * x[3],
        [0] * 4,
        -44,
        None,
        row(
            lambda x: (
                8 - np.sum(x**2) - x[0] + x[1] - x[2] + x[3],
                10 - x[0] ** 2 - 2 * x[1] ** 2 - x[2] ** 2 - 2 * x[3] ** 2 + x[0] + x[3],
                5 - 2 * x[0] ** 2 - x[1] ** 2 - x[2] ** 2 - 2 * x[0] + x[1] + x[3],
            )
        ),
    ),
    44: Problem(
        lambda x: x[0] - x[1] - x[2] - x[0] * x[2] + x[0] * x[3] + x[1] * x[2] - x[1] * x[3],
        [0] * 4,
        -15,
        None,
        lambda x: (
            np.array([8, 12, 12, 8, 8, 5.0])
            - np.array([[1, 2, 0, 0], [4, 1, 0, 0], [3, 4, 0, 0], [0, 0, 2, 1], [0, 0, 1, 2], [0, 0, 1, 1.0]]) @ x
        ),
        0,
    ),
    45: Problem(lambda x: 2 - np.prod(x) / 120, [2] * 5, 1, lower=0, upper=[1, 2, 3, 4, 5]),
    64: Problem(
        lambda x: 5 * x[0] + 5e4 / x[0] + 20 * x[1] + 7.2e4 / x[1] + 10 * x[2] + 1.44e5 / x[2],
        [1] * 3,
        6299.842428,
        None,
        lambda x: 1 - 4 / x[0] - 32 / x[1] - 120 / x[2],
        1e-5,
    ),
    65: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[0] + x[1] - 10) ** 2 / 9 + (x[2] - 5) ** 2,
        [-5, 5, 0],
        0.9535288567,
        None,
        lambda x: 48 - np.sum(x**2),
        [-4.5, -4.5, -5],
        [4.5, 4.5, 5],
    ),
    66: Problem(
        lambda x: 0.2 * x[2] - 0.8 * x[0],
        [0, 1.05, 2.9],
        0.5181632741,
        None,
        row(lambda x: (x[1] - np.exp(x[0]), x[2] - np.exp(x[1]))),
        0,
        [100, 100, 10],
    ),
    72: Problem(
        lambda x: 1 + np.sum(x),
        [1] * 4,
        727.679376,
        None,
        row(
            lambda x: (
                0.0401 - 4 / x[0] - 2.25 / x[1] - 1 / x[2] - 0.25 / x[3],
                0.010085 - 0.16 / x[0] - 0.36 / x[1] - 0.64 / x[2] - 0.64 / x[3],
            )
        ),
        0.001,
        [4e5, 3e5, 2e5, 1e5],
    ),
    76: Problem(
        lambda x: (
            x[0] ** 2
            + 0.5 * x[1] ** 2
            + x[2] ** 2
            + 0.5 * x[3] ** 2
            - x[0] * x[2]
            + x[2] * x[3]
            - x[0]
            - 3 * x[1]
            + x[2]
            - x[3]
        ),
        [0.5] * 4,
        -103 / 22,
        None,
        row(
            lambda x: (5 - x[0] - 2 * x[1] - x[2] - x[3], 4 - 3 * x[0] - x[1] - 2 * x[2] + x[3], x[1] + 4 * x[2] - 1.5)
        ),
        0,
    ),
}
