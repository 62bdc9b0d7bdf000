"""Functions in the manner of real user code that must trace: functions of functions."""

import functools
import math

import numpy as np

from .points import GRAVITY, NUMBERS, PLUS, V3


def helper(v):
    return math.tanh(v) * GRAVITY


def calls_helper(x):
    return helper(x) ** 2


def recursion(x, n=6):
    return 1.0 + x * recursion(x, n - 1) / (7 - n) if n else 1.0


def mutual(x):
    return even(x, 5)


def even(x, n):
    return x if n == 0 else odd(x * math.cos(x), n - 1)


def odd(x, n):
    return x if n == 0 else even(x + 1, n - 1)


@functools.lru_cache
def binomial(n, k):
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)


def bernstein(x):
    return sum(binomial(4, k) * x**k * (1 - x) ** (4 - k) * (k + 1) ** 2 for k in range(5))


@functools.lru_cache
def cached_helper(v):
    return math.exp(v)


def uses_cached_helper(x):
    return cached_helper(x) + cached_helper(2 * x)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        return result

    return wrapper


@logged
def decorated(x):
    out = np.zeros(2)
    out[0] = math.sin(x)
    out[1] = x
    return out.prod()


def make_closure(scale):
    offsets = np.array([0.1, 0.2, 0.3])

    def inner(x):
        return scale * math.exp(x[0]) + np.dot(offsets, x)

    return inner


def generator_function(x):
    def squares():
        for v in x:
            yield v * v

    return sum(squares()) + next(iter(squares()))


def nested_function(x):
    total = 0.0

    def add(v):
        nonlocal total
        total = total + math.exp(v)

    for v in x:
        add(v)
    return total


def vectorized(x):
    return np.vectorize(lambda v: math.exp(v) if v > 0 else v)(x).sum()


@np.vectorize
def ramp(v, knee):
    return v - knee if v > knee else 0.0


def uses_ramp(x):
    return np.sum(ramp(x, 0.2) * x)


def partial_application(x):
    return functools.partial(pow, x)(3) + functools.partial(lambda p, q: p - q, q=x)(2.0)


def higher_order(x):
    def compose(*functions):
        return lambda v: functools.reduce(lambda w, f: f(w), functions, v)

    return compose(math.sin, math.exp, abs, np.sqrt)(x)


def simpson(x):
    n, h = 8, (x - 0.0) / 8
    s = math.exp(0.0) + math.exp(x)
    for i in range(1, n):
        s += (4 if i % 2 else 2) * math.exp(i * h)
    return s * h / 3


def runge_kutta(x):
    def slope(t, y):
        return np.array([y[1], -x[2] * y[0] - 0.1 * y[1] + math.sin(t)])

    y, t, h = np.array([x[0], x[1]]), 0.0, 0.1
    for _ in range(4):
        k1 = slope(t, y)
        k2 = slope(t + h / 2, y + h / 2 * k1)
        k3 = slope(t + h / 2, y + h / 2 * k2)
        k4 = slope(t + h, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y[0] * y[1]


def matrix_power(x):
    m = np.array([[x[0], 1.0], [x[1], x[2]]])
    p = np.eye(2)
    for _ in range(5):
        p = p @ m
    return p[0, 0] + np.trace(p)


class Oscillator:
    """A model with state that is only read."""

    damping = 0.1

    def __init__(self, mass):
        self.mass = mass
        self.activation = helper
        self.grid = np.linspace(0.0, 1.0, 4)

    def _frequency(self, k):
        return math.sqrt(abs(k) / self.mass)

    @property
    def decay(self):
        return math.exp(-self.damping)

    def __call__(self, k):
        return self.activation(self.decay) * np.sum(np.cos(self._frequency(k) * self.grid))

    def energy(self, k):
        return 0.5 * k * self._frequency(k) ** 2 + super().__sizeof__() * 0


class Vector:
    """A class of the user's own, made while the function runs."""

    def __init__(self, *parts):
        self.parts = parts

    def __mul__(self, other):
        return sum(p * q for p, q in zip(self.parts, other.parts, strict=True))

    def norm(self):
        return np.sqrt(self * self)


def own_class(x):
    return Vector(*x).norm() + Vector(x[0], 1.0) * Vector(2.0, x[1])


TRACED = {
    calls_helper: NUMBERS,
    recursion: NUMBERS,
    mutual: NUMBERS,
    bernstein: NUMBERS,
    uses_cached_helper: NUMBERS,
    decorated: NUMBERS,
    make_closure(1.5): V3,
    generator_function: V3,
    nested_function: V3,
    vectorized: V3,
    uses_ramp: V3,
    partial_application: NUMBERS,
    higher_order: NUMBERS,
    simpson: NUMBERS,
    runge_kutta: V3,
    matrix_power: V3,
    Oscillator(2.0): PLUS,
    Oscillator(0.5).energy: PLUS,
    own_class: V3,
}
