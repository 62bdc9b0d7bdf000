"""Functions in the manner of real user code that must trace: the math module."""

import math
from math import cos, exp, pi, sin, sqrt

import numpy as np

from .points import NUMBERS, V3


def gauss_by_math(x):
    return math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def imported_names(x):
    return exp(-x) * cos(pi * x) + sin(x) * sqrt(2.0)


def haversine(x):
    lat1, lon1, lat2 = map(math.radians, x)
    a = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(lon1 / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(a))


def domain_error(x):
    try:
        return math.log(x)
    except ValueError:
        return -1.0 + 0 * x


def overflow_error(x):
    try:
        return math.exp(100 * x) * 1e-90
    except OverflowError:
        return x * 7


def floats_all_over(x):
    a = float(x[0])
    b = float(x[1]) + float("0.5")
    return [a, b][0] * np.float64(b)


def hypot_and_friends(x):
    return math.hypot(x[0], x[1]) + math.atan2(x[1], x[0]) + math.copysign(x[2], -1.0) + math.pow(abs(x[0]), 1.5)


def fsum_prod(x):
    return math.fsum(v * v for v in x) + math.prod(x) + math.dist(x, [0, 0, 0])


def rounding(x):
    return x - math.floor(x) + round(x) * x + int(x)


def isclose_branch(x):
    return x * 10 if math.isclose(x, 0.3, rel_tol=0.5) else x / 10


TRACED = {
    gauss_by_math: NUMBERS,
    imported_names: NUMBERS,
    haversine: V3,
    domain_error: NUMBERS,
    overflow_error: [0.9, 8.1, -0.7, 9.0],
    floats_all_over: V3,
    hypot_and_friends: V3,
    fsum_prod: V3,
    rounding: NUMBERS,
    isclose_branch: NUMBERS,
}
