"""face: `train`."""

import fastcalc as fc
import numpy as np
import pytest
from scipy.optimize import OptimizeWarning


def loss(p, x, y):
    return np.mean((x @ p["w"] + p["b"] - y) ** 2)


def problem(rows=200):
    generator = np.random.default_rng(3)
    x = generator.normal(size=(rows, 3))
    return x, x @ np.array([1.0, -2.0, 0.5]) + 0.3


START = {"w": np.zeros(3), "b": 0.0}


@pytest.mark.parametrize(
    ("method", "rate"), [("adam", 0.02), ("gradient-descent", 0.1), ("momentum", 0.02), ("nesterov", 0.02)]
)
@pytest.mark.parametrize("batch_size", [1, 32, 200, 1000])
def test_every_method_and_batch_finds_the_line(method, rate, batch_size):
    # The data lie on the line, so that every batch has the same minimum and the steps end there.
    rate = rate / 5 if batch_size == 1 else rate
    found = fc.train(loss, START, problem(), method=method, batch_size=batch_size, epochs=600, learning_rate=rate)
    assert found.success
    np.testing.assert_allclose(found.x["w"], [1, -2, 0.5], atol=1e-3)
    np.testing.assert_allclose(found.x["b"], 0.3, atol=1e-3)
    assert found.losses[-1] < 1e-4 * found.losses[0]


def test_one_epoch_is_what_numpy_makes_of_it():
    """Two batches of which the second overlaps the first: rows 0–2 and 2–4, in an order that the seed draws."""
    x, y = problem(5)
    found = fc.train(loss, START, (x, y), method="gradient-descent", batch_size=3, epochs=1, learning_rate=0.1)
    ends = []
    for order in ((0, 2), (2, 0)):
        w, b = np.zeros(3), 0.0
        for first in order:
            part = slice(first, first + 3)
            r = x[part] @ w + b - y[part]
            w, b = w - 0.1 * 2 * x[part].T @ r / 3, b - 0.1 * 2 * r.mean()
        ends.append(np.append(w, b))
    got = np.append(found.x["w"], found.x["b"])
    assert min(np.abs(got - end).max() for end in ends) < 1e-14
    assert found.nit == 2


def test_the_same_seed_gives_the_same_bits():
    first, again, other = (
        fc.train(loss, START, problem(), batch_size=16, epochs=3, seed=seed).x["w"] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_further_arguments_are_the_same_for_every_batch():
    found = fc.train(
        lambda p, x, y, centre: loss(p, x, y) + 100 * np.sum((p["w"] - centre) ** 2),
        START, problem(), args=(np.full(3, 2.0),), epochs=200, learning_rate=0.01,
    )  # fmt: skip
    np.testing.assert_allclose(found.x["w"], 2, atol=0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "newton"}, "is trained by"),
        ({"data": (np.zeros((3, 3)), np.zeros(2))}, "as many samples as the others"),
        ({"data": (np.zeros((0, 3)), np.zeros(0))}, "at least one"),
        ({"learning_rate": 1e200, "method": "gradient-descent"}, "not finite after"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {"data": problem(), "epochs": 50} | change
    with pytest.raises(ValueError, match=message):
        fc.train(loss, START, **arguments)


def test_an_epoch_has_one_loss_where_one_batch_is_all_data():
    assert fc.train(loss, START, problem(), batch_size=10**6, epochs=3).losses.shape == (3,)


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be a whole number from 1 on"),
        ({"epochs": 1.5}, ValueError, "epochs must be a whole number from 1 on"),
        ({"seed": -1}, ValueError, "seed must be a whole number from 0 on"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate must be greater than 0"),
    ],
)
def test_counts_of_no_use_are_named(more, error, message):
    with pytest.raises(error, match=message):
        fc.train(loss, START, problem(), **more)


@pytest.mark.parametrize(
    ("method", "option"),
    [("momentum", "beta1"), ("adam", "momentum"), ("adam", "maxiter"), ("gradient-descent", "search")],
)
def test_an_option_of_another_method_is_warned_of(method, option):
    with pytest.warns(OptimizeWarning, match=f"Unknown solver options: {option}"):
        fc.train(loss, START, problem(), method=method, epochs=1, options={option: 0.5})


def test_what_cannot_be_trained_on_is_named():
    x = np.linspace(-1, 1, 50)
    with pytest.raises(TypeError, match=r"data\[0\] must be an array of real numbers"):
        fc.train(lambda p, x: np.mean((p[0] - x) ** 2), [0.0], x * 1j)
    with pytest.raises(fc.TraceError, match="a loss over batches must be traced"):
        fc.train(lambda p, x: float(str(p[0])) + np.mean(x), [0.0], x)
    with pytest.raises(ZeroDivisionError):
        fc.train(lambda p, x: 1 / 0, [0.0], x)
