"""tracer: functions that keep their last argument are refused where a derivative would be that of what they kept, and only there."""

import fastcalc as fc
import numpy as np
import pytest
from tracer import unrepeatable

X = np.array([1.0, 2.0, 3.0])
THRESHOLD = 2.0
LINEAR = 1.0


def name(f):
    return getattr(f, "__qualname__", type(f).__name__)


@pytest.mark.parametrize("f", unrepeatable.KEEPING, ids=name)
@pytest.mark.parametrize("call", [
    lambda f, x: fc.grad(f)(x), lambda f, x: fc.value_and_grad(f)(x), lambda f, x: fc.jacobian(f)(x), lambda f, x: fc.hessian(f)(x),
    lambda f, x: fc.jvp(f)(x, x), lambda f, x: fc.vjp(f)(x)[1](1.0), lambda f, x: fc.hvp(f)(x, x), lambda f, x: fc.linearize(f, x),
    lambda f, x: fc.taylor(f, x, 2), lambda f, x: fc.grad(lambda y: np.sin(f(2 * y)))(x / 2), lambda f, x: fc.grad(fc.compile(f))(x),
], ids="grad value_and_grad jacobian hessian jvp vjp hvp linearize taylor inner compiled".split())  # fmt: skip
def test_no_derivative_is_that_of_a_kept_value(f, call):
    x = unrepeatable.KEEPING[f]
    value = f(x)
    assert fc.compile(f)(x) == value  # the value itself is right
    with pytest.raises(fc.TraceError, match=r"equal to one that it keeps \(.*unrepeatable.*without its cache"):
        call(f, x)
    assert f(x) == value


def test_a_jacobian_of_kept_values_is_refused():
    kept: dict = {}

    def residuals(x):
        if not kept or (x != kept["x"]).any():
            kept.update(x=x.copy(), y=x**2 - 1)
        return kept["y"]

    residuals(X)
    with pytest.raises(fc.TraceError, match="equal to one that it keeps"):
        fc.jacobian(residuals)(X)


def test_a_derivative_of_one_variable_is_refused():
    f = unrepeatable.KeepsNumber()
    f(2.0)
    compiled = fc.compile(f)
    assert compiled(2.0) == 8
    for call in (fc.derivative(f), fc.derivative(compiled), lambda x: fc.taylor(compiled, x, 2)):
        with pytest.raises(fc.TraceError, match="equal to one that it keeps"):
            call(2.0)


def test_a_fit_of_a_model_that_keeps_its_parameters_takes_differences():
    class Model:
        last = None

        def __call__(self, x, a, b):
            if (a, b) != self.last:
                self.last, self.values = (a, b), a * np.exp(-b * x)
            return self.values

    x = np.linspace(0, 2, 20)
    with pytest.warns(fc.FallbackWarning):
        found, _ = fc.curve_fit(Model(), x, 3 * np.exp(-1.5 * x), p0=[1.0, 1.0])
    np.testing.assert_allclose(found, [3, 1.5], rtol=1e-6)


def test_what_the_outside_has_may_choose_a_way():
    def by_kind(x, kind):
        return np.sum(x) if kind == LINEAR else np.sum(x**2)

    np.testing.assert_array_equal(fc.grad(by_kind)(X, LINEAR), np.ones(3))
    np.testing.assert_array_equal(fc.grad(by_kind)(X, 2.0), 2 * X)

    class Huber:
        centre = np.array([1.0, 2.0, 3.0])

        def __call__(self, x):
            r = np.sqrt(np.sum((x - self.centre) ** 2))
            return 0.5 * np.sum((x - self.centre) ** 2) if r < 1 else r - 0.5

    np.testing.assert_array_equal(fc.grad(Huber())(X), np.zeros(3))  # a bowl's own centre
    np.testing.assert_allclose(fc.hessian(Huber())(X), np.eye(3))

    def steps(start):
        return np.linspace(start, THRESHOLD, 0)

    assert fc.jacobian(steps)(THRESHOLD).shape == (0,)
    number, end = 0, 1.0  # NumPy asks whether the step is 0, and so is a number of the outside
    steps_to_end = fc.jacobian(lambda start: np.linspace(start, end, 3) * (number + 1))
    np.testing.assert_allclose(steps_to_end(1.0), [1, 0.5, 0])
    np.testing.assert_array_equal(
        fc.jacobian(lambda stop: np.linspace(end, stop, 1))(1.0), [0]
    )  # which is constant, and right

    def knee(x):
        return np.where(x < THRESHOLD, x, 2 * x - THRESHOLD).sum() if x[0] != THRESHOLD else x.sum()

    np.testing.assert_array_equal(fc.grad(knee)(np.array([2.0, 3.0])), [1, 1])


def test_a_flag_beside_what_is_differentiated_is_no_argument_that_was_kept():
    def f(p):
        return p["w"] @ p["w"] if p["kind"] == LINEAR else 0.0 * p["kind"]

    gradient = fc.grad(f)({"w": X, "kind": 1.0})
    np.testing.assert_array_equal(gradient["w"], 2 * X)
