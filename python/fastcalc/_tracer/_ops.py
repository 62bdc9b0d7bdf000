"""tracer: which operation a ufunc is. Comes in: the kernel's table, a ufunc. Goes out: the operation, by the ufunc's own name.

A ufunc is known by what it is, not by what it is called: `name_of` gives a name only to NumPy's and scipy.special's own, so that
somebody else's `power` is not taken for NumPy's.
"""

import sys
from typing import NamedTuple

import numpy as np

from .. import _core


class Operation(NamedTuple):
    """One row of the kernel's table, as far as tracing needs it."""

    number: int
    name: str
    kind: str
    arity: int
    truth: bool
    constant: tuple[bool, bool]  #: in which arguments no derivative is known


_table = _core.op_table()

#: Operations by the kernel's own name.
by_name = {
    row["name"]: Operation(row["op"], row["name"], row["kind"], row["arity"], row["truth"], row["constant"])
    for row in _table
}

#: Element-wise operations by the ufunc's name: ``sin``, ``special.erf``. The second group are other names for the same function.
by_ufunc = {
    row["numpy"]: by_name[row["name"]]
    for row in _table
    if row["kind"] in ("unary", "binary", "test") and row["numpy"] not in ("", "special.", "sinc")
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
        "special.cbrt": "cbrt",
        "special.exp2": "exp2",
        "special.expm1": "expm1",
        "special.log1p": "log1p",
        "special.round": "rint",
    }.items()
}


def name_of(ufunc: np.ufunc) -> str:
    """Return the name under which the tables here know a ufunc; for a foreign one, how to speak of it.

    Examples
    --------
    >>> name_of(np.true_divide)
    'divide'
    >>> import scipy.special
    >>> name_of(scipy.special.digamma)
    'special.psi'
    >>> name_of(np.frompyfunc(abs, 1, 1))
    "abs (vectorized), which is not NumPy's"
    """
    name = ufunc.__name__
    special = sys.modules.get("scipy.special")
    homes = {"": np, "special.": special, "special._ufuncs.": getattr(special, "_ufuncs", None)}
    for path, home in homes.items():
        if getattr(home, name, None) is ufunc:
            return path + name
    return f"{name}, which is not NumPy's"


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
