"""Functions in the manner of real user code that must trace: NumPy at large."""

import math

import numpy as np
from numpy import array, dot
from numpy import exp as npexp

from .functions import helper
from .points import GRAVITY, NUMBERS, TABLE_X, TABLE_Y, V3, V5, WEIGHTS


def select_regions(x):
    return np.select([x < 0, x < 1], [x**2, x], 2 * x - 1).sum()


def piecewise_knee(x):
    return np.sum(np.piecewise(x, [x < 0.5, x >= 0.5], [lambda v: v, lambda v: 0.5 + 0.1 * (v - 0.5)]))


def interpolation(x):
    return np.interp(x, TABLE_X, TABLE_Y).sum()


def along_axis(x):
    return np.apply_along_axis(lambda row: row / np.sqrt(row @ row), 0, np.outer(x, x + 3)).sum()


def median_spread(x):
    return np.median(x) + np.percentile(x, 90) - np.ptp(x)


def masked_sum(x):
    return x[x > 0].sum() + x[np.argmax(x)] * np.count_nonzero(x > 0)


def normalised(x):
    e = np.exp(x - x.max())
    p = e / e.sum()
    return -np.sum(p * np.log(p))


def polynomial_fit_like(x):
    return np.polyval(x, 1.5) + np.vander(x, 3).sum() + np.convolve(x, [1, -1]).max()


def einstein(x):
    return np.einsum("i,ij,j->", x, np.outer(x, WEIGHTS), x)


def finite_differences_inside(x):
    return np.sum(np.gradient(x) ** 2) + np.sum(np.diff(x, 2)) + np.cumsum(x)[-2]


def stack_and_split(x):
    m = np.vstack([x, x**2, np.ones_like(x)])
    left, right = np.hsplit(m.T @ m, [1])
    return left.sum() * right[0, 0]


def named_imports(x):
    return dot(array([x[0], 1.0, x[2]]), npexp(x))


def seeded_noise(x):
    rng = np.random.default_rng(3)
    return x * rng.normal() + rng.uniform()


def legacy_seed(x):
    np.random.seed(5)  # noqa: NPY002
    return x * np.random.normal()  # noqa: NPY002


ACTIVATIONS = {"exp": math.exp, "ramp": lambda v: v if v > 0 else 0.1 * v, "tanh": np.tanh}


def table_of_functions(x):
    return sum(ACTIVATIONS[name](x) for name in ("exp", "ramp", "tanh")) + [math.sin, helper][1](x)


def enumerated(x):
    return sum((place[0] + 1) * v**2 for place, v in np.ndenumerate(x))


def late_import(x):
    from math import log1p

    import numpy

    return log1p(abs(x)) + numpy.asarray([x, x]).sum()


def type_checks(x):
    x = np.asarray(x, dtype=float)
    assert isinstance(x, np.ndarray) and x.dtype == np.float64 and type(x) is np.ndarray
    return float(x.sum()) if x.ndim else float(x)


def scalar_or_array(x):
    if isinstance(x, (int, float)) or np.isscalar(x):
        return x**2
    return np.sum(x**3)


def global_array_read(x):
    local = WEIGHTS.copy()
    local /= local.sum()
    return local @ x


def constant_global(x):
    return GRAVITY * x


def integers(x):
    out = np.zeros(3, dtype=int)
    out[0] = x[0]
    return out.sum()


TRACED = {
    select_regions: V3,
    piecewise_knee: V3,
    interpolation: V3,
    along_axis: V3,
    median_spread: V5,
    masked_sum: V5,
    normalised: V3,
    polynomial_fit_like: V3,
    einstein: V3,
    finite_differences_inside: V5,
    stack_and_split: V3,
    named_imports: V3,
    seeded_noise: NUMBERS,
    legacy_seed: NUMBERS,
    late_import: NUMBERS,
    type_checks: V3,
    scalar_or_array: [*NUMBERS, *V3],
    global_array_read: V3,
    constant_global: NUMBERS,
    table_of_functions: NUMBERS,
    enumerated: V3,
    integers: V3,
}
