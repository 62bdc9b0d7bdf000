"""The two tables prove each other: ops.def's derivatives and series.def's coefficients are derived independently.

The outside world has its say as well: complex steps through NumPy's own functions, and mpmath's Taylor coefficients.
"""

import functools

import mpmath
import numpy as np
import pytest
from numpy import inf, nan
from ops.conftest import DX, DXX, DXY, DY, DYY, ORDER, PATHS, F
from scipy import special

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
    "sinc": lambda x, y: np.pi / np.maximum(1, np.abs(x)),
    "erfcx": lambda x, y: 1,  # 2 x f − 2/√π
    "dawsn": lambda x, y: 1,
    "entr": lambda x, y: 1,  # −ln x − 1
    "rel_entr": lambda x, y: 1 + np.abs(np.log(x)) + np.abs(np.log(y)),  # the series' ln x − ln y
    "kl_div": lambda x, y: 1 + np.abs(np.log(x)) + np.abs(np.log(y)),
    "pseudo_huber": lambda x, y: x,  # the series' x √(x² + y²) − x²
    "boxcox": lambda x, y: (
        x**y * np.abs(np.log(x)) / np.minimum(np.abs(y), 1)
    ),  # the series divides by y, once and once more
    # J and Y oscillate: the unit is that of the amplitude. Each is SciPy's by another method than the orders beside it.
    "j0": lambda x, y: 1 / np.sqrt(np.maximum(1, np.abs(x))),
    "j1": lambda x, y: 1 / np.sqrt(np.maximum(1, np.abs(x))),
    "y0": lambda x, y: 1 / np.sqrt(np.maximum(1, x)),
    "y1": lambda x, y: 1 / np.sqrt(np.maximum(1, x)),
    # f and its neighbours' mean, which are nearly the same far out
    "i0e": lambda x, y: special.i0e(x),
    "i1e": lambda x, y: special.i0e(x),
    "ive": lambda x, y: special.ive(x, y),
    "k0e": lambda x, y: special.k0e(x),
    "k1e": lambda x, y: special.k1e(x),
    "kve": lambda x, y: special.kve(x, y),
}
CANCELS_TWICE = CANCELS | {
    "sinc": lambda x, y: np.pi**2 / np.maximum(1, np.abs(x)),
    "erfcx": lambda x, y: 1 + np.abs(x),  # f + x f′
    "dawsn": lambda x, y: 1 + np.abs(x),
    "rgamma": lambda x, y: np.abs(special.rgamma(x) * special.psi(x) ** 2),  # f (ψ² − ψ′)
    "log_ndtr": lambda x, y: 1 + x * x,  # f′ (x + f′)
    "expi": lambda x, y: np.exp(x) / x,  # f′ (1 − 1/x)
    "pseudo_huber": lambda x, y: 1,
    "boxcox": lambda x, y: x**y * (1 + np.log(x) ** 2) / np.minimum(np.abs(y), 1) ** 2,
    "inv_boxcox": lambda x, y: special.inv_boxcox(x, y) / (1 + x * y) ** 2,
}
# Where a rounded intermediate argument is worth more than one unit of the result: it multiplies the tolerance.
CONDITION = {
    "power": lambda x, y: 1 + np.abs(y * np.log(x)),  # the rule rounds the exponent y − 1
    "boxcox": lambda x, y: 1 + np.abs(y * np.log(x)),
    "erf": lambda x, y: 1 + x * x,  # exp(−x²) rounds x²
    "erfc": lambda x, y: 1 + x * x,
    "ndtr": lambda x, y: 1 + x * x,
    "log_ndtr": lambda x, y: 1 + np.maximum(x, 0) ** 2,
    "gammainc": lambda x, y: 1 + x * (1 + np.abs(np.log(y)) + np.abs(np.log(x))) + y,  # exp((x − 1) ln y − y − ln Γ(x))
    "gammaincc": lambda x, y: 1 + x * (1 + np.abs(np.log(y)) + np.abs(np.log(x))) + y,
    "j0": lambda x, y: 1 + np.abs(x),  # the phase of an oscillation
    "j1": lambda x, y: 1 + np.abs(x),
    "y0": lambda x, y: 1 + np.abs(x),
    "y1": lambda x, y: 1 + np.abs(x),
}
ORDERS = {"yn", "kn"}  # whole numbers
BESSEL = ORDERS | set("j0 j1 jv y0 y1 yv i0 i1 iv i0e i1e ive k0 k1 kv k0e k1e kve".split())


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
    if name in ORDERS:
        x = np.rint(np.abs(x) % 20)
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
        series = kernel.series(name, x, y, 2)
        along_x, along_y, along_sum, along_difference = (series[:, path] for path in range(4))
        cancels = {
            first: scale.get(name, lambda x, y: 0)(x, y) for first, scale in ((True, CANCELS), (False, CANCELS_TWICE))
        }
        condition = CONDITION.get(name, lambda x, y: 1)(x, y)
        want = np.zeros((len(x), 6))
        want[:, DX] = along_x[:, 1]
        want[:, DXX] = 2 * along_x[:, 2]
        if kernel.table[name].arity == 2:
            want[:, DY] = along_y[:, 1]
            want[:, DYY] = 2 * along_y[:, 2]
            # f along (1, 1) has the second coefficient (fxx + 2 fxy + fyy) / 2, along (1, −1) the same with −2 fxy
            want[:, DXY] = (along_sum[:, 2] - along_difference[:, 2]) / 2
        unknown = [column for column, what in PARTIALS[2].items() if kernel.table[name].is_unknown(what)]
        want[:, unknown] = 0
        # The coefficients along slanted directions mix all second derivatives, so the largest sets the scale.
        mixed = kernel.table[name].arity == 2 and not unknown
        slanted = np.abs(along_sum[:, 2]) + np.abs(along_difference[:, 2]) if mixed else 0
        largest = np.maximum(np.abs(want[:, DXX:]).max(axis=1), slanted)
        for field, found in (("double", answers.rule), ("Lanes", answers.lanes)):
            for column, what in PARTIALS[kernel.table[name].arity].items():
                if column in unknown:
                    assert np.isnan(found[:, column]).all()
                    continue
                first = column in (DX, DY)
                scale = np.maximum(np.abs(want[:, column]) if first else largest, cancels[first]) * condition
                tolerance = FIRST_TOLERANCE if first else SECOND_TOLERANCE
                assert_close(name, f"{what} over {field}", found[:, column], want[:, column], scale, tolerance, x, y)


def has_complex_loop(row):
    return {1: "D->D", 2: "DD->D"}[row.arity] in getattr(row.ufunc, "types", [])


# Complex functions are rounded less carefully than real ones, and NumPy's own differ between C libraries.
COMPLEX_TOLERANCE = 1e-13
# SciPy's complex ones are not right to that: of 10 digits, or (expi) on the other side of a cut.
ROUGH = {"gamma", "loggamma", "rgamma", "log_ndtr", "expi", "exp1"}


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value", "ignore:divide by zero")
def test_derivatives_are_complex_steps_through_numpys_own_functions(kernel, rng):
    step = 1e-20  # f(x + ih) = f(x) + ih f′(x) − h² f″(x)/2 …: nothing is subtracted, and h² is far below rounding
    rows = [kernel.table[name] for name in names(kernel, "unary", "binary")]
    smooth = [row.name for row in rows if row.kink == "none" and has_complex_loop(row) and row.name not in ROUGH]
    assert {"exp", "power", "arctan", "erf", "xlogy"} <= set(smooth)
    for name in smooth:
        x, y = points(kernel, rng, name)
        row, answers = kernel.table[name], kernel.evaluate(name, x, y)
        condition = CONDITION.get(name, lambda x, y: 1)(x, y)
        for column, (dx, dy) in ((DX, (1, 0)), (DY, (0, 1)))[: row.arity]:
            if row.unknown[column - 1]:
                continue
            want = row.reference(x + 1j * step * dx, y + 1j * step * dy).imag / step
            scale = np.maximum(np.abs(want), CANCELS.get(name, lambda x, y: 0)(x, y)) * condition
            for found in (answers.rule, answers.lanes):
                assert_close(name, f"derivative {column}", found[:, column], want, scale, COMPLEX_TOLERANCE, x, y)


BESIDE = mpmath.mpf(
    "1e-20"
)  # mpmath's Y and K of whole order are limits, which it finds slowly; so near by they are the same

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
    "sinc": lambda x: mpmath.sinc(mpmath.pi * x),
    "gammaln": mpmath.loggamma,
    "loggamma": mpmath.loggamma,
    "gamma": mpmath.gamma,
    "rgamma": mpmath.rgamma,
    "digamma": mpmath.digamma,
    "zeta": mpmath.zeta,
    "beta": mpmath.beta,
    "betaln": lambda x, y: mpmath.loggamma(x) + mpmath.loggamma(y) - mpmath.loggamma(x + y),
    "gammainc": lambda a, x: mpmath.gammainc(a, 0, x, regularized=True),
    "gammaincc": lambda a, x: mpmath.gammainc(a, x, mpmath.inf, regularized=True),
    "erfcx": lambda x: mpmath.exp(x * x) * mpmath.erfc(x),
    "erfinv": mpmath.erfinv,
    "erfcinv": lambda x: mpmath.erfinv(1 - x),
    "dawsn": lambda x: mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(-x * x) * mpmath.erfi(x),
    "ndtri": lambda x: mpmath.sqrt(2) * mpmath.erfinv(2 * x - 1),
    "log_ndtr": lambda x: mpmath.log(mpmath.ncdf(x)),
    "expi": mpmath.ei,
    "exp1": mpmath.e1,
    "exprel": lambda x: mpmath.expm1(x) / x,
    "exp_moment": lambda n, x: mpmath.hyp1f1(n + 1, n + 2, x) / (n + 1),
    "entr": lambda x: -x * mpmath.log(x),
    "rel_entr": lambda x, y: x * mpmath.log(x / y),
    "kl_div": lambda x, y: x * mpmath.log(x / y) - x + y,
    "huber": lambda x, y: y * y / 2 if abs(y) <= x else x * (abs(y) - x / 2),
    "pseudo_huber": lambda x, y: x * x * (mpmath.sqrt(1 + (y / x) ** 2) - 1),
    "boxcox": lambda x, y: (x**y - 1) / y,
    "inv_boxcox": lambda x, y: (1 + x * y) ** (1 / y),
    "j0": lambda x: mpmath.besselj(0, x),
    "j1": lambda x: mpmath.besselj(1, x),
    "jv": mpmath.besselj,
    "y0": lambda x: mpmath.bessely(BESIDE, x),
    "y1": lambda x: mpmath.bessely(1 + BESIDE, x),
    "yv": mpmath.bessely,
    "yn": lambda n, x: mpmath.bessely(n + BESIDE, x),
    "i0": lambda x: mpmath.besseli(0, x),
    "i1": lambda x: mpmath.besseli(1, x),
    "iv": mpmath.besseli,
    "k0": lambda x: mpmath.besselk(BESIDE, x),
    "k1": lambda x: mpmath.besselk(1 + BESIDE, x),
    "kv": mpmath.besselk,
    "kn": lambda n, x: mpmath.besselk(n + BESIDE, x),
    "i0e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(0, x),
    "i1e": lambda x: mpmath.exp(-abs(x)) * mpmath.besseli(1, x),
    "ive": lambda v, x: mpmath.exp(-abs(x)) * mpmath.besseli(v, x),
    "k0e": lambda x: mpmath.exp(x) * mpmath.besselk(BESIDE, x),
    "k1e": lambda x: mpmath.exp(x) * mpmath.besselk(1 + BESIDE, x),
    "kve": lambda v, x: mpmath.exp(x) * mpmath.besselk(v, x),
    "maximum": max,
    "minimum": min,
    "fmax": max,
    "fmin": min,
    "copysign": lambda x, y: abs(x) * mpmath.sign(y),
    "fmod": lambda x, y: x - y * mpmath.nint(x / y - mpmath.sign(x / y) / 2),
    "remainder": lambda x, y: x - y * mpmath.floor(x / y),
}
STEPS = {"sign", "heaviside", "floor", "ceil", "trunc", "rint", "floor_divide"}  # constant between their jumps


# Through the point, where 0 stands: see tests/kernel/ops.cpp.
CURVES = {"x": [(0, 1), (0,)], "y": [(0,), (0, 1)], "curve": [(0, 1, 0.5, -0.25, 0.125), (0, -0.5, 1, 0.25, -0.125)]}


@functools.cache  # the same points for every instruction set
def coefficients_of_mpmath(name, path, *point):
    with mpmath.workdps(40):
        curves = [[mpmath.mpf(start), *rest] for start, (_, *rest) in zip(point, CURVES[path], strict=False)]

        def along(t):
            return EXACT[name](*(sum(c * t**k for k, c in enumerate(curve)) for curve in curves))

        return np.array([float(c) for c in mpmath.taylor(along, 0, ORDER)])


def test_series_along_a_curve_are_mpmaths(kernel, rng):
    assert set(names(kernel, "unary", "binary")) == EXACT.keys() | STEPS
    for name in names(kernel, "unary", "binary"):
        row = kernel.table[name]
        lows = [
            max(row.domain[0], 0.2 if name == "rgamma" else -2.5),
            max(row.domain[2], -2.5),
        ]  # rgamma: ψ has a pole at 0
        x, y = (rng.uniform(low, min(high, 2.5), 3) for low, high in zip(lows, row.domain[1::2], strict=True))
        if name in ORDERS:
            x = np.array([0.0, 1.0, 3.0])
        # An argument in which the derivative is unknown stays where it is.
        path = "y" if row.unknown[0] else "x" if row.unknown[1] else "curve"
        found = kernel.series(name, x, y)[:, PATHS.index(path)]
        for i in range(3):
            if name in STEPS:
                np.testing.assert_array_equal(found[i, 1:], 0, err_msg=name)
                continue
            want = coefficients_of_mpmath(name, path, *(x[i], y[i])[: row.arity])
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
    ("sinc", 0.0, 0, 0, None),
    ("rgamma", 0.0, 0, 1, None),  # (−1)ⁿ n! at −n
    ("rgamma", -1.0, 0, -1, None),
    ("rgamma", -2.0, 0, 2, None),
    ("exprel", 0.0, 0, 0.5, None),
    ("boxcox", np.e, 0.0, None, 0.5),  # ln²x / 2
    ("gammainc", 1.0, 0.0, None, 1),
    ("gammainc", 2.0, inf, None, 0),
    ("gammaincc", 2.0, inf, None, 0),
    ("entr", 0.0, 0, inf, None),
    ("rel_entr", 0.0, 0.0, 0, 0),
    ("kl_div", 0.0, 0.0, 0, 1),
    ("huber", 1.0, 1.0, 0, 1),
    ("huber", 1.0, -1.0, 0, -1),
    ("huber", 1.0, 3.0, 2, 1),
    ("pseudo_huber", 0.0, 0.0, 0, 0),
    ("j0", 0.0, 0, 0, None),
    ("j1", 0.0, 0, 0.5, None),
    ("i0e", 0.0, 0, 0, None),
    ("i1e", 0.0, 0, 0.5, None),
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
        coefficients = kernel.series("power", np.zeros(1), np.array([float(n)]))[0, 0]
        np.testing.assert_array_equal(coefficients, np.eye(len(coefficients))[n])


def test_gradients_are_numbers_wherever_the_value_is(kernel):
    moderate = np.array([0.0, 1e-300, 1e-20, 1e-3, 0.5, 1.0, 2.0, 30.0, 709.0, 745.0, 1e5, 1e20, 1e150])
    moderate = np.concatenate([moderate, -moderate])
    for name in names(kernel, "unary", "binary"):
        row = kernel.table[name]
        if name == "exp_moment":  # its order is 1, 2 or 3
            continue
        x, y = (grid.ravel() for grid in np.meshgrid(np.arange(4.0) if name in ORDERS else moderate, moderate))
        if name in BESSEL:  # SciPy's of any order, which stand in their derivatives, give NaN from about 1e9 on
            x, y = (np.clip(argument, -1e5, 1e5) for argument in (x, y))
            y = np.maximum(y, 1e-3)  # at 0 a broken order has a slope of inf, and just above it SciPy has none
        inside = (row.domain[0] <= x) & (x <= row.domain[1]) & (row.domain[2] <= y) & (y <= row.domain[3])
        answers = kernel.evaluate(name, x[inside], y[inside])
        for found in (answers.rule, answers.lanes):
            known = [column for column in (DX, DY) if not row.unknown[column - DX]]
            gradient = found[np.isfinite(found[:, F])][:, known]
            assert not np.isnan(gradient).any(), name
