"""The two tables prove each other: ops.def's derivatives and series.def's coefficients are derived independently.

The outside world has its say as well: complex steps through NumPy's own functions, and mpmath's Taylor coefficients.
"""

import mpmath
import numpy as np
import pytest
from numpy import inf, nan

F, DX, DY, DXX, DXY, DYY = range(6)
PARTIALS = {1: {DX: "f_x", DXX: "f_xx"}, 2: {DX: "f_x", DY: "f_y", DXX: "f_xx", DXY: "f_xy", DYY: "f_yy"}}
POINTS = 4000

# Both tables compute in double: the worst seen is 1.5e-15 and 2.9e-15, some ten roundings. Where one of them subtracts
# nearly equal numbers, the error is relative to those numbers: a scale is the size of what cancels.
FIRST_TOLERANCE = 1e-14
SECOND_TOLERANCE = 3e-14
CANCELS = {
    "tanh": lambda x, y: 1,  # the rule's 1 − tanh²
    "logaddexp": lambda x, y: 1,  # the series' second weight is the difference of two that add up to 1
    "logaddexp2": lambda x, y: 1,
}
# Where a rounded intermediate argument is worth more than one unit of the result: it multiplies the tolerance.
CONDITION = {
    "power": lambda x, y: 1 + np.abs(y * np.log(x)),  # the rule rounds the exponent y − 1
    "erf": lambda x, y: 1 + x * x,  # exp(−x²) rounds x²
    "erfc": lambda x, y: 1 + x * x,
    "ndtr": lambda x, y: 1 + x * x,
}


def names(kernel, *kinds):
    return [name for name, row in kernel.table.items() if row.kind in kinds]


def draw(rng, low, high):
    """Points of an open interval: half of moderate size, half of any size from 1e-6 to 1e6."""
    near = rng.uniform(max(low, -30), min(high, 30), POINTS // 2)
    if np.isfinite(low) and np.isfinite(high):
        far = rng.uniform(low, high, POINTS // 2)
    else:
        far = 10 ** rng.uniform(-6, 6, POINTS // 2)
        far = low + far if np.isfinite(low) else far * rng.choice([-1, 1], far.size)
    return rng.permutation(np.concatenate([near, far]))


def away_from_kinks(kink, x, y):
    with np.errstate(all="ignore"):
        fraction = {"integers": x, "halves": x + 0.5, "multiples": x / y}.get(kink)
    if kink in ("zero", "equal"):
        return x != (0 if kink == "zero" else y)
    if fraction is None:
        return np.full(x.shape, True)
    return (np.abs(fraction - np.rint(fraction)) > 1e-9) & (np.abs(fraction) < 1e6)


def points(kernel, rng, name):
    row = kernel.table[name]
    x, y = draw(rng, *row.domain[:2]), draw(rng, *row.domain[2:])
    keep = away_from_kinks(row.kink, x, y)
    return x[keep], y[keep]


def assert_close(name, what, found, want, scale, tolerance, x, y):
    usable = np.isfinite(want) & (np.abs(want) < 1e290)
    assert usable.mean() > 0.4, f"{name}: too few points say anything about {what}"
    underflow = 1e-280  # intermediate results below this are subnormal or gone
    error = np.where(usable, np.abs(found - want) - tolerance * scale - underflow, -inf)
    worst = np.argmax(np.where(np.isnan(error), inf, error))
    point = f"({x[worst]!r}, {y[worst]!r})"
    assert error[worst] <= 0, f"{name}: {what} at {point} is {found[worst]!r}, should be {want[worst]!r}"


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_the_two_tables_agree(kernel, rng):
    for name in names(kernel, "unary", "binary"):
        x, y = points(kernel, rng, name)
        answers = kernel.evaluate(name, x, y)
        along_x, along_y, along_sum, along_difference = (answers.series[:, path] for path in range(4))
        cancels = CANCELS.get(name, lambda x, y: 0)(x, y)
        condition = CONDITION.get(name, lambda x, y: 1)(x, y)
        want = np.zeros((len(x), 6))
        want[:, DX] = along_x[:, 1]
        want[:, DXX] = 2 * along_x[:, 2]
        if kernel.table[name].arity == 2:
            want[:, DY] = along_y[:, 1]
            want[:, DYY] = 2 * along_y[:, 2]
            # f along (1, 1) has the second coefficient (fxx + 2 fxy + fyy) / 2, along (1, −1) the same with −2 fxy
            want[:, DXY] = (along_sum[:, 2] - along_difference[:, 2]) / 2
        # The coefficients along slanted directions mix all second derivatives, so the largest sets the scale.
        slanted = np.abs(along_sum[:, 2]) + np.abs(along_difference[:, 2]) if kernel.table[name].arity == 2 else 0
        largest = np.maximum(np.abs(want[:, DXX:]).max(axis=1), slanted)
        for field, found in (("double", answers.rule), ("Lanes", answers.lanes)):
            for column, what in PARTIALS[kernel.table[name].arity].items():
                first = column in (DX, DY)
                scale = np.maximum(np.abs(want[:, column]) if first else largest, cancels) * condition
                tolerance = FIRST_TOLERANCE if first else SECOND_TOLERANCE
                assert_close(name, f"{what} over {field}", found[:, column], want[:, column], scale, tolerance, x, y)


def has_complex_loop(row):
    return {1: "D->D", 2: "DD->D"}[row.arity] in row.ufunc.types


# Complex functions are rounded less carefully than real ones, and NumPy's own differ between C libraries.
COMPLEX_TOLERANCE = 1e-13


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
def test_derivatives_are_complex_steps_through_numpys_own_functions(kernel, rng):
    step = 1e-20  # f(x + ih) = f(x) + ih f′(x) − h² f″(x)/2 …: nothing is subtracted, and h² is far below rounding
    rows = [kernel.table[name] for name in names(kernel, "unary", "binary")]
    smooth = [row.name for row in rows if row.kink == "none" and has_complex_loop(row)]
    assert {"exp", "power", "arctan", "erf", "xlogy"} <= set(smooth)
    for name in smooth:
        x, y = points(kernel, rng, name)
        row, answers = kernel.table[name], kernel.evaluate(name, x, y)
        condition = CONDITION.get(name, lambda x, y: 1)(x, y)
        for column, (dx, dy) in ((DX, (1, 0)), (DY, (0, 1)))[: row.arity]:
            want = row.reference(x + 1j * step * dx, y + 1j * step * dy).imag / step
            scale = np.maximum(np.abs(want), CANCELS.get(name, lambda x, y: 0)(x, y)) * condition
            for found in (answers.rule, answers.lanes):
                assert_close(name, f"derivative {column}", found[:, column], want, scale, COMPLEX_TOLERANCE, x, y)


# The operations in another library's words, which it differentiates numerically, with digits to spare.
EXACT = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "chain": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "negative": lambda x: -x,
    "absolute": abs,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "sqrt": mpmath.sqrt,
    "cbrt": mpmath.cbrt,
    "exp": mpmath.exp,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "exp10": lambda x: mpmath.mpf(10) ** x,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x, 2),
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "logaddexp2": lambda x, y: mpmath.log(mpmath.mpf(2) ** x + mpmath.mpf(2) ** y, 2),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "arcsin": mpmath.asin,
    "arccos": mpmath.acos,
    "arctan": mpmath.atan,
    "arctan2": mpmath.atan2,
    "hypot": mpmath.hypot,
    "deg2rad": mpmath.radians,
    "rad2deg": mpmath.degrees,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "arcsinh": mpmath.asinh,
    "arccosh": mpmath.acosh,
    "arctanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "ndtr": mpmath.ncdf,
    "expit": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log_expit": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "logit": lambda x: mpmath.log(x / (1 - x)),
    "xlogy": lambda x, y: x * mpmath.log(y),
    "xlog1py": lambda x, y: x * mpmath.log1p(y),
    "maximum": max,
    "minimum": min,
    "fmax": max,
    "fmin": min,
    "copysign": lambda x, y: abs(x) * mpmath.sign(y),
    "fmod": lambda x, y: x - y * mpmath.nint(x / y - mpmath.sign(x / y) / 2),
    "remainder": lambda x, y: x - y * mpmath.floor(x / y),
}
STEPS = {"sign", "heaviside", "floor", "ceil", "trunc", "rint", "floor_divide"}  # constant between their jumps


def test_series_along_a_curve_are_mpmaths(kernel, rng):
    curve_x, curve_y = (0, 1, 0.5, -0.25, 0.125), (0, -0.5, 1, 0.25, -0.125)  # as in tests/kernel/ops.cpp
    assert set(names(kernel, "unary", "binary")) == EXACT.keys() | STEPS
    for name in names(kernel, "unary", "binary"):
        row = kernel.table[name]
        x, y = (rng.uniform(max(low, -2.5), min(high, 2.5), 3) for low, high in (row.domain[:2], row.domain[2:]))
        found = kernel.evaluate(name, x, y).series[:, -1]
        for i in range(3):
            if name in STEPS:
                np.testing.assert_array_equal(found[i, 1:], 0, err_msg=name)
                continue
            with mpmath.workdps(40):
                arguments = [list(curve_x), list(curve_y)][: row.arity]
                for curve, start in zip(arguments, (x[i], y[i]), strict=False):
                    curve[0] = mpmath.mpf(start)

                def along(t, arguments=arguments, name=name):
                    return EXACT[name](*(sum(c * t**k for k, c in enumerate(curve)) for curve in arguments))

                want = np.array([float(c) for c in mpmath.taylor(along, 0, found.shape[1] - 1)])
            # Coefficients grow like powers of 1 / (distance to a singularity): the largest so far sets the scale.
            scale = np.maximum.accumulate(np.abs(want))
            assert np.all(np.abs(found[i] - want) <= 1e-11 * scale), (name, x[i], y[i], found[i], want)


# ops.def's head states these: (operation, x, y, f_x, f_y), None where nothing is promised.
CONVENTIONS = [
    ("absolute", 0.0, 0, 0, None),
    ("absolute", -0.0, 0, 0, None),
    ("sign", 0.0, 0, 0, None),
    ("maximum", 2.0, 2.0, 1, 0),
    ("minimum", 2.0, 2.0, 1, 0),
    ("fmax", 2.0, 2.0, 1, 0),
    ("fmin", 2.0, 2.0, 1, 0),
    ("maximum", nan, 2.0, 1, 0),
    ("maximum", 2.0, nan, 0, 1),
    ("fmax", nan, 2.0, 0, 1),
    ("fmax", 2.0, nan, 1, 0),
    ("hypot", 0.0, 0.0, 0, 0),
    ("arctan2", 0.0, 0.0, 0, 0),
    ("power", 0.0, 0.0, 0, 0),
    ("power", -3.0, 0.0, 0, None),
    ("power", 0.0, 1.0, 1, 0),
    ("power", 0.0, 2.0, 0, 0),
    ("power", 0.0, 0.5, inf, 0),
    ("power", -2.0, 3.0, 12, None),
    ("power", -2.0, 2.0, -4, None),
    ("floor", 3.0, 0, 0, None),
    ("ceil", 3.0, 0, 0, None),
    ("trunc", 3.0, 0, 0, None),
    ("rint", 2.5, 0, 0, None),
    ("floor_divide", 6.0, 3.0, 0, 0),
    ("remainder", 7.0, -3.0, 1, 3),
    ("remainder", 1.0, 0.1, 1, -9),
    ("fmod", -7.0, 3.0, 1, 2),
    ("heaviside", 0.0, 0.5, 0, 1),
    ("heaviside", 1.0, 0.5, 0, 0),
    ("copysign", -3.0, 1.0, -1, 0),
    ("copysign", 3.0, -0.0, -1, 0),
    ("sqrt", 0.0, 0, inf, None),
    ("cbrt", 0.0, 0, inf, None),
    ("xlogy", 0.0, 0.0, None, 0),
    ("expit", 800.0, 0, 0, None),
    ("expit", -800.0, 0, 0, None),
    ("tanh", 800.0, 0, 0, None),
    ("logaddexp", 800.0, -800.0, 1, 0),
    ("logaddexp", -800.0, 800.0, 0, 1),
    ("logaddexp", 3.0, -inf, 1, 0),
]


@pytest.mark.parametrize(("name", "x", "y", "f_x", "f_y"), CONVENTIONS)
def test_derivatives_at_kinks_and_limits_follow_the_stated_conventions(kernel, name, x, y, f_x, f_y):
    answers = kernel.evaluate(name, np.array([x]), np.array([float(y)]))
    for found in (answers.rule[0], answers.lanes[0]):
        assert found[DX] == f_x or f_x is None
        assert found[DY] == f_y or f_y is None


def test_powers_of_zero_have_a_series(kernel):
    # x**n at x = 0: tⁿ; a zero base is the one place where the logarithm's law says nothing
    for n in (1, 2, 3, 6):
        coefficients = kernel.evaluate("power", np.zeros(1), np.array([float(n)])).series[0, 0]
        np.testing.assert_array_equal(coefficients, np.eye(len(coefficients))[n])


def test_gradients_are_numbers_wherever_the_value_is(kernel):
    moderate = np.array([0.0, 1e-300, 1e-20, 1e-3, 0.5, 1.0, 2.0, 30.0, 709.0, 745.0, 1e5, 1e20, 1e150])
    moderate = np.concatenate([moderate, -moderate])
    for name in names(kernel, "unary", "binary"):
        row = kernel.table[name]
        x, y = (grid.ravel() for grid in np.meshgrid(moderate, moderate))
        inside = (row.domain[0] <= x) & (x <= row.domain[1]) & (row.domain[2] <= y) & (y <= row.domain[3])
        answers = kernel.evaluate(name, x[inside], y[inside])
        for found in (answers.rule, answers.lanes):
            gradient = found[np.isfinite(found[:, F]), DX : DY + 1]
            assert not np.isnan(gradient).any(), name
