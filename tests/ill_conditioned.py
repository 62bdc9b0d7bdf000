"""Linear problems that are nearly singular, and their solutions in rational arithmetic."""

from fractions import Fraction

import numpy as np


def exact_solution(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The least-squares solution of these very doubles, in rational arithmetic."""
    rows = [[Fraction(v) for v in row] for row in X.tolist()]
    right = [Fraction(v) for v in y.tolist()]
    p = X.shape[1]
    system = [
        [sum(r[i] * r[j] for r in rows) for j in range(p)] + [sum(r[i] * v for r, v in zip(rows, right, strict=True))]
        for i in range(p)
    ]
    for k in range(p):
        for i in range(k + 1, p):
            factor = system[i][k] / system[k][k]
            system[i] = [a - factor * b for a, b in zip(system[i], system[k], strict=True)]
    solution = [Fraction(0)] * p
    for k in reversed(range(p)):
        solution[k] = (system[k][p] - sum(system[k][j] * solution[j] for j in range(k + 1, p))) / system[k][k]
    return np.array([float(v) for v in solution])


def ill_conditioned(
    rng: np.random.Generator, condition: float, rows: int = 60, columns: int = 6
) -> tuple[np.ndarray, np.ndarray]:
    left, _ = np.linalg.qr(rng.normal(size=(rows, columns)))
    right, _ = np.linalg.qr(rng.normal(size=(columns, columns)))
    X = left * np.logspace(0, -np.log10(condition), columns) @ right
    return X, X @ np.ones(columns) + 1e-3 * rng.normal(size=rows)
