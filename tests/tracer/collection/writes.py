"""Functions in the manner of real user code that must trace: writes into arrays."""

import math

import numpy as np
from numpy import zeros

from .points import V3, V5, WEIGHTS


def fill_by_index(x):
    out = np.zeros(len(x))
    for i in range(len(x)):
        out[i] = x[i] ** 2 + i
    return out.sum() * out[0]


def fill_by_slices(x):
    out = np.empty(2 * x.size)
    out[: x.size] = x
    out[x.size :] = -2 * x[::-1]
    return np.sum(out**3)


def fill_matrix(x):
    n = len(x)
    a = zeros((n, n))
    for i in range(n):
        for j in range(n):
            a[i, j] = x[i] * np.cos(x[j])
    return np.trace(a) + a[0, -1] * a[-1, 0]


def accumulate_in_place(x):
    s = np.zeros(3)
    for k in range(4):
        s += x * k
        s[1] -= 0.5 * x[0]
    s *= s
    return s.sum()


def rows_are_views(x):
    a = np.ones((3, 3))
    row = a[1]
    row[:] = x
    a[:, 0] *= 2
    row += 1
    return (a @ a).sum()


def alias(x):
    s = x * 2
    t = s
    s += 1
    return np.sum(t * x)


def euler_steps(x):
    y = np.zeros((6, 2))
    y[0] = x[:2]
    for k in range(5):
        y[k + 1, 0] = y[k, 0] + 0.1 * y[k, 1]
        y[k + 1, 1] = y[k, 1] - 0.1 * x[2] * math.sin(y[k, 0])
    return y[-1, 0] + y[:, 1].max()


def masked_write(x):
    y = x.copy()
    y[y < 0] = 0.0
    y[x > 1] *= 10
    return y @ x


def stencil(x):
    u = x.copy()
    for _ in range(3):
        u[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def safe_divide(x):
    return np.divide(x[1:], x[:-1], out=np.zeros_like(x[1:]), where=x[:-1] > 0).sum() + x[0] ** 2


def swap_in_place(x):
    y = np.array(x)
    y[0], y[2] = y[2] * 2, y[0] * 3
    y[[0, 1]] = y[[1, 0]]
    return y[0] + y[1] ** 2 + y[2] ** 3


def bubble_sort(x):
    y = list(x)
    for i in range(len(y)):
        for j in range(len(y) - 1 - i):
            if y[j] > y[j + 1]:
                y[j], y[j + 1] = y[j + 1], y[j]
    return y[0] * 100 + y[1] * 10 + y[2]


def add_at(x):
    bins = np.zeros(3)
    np.add.at(bins, [0, 1, 1], x)
    return bins @ bins


def rotation_matrix(x):
    c, s = np.cos(x[0]), np.sin(x[0])
    r = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    return (r @ x).dot(WEIGHTS)


def upper_triangle(x):
    a = np.zeros((3, 3))
    a[np.triu_indices(3)] = np.concatenate([x, x**2])
    return np.linalg.norm(a) + a[0, 2]


TRACED = {
    fill_by_index: V3,
    fill_by_slices: V3,
    fill_matrix: V3,
    accumulate_in_place: V3,
    rows_are_views: V3,
    alias: V3,
    euler_steps: V3,
    masked_write: V3,
    stencil: V5,
    safe_divide: V5,
    swap_in_place: V3,
    bubble_sort: V3,
    add_at: V3,
    rotation_matrix: V3,
    upper_triangle: V3,
}
