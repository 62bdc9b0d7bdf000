"""Functions in the manner of real user code that must trace: lists, dicts, strings."""

import functools
import itertools
from collections import defaultdict, deque, namedtuple

import numpy as np

from .points import NUMBERS, V3, V5


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


TRACED = {
    list_building: V3,
    dict_of_parts: V3,
    default_dict: V5,
    named_tuple: V3,
    deque_window: V5,
    sorted_values: V3,
    format_and_print: V3,
    try_finally: V3,
    keyword_defaults: NUMBERS,
    mutable_default_only_read: V3,
    unpacking: V3,
    itertools_pairs: V3,
    reduce_product: V3,
    accumulate_itertools: V3,
    functools.partial(keyword_defaults, scale=3.0): NUMBERS,
}
