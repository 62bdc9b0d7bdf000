"""passes: each law of identities.def holds to the last bit, constants fold, equal things are shared, dead code goes."""

import re
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from fastcalc import _core
from fastcalc._tracer import Tracer, _operands, _ops, _terms
from program import record

IDENTITIES = Path(__file__).parents[2] / "cpp" / "fastcalc" / "ops" / "identities.def"

TINY, HUGE = 5e-324, np.finfo(np.float64).max
AWKWARD = np.array(
    [
        0.0,
        TINY,
        2.5e-308,
        2.2250738585072014e-308,
        1e-300,
        1e-9,
        0.1,
        0.5,
        1.0,
        1 + 2**-52,
        3.0,
        7.3,
        1e155,
        1e300,
        HUGE,
        np.inf,
    ]
)
AWKWARD = np.concatenate([AWKWARD, -AWKWARD, [np.nan]])
X, Y = (grid.ravel() for grid in np.meshgrid(AWKWARD, AWKWARD))


def chain(x, y):
    """The chain rule's product: 0 where a factor is, else x y."""
    if any(isinstance(operand, Tracer) for operand in (x, y)):
        terms = (_operands.term_of(x), _operands.term_of(y))
        return _operands.wrapped(_terms.apply(_ops.by_name["chain"], chain, terms))
    return np.where(y == 0, y, np.where(x == 0, x, x * y))


# One function for each law, by its words in the table.
LAWS = {
    "x * 1 = x": lambda x, y: x * 1.0,
    "1 * x = x": lambda x, y: 1.0 * x,
    "x * -1 = -x": lambda x, y: x * -1.0,
    "-1 * x = -x": lambda x, y: -1.0 * x,
    "x * x = square(x)": lambda x, y: x * x,
    "c * (2**n * x) = (c * 2**n) * x, while n ≥ 0 and |c| ≥ 1": lambda x, y: 100.3 * (x * 8.0),
    "(2**n * x) * c = (c * 2**n) * x, while n ≥ 0 and |c| ≥ 1": lambda x, y: (-2.0 * x) * 1.7e300,
    "c * -x = -c * x": lambda x, y: 0.3 * -x,
    "-x * c = -c * x": lambda x, y: -x * 0.3,
    "-x * -y = x * y": lambda x, y: -x * -y,
    "x chained with 1 = x": lambda x, y: chain(x, 1.0),
    "1 chained with x = x": lambda x, y: chain(1.0, x),
    "x / 1 = x": lambda x, y: x / 1.0,
    "x / 2**n = x * 2**-n, while 2**-n is a normal number": lambda x, y: x / 8.0,
    "-x / -y = x / y": lambda x, y: -x / -y,
    "x - 0 = x, also for x = -0": lambda x, y: x - 0.0,
    "x - (-y) = x + y": lambda x, y: x - (-y),
    "x + (-y) = x - y": lambda x, y: x + (-y),
    "-x + y = y - x": lambda x, y: -x + y,
    "x ** 1 = x": lambda x, y: x**1.0,
    "x ** 2 = square(x), as NumPy computes it": lambda x, y: x**2.0,
    "x ** -1 = reciprocal(x), as NumPy computes it": lambda x, y: x**-1.0,
    "-(-x) = x": lambda x, y: -(-x),
    "-(c * x) = -c * x": lambda x, y: -(0.3 * x),
    "abs(-x) = abs(x)": lambda x, y: abs(-x),
    "square(-x) = square(x)": lambda x, y: np.square(-x),
}


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Equal to the last bit; a NaN is a NaN, whatever its sign and payload."""
    return bool(np.all((a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))))


def operations(program: _core.Program) -> list[str]:
    return re.findall(r"^  (?:v\d+ = )?(\w+)", str(program), re.MULTILINE)[:-1]  # the last is `return`


def test_every_law_of_the_table_has_its_function_here():
    assert set(re.findall(r'^IDENTITY\(.*"(.*)"\)', IDENTITIES.read_text(encoding="utf-8"), re.MULTILINE)) == set(LAWS)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_to_the_last_bit(law):
    f = LAWS[law]
    with np.errstate(all="ignore"):
        numpy = f(X, Y)
    rewritten = record.values(f, (X, Y))
    assert same_bits(rewritten, numpy)
    if "as NumPy computes it" not in law:  # those are a function of their own in NumPy, not pow
        assert same_bits(rewritten, record.values(f, (X, Y), rewrite=False))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: 0.1 * (2.0 * x),  # 2 x may overflow where 0.2 x does not
        lambda x: 100.0 * (0.5 * x),  # x / 2 may lose its last bits
        lambda x: 1e300 * (2.0**60 * x),  # 1e300 · 2⁶⁰ is inf
        lambda x: 3.0 * (7.0 * x),  # two roundings
        lambda x: np.inf * (2.0 * x),
        lambda x: np.nan * (2.0 * x),
    ],
)
def test_factors_that_would_round_or_overflow_elsewhere_stay_apart(f):
    with np.errstate(all="ignore"):
        assert same_bits(record.values(lambda x, y: f(x), (X, Y)), f(X))


@pytest.mark.parametrize("law", LAWS)
def test_a_law_holds_for_single_numbers(law):
    for x, y in zip(X, Y, strict=True):
        with np.errstate(all="ignore"):
            want = LAWS[law](np.array([x]), np.array([y]))[0]  # NumPy's numbers take pow where its arrays take sqrt
        assert same_bits(record.values(LAWS[law], (x, y)), np.asarray(want)), (x, y)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_shortens_the_program(law):
    data = (np.ones(3), np.ones(3))
    short, full = (operations(record.program(LAWS[law], data, rewrite=rewrite)) for rewrite in (True, False))
    cheaper = {"square", "reciprocal", "negative", "multiply", "copy"}
    assert len(short) < len(full) or (len(short) == len(full) and short != full and set(short) <= cheaper)


@pytest.mark.parametrize("law", LAWS)
def test_a_law_keeps_derivatives(law):
    def f(x, y, a, b):
        return LAWS[law](a * x, b * y)

    rng = np.random.default_rng(1)
    x, y = rng.uniform(0.5, 2, (2, 50)) * rng.choice([-1, 1], (2, 50))
    parameters = (1.3, -0.7)
    short, full = (record.jacobian(f, (x, y), parameters, rewrite=rewrite)[1] for rewrite in (True, False))
    # the rule of pow goes through libmvec's pow, 4 ulp; every other pair differs by the order of two products
    np.testing.assert_allclose(short, full, rtol=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * 0.0, lambda x: x - x, lambda x: x / x, lambda x: x + 0.0, lambda x: np.exp(np.log(x)),
        lambda x: np.sqrt(x * x), lambda x: np.log(np.exp(x)), lambda x: 0.0 * x + 1.0, lambda x: x / 3.0,
        lambda x: x / 2.0**-1074, lambda x: np.where(x == x, 1.0, 0.0), lambda x: x**0.0,
    ],
)  # fmt: skip
def test_what_is_no_law_for_every_double_stays(f):
    with np.errstate(all="ignore"):
        want = f(AWKWARD)
    # exp and log are right to 4 ulp (vector_math.def); log multiplies an error of exp(0.1) by 1 / log(exp(0.1)) = 10
    np.testing.assert_allclose(record.values(f, (AWKWARD,)), want, rtol=1e-14)


def test_a_power_of_one_half_is_numpys_square_root():
    # An array's ** takes sqrt for this exponent: −inf gives NaN, −0 gives −0, where pow, and np.power, give inf and 0.
    with np.errstate(all="ignore"):
        for f in (lambda x: x**0.5, lambda x: np.power(x, 0.5)):
            assert same_bits(record.values(f, (AWKWARD,)), f(AWKWARD))


def test_a_law_under_a_view_is_the_law_of_the_view():
    v, m, column = np.arange(6.0), np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(6, 1)
    cases = [
        (lambda x: 1.5 - (-x).reshape(2, 3), v),
        (lambda x: 1.5 - (-x).ravel(), m),
        (lambda x: (-x).ravel() + np.arange(6.0), m),
        (lambda x: 1.5 - (-x).reshape(1, 6), column),
        (lambda x: (-x).T - (-x).T * 2, m),
        (lambda x: abs((-x)[::-1]), v),
        (lambda x: np.square((-x)[:, 1]), m),
        (lambda x: -((-x)[1:]), v),
        (lambda x: (-x)[None] * (-x)[:, None], v),
        (lambda x: x[:1] - (-x)[3:4], v),
        (lambda x: x - (-(x[2])), v),
        (lambda x: (x.reshape(2, 3) * 1.0).T, v),
        (lambda x: x[::2] * x[::2] + x[1::2] * x[::2], v),
    ]
    for i, (f, x) in enumerate(cases):
        got, want = record.values(f, (x,)), f(x)
        assert got.shape == want.shape, i
        np.testing.assert_array_equal(got, want, err_msg=str(i))


def test_constants_fold():
    program = record.program(lambda a: a + np.full_like(a, 2.0) * np.exp(np.zeros_like(a)), (1.0,))
    assert operations(program) == ["add"]


def test_a_chain_of_constants_folds_in_one_pass():
    builder = _core.Builder()
    value = builder.constant(np.array(0.5))
    for name in ("exp", "log", "sqrt", "negative", "sin"):
        value = builder.apply(record.OP[name], [value])
    x = builder.input("x", (3,), False)
    program = builder.finish(builder.apply(record.OP["add"], [x, value]), "f")
    assert operations(program) == ["add"]
    np.testing.assert_allclose(
        program.values([np.zeros(3)]), np.sin(-np.sqrt(np.log(np.exp(0.5)))), rtol=1e-15
    )  # each to 1 ulp


def test_equal_expressions_are_computed_once():
    def f(x, a):
        return np.exp(-a * x) * np.sin(x) + np.exp(-a * x) * np.cos(x)

    assert operations(record.program(f, (np.ones(5),), (1.0,))).count("exp") == 1
    assert operations(record.program(lambda x: x[1:] * x[1:] + x[1:] * x[:-1], (np.ones(5),))).count("square") == 1


def test_what_becomes_equal_by_a_law_is_shared():
    program = record.program(lambda x, y: np.exp(x + y) + np.exp(x - (-y)), (np.ones(5), np.ones(5)))
    assert operations(program) == ["add", "exp", "add"]


def test_equal_operations_on_different_views_are_not_shared():
    x = np.arange(6.0)
    for f in (
        lambda x: np.exp(x[:3]) + np.exp(x[3:]),
        lambda x: np.exp(x[::2]) - np.exp(x[:3]),
        lambda x: np.sum(x.reshape(2, 3), axis=0) + np.sum(x.reshape(3, 2), axis=1),
    ):
        np.testing.assert_allclose(record.values(f, (x,)), f(x), rtol=1e-14)  # sums of 3 numbers and exp, a few ulp


def test_dead_code_goes():
    def f(x, a):
        np.exp(a * x) + np.cumsum([1, 2, 3])[0]
        return a * x

    assert operations(record.program(f, (np.ones(5),), (1.0,))) == ["multiply"]


def test_every_input_stays_though_nothing_reads_it():
    program = record.program(lambda x, y, a, b: b * x, (np.ones(4), np.ones(2)), (1.0, 3.0))
    value, jacobian = program.jacobian([np.arange(4.0), np.ones(2)], np.array([1.0, 3.0]))
    np.testing.assert_array_equal(value, 3 * np.arange(4.0))
    np.testing.assert_array_equal(jacobian, np.stack([np.zeros(4), np.arange(4.0)], axis=1))


def test_guards_stay_though_the_result_does_not_read_them():
    def f(x, a):
        if np.max(x) > a:
            return 2.0 * x
        return x

    program = record.program(f, (np.arange(4.0),), (1.0,))
    assert program.guards == 1
    assert program.holds([np.arange(4.0)], np.array([2.0]))
    assert not program.holds([np.arange(4.0)], np.array([3.0]))


def test_elementwise_instructions_of_one_shape_are_one_step():
    def f(x, a, b):
        return a * np.exp(-b * x) + np.sin(x) / (1 + x * x)

    assert record.program(f, (np.ones(100),), (1.0, 2.0)).steps == 2  # the scalar −b, then all the rest


def test_a_sum_at_the_end_of_a_run_is_folded_into_it():
    program = record.program(lambda x: np.sum(np.exp(x) * x), (np.ones(100),))
    assert program.steps == 2  # exp, multiply and sum in one; then the scalar result


def test_one_element_reductions_need_no_rewriting():
    for f in (np.sum, np.prod, np.max, np.min):
        for shape in ((), (1,), (1, 1)):
            x = np.full(shape, 2.5)
            assert record.values(lambda x, f=f: f(x) + 1.0, (x,), rewrite=False) == 3.5
            assert record.values(lambda x, f=f: f(x) + 1.0, (x,)) == 3.5
    assert record.values(lambda x: np.where(np.any(x), 5.0, 6.0), (np.array([2.0]),), rewrite=False) == 5


@pytest.mark.parametrize("seed", range(60))
def test_a_sum_is_made_where_it_is_placed_if_nothing_else_is_there_or_reads_it(seed):
    rng = np.random.default_rng(seed)
    builder = _core.Builder()
    x = builder.input("x", (7,), False)
    zero = builder.constant(np.zeros(()))

    def view(value, first, size):
        return value.view((size,), (1,), first)

    def array_of_zeros(size):
        return zero.view((size,), (0,), 0)

    def summed(size):
        made = array_of_zeros(size)
        for _ in range(rng.integers(1, 4)):
            length = int(rng.integers(1, min(size, 7) + 1))
            part = view(x, int(rng.integers(8 - length)), length)
            made = builder.scatter(made, part, rng.integers(0, size, length))
        return made

    total, sums = array_of_zeros(20), []
    for _ in range(rng.integers(1, 4)):
        size = int(rng.integers(2, 9))
        sums.append(summed(size))
        total = builder.place(total, sums[-1], (1,), int(rng.integers(21 - size)))  # they may overlap
    if seed % 2:  # somebody else reads one of the sums
        total = builder.place(total, view(sums[0], 0, 2), (1,), int(rng.integers(19)))
    numbers = rng.normal(size=7)
    plain, rewritten = (builder.finish(total, "f", rewrite).values([numbers]) for rewrite in (False, True))
    assert same_bits(rewritten, plain)


def test_a_gradient_beside_the_value_is_added_up_where_it_is_returned():
    x, y = np.linspace(-1, 1.5, 700), np.linspace(2, 3, 700)

    def f(x, y):
        return np.sum((x[1:] - y[:-1] ** 2) ** 2 * x[[3, 3, 0]].sum()) + np.sum(y[::7] * x[:100])

    both = fc.value_and_grad(f, argnums=(0, 1))
    value, (by_x, by_y) = both(x, y)
    np.testing.assert_allclose(value, f(x, y), rtol=1e-13)
    assert same_bits(by_x, fc.grad(f, 0)(x, y))
    np.testing.assert_allclose(by_y, fc.grad(f, 1)(x, y), rtol=1e-14)
    places = [line for line in str(both.program).splitlines() if "= place" in line]
    assert len(places) == 1  # of the value; no array is copied into a part of another
