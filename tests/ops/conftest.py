"""tests of ops: the C++ tables, compiled for each instruction set that this machine runs, as functions of arrays."""

import ctypes
import json
import operator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import scipy.special
from fastcalc import _core
from kernel import programs

# Operations that only derivatives use have no ufunc of their own.
INTERNAL = {
    "chain": lambda partial, t: np.where(t == 0, t, np.where(partial == 0, partial, partial * t)),
    "exp_moment": lambda n, x: scipy.special.hyp1f1(n + 1, n + 2, x) / (n + 1),
}

F, DX, DY, DXX, DXY, DYY = range(6)  # the columns of an answer
ORDER = 6
PATHS = ("x", "y", "x + y", "x - y", "curve")  # of the series: see tests/kernel/ops.cpp


@dataclass(frozen=True)
class Row:
    """A line of ops.def."""

    name: str
    numpy: str
    kind: str
    arity: int
    kink: str
    trend: int
    unknown: tuple[bool, bool]
    domain: tuple[float, float, float, float]

    @property
    def special(self) -> bool:
        return self.numpy.startswith("special.")

    @property
    def ufunc(self) -> np.ufunc:
        return INTERNAL.get(self.name) or operator.attrgetter(self.numpy)(scipy if self.special else np)

    def is_unknown(self, partial: str) -> bool:
        """Of f_x, f_y, f_xx, …: whether it has no closed form."""
        return any(unknown and axis in partial for unknown, axis in zip(self.unknown, "xy", strict=True))

    def reference(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return self.ufunc(*(x, y)[: self.arity])


@dataclass(frozen=True)
class Answers:
    """What the rules say at n points: columns f, dx, dy, dxx, dxy, dyy over double and over a register of doubles."""

    rule: np.ndarray
    lanes: np.ndarray


class Kernel:
    """The compiled tables of one instruction set."""

    def __init__(self, library: Path) -> None:
        builder = _core.Builder()
        number = next(row["op"] for row in _core.op_table() if row["name"] == "gammaln")
        builder.apply(
            number, [builder.constant(np.ones(1))]
        )  # the first of scipy.special gives the kernel SciPy's functions
        self._library = ctypes.CDLL(library)
        self._library.table.restype = self._library.accuracy.restype = ctypes.c_char_p
        self.table = {row["name"]: Row(**row) for row in self.lines("table")}

    def lines(self, task: str) -> list[dict]:
        return [json.loads(line) for line in getattr(self._library, task)().splitlines()]

    def _ask(
        self, task: str, name: str, x: np.ndarray, y: np.ndarray, shape: tuple[int, ...], *more: int
    ) -> np.ndarray:
        points, found = np.stack([x, y], axis=1).astype(float), np.empty(shape)
        at = [ctypes.c_void_p(array.ctypes.data) for array in (points, found)]
        getattr(self._library, task)(name.encode(), at[0], ctypes.c_long(len(x)), *more, at[1])
        return found

    def evaluate(self, name: str, x: np.ndarray, y: np.ndarray) -> Answers:
        width = 1 if self.table[name].kind == "test" else 6
        found = self._ask("values", name, x, y, (len(x), 2, width))
        return Answers(found[:, 0], found[:, 1])

    def series(self, name: str, x: np.ndarray, y: np.ndarray, order: int = ORDER) -> np.ndarray:
        """[point, path, k]"""
        return self._ask("series", name, x, y, (len(x), len(PATHS), order + 1), order)


@pytest.fixture(scope="session", params=programs.builds())
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    return Kernel(programs.linked("ops", request.param, tmp_path_factory.mktemp("ops"), shared=True))
