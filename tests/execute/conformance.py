"""tests: every operation on one engine, over every number type and with every kind of operand. `python conformance.py LIBRARY`.

LIBRARY is tests/kernel/ops.cpp compiled for the same instruction set: the rules by themselves, which tests/ops proves. An engine
conforms when it gives the rules' numbers to the last bit. A number type joins by one line of NUMBER_TYPES, an operand kind by one of
OPERANDS. Prints one line for each disagreement.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from fastcalc import _core
from ops.conftest import F, Kernel

# Zeros, subnormals, the ends of exp, halves, whole numbers, infinities and what is no number. More than a register, no whole number of them.
AWKWARD = np.array([
    0.0, -0.0, 5e-324, 1e-308, -1e-308, 0.3, -0.3, 0.5, 1, -1, 2.5, -2.5, 37, 710, -710, 746, -746, 1e300, -1e300, np.inf, -np.inf, np.nan,
])  # fmt: skip
ORDERS = {"yn", "kn", "exp_moment"}  # SciPy's functions of large whole order take for ever
ROWS = {row["name"]: row for row in _core.op_table() if row["kind"] in ("unary", "binary", "test")}


def program(row, views, shapes, seeds):
    """The operation on inputs of these shapes, each seen through a view; with seeds, each has one added to it."""
    builder = _core.Builder()
    operands = [builder.input(f"x{i}", shape, False) for i, shape in enumerate(shapes)]
    operands = [value.view(*view) for value, view in zip(operands, views, strict=True)]
    if seeds:  # x + −0 is x, also for x = −0; its tangent is 1
        shifts = [builder.input(f"s{i}", (), True) for i in range(row["arity"])]
        operands = [builder.apply(ROWS["add"]["op"], [x, s]) for x, s in zip(operands, shifts, strict=True)]
    return builder.finish(builder.apply(row["op"], operands), row["name"])


# Operands: from the points, n of each argument, to (data, shapes, views, how the results are read as n). ----------------------------


def contiguous(points):
    n = points.shape[1]
    return list(points), [((n,), (1,), 0)] * len(points), lambda result: result


def backwards(points):
    n = points.shape[1]
    spread = np.full((len(points), 2 * n), 0.5)
    spread[:, 1::2] = points[:, ::-1]
    return list(spread), [((n,), (-2,), 2 * n - 1)] * len(points), lambda result: result


def transposed(points):
    n = points.shape[1]
    data = [np.ascontiguousarray(np.stack([row, row, row], axis=1)) for row in points]
    return data, [((3, n), (1, 3), 0)] * len(points), lambda result: result[1]


def broadcast(points):
    n = points.shape[1]
    first, *second = points
    data = [first, *(np.stack([row, row], axis=1) for row in second)]
    return data, [((n, 2), (1, 0), 0), *[((n, 2), (2, 1), 0) for _ in second]], lambda result: result[:, 1]


OPERANDS = [contiguous, backwards, transposed, broadcast]

# Number types: from a row, the points and a kind of operands to columns f, ∂f/∂x, ∂f/∂y, as many as the type has. -------------------


def lanes(row, points, operands):
    data, views, read = operands(points)
    found = program(row, views, [x.shape for x in data], False).values(data)
    return read(found)[:, None]


def dual_lanes(row, points, operands):
    data, views, read = operands(points)
    arity = row["arity"]
    value, slopes = program(row, views, [x.shape for x in data], True).jacobian(data, np.full(arity, -0.0))
    return np.stack([read(value), *(read(slopes[:, i].reshape(value.shape)) for i in range(arity))], axis=1)


def double(row, points, operands):
    run = program(row, [((), (), 0)] * row["arity"], [()] * row["arity"], False)
    return np.array([run.values([np.array(x) for x in point]) for point in points.T])[:, None]


def dual_double(row, points, operands):
    run = program(row, [((), (), 0)] * row["arity"], [()] * row["arity"], True)
    both = [run.jacobian([np.array(x) for x in point], np.full(row["arity"], -0.0)) for point in points.T]
    return np.array([[value.item(), *slopes[0]] for value, slopes in both])


def symbols(row, points, operands):
    data, views, _ = operands(points)
    builder = _core.Builder()
    inputs = [builder.input(f"x{i}", x.shape, False) for i, x in enumerate(data)]
    value = builder.apply(row["op"], [x.view(*view) for x, view in zip(inputs, views, strict=True)])
    wrt = [x for x, constant in zip(inputs, row["constant"], strict=False) if not constant]
    slopes = iter(builder.gradient(value, wrt, None))
    columns = [
        value,
        *(value if constant else next(slopes) for _, constant in zip(inputs, row["constant"], strict=False)),
    ]
    return np.stack([builder.finish(column, row["name"]).values(data) for column in columns], axis=1)


# Which field of the rules a number type must repeat, and how it runs.
NUMBER_TYPES = {
    "double": ("rule", double, [contiguous]),
    "Lanes": ("lanes", lanes, OPERANDS),
    "Dual<double>": ("rule", dual_double, [contiguous]),
    "Dual<Lanes>": ("lanes", dual_lanes, OPERANDS),
    "symbols": ("lanes", symbols, [contiguous]),
}


def points_of(row):
    if row["arity"] == 1:
        return AWKWARD[None]
    first = np.arange(4.0) if row["name"] in ORDERS else AWKWARD
    return np.stack([grid.ravel() for grid in np.meshgrid(first, AWKWARD)])


def disagreements(kernel: Kernel) -> Iterator[str]:
    for name, row in ROWS.items():
        points = points_of(row)
        answers = kernel.evaluate(name, points[0], points[-1])
        for number_type, (field, run, kinds) in NUMBER_TYPES.items():
            if row["kind"] == "test" and number_type not in ("double", "Lanes"):
                continue
            for operands in kinds:
                found = run(row, points, operands)
                want = getattr(answers, field)[:, : found.shape[1]]
                known = [F, *(i + 1 for i in range(found.shape[1] - 1) if not row["constant"][i])]
                same = ((found == want) & (np.signbit(found) == np.signbit(want)) | (np.isnan(found) & np.isnan(want)))[
                    :, known
                ]
                # The chain rule has no sign of zero: 0 + −0 is 0.
                same[:, 1:] |= (found == want)[:, known][:, 1:]
                for i in np.flatnonzero(~same.all(axis=1))[:1]:
                    yield f"{name}{tuple(points[:, i])} over {number_type}, {operands.__name__}: {found[i]}, by the rule {want[i]}"


if __name__ == "__main__":
    print(_core.config()["engine"])
    for line in disagreements(Kernel(Path(sys.argv[1]))):
        print(line, flush=True)
