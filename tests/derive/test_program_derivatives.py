"""derive: derivatives recorded into a program: reverse and forward mode agree, with differences too, and can be taken again."""

import numpy as np
import pytest
from fastcalc import _core
from fastcalc._tracer import Recording, Tracer

RNG = np.random.default_rng(5)
X = RNG.normal(size=7)
WITH_ZERO = np.where(np.arange(7) == 3, 0.0, X)
TWO_ZEROS = np.where(np.arange(7) % 4 == 2, 0.0, X)
A, B, C = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 5)), RNG.normal(size=(5, 3))
INDEX = np.array([[0, 2, 2], [5, 0, 1]])


def tracer(recording, value):
    return Tracer(recording, value, False, None, ())


def gathered(x):
    if isinstance(x, Tracer):
        return tracer(x._recording, x._recording.builder.gather(x._value, INDEX))
    return x.ravel()[INDEX]


def assembled(x):
    if isinstance(x, Tracer):
        builder = x._recording.builder
        out = builder.constant(0.0).view((3, 4), (0, 0), 0)
        out = builder.place(out, x[:4]._value, (1,), 4)
        out = builder.place(out, np.exp(x[4:7])._value, (4,), 2)
        return tracer(x._recording, builder.place(out, (x[0] * x[1])._value, (), 0))
    out = np.zeros((3, 4))
    out[1, :] = x[:4]
    out[:, 2] = np.exp(x[4:7])
    out[0, 0] = x[0] * x[1]
    return out


def product(a, b):
    if isinstance(a, Tracer):
        left, right = a[:, None, :]._value, b.T[None, :, :]._value
        return tracer(a._recording, a._recording.builder.contract(left, right, [2]))
    return a @ b


CASES = {
    "Rosenbrock": (lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2), X),
    "strided and overlapping views": (lambda x: np.sum(np.exp(x[::2]) * x[1:5]) + x[0] * x[-1], X),
    "an element broadcast": (lambda x: np.sin(x) * np.exp(-x[0]), X),
    "an outer product reduced": (lambda x, y: np.sum((x[:, None] * y[None, :]) ** 2, axis=0), X, B[0]),
    "product": (np.prod, X),
    "product with a zero": (np.prod, WITH_ZERO),
    "product with two zeros": (np.prod, TWO_ZEROS),
    "product over an axis": (lambda a: np.prod(a, axis=1), B),
    "extremes": (lambda x: np.max(x) * np.min(2 * x), X),
    "log of a sum": (lambda x: np.log(np.sum(np.exp(x))), X),
    "reshaped transpose": (lambda a: np.sum(a.T.reshape(-1)[2:8] ** 3), A),
    "single numbers": (lambda a, b: a * np.exp(b) + a**b, np.float64(1.3), np.float64(0.4)),
    "one element": (lambda x: np.sqrt(x * x + 1), np.array([2.0])),
    "choices": (lambda x: np.where(x > 0, np.sqrt(np.abs(x)), x**3), X),
    "gather": (lambda x: gathered(np.sin(x)) * 2, X),
    "gather of a transpose": (lambda a: gathered(a.T) ** 2, A),
    "assembly": (lambda x: assembled(x) * assembled(x)[1, 1], X),
    "matrix product": (lambda a, b: np.sin(product(np.exp(a), b)), A, B),
    "matrix product of transposes": (lambda a, c: product(a, c.T) ** 2, A, C),
    "result independent of the argument": (lambda x: np.ones(3), X),
}


class Recorded:
    """A function recorded with its arguments."""

    def __init__(self, f, arguments):
        self.arguments = [np.asarray(argument, dtype=np.float64) for argument in arguments]
        self.recording = Recording()
        self.inputs = [self.recording.input(f"x{i}", value, seed=False) for i, value in enumerate(self.arguments)]
        self.result = self.recording.result(f(*self.inputs))
        self.builder = self.recording.builder
        self.values = [tracer._value for tracer in self.inputs]

    def run(self, value: _core.Value) -> np.ndarray:
        return self.builder.finish(value, "derivative").values(self.arguments)

    def identity(self, shape):
        size = int(np.prod(shape))
        return self.builder.constant(np.eye(size).reshape((size, *shape)))

    def forward(self, which, result=None):
        """The Jacobian by the argument, result's elements × argument's."""
        value = self.values[which]
        moved = self.builder.tangent(result or self.result._value, [value], [self.identity(value.shape)])
        size = self.arguments[which].size
        return self.run(moved).reshape(size, -1).T

    def reverse(self, which, result=None):
        value = result or self.result._value
        moved = self.builder.gradient(value, [self.values[which]], self.identity(value.shape))[0]
        return self.run(moved).reshape(-1, self.arguments[which].size)


def differences(f, arguments, which):
    x = np.asarray(arguments[which], dtype=np.float64)
    step = 1e-6
    columns = []
    for place in np.ndindex(x.shape):
        ends = []
        for sign in (1, -1):
            moved = x.copy()
            moved[place] += sign * step
            ends.append(np.ravel(f(*arguments[:which], moved if moved.ndim else moved[()], *arguments[which + 1 :])))
        columns.append((ends[0] - ends[1]) / (2 * step))
    return np.array(columns).T


@pytest.fixture(params=CASES)
def case(request):
    f, *arguments = CASES[request.param]
    return f, arguments


def test_values_are_numpys(case):
    f, arguments = case
    recorded = Recorded(f, arguments)
    # sums are taken in another order than NumPy's
    np.testing.assert_allclose(recorded.run(recorded.result._value), f(*arguments), rtol=1e-14, atol=1e-14)


def test_both_modes_are_central_differences(case):
    f, arguments = case
    recorded = Recorded(f, arguments)
    for which in range(len(arguments)):
        forward, reverse = recorded.forward(which), recorded.reverse(which)
        # both modes add the same products in another order
        np.testing.assert_allclose(forward, reverse, rtol=1e-13, atol=1e-13)
        # a central difference of step 1e-6 is good to the step's square and to rounding divided by the step: 1e-9 of values up to 1e3
        np.testing.assert_allclose(forward, differences(f, arguments, which), rtol=1e-6, atol=1e-6)


def test_second_derivatives_agree_and_are_symmetric(case):
    f, arguments = case
    recorded = Recorded(f, arguments)
    for which in range(len(arguments)):
        slope = recorded.builder.gradient(recorded.result._value, [recorded.values[which]])[0]
        forward, reverse = recorded.forward(which, slope), recorded.reverse(which, slope)
        np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(forward, forward.T, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("x", [X, WITH_ZERO, TWO_ZEROS], ids=["none", "one", "two"])
def test_third_derivatives_of_a_product_with_zeros_are_products_of_the_rest(x):
    recorded = Recorded(np.prod, [x])
    value = recorded.values[0]
    slope = recorded.builder.gradient(recorded.result._value, [value])[0]
    third = recorded.builder.gradient(recorded.builder.gradient(slope, [value])[0], [value])[0]
    total = recorded.run(third)
    want = [
        sum(
            np.prod(np.delete(x, [i, j, k]))
            for i in range(7)
            for j in range(7)
            if len({i, j, k}) == 3
        )
        for k in range(7)
    ]  # fmt: skip
    np.testing.assert_allclose(total, want, rtol=1e-12, atol=1e-12)


def test_an_inner_derivative_does_not_see_the_outer_variable():
    # d/dx [x · d/dy (x + y)] = 1, and not 2: perturbations are not confused
    recording = Recording()
    x = recording.input("x", 3.0, seed=False)
    y = tracer(recording, recording.builder.independent(x._value))
    inner = tracer(recording, recording.builder.gradient((x + y)._value, [y._value])[0])
    outer = recording.builder.gradient((x * inner)._value, [x._value])[0]
    assert recording.builder.finish(outer, "f").values([3.0]) == 1


def test_a_zero_factor_stays_zero_where_another_slope_is_infinite():
    recorded = Recorded(lambda x: np.sqrt(x[0] * x[1]), [np.array([0.0, 0.0])])
    np.testing.assert_array_equal(recorded.reverse(0), [[0, 0]])
    np.testing.assert_array_equal(recorded.forward(0), [[0, 0]])


def test_many_adjoints_of_one_array_are_added_in_its_own_memory():
    recorded = Recorded(CASES["Rosenbrock"][0], [RNG.normal(size=300)])
    program = recorded.builder.finish(recorded.builder.gradient(recorded.result._value, recorded.values)[0], "slope")
    assert str(program).count("scatter") == 3
    assert program.steps == 2  # all three in one pass over the data, then the result


def test_a_part_of_an_array_is_refused():
    recorded = Recorded(np.sum, [X])
    part = recorded.inputs[0][1:]._value
    with pytest.raises(ValueError, match="whole array"):
        recorded.builder.gradient(recorded.result._value, [part])


def test_an_index_outside_of_the_array_is_refused():
    recorded = Recorded(np.sum, [X])
    with pytest.raises(IndexError, match="index 7 of an array of 7"):
        recorded.builder.gather(recorded.values[0], np.array([0, 7]))


@pytest.mark.parametrize("place", ["contract", "gather", "place", "scatter"])
def test_structural_operations_carry_the_tangents_of_parameters(place):
    functions = {
        "contract": lambda x, a, b: product(a * x[:6].reshape(2, 3), b * np.exp(x[:3]).reshape(3, 1)).ravel(),
        "gather": lambda x, a, b: gathered(a * np.exp(b * x)).ravel(),
        "place": lambda x, a, b: assembled(a * np.exp(b * x)).ravel(),
        "scatter": lambda x, a, b: a * x * b,
    }
    recording = Recording()
    x = recording.input("x", X, seed=False)
    a, b = recording.input("a", 1.3, seed=True), recording.input("b", 0.4, seed=True)
    result = functions[place](x, a, b)
    if place == "scatter":
        result = tracer(
            recording, recording.builder.gradient(np.sum(np.sin(result[1:] * result[:-1]))._value, [x._value])[0]
        )

    def plain(p):
        if place == "scatter":
            c = p[0] * p[1]
            cos = np.cos(c * c * X[1:] * X[:-1]) * c * c
            return np.append(cos * X[1:], 0) + np.append(0, cos * X[:-1])
        return functions[place](X, *p)

    matrix = recording.builder.finish(result._value, "f").jacobian([X], [1.3, 0.4])[1]
    np.testing.assert_allclose(matrix, differences(plain, [np.array([1.3, 0.4])], 0), rtol=1e-6, atol=1e-6)
