"""tests of ops: the C++ tables, compiled for each instruction set that this machine runs, as functions of arrays."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import scipy.special
from kernel import programs

ORDER = 6
PATHS = ("x", "y", "x + y", "x - y", "curve")  # of the series: see tests/kernel/ops.cpp


class Chain:
    """The chain rule's product, which is no function of NumPy's."""

    types = ("dd->d",)

    def __call__(self, partial: np.ndarray, tangent: np.ndarray) -> np.ndarray:
        return np.where(tangent == 0, tangent, np.where(partial == 0, partial, partial * tangent))


INTERNAL = {"chain": Chain()}


@dataclass(frozen=True)
class Row:
    """A line of ops.def."""

    name: str
    numpy: str
    kind: str
    arity: int
    kink: str
    trend: int
    domain: tuple[float, float, float, float]

    @property
    def ufunc(self) -> np.ufunc:
        return INTERNAL.get(self.name) or getattr(np, self.numpy, None) or getattr(scipy.special, self.numpy)

    @property
    def special(self) -> bool:
        return self.name not in INTERNAL and not hasattr(np, self.numpy)

    def reference(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return self.ufunc(*(x, y)[: self.arity])


@dataclass(frozen=True)
class Answers:
    """What the tables say at n points: rule and lanes as columns f, dx, dy, dxx, dxy, dyy; series[:, path, k]."""

    rule: np.ndarray
    lanes: np.ndarray
    series: np.ndarray


class Kernel:
    """The compiled tables of one instruction set."""

    def __init__(self, program: Path) -> None:
        self.program = program
        self.table = {row["name"]: Row(**row) for row in self.lines("table")}

    def run(self, *words: str, stdin: bytes = b"") -> bytes:
        return subprocess.run([self.program, *words], input=stdin, capture_output=True, check=True).stdout

    def lines(self, task: str) -> list[dict]:
        return [json.loads(line) for line in self.run(task).splitlines()]

    def evaluate(self, name: str, x: np.ndarray, y: np.ndarray) -> Answers:
        points = np.stack([x, y], axis=1)
        columns = np.frombuffer(self.run("evaluate", name, stdin=points.tobytes())).reshape(len(x), -1)
        if self.table[name].kind == "test":
            return Answers(columns[:, :1], columns[:, 1:], np.empty((len(x), 0, 0)))
        return Answers(columns[:, :6], columns[:, 6:12], columns[:, 12:].reshape(len(x), len(PATHS), ORDER + 1))


@pytest.fixture(scope="session", params=programs.builds())
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernel:
    return Kernel(programs.compiled("ops", request.param, tmp_path_factory.mktemp("ops"), ("ops",)))
