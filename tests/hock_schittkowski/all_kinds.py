"""hock_schittkowski: the problems with equations beside bounds or inequalities, and those from number 83 on.

Comes from the book (see `problem`). Goes out: `problems`, by the book's number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .problem import INFINITY, Problem, Values, mixing, row


def _erf_normal(t: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(t)


def _least_area(a: float, b: float, root: float) -> tuple[Values, Values]:
    """68 and 69: cost of a control chart; 24 and 4 samples."""

    def cost(x: Any) -> Any:
        return (a * root**2 - (b * (np.exp(x[0]) - 1) - x[2]) / (np.exp(x[0]) - 1 + x[3]) * x[3]) / x[0]

    def chart(x: Any) -> Any:
        return x[2] - 2 * _erf_normal(-x[1]), x[3] - _erf_normal(-x[1] + root) - _erf_normal(-x[1] - root)

    return cost, row(chart)


def _power_flow(x: Any) -> Any:
    return (
        1000 * (np.sin(-x[2] - 0.25) + np.sin(-x[3] - 0.25)) + 894.8 - x[0],
        1000 * (np.sin(x[2] - 0.25) + np.sin(x[2] - x[3] - 0.25)) + 894.8 - x[1],
        1000 * (np.sin(x[3] - 0.25) + np.sin(x[3] - x[2] - 0.25)) + 1294.8,
    )


def _heavy(x: Any) -> Any:
    return 3 * x[0] + 1e-6 * x[0] ** 3 + 2 * x[1] + 2e-6 / 3 * x[1] ** 3


_FREE_ENERGIES = np.array([-6.089, -17.164, -34.054, -5.914, -24.721, -14.986, -24.1, -10.708, -26.662, -22.179])


def _atoms(n: Any) -> Any:
    """111 and 112: the elements in a mixture of ten gases."""
    return (
        n[0] + 2 * n[1] + 2 * n[2] + n[5] + n[9] - 2,
        n[3] + 2 * n[4] + n[5] + n[6] - 1,
        n[2] + n[6] + n[7] + 2 * n[8] + n[9] - 1,
    )


def _gibbs(n: Any) -> Any:
    return np.sum(n * (_FREE_ENERGIES + np.log(n / np.sum(n))))


_C86 = np.array(
    [
        [30, -20, -10, 32, -10],
        [-20, 39, -6, -31, 32],
        [-10, -6, 10, -6, -10],
        [32, -31, -6, 39, -20],
        [-10, 32, -10, -20, 30.0],
    ]
)


_A86 = np.array(
    [
        [-16, 2, 0, 1, 0], [0, -2, 0, 4, 2], [-3.5, 0, 2, 0, 0], [0, -2, 0, -4, -1], [0, -9, -2, 1, -2.8], [2, 0, -4, 0, 0],
        [-1, -1, -1, -1, -1], [-1, -2, -3, -2, -1], [1, 2, 3, 4, 5], [1, 1, 1, 1, 1.0],
    ]
)  # fmt: skip


_B86 = np.array([-40, -2, -0.25, -4, -4, -1, -40, -60, 5, 1])


_D86 = np.array([4, 8, 10, 6, 2.0])


_E86 = np.array([-15, -27, -36, -18, -12.0])


def _transport(x: Any) -> tuple[Any, Any]:
    """95 to 98: the products of the first and the second constraint."""
    first = (
        17.1 * x[0] + 38.2 * x[1] + 204.2 * x[2] + 212.3 * x[3] + 623.4 * x[4] + 1495.5 * x[5] - 169 * x[0] * x[2]
        - 3580 * x[2] * x[4] - 3810 * x[3] * x[4] - 18500 * x[3] * x[5] - 24300 * x[4] * x[5]
    )  # fmt: skip
    second = (
        17.9 * x[0] + 36.8 * x[1] + 113.9 * x[2] + 169.7 * x[3] + 337.8 * x[4] + 1385.2 * x[5] - 139 * x[0] * x[2]
        - 2450 * x[3] * x[4] - 16600 * x[3] * x[5] - 17200 * x[4] * x[5]
    )  # fmt: skip
    return first, second


def _blending(b: list[float]) -> Problem:
    def constraints(x: Any) -> Any:
        third = -273 * x[1] - 70 * x[3] - 819 * x[4] + 26000 * x[3] * x[4]
        fourth = 159.9 * x[0] - 311 * x[1] + 587 * x[3] + 391 * x[4] + 2198 * x[5] - 14000 * x[0] * x[5]
        return np.stack([*_transport(x), third, fourth]) - np.array(b)

    cost = np.array([4.3, 31.8, 63.3, 15.8, 68.5, 4.7])
    upper = [0.31, 0.046, 0.068, 0.042, 0.028, 0.0134]
    minimum = 0.015619525242 if b[0] < 10 else 3.1358091228
    return Problem(lambda x: np.sum(cost * x), [0] * 6, minimum, inequalities=constraints, lower=0, upper=upper)


def _extraction(x: Any) -> Any:
    return (
        1 - 0.0588 * x[4] * x[6] - 0.1 * x[0],
        1 - 0.0588 * x[5] * x[7] - 0.1 * x[0] - 0.1 * x[1],
        1 - 4 * x[2] / x[4] - 2 / (x[2] ** 0.71 * x[4]) - 0.0588 * x[6] / x[2] ** 1.3,
        1 - 4 * x[3] / x[5] - 2 / (x[3] ** 0.71 * x[5]) - 0.0588 * x[7] / x[3] ** 1.3,
        _yield(x) - 1,
        4.2 - _yield(x),
    )


def _yield(x: Any) -> Any:
    return 0.4 * (x[0] / x[6]) ** 0.67 + 0.4 * (x[1] / x[7]) ** 0.67 + 10 - x[0] - x[1]


def _drying(x: Any) -> Any:
    total = 85.334407 + 0.0056858 * x[1] * x[4] + 0.0006262 * x[0] * x[3] - 0.0022053 * x[2] * x[4]
    second = 80.51249 + 0.0071317 * x[1] * x[4] + 0.0029955 * x[0] * x[1] + 0.0021813 * x[2] ** 2 - 90
    third = 9.300961 + 0.0047026 * x[2] * x[4] + 0.0012547 * x[0] * x[2] + 0.0019085 * x[2] * x[3] - 20
    return total, 92 - total, second, 20 - second, third, 5 - third


def _hexagon(x: Any) -> Any:
    return (
        1 - x[2] ** 2 - x[3] ** 2, 1 - x[8] ** 2, 1 - x[4] ** 2 - x[5] ** 2, 1 - x[0] ** 2 - (x[1] - x[8]) ** 2,
        1 - (x[0] - x[4]) ** 2 - (x[1] - x[5]) ** 2, 1 - (x[0] - x[6]) ** 2 - (x[1] - x[7]) ** 2,
        1 - (x[2] - x[4]) ** 2 - (x[3] - x[5]) ** 2, 1 - (x[2] - x[6]) ** 2 - (x[3] - x[7]) ** 2,
        1 - x[6] ** 2 - (x[7] - x[8]) ** 2, x[0] * x[3] - x[1] * x[2], x[2] * x[8], -x[4] * x[8], x[4] * x[7] - x[5] * x[6],
    )  # fmt: skip


def _wong(x: Any) -> Any:
    return (
        (x[0] - 10) ** 2 + 5 * (x[1] - 12) ** 2 + x[2] ** 4 + 3 * (x[3] - 11) ** 2 + 10 * x[4] ** 6 + 7 * x[5] ** 2 + x[6] ** 4
        - 4 * x[5] * x[6] - 10 * x[5] - 8 * x[6]
    )  # fmt: skip


def _wong_10(x: Any) -> Any:
    return (
        x[0] ** 2 + x[1] ** 2 + x[0] * x[1] - 14 * x[0] - 16 * x[1] + (x[2] - 10) ** 2 + 4 * (x[3] - 5) ** 2 + (x[4] - 3) ** 2
        + 2 * (x[5] - 1) ** 2 + 5 * x[6] ** 2 + 7 * (x[7] - 11) ** 2 + 2 * (x[8] - 10) ** 2 + (x[9] - 7) ** 2 + 45
    )  # fmt: skip


def _wong_10_constraints(x: Any) -> Any:
    return (
        105 - 4 * x[0] - 5 * x[1] + 3 * x[6] - 9 * x[7],
        -10 * x[0] + 8 * x[1] + 17 * x[6] - 2 * x[7],
        8 * x[0] - 2 * x[1] - 5 * x[8] + 2 * x[9] + 12,
        -3 * (x[0] - 2) ** 2 - 4 * (x[1] - 3) ** 2 - 2 * x[2] ** 2 + 7 * x[3] + 120,
        -5 * x[0] ** 2 - 8 * x[1] - (x[2] - 6) ** 2 + 2 * x[3] + 40,
        -0.5 * (x[0] - 8) ** 2 - 2 * (x[1] - 4) ** 2 - 3 * x[4] ** 2 + x[5] + 30,
        -(x[0] ** 2) - 2 * (x[1] - 2) ** 2 + 2 * x[0] * x[1] - 14 * x[4] + 6 * x[5],
        3 * x[0] - 6 * x[1] - 12 * (x[8] - 8) ** 2 + 7 * x[9],
    )


def _heat_exchanger(x: Any) -> Any:
    return (
        1 - 0.0025 * (x[3] + x[5]), 1 - 0.0025 * (x[4] + x[6] - x[3]), 1 - 0.01 * (x[7] - x[4]),
        x[0] * x[5] - 833.33252 * x[3] - 100 * x[0] + 83333.333, x[1] * x[6] - 1250 * x[4] - x[1] * x[3] + 1250 * x[3],
        x[2] * x[7] - 1250000 - x[2] * x[4] + 2500 * x[4],
    )  # fmt: skip


def _transformer(x: Any) -> tuple[Any, Any]:
    return x[0] * x[3] * (x[0] + x[1] + x[2]), x[1] * x[2] * (x[0] + 1.57 * x[1] + x[3])


def _transformer_cost(x: Any) -> Any:
    a, b = _transformer(x)
    return 0.0204 * a + 0.0187 * b + 0.0607 * a * x[4] ** 2 + 0.0437 * b * x[5] ** 2


def _transformer_constraints(x: Any) -> Any:
    a, b = _transformer(x)
    return 0.001 * np.prod(x) - 2.07, 1 - 0.00062 * a * x[4] ** 2 - 0.00058 * b * x[5] ** 2


_68, _68_EQ = _least_area(0.0001, 1, np.sqrt(24.0))


_69, _69_EQ = _least_area(0.1, 1000, 2.0)


problems: dict[int, Problem] = {
    14: Problem(
        lambda x: (x[0] - 2) ** 2 + (x[1] - 1) ** 2,
        [2, 2],
        9 - 23 * np.sqrt(7) / 8,
        lambda x: x[0] - 2 * x[1] + 1,
        lambda x: -0.25 * x[0] ** 2 - x[1] ** 2 + 1,
    ),
    32: Problem(
        lambda x: (x[0] + 3 * x[1] + x[2]) ** 2 + 4 * (x[0] - x[1]) ** 2,
        [0.1, 0.7, 0.2],
        1,
        lambda x: 1 - np.sum(x),
        lambda x: 6 * x[1] + 4 * x[2] - x[0] ** 3 - 3,
        0,
    ),
    41: Problem(
        lambda x: 2 - x[0] * x[1] * x[2],
        [2] * 4,
        52 / 27,
        lambda x: x[0] + 2 * x[1] + 2 * x[2] - x[3],
        None,
        0,
        [1, 1, 1, 2],
    ),
    53: Problem(
        lambda x: (x[0] - x[1]) ** 2 + (x[1] + x[2] - 2) ** 2 + (x[3] - 1) ** 2 + (x[4] - 1) ** 2,
        [2] * 5,
        176 / 43,
        row(lambda x: (x[0] + 3 * x[1], x[2] + x[3] - 2 * x[4], x[1] - x[4])),
        None,
        -10,
        10,
    ),
    54: Problem(
        lambda x: (
            -np.exp(
                -0.5
                * (
                    ((x[0] - 1e4) ** 2 / 6.4e7 + (x[0] - 1e4) * (x[1] - 1) / 2e4 + (x[1] - 1) ** 2) / 0.96
                    + (x[2] - 2e6) ** 2 / 4.9e13
                    + (x[3] - 10) ** 2 / 2.5e3
                    + (x[4] - 1e-3) ** 2 / 2.5e-3
                    + (x[5] - 1e8) ** 2 / 2.5e17
                )
            )
        ),
        [6e3, 1.5, 4e6, 2, 3e-3, 5e7],
        -np.exp(-27 / 280),
        lambda x: x[0] + 4e3 * x[1] - 1.76e4,
        None,
        [0, -10, 0, 0, -1, 0],
        [2e4, 10, 1e7, 20, 1, 2e8],
    ),
    55: Problem(
        lambda x: x[0] + 2 * x[1] + 4 * x[4] + np.exp(x[0] * x[3]),
        [1, 2, 0, 0, 0, 2],
        19 / 3,
        row(
            lambda x: (
                x[0] + 2 * x[1] + 5 * x[4] - 6,
                x[0] + x[1] + x[2] - 3,
                x[3] + x[4] + x[5] - 2,
                x[0] + x[3] - 1,
                x[1] + x[4] - 2,
                x[2] + x[5] - 2,
            )
        ),
        None,
        0,
        [1, INFINITY, INFINITY, 1, INFINITY, INFINITY],
    ),
    60: Problem(
        lambda x: (x[0] - 1) ** 2 + (x[0] - x[1]) ** 2 + (x[1] - x[2]) ** 4,
        [2] * 3,
        0.03256820025,
        lambda x: x[0] * (1 + x[1] ** 2) + x[2] ** 4 - 4 - 3 * np.sqrt(2),
        None,
        -10,
        10,
    ),
    62: Problem(
        lambda x: (
            -32.174
            * (
                255 * np.log((x[0] + x[1] + x[2] + 0.03) / (0.09 * x[0] + x[1] + x[2] + 0.03))
                + 280 * np.log((x[1] + x[2] + 0.03) / (0.07 * x[1] + x[2] + 0.03))
                + 290 * np.log((x[2] + 0.03) / (0.13 * x[2] + 0.03))
            )
        ),
        [0.7, 0.2, 0.1],
        -26272.51448,
        lambda x: np.sum(x) - 1,
        None,
        0,
        1,
    ),
    63: Problem(
        lambda x: 1000 - x[0] ** 2 - 2 * x[1] ** 2 - x[2] ** 2 - x[0] * x[1] - x[0] * x[2],
        [2] * 3,
        961.7151721,
        row(lambda x: (8 * x[0] + 14 * x[1] + 7 * x[2] - 56, np.sum(x**2) - 25)),
        None,
        0,
    ),
    68: Problem(_68, [1] * 4, -0.920425026, _68_EQ, None, [1e-4, 0, 0, 0], [100, 100, 2, 2]),
    69: Problem(_69, [1] * 4, -956.712882, _69_EQ, None, [1e-4, 0, 0, 0], [100, 100, 2, 2]),
    71: Problem(
        lambda x: x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2],
        [1, 5, 5, 1],
        17.0140172891,
        lambda x: np.sum(x**2) - 40,
        lambda x: np.prod(x) - 25,
        1,
        5,
    ),
    73: Problem(
        lambda x: 24.55 * x[0] + 26.75 * x[1] + 39 * x[2] + 40.5 * x[3],
        [1] * 4,
        29.8943781,
        lambda x: np.sum(x) - 1,
        row(
            lambda x: (
                2.3 * x[0] + 5.6 * x[1] + 11.1 * x[2] + 1.3 * x[3] - 5,
                12 * x[0]
                + 11.9 * x[1]
                + 41.8 * x[2]
                + 52.1 * x[3]
                - 21
                - 1.645 * np.sqrt(0.28 * x[0] ** 2 + 0.19 * x[1] ** 2 + 20.5 * x[2] ** 2 + 0.62 * x[3] ** 2),
            )
        ),
        0,
    ),
    74: Problem(
        _heavy,
        [0] * 4,
        5126.4981,
        row(_power_flow),
        row(lambda x: (x[3] - x[2] + 0.55, x[2] - x[3] + 0.55)),
        [0, 0, -0.55, -0.55],
        [1200, 1200, 0.55, 0.55],
    ),
    75: Problem(
        _heavy,
        [0] * 4,
        5174.4129,
        row(_power_flow),
        row(lambda x: (x[3] - x[2] + 0.48, x[2] - x[3] + 0.48)),
        [0, 0, -0.48, -0.48],
        [1200, 1200, 0.48, 0.48],
    ),
    80: Problem(
        lambda x: np.exp(np.prod(x)),
        [-2, 2, 2, -1, -1],
        0.0539498478,
        row(mixing),
        None,
        [-2.3, -2.3, -3.2, -3.2, -3.2],
        [2.3, 2.3, 3.2, 3.2, 3.2],
    ),
    81: Problem(
        lambda x: np.exp(np.prod(x)) - 0.5 * (x[0] ** 3 + x[1] ** 3 + 1) ** 2,
        [-2, 2, 2, -1, -1],
        0.0539498478,
        row(mixing),
        None,
        [-2.3, -2.3, -3.2, -3.2, -3.2],
        [2.3, 2.3, 3.2, 3.2, 3.2],
    ),
    83: Problem(
        lambda x: 5.3578547 * x[2] ** 2 + 0.8356891 * x[0] * x[4] + 37.293239 * x[0] - 40792.141,
        [78, 33, 27, 27, 27],
        -30665.53867,
        None,
        row(_drying),
        [78, 33, 27, 27, 27],
        [102, 45, 45, 45, 45],
    ),
    86: Problem(
        lambda x: np.sum(_E86 * x) + x @ _C86 @ x + np.sum(_D86 * x**3),
        [0, 0, 0, 0, 1],
        -32.34867897,
        None,
        lambda x: _A86 @ x - _B86,
        0,
    ),
    93: Problem(
        _transformer_cost, [5.54, 4.4, 12.02, 11.82, 0.702, 0.852], 135.075961, None, row(_transformer_constraints), 0
    ),
    95: _blending([4.97, -1.88, -29.08, -78.02]),
    96: _blending([4.97, -1.88, -69.08, -118.02]),
    97: _blending([32.97, 25.12, -29.08, -78.02]),
    98: _blending([32.97, 25.12, -124.08, -173.02]),
    100: Problem(
        _wong,
        [1, 2, 0, 4, 0, 1, 1],
        680.6300573,
        None,
        row(
            lambda x: (
                127 - 2 * x[0] ** 2 - 3 * x[1] ** 4 - x[2] - 4 * x[3] ** 2 - 5 * x[4],
                282 - 7 * x[0] - 3 * x[1] - 10 * x[2] ** 2 - x[3] + x[4],
                196 - 23 * x[0] - x[1] ** 2 - 6 * x[5] ** 2 + 8 * x[6],
                -4 * x[0] ** 2 - x[1] ** 2 + 3 * x[0] * x[1] - 2 * x[2] ** 2 - 5 * x[5] + 11 * x[6],
            )
        ),
    ),
    104: Problem(_yield, [6, 3, 0.4, 0.2, 6, 6, 1, 0.5], 3.9511634396, None, row(_extraction), 0.1, 10),
    106: Problem(
        lambda x: x[0] + x[1] + x[2],
        [5000, 5000, 5000, 200, 350, 150, 225, 425],
        7049.2480205,
        None,
        row(_heat_exchanger),
        [100, 1000, 1000, 10, 10, 10, 10, 10],
        [1e4, 1e4, 1e4, 1e3, 1e3, 1e3, 1e3, 1e3],
    ),
    108: Problem(
        lambda x: -0.5 * (x[0] * x[3] - x[1] * x[2] + x[2] * x[8] - x[4] * x[8] + x[4] * x[7] - x[5] * x[6]),
        [1] * 9,
        -np.sqrt(3) / 2,
        None,
        row(_hexagon),
        [*[-INFINITY] * 8, 0],
    ),
    110: Problem(
        lambda x: np.sum(np.log(x - 2) ** 2 + np.log(10 - x) ** 2) - np.prod(x) ** 0.2,
        [9] * 10,
        -45.77846971,
        lower=2.001,
        upper=9.999,
    ),
    111: Problem(
        lambda x: _gibbs(np.exp(x)), [-2.3] * 10, -47.76109086, row(lambda x: _atoms(np.exp(x))), None, -100, 100
    ),
    112: Problem(_gibbs, [0.1] * 10, -47.76109086, row(_atoms), None, 1e-6),
    113: Problem(_wong_10, [2, 3, 5, 5, 1, 2, 7, 3, 6, 10], 24.3062091, None, row(_wong_10_constraints)),
}
