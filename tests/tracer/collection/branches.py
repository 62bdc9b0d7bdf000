"""Functions in the manner of real user code that must trace: branches and loops."""

import math

import numpy as np

from .points import NUMBERS, PLUS, V3, WEIGHTS


def huber(x):
    if abs(x) <= 1.0:
        return 0.5 * x**2
    return abs(x) - 0.5


def tax(income):
    rate_bands = [(0.5, 0.1), (1.5, 0.2), (float("inf"), 0.4)]
    total, lower = 0.0, 0.0
    for upper, rate in rate_bands:
        if income > lower:
            total += (min(income, upper) - lower) * rate
        lower = upper
    return total


def early_return(x):
    for v in x:
        if v < 0:
            return v * v
    return np.sum(x)


def newton_sqrt(a):
    x = a
    for _ in range(100):
        new = 0.5 * (x + a / x)
        if abs(new - x) < 1e-15 * abs(new):
            break
        x = new
    return new


def kepler(m):
    e, ecc = m, 0.3
    while True:
        step = (e - ecc * math.sin(e) - m) / (1 - ecc * math.cos(e))
        e -= step
        if abs(step) < 1e-14:
            return e


def bisection(x):
    lo, hi = 0.0, 20.0
    for _ in range(200):
        mid = (lo + hi) / 2
        if mid * mid * mid < abs(x):
            lo = mid
        else:
            hi = mid
    return x * lo  # the path fixes the root: its derivative is that of the path


def collatz_like(x):
    steps = 0
    while x > 1:
        x = x / 2 if int(x) % 2 == 0 else x - 1
        steps += 1
    return x + steps


def countdown(x):
    total = 0
    for i in range(int(abs(x)) + 1):
        total = total + x**i
    return total


def match_case(x):
    match x > 1, x > 2:
        case (True, True):
            return x**3
        case (True, False):
            return x**2
        case _:
            return x


def ternary_chain(x):
    return -1.0 * x if x < 0 else x if x < 1 else 2 * x - 1 if x < 2 else x**2 - 1


def nested_loops(x):
    total = 0.0
    for i in range(len(x)):
        for j in range(i, len(x)):
            if i == j:
                continue
            total += (x[i] - x[j]) ** 2
    else:
        total *= 2
    return total


def enumerate_zip(x):
    return sum(w * v**k for k, (w, v) in enumerate(zip(WEIGHTS, x, strict=True), start=1))


def walrus(x):
    return y * 2 if (y := x - 1) > 0 else y


TRACED = {
    huber: NUMBERS,
    tax: PLUS,
    early_return: V3,
    newton_sqrt: PLUS,
    kepler: NUMBERS,
    collatz_like: PLUS,
    countdown: NUMBERS,
    match_case: NUMBERS,
    ternary_chain: NUMBERS,
    nested_loops: V3,
    enumerate_zip: V3,
    walrus: NUMBERS,
}
