"""Functions that no program could repeat, in the manner of real user code, and the words that their refusal must say."""

import random

import numpy as np
import numpy.random as npr
from tracer.collection.points import NUMBERS, TABLE_Y, V3

COUNTER = 0
CALLS = np.zeros(1)
BUFFER = np.zeros(3)
HISTORY: list = []
MEMO: dict = {}
GENERATOR = np.random.default_rng(0)


def counts_its_calls(x):
    global COUNTER
    COUNTER = COUNTER + x
    return COUNTER


def counts_in_an_array(x):
    CALLS[0] += 1
    return x * CALLS[0]


def writes_into_a_global_buffer(x):
    BUFFER[:] = 0.0
    return BUFFER.sum() + x.sum()


def writes_a_traced_value_into_a_global(x):
    BUFFER[0] = x[0]
    return BUFFER.sum()


def adds_to_a_global_in_place(x):
    global BUFFER
    BUFFER += x
    return BUFFER.sum()


def changes_its_argument(x):
    x += 1
    return x.sum()


def changes_its_argument_by_index(x):
    x[0] = 0.0
    return x.sum()


def changes_its_argument_through_a_view(x):
    head = x[:2]
    head *= 2
    return x.sum()


def sorts_its_argument(x):
    x.sort()
    return x[0]


def keeps_history(x):
    HISTORY.append(x)
    return sum(HISTORY)


def remembers_results(x):
    if "value" not in MEMO:
        MEMO["value"] = x * 2
    return MEMO["value"]


def mutable_default(x, seen=[]):  # noqa: B006
    seen.append(x)
    return sum(seen)


def make_stateful():
    last = 0.0

    def inner(x):
        nonlocal last
        result = x + last
        last = x
        return result

    return inner


class Stateful:
    """A model that remembers its last argument."""

    def __init__(self):
        self.last = 0.0

    def __call__(self, x):
        result = x - self.last
        self.last = x
        return result


class CountingModel:
    """A model that counts its calls in an array."""

    def __init__(self):
        self.calls = np.zeros(1)

    def __call__(self, x):
        self.calls[0] += 1
        return x * self.calls[0]


def random_noise(x):
    return x + np.random.normal()  # noqa: NPY002


def random_by_the_standard_library(x):
    return x * random.random()


def random_of_a_global_generator(x):
    return x + GENERATOR.normal(size=3)


def random_by_another_name(x):
    return x + npr.uniform()  # noqa: NPY002


def unseeded_generator(x):
    return x * np.random.default_rng().normal()


def bootstrap(x):
    return np.random.permutation(x)[0]  # noqa: NPY002


def set_of_values(x):
    return sum({x[0], x[1]})


def value_as_key(x):
    return {x[0]: 1.0}[x[0]]


def string_round_trip(x):
    return float(f"{x:.3f}")


def value_as_index(x):
    return TABLE_Y[x[0]]


def spectrum(x):
    return np.abs(np.fft.fft(x)).sum()


def complex_numbers(x):
    return abs(np.exp(1j * x))


def raises_on_warnings(x):
    with np.errstate(all="raise"):
        return np.sqrt(x)


def catches_everything(x):
    try:
        return np.abs(np.fft.fft(x)).sum()
    except Exception:
        return 0.0 * x.sum()


def asks_for_a_method(x):
    return x * 2 if hasattr(x, "is_integer") else x


def searches_in_disorder(x):
    return x.sum() * np.searchsorted(x, 0.1)


def single_precision(x):
    return x.astype(np.float32).sum()


class KeepsArray:
    """A function that keeps its last argument and value, as expensive ones do."""

    last = value = None

    def __call__(self, x):
        if self.last is None or not np.array_equal(x, self.last):
            self.last, self.value = np.copy(x), np.sum(x**3)
        return self.value


class KeepsPart(KeepsArray):
    """One that keeps the expensive part alone."""

    def __call__(self, x):
        if self.last is None or np.any(x != self.last):
            self.last, self.value = np.copy(x), np.sum(x**3)
        return self.value + x @ x


class KeepsNear(KeepsArray):
    """One that gives what it kept near its last argument, too."""

    def __call__(self, x):
        if self.last is None or not np.allclose(x, self.last):
            self.last, self.value = np.copy(x), np.sum(x**3)
        return self.value


class KeepsByDistance(KeepsArray):
    """The same by a norm."""

    def __call__(self, x):
        if self.last is None or np.linalg.norm(x - self.last) > 1e-12:
            self.last, self.value = np.copy(x), np.sum(x**3)
        return self.value


class KeepsTuple(KeepsArray):
    """One that keeps numbers."""

    def __call__(self, x):
        if tuple(x) != self.last:
            self.last, self.value = tuple(x), np.sum(x**3)
        return self.value


class KeepsNumber(KeepsArray):
    """One of a single number."""

    def __call__(self, x):
        if x != self.last:
            self.last, self.value = x, x**3
        return self.value


LATEST: dict = {}


def keeps_in_a_global(x):
    if "x" not in LATEST or list(x) != LATEST["x"]:
        LATEST["x"] = list(x)
        LATEST["value"] = np.sum(x**3)
    return LATEST["value"]


def keeps_in_a_closure():
    last = value = None

    def inner(x):
        nonlocal last, value
        if last is None or not (x == last).all():
            last, value = x.copy(), np.sum(x**3)
        return value

    return inner


#: Functions that give what they kept where they find their last argument again, and where that is: a value is right there, no derivative.
KEEPING = {
    KeepsArray(): V3[0], KeepsPart(): V3[0], KeepsNear(): V3[0], KeepsByDistance(): V3[0], KeepsTuple(): V3[0], KeepsNumber(): NUMBERS[0],
    keeps_in_a_global: V3[0], keeps_in_a_closure(): V3[0],
}  # fmt: skip

REFUSED = {
    counts_its_calls: (NUMBERS, "global COUNTER"), counts_in_an_array: (NUMBERS, "outside"), writes_into_a_global_buffer: (V3, "outside"),
    writes_a_traced_value_into_a_global: (V3, "outside|array"), adds_to_a_global_in_place: (V3, "did not make"), changes_its_argument: (V3, "argument"),
    changes_its_argument_by_index: (V3, "argument"), changes_its_argument_through_a_view: (V3, "argument"), sorts_its_argument: (V3, "argument"),
    keeps_history: (NUMBERS, "kept"), remembers_results: (NUMBERS, "kept"), mutable_default: (NUMBERS, "kept"), make_stateful(): (NUMBERS, "kept"),
    Stateful(): (NUMBERS, "kept"), CountingModel(): (NUMBERS, "outside"), random_noise: (NUMBERS, "random number"), random_by_the_standard_library: (NUMBERS, "random number"),
    random_of_a_global_generator: (V3, "random number"), random_by_another_name: (NUMBERS, "random number"), unseeded_generator: (NUMBERS, "random"),
    bootstrap: (V3, "random number"), set_of_values: (V3, "hash"), value_as_key: (V3, "hash"), string_round_trip: (NUMBERS, "format"),
    catches_everything: (V3, "fft"), asks_for_a_method: (NUMBERS, "is_integer"), searches_in_disorder: (V3, "not sorted"),
    value_as_index: (V3, "plain NumPy array"), spectrum: (V3, "fft"), complex_numbers: (NUMBERS, "complex"), raises_on_warnings: (NUMBERS, "errstate"),
    single_precision: (V3, "float32"),
}  # fmt: skip
