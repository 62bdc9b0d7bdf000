"""program: recording shares what is equal, verify() refuses what breaks a rule, the listing is readable."""

import numpy as np
import pytest
from fastcalc import _core
from program import record
from program.record import OP


def listing(f, data=(), parameters=()):
    return str(record.program(f, data, parameters))


def squeezed(lines: str) -> list[str]:
    return [" ".join(line.split()) for line in lines.strip().splitlines()]


def test_the_listing_of_a_model():
    def decay(t, a, rate):
        return a * np.exp(-rate * t)

    assert squeezed(listing(decay, (np.ones(14),), (1.0, 2.0))) == squeezed(
        """
        decay(x0(14,), p0(), p1())
          v3 = negative p1                       ()
          v4 = multiply v3 x0                    (14,)
          v5 = exp v4                            (14,)
          v6 = multiply p0 v5                    (14,)
          return v6
        """
    )


def test_the_listing_shows_views_reductions_guards_and_numbers():
    text = listing(lambda x: np.sum(x[:, ::-1] * 0.1, axis=1), (np.ones((20, 30)),))
    assert "x0[29 + (30,-1)]" in text
    assert "0.1" in text
    assert "over (30,)" in text

    def guarded(x, a):
        if a > 0.25:
            return a * x
        return x

    text = listing(guarded, (np.ones(2),), (1.0,))
    assert "greater p0 0.25" in text
    assert "is true" in text


@pytest.mark.parametrize("number", [0.1, 1 / 3, 1e300, 5e-324, -0.0, 123456789.123, np.inf, np.nan])
def test_numbers_in_a_listing_read_back_as_they_were(number):
    line = listing(lambda x: np.arctan2(x, number), (np.ones(2),)).splitlines()[1]
    assert np.array_equal(float(line.split()[4]), number, equal_nan=True)


def test_the_same_operation_is_recorded_once():
    builder = _core.Builder()
    x = builder.input("x", (3,), False)
    assert builder.apply(OP["exp"], [x]).node == builder.apply(OP["exp"], [x]).node
    assert builder.apply(OP["exp"], [x]).node != builder.apply(OP["sin"], [x]).node
    assert builder.constant(np.arange(3.0)).node == builder.constant(np.arange(3.0)).node
    assert builder.fold(OP["sum"], x, [0]).node == builder.fold(OP["sum"], x, [0]).node


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (0.0, -0.0), (np.zeros(2), np.zeros((2, 1))), (np.zeros(2), np.zeros((1, 2))), (1.0, np.ones(1)), (0.0, np.zeros(0)),
        (np.zeros(0), 0.0), (np.zeros((0, 3)), np.zeros((3, 0))), (np.zeros((0, 1)), np.array([0.0])),
        (np.array([0.0, 5e-324]), np.zeros((0, 1, 1))),
    ],
)  # fmt: skip
def test_constants_that_differ_in_bits_or_shape_are_two(first, second):
    builder = _core.Builder()
    a, b = builder.constant(np.asarray(first)), builder.constant(np.asarray(second))
    assert a.node != b.node
    assert (a.shape, b.shape) == (np.shape(first), np.shape(second))


def test_empty_constants_beside_zero_run():
    def f(x):
        return x[:0] * np.zeros(0) + 0.0

    assert record.values(f, (np.ones(4),)).shape == (0,)


def test_inputs_of_the_same_shape_are_two():
    builder = _core.Builder()
    assert builder.input("x", (3,), False).node != builder.input("y", (3,), False).node


def test_recording_goes_on_after_a_program_is_finished():
    builder = _core.Builder()
    x = builder.input("x", (), True)
    first = builder.finish(builder.apply(OP["exp"], [x]), "first")
    y = builder.input("y", (2,), False)
    second = builder.finish(builder.apply(OP["subtract"], [builder.apply(OP["exp"], [x]), y]), "second")
    assert first.values([], np.zeros(1)) == 1
    np.testing.assert_array_equal(second.values([np.array([1.0, 2.0])], np.zeros(1)), [0, -1])


@pytest.mark.parametrize("shape", [(6,), (2, 3), (3, 2), (1, 6), (6, 1), (2, 1, 3)])
def test_the_result_has_the_shape_of_its_view(shape):
    x = np.arange(6.0)
    for f in (
        lambda x: (2 * x).reshape(shape),
        lambda x: x.reshape(shape),
        lambda x: np.exp(x.reshape(3, 2)).reshape(shape),
    ):
        got, want = record.values(f, (x,)), f(x)
        assert got.shape == want.shape
        np.testing.assert_allclose(got, want, rtol=1e-15)


@pytest.mark.parametrize(
    ("shape", "strides", "offset"),
    [
        ((4,), (1,), 0),
        ((3,), (1,), 1),
        ((2,), (3,), 0),
        ((2,), (-1,), 0),
        ((3, 2), (1, 1), 0),
        ((), (), 3),
        ((), (), -1),
    ],
)
def test_a_view_outside_its_array_is_refused(shape, strides, offset):
    builder = _core.Builder()
    x = builder.input("x", (3,), False)
    outside = builder.apply(OP["exp"], [x.view(shape, strides, offset)])
    with pytest.raises(RuntimeError, match=r"instruction v1 \(exp\): reads outside its operand"):
        builder.finish(outside, "f")


@pytest.mark.parametrize(
    ("shape", "strides", "offset"), [((3,), (-1,), 2), ((2,), (2,), 0), ((5, 3), (0, 1), 0), ((0,), (1,), 99)]
)
def test_a_view_inside_its_array_is_not_refused(shape, strides, offset):
    builder = _core.Builder()
    x = builder.input("x", (3,), False)
    assert builder.finish(builder.apply(OP["exp"], [x.view(shape, strides, offset)]), "f").shape == shape


@pytest.mark.parametrize(
    ("name", "count"), [("exp", 2), ("exp", 0), ("add", 1), ("add", 3), ("where", 2), ("isnan", 2), ("add", 4)]
)
def test_a_wrong_number_of_operands_is_refused(name, count):
    builder = _core.Builder()
    x = builder.input("x", (3,), False)
    with pytest.raises((RuntimeError, ValueError), match=name):
        builder.finish(builder.apply(OP[name], [x] * count), "f")


def test_values_of_another_recording_are_refused():
    other = _core.Builder()
    x = other.input("x", (3,), False)
    for _ in range(3):
        x = other.apply(OP["exp"], [x])
    builder = _core.Builder()
    mine = builder.input("x", (3,), False)
    with pytest.raises((RuntimeError, ValueError)):
        builder.finish(builder.apply(OP["add"], [mine, x]), "f")


def test_shapes_that_do_not_broadcast_are_refused_with_both():
    builder = _core.Builder()
    x, y = builder.input("x", (3,), False), builder.input("y", (2, 4), False)
    with pytest.raises(ValueError, match=r"could not be broadcast together with shapes \(3,\) \(2,4\)"):
        builder.apply(OP["add"], [x, y])


def test_a_guard_needs_one_truth_value():
    builder = _core.Builder()
    with pytest.raises(ValueError, match="one truth value"):
        builder.guard(builder.input("x", (3,), False), True)


def test_only_scalars_are_seeds():
    # one tangent a seed: an array as a seed would be one direction, not one for each element
    builder = _core.Builder()
    with pytest.raises(ValueError, match="seed"):
        builder.input("x", (3,), True)


def test_wrong_arguments_are_refused():
    program = record.program(lambda x, a: a * x, (np.ones(3),), (1.0,))
    with pytest.raises(ValueError, match="x0"):
        program.values([np.ones(4)], np.ones(1))
    with pytest.raises(ValueError, match="x0"):
        program.values([], np.ones(1))
    with pytest.raises(ValueError, match="argument"):
        program.values([np.ones(3), np.ones(3)], np.ones(1))
    with pytest.raises(ValueError, match="parameter"):
        program.values([np.ones(3)], np.ones(2))
