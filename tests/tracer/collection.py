"""Functions in the manner of real user code that must trace.

The program gives the function's values and derivatives at each of the points, whatever paths they take.
Points are the arguments of single calls. The functions are as people write them: with loops, branches, `math`, writes into arrays,
helpers, recursion, classes, caches, prints and globals.
"""

import functools
import itertools
import math
from collections import defaultdict, deque, namedtuple
from math import cos, exp, pi, sin, sqrt

import numpy as np
from numpy import array, dot, zeros
from numpy import exp as npexp

V3 = [np.array([0.3, -0.7, 1.9]), np.array([2.1, 0.4, -1.3]), np.array([-0.2, -0.9, -1.7])]
V5 = [np.array([0.3, -0.7, 1.9, 0.8, -2.2]), np.array([2.1, 0.4, -1.3, 0.1, 0.6])]
POSITIVE = [np.array([0.3, 0.7, 1.9, 2.5]), np.array([4.1, 0.2, 0.9, 1.4])]
NUMBERS = [0.3, 1.7, 2.9, -0.8]
PLUS = [0.3, 1.7, 2.9, 12.5]

GRAVITY = 9.81
WEIGHTS = np.array([0.2, 0.5, 0.3])
TABLE_X = np.array([-3.0, -1.0, 0.0, 1.0, 3.0])
TABLE_Y = np.array([1.0, 4.0, 2.0, 2.5, 0.0])


# Branches and loops ------------------------------------------------------------------------------------------------------


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


# The math module ------------------------------------------------------------------------------------------------------------


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


# Writes into arrays -------------------------------------------------------------------------------------------------------


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


# Lists, dicts, strings ---------------------------------------------------------------------------------------------------------


def list_building(x):
    parts = []
    for v in x:
        parts.append(v * v)
        parts.extend([v, 1.0])
    return np.sum(np.array(parts)) + max(parts)


def dict_of_parts(x):
    p = {"a": x[0], "b": x[1], "c": x[2]}
    p.update(b=p["b"] * 2)
    return p["a"] * p["b"] + sum(p.values())


def default_dict(x):
    groups = defaultdict(list)
    for i, v in enumerate(x):
        groups[i % 2].append(v)
    return sum(np.prod(values) for values in groups.values())


def named_tuple(x):
    point = namedtuple("Point", "x y z")(*x)
    return point.x * point.y - point._replace(z=2.0).z * point.z


def deque_window(x):
    window, total = deque(maxlen=2), 0.0
    for v in x:
        window.append(v)
        total += sum(window) ** 2
    return total


def sorted_values(x):
    s = sorted(x, key=lambda v: -abs(v))
    return s[0] ** 2 + 2 * s[1] + 3 * min(x) + 5 * max(x, key=abs)


def format_and_print(x):
    print(f"evaluating at {x}")
    label = f"value of {x[0]}"
    return x[0] ** 2 if label else x[1]


def try_finally(x):
    total = 0.0
    try:
        total += x[0]
        total += x[99]
    except IndexError:
        total += x[1] ** 2
    finally:
        total += x[2] ** 3
    return total


def keyword_defaults(x, scale=2.0, *, power=3, **more):
    return scale * x**power + more.get("shift", 0.5)


def mutable_default_only_read(x, weights=[1.0, 2.0, 3.0]):  # noqa: B006
    return sum(w * v for w, v in zip(weights, x, strict=True))


def unpacking(x):
    first, *rest = x
    (a, b), c = rest, first
    return a * b - c**2


def itertools_pairs(x):
    return sum(1 / (1 + (a - b) ** 2) for a, b in itertools.combinations(x, 2))


def reduce_product(x):
    return functools.reduce(lambda p, q: p * q + 1, x)


def accumulate_itertools(x):
    return sum(itertools.accumulate(x, lambda p, q: 0.5 * p + q))


# Functions of functions -----------------------------------------------------------------------------------------------------------


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


# NumPy at large --------------------------------------------------------------------------------------------------------------------


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
    huber: NUMBERS, tax: PLUS, early_return: V3, newton_sqrt: PLUS, kepler: NUMBERS, collatz_like: PLUS, countdown: NUMBERS, match_case: NUMBERS,
    ternary_chain: NUMBERS, nested_loops: V3, enumerate_zip: V3, walrus: NUMBERS, gauss_by_math: NUMBERS, imported_names: NUMBERS, haversine: V3,
    domain_error: NUMBERS, overflow_error: [0.9, 8.1, -0.7, 9.0], floats_all_over: V3, hypot_and_friends: V3, fsum_prod: V3, rounding: NUMBERS,
    isclose_branch: NUMBERS, fill_by_index: V3, fill_by_slices: V3, fill_matrix: V3, accumulate_in_place: V3, rows_are_views: V3, alias: V3,
    euler_steps: V3, masked_write: V3, stencil: V5, safe_divide: V5, swap_in_place: V3, bubble_sort: V3, add_at: V3, rotation_matrix: V3,
    upper_triangle: V3, list_building: V3, dict_of_parts: V3, default_dict: V5, named_tuple: V3, deque_window: V5, sorted_values: V3,
    format_and_print: V3, try_finally: V3, keyword_defaults: NUMBERS, mutable_default_only_read: V3, unpacking: V3, itertools_pairs: V3,
    reduce_product: V3, accumulate_itertools: V3, calls_helper: NUMBERS, recursion: NUMBERS, mutual: NUMBERS, bernstein: NUMBERS,
    uses_cached_helper: NUMBERS, decorated: NUMBERS, make_closure(1.5): V3, generator_function: V3, nested_function: V3, vectorized: V3,
    uses_ramp: V3, partial_application: NUMBERS, higher_order: NUMBERS, simpson: NUMBERS, runge_kutta: V3, matrix_power: V3, Oscillator(2.0): PLUS,
    Oscillator(0.5).energy: PLUS, own_class: V3, select_regions: V3, piecewise_knee: V3, interpolation: V3, along_axis: V3, median_spread: V5,
    masked_sum: V5, normalised: V3, polynomial_fit_like: V3, einstein: V3, finite_differences_inside: V5, stack_and_split: V3, named_imports: V3,
    seeded_noise: NUMBERS, legacy_seed: NUMBERS, late_import: NUMBERS, type_checks: V3, scalar_or_array: [*NUMBERS, *V3], global_array_read: V3,
    constant_global: NUMBERS, table_of_functions: NUMBERS, enumerated: V3, integers: V3, functools.partial(keyword_defaults, scale=3.0): NUMBERS,
}  # fmt: skip
