"""tracer: which operation a NumPy ufunc is. Comes in: the kernel's table. Goes out: operation numbers by name."""

from typing import NamedTuple

from .. import _core


class Operation(NamedTuple):
    """One row of the kernel's table, as far as tracing needs it."""

    number: int
    name: str
    kind: str
    arity: int
    truth: bool


_rows = [Operation(row["op"], row["name"], row["kind"], row["arity"], row["truth"]) for row in _core.op_table()]

#: Operations by the kernel's own name.
by_name = {row.name: row for row in _rows}

#: Element-wise operations by the ufunc's name. The second group are other names for the same function.
by_ufunc = {
    row["numpy"]: by_name[row["name"]]
    for row in _core.op_table()
    if row["kind"] in ("unary", "binary", "test") and row["numpy"]
}
by_ufunc |= {
    alias: by_ufunc[name]
    for alias, name in {
        "fabs": "absolute",
        "float_power": "power",
        "degrees": "rad2deg",
        "radians": "deg2rad",
        "bitwise_and": "logical_and",
        "bitwise_or": "logical_or",
        "bitwise_xor": "logical_xor",
        "invert": "logical_not",
    }.items()
}

#: Ufuncs that leave a real number as it is.
identities = frozenset({"positive", "conjugate"})

#: On two truth values NumPy's arithmetic is logic.
on_truths = {"add": "logical_or", "multiply": "logical_and", "maximum": "logical_or", "minimum": "logical_and"}

#: Bitwise ufuncs are logic on truth values and nothing on floating-point numbers.
bitwise = frozenset({"bitwise_and", "bitwise_or", "bitwise_xor", "invert"})

#: Reductions by the binary ufunc that they repeat.
by_reduced_ufunc = {
    "add": by_name["sum"],
    "multiply": by_name["prod"],
    "maximum": by_name["max"],
    "minimum": by_name["min"],
    "logical_or": by_name["any"],
    "logical_and": by_name["all"],
}

#: The binary ufunc that a reduction repeats.
step_of = {operation.name: name for name, operation in by_reduced_ufunc.items()}
