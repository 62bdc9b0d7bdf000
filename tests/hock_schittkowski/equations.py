"""hock_schittkowski: the problems with equations alone.

Comes from the book (see `problem`). Goes out: `problems`, by the book's number.
"""

from __future__ import annotations

import numpy as np

from .problem import Problem, mixing, row

problems: dict[int, Problem] = {
    6: Problem(lambda x: (1 - x[0]) ** 2, [-1.2, 1], 0, lambda x: 10 * (x[1] - x[0] ** 2)),
    7: Problem(
        lambda x: np.log(1 + x[0] ** 2) - x[1], [2, 2], -np.sqrt(3), lambda x: (1 + x[0] ** 2) ** 2 + x[1] ** 2 - 4
    ),
    8: Problem(lambda x: -1 + 0 * x[0], [2, 1], -1, row(lambda x: (x[0] ** 2 + x[1] ** 2 - 25, x[0] * x[1] - 9))),
    9: Problem(
        lambda x: np.sin(np.pi * x[0] / 12) * np.cos(np.pi * x[1] / 16), [0, 0], -0.5, lambda x: 4 * x[0] - 3 * x[1]
    ),
    26: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 4,
        [-2.6, 2, 2],
        0,
        lambda x: (1 + x[1] ** 2) * x[0] + x[2] ** 4 - 3,
    ),
    27: Problem(
        lambda x: 0.01 * (x[0] - 1) ** 2 + (x[1] - x[0] ** 2) ** 2, [2, 2, 2], 0.04, lambda x: x[0] + x[2] ** 2 + 1
    ),
    28: Problem(
        lambda x: (x[0] + x[1]) ** 2 + (x[1] + x[2]) ** 2, [-4, 1, 1], 0, lambda x: x[0] + 2 * x[1] + 3 * x[2] - 1
    ),
    39: Problem(
        lambda x: -x[0], [2] * 4, -1, row(lambda x: (x[1] - x[0] ** 3 - x[2] ** 2, x[0] ** 2 - x[1] - x[3] ** 2))
    ),
    40: Problem(
        lambda x: -np.prod(x),
        [0.8] * 4,
        -0.25,
        row(lambda x: (x[0] ** 3 + x[1] ** 2 - 1, x[0] ** 2 * x[3] - x[2], x[3] ** 2 - x[1])),
    ),
    42: Problem(
        lambda x: np.sum((x - np.arange(1, 5)) ** 2),
        [1] * 4,
        28 - 10 * np.sqrt(2),
        row(lambda x: (x[0] - 2, x[2] ** 2 + x[3] ** 2 - 2)),
    ),
    46: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[2] - 1) ** 2 + (x[3] - 1) ** 4 + (x[4] - 1) ** 6,
        [np.sqrt(2) / 2, 1.75, 0.5, 2, 2],
        0,
        row(lambda x: (x[0] ** 2 * x[3] + np.sin(x[3] - x[4]) - 1, x[1] + x[2] ** 4 * x[3] ** 2 - 2)),
    ),
    47: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 3 + (x[2] - x[3]) ** 4 + (x[3] - x[4]) ** 4,
        [2, np.sqrt(2), -1, 2 - np.sqrt(2), 0.5],
        0,
        row(lambda x: (x[0] + x[1] ** 2 + x[2] ** 3 - 3, x[1] - x[2] ** 2 + x[3] - 1, x[0] * x[4] - 1)),
    ),
    48: Problem(
        lambda x: (x[0] - 1) ** 2 + (x[1] - x[2]) ** 2 + (x[3] - x[4]) ** 2,
        [3, 5, -3, 2, -2],
        0,
        row(lambda x: (np.sum(x) - 5, x[2] - 2 * (x[3] + x[4]) + 3)),
    ),
    49: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[2] - 1) ** 2 + (x[3] - 1) ** 4 + (x[4] - 1) ** 6,
        [10, 7, 2, -3, 0.8],
        0,
        row(lambda x: (x[0] + x[1] + x[2] + 4 * x[3] - 7, x[2] + 5 * x[4] - 6)),
    ),
    50: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 2 + (x[2] - x[3]) ** 4 + (x[3] - x[4]) ** 2,
        [35, -31, 11, 5, -5],
        0,
        lambda x: x[:-2] + 2 * x[1:-1] + 3 * x[2:] - 6,
    ),
    51: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[1] + x[2] - 2) ** 2 + (x[3] - 1) ** 2 + (x[4] - 1) ** 2,
        [2.5, 0.5, 2, -1, 0.5],
        0,
        row(lambda x: (x[0] + 3 * x[1] - 4, x[2] + x[3] - 2 * x[4], x[1] - x[4])),
    ),
    52: Problem(
        lambda x: (4 * x[0] - x[1]) ** 2 + (x[1] + x[2] - 2) ** 2 + (x[3] - 1) ** 2 + (x[4] - 1) ** 2,
        [2] * 5,
        1859 / 349,
        row(lambda x: (x[0] + 3 * x[1], x[2] + x[3] - 2 * x[4], x[1] - x[4])),
    ),
    56: Problem(
        lambda x: -x[0] * x[1] * x[2],
        [1, 1, 1, *[np.arcsin(np.sqrt(1 / 4.2))] * 3, np.arcsin(np.sqrt(5 / 7.2))],
        -3.456,
        row(
            lambda x: (
                *(x[i] - 4.2 * np.sin(x[i + 3]) ** 2 for i in range(3)),
                x[0] + 2 * x[1] + 2 * x[2] - 7.2 * np.sin(x[6]) ** 2,
            )
        ),
    ),
    61: Problem(
        lambda x: 4 * x[0] ** 2 + 2 * x[1] ** 2 + 2 * x[2] ** 2 - 33 * x[0] + 16 * x[1] - 24 * x[2],
        [0] * 3,
        -143.6461422,
        row(lambda x: (3 * x[0] - 2 * x[1] ** 2 - 7, 4 * x[0] - x[2] ** 2 - 11)),
    ),
    77: Problem(
        lambda x: (x[0] - 1) ** 2 + (x[0] - x[1]) ** 2 + (x[2] - 1) ** 2 + (x[3] - 1) ** 4 + (x[4] - 1) ** 6,
        [2] * 5,
        0.2415051288,
        row(
            lambda x: (
                x[0] ** 2 * x[3] + np.sin(x[3] - x[4]) - 2 * np.sqrt(2),
                x[1] + x[2] ** 4 * x[3] ** 2 - 8 - np.sqrt(2),
            )
        ),
    ),
    78: Problem(lambda x: np.prod(x), [-2, 1.5, 2, -1, -1], -2.91970041, row(mixing)),
    79: Problem(
        lambda x: (x[0] - 1) ** 2 + (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 2 + (x[2] - x[3]) ** 4 + (x[3] - x[4]) ** 4,
        [2] * 5,
        0.0787768209,
        row(
            lambda x: (
                x[0] + x[1] ** 2 + x[2] ** 3 - 2 - 3 * np.sqrt(2),
                x[1] - x[2] ** 2 + x[3] + 2 - 2 * np.sqrt(2),
                x[0] * x[4] - 2,
            )
        ),
    ),
}
