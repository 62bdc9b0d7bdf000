"""bench: the models of `kernels/fits.cpp` as a user writes them, with data made from known parameters and noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


def decay(x, a, b, c):
    return a * np.exp(-b * x) + c


def two_gaussians(x, h1, m1, w1, h2, m2, w2, c):
    return h1 * np.exp(-(((x - m1) / w1) ** 2)) + h2 * np.exp(-(((x - m2) / w2) ** 2)) + c


@dataclass(frozen=True)
class Problem:
    name: str  # in kernels/fits.cpp
    model: Callable[..., np.ndarray]
    x: np.ndarray
    y: np.ndarray
    start: np.ndarray


def decay_problem(rows: int) -> Problem:
    return _problem(decay, np.linspace(0, 4, rows), [2.5, 1.3, 0.5], [1.0, 1.0, 1.0])


def gaussian_problem(rows: int) -> Problem:
    return _problem(
        two_gaussians, np.linspace(-5, 5, rows), [1, -1, 0.8, 2, 1.5, 0.7, 0.3], [0.8, -0.8, 1, 1.8, 1.3, 1, 0.1]
    )


def _problem(model: Callable[..., np.ndarray], x: np.ndarray, parameters: list[float], start: list[float]) -> Problem:
    noise = np.random.default_rng(20260101).standard_normal(x.size)
    return Problem(model.__name__, model, x, model(x, *parameters) + 0.05 * noise, np.array(start))
