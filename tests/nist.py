"""tests: the nonlinear regression sets of NIST's Statistical Reference Datasets.

Comes in: the original files in `data/nist/` (https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml) and, since a file
gives its model only as prose, the table `MODELS`. Goes out: `SETS`, by name: data, both starts, and the certified
parameters, standard deviations and residual sum of squares.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data" / "nist"


@dataclass(frozen=True)
class ReferenceSet:
    name: str
    difficulty: str  # "Lower", "Average" or "Higher"
    model: Callable[..., np.ndarray]  # model(x, b1, b2, …)
    x: np.ndarray  # (M,); (2, M) for Nelson, which has two predictors
    y: np.ndarray  # (M,), the response as the model gives it
    starts: np.ndarray  # (2, p): far from the solution, and near it
    parameters: np.ndarray  # (p,), certified to 11 digits, as all that follows
    deviations: np.ndarray  # (p,)
    sum_of_squares: float

    @property
    def degrees_of_freedom(self) -> int:
        # Not read from the file: Rat43.dat says 9, but its deviations follow from 15 − 4.
        return len(self.y) - len(self.parameters)


def saturation(x, b1, b2):
    return b1 * (1 - np.exp(-b2 * x))


def misra1b(x, b1, b2):
    return b1 * (1 - (1 + b2 * x / 2) ** (-2))


def misra1c(x, b1, b2):
    return b1 * (1 - (1 + 2 * b2 * x) ** (-0.5))


def misra1d(x, b1, b2):
    return b1 * b2 * x * (1 + b2 * x) ** (-1)


def chwirut(x, b1, b2, b3):
    return np.exp(-b1 * x) / (b2 + b3 * x)


def lanczos(x, b1, b2, b3, b4, b5, b6):
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def gauss(x, b1, b2, b3, b4, b5, b6, b7, b8):
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-((x - b4) ** 2) / b5**2) + b6 * np.exp(-((x - b7) ** 2) / b8**2)


def danwood(x, b1, b2):
    return b1 * x**b2


def kirby2(x, b1, b2, b3, b4, b5):
    return (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)


def cubic_over_cubic(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def nelson(x, b1, b2, b3):
    x1, x2 = x
    return b1 - b2 * x1 * np.exp(-b3 * x2)


def mgh17(x, b1, b2, b3, b4, b5):
    return b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)


def roszman1(x, b1, b2, b3, b4):
    return b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi


def enso(x, b1, b2, b3, b4, b5, b6, b7, b8, b9):
    year, first, second = 2 * np.pi * x / 12, 2 * np.pi * x / b4, 2 * np.pi * x / b7
    return (
        b1
        + (b2 * np.cos(year) + b3 * np.sin(year))
        + (b5 * np.cos(first) + b6 * np.sin(first))
        + (b8 * np.cos(second) + b9 * np.sin(second))
    )


def mgh09(x, b1, b2, b3, b4):
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def mgh10(x, b1, b2, b3):
    return b1 * np.exp(b2 / (x + b3))


def rat42(x, b1, b2, b3):
    return b1 / (1 + np.exp(b2 - b3 * x))


def rat43(x, b1, b2, b3, b4):
    return b1 / (1 + np.exp(b2 - b3 * x)) ** (1 / b4)


def eckerle4(x, b1, b2, b3):
    return (b1 / b2) * np.exp(-0.5 * ((x - b3) / b2) ** 2)


def bennett5(x, b1, b2, b3):
    return b1 * (b2 + x) ** (-1 / b3)


MODELS = {
    "Misra1a": saturation,
    "Chwirut2": chwirut,
    "Chwirut1": chwirut,
    "Lanczos3": lanczos,
    "Gauss1": gauss,
    "Gauss2": gauss,
    "DanWood": danwood,
    "Misra1b": misra1b,
    "Kirby2": kirby2,
    "Hahn1": cubic_over_cubic,
    "Nelson": nelson,
    "MGH17": mgh17,
    "Lanczos1": lanczos,
    "Lanczos2": lanczos,
    "Gauss3": gauss,
    "Misra1c": misra1c,
    "Misra1d": misra1d,
    "Roszman1": roszman1,
    "ENSO": enso,
    "MGH09": mgh09,
    "Thurber": cubic_over_cubic,
    "BoxBOD": saturation,
    "Rat42": rat42,
    "MGH10": mgh10,
    "Eckerle4": eckerle4,
    "Rat43": rat43,
    "Bennett5": bennett5,
}


def read(name: str) -> ReferenceSet:
    text = (FOLDER / f"{name}.dat").read_text(encoding="ascii")

    def found(pattern: str) -> str:
        match = re.search(pattern, text)
        if match is None:
            raise ValueError(f"{name}.dat has no line like {pattern!r}")
        return match[1]

    certified = np.array([row.split() for row in re.findall(r"^ *b\d+ =(.*)$", text, re.MULTILINE)], float)
    rows = text.splitlines()[60:]  # "Data (lines 61 to …)"
    columns = np.array([row.split() for row in rows if row.strip()], float).T
    y, x = columns[0], columns[1] if len(columns) == 2 else columns[1:]
    if len(y) != int(found(r"Number of Observations: *(\d+)")):
        raise ValueError(f"{name}.dat has {len(y)} rows of data and says otherwise")
    return ReferenceSet(
        name=name,
        difficulty=found(r"(\w+) Level of Difficulty"),
        model=MODELS[name],
        x=x,
        y=np.log(y) if name == "Nelson" else y,  # NIST: log[y] = b1 - b2*x1 * exp[-b3*x2]
        starts=certified[:, :2].T,
        parameters=certified[:, 2],
        deviations=certified[:, 3],
        sum_of_squares=float(found(r"Residual Sum of Squares: *(\S+)")),
    )


SETS = {name: read(name) for name in MODELS}
