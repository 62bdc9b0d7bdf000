"""tests: the linear regression sets of NIST's Statistical Reference Datasets.

Comes in: the original files in `data/nist_linear/` (https://www.itl.nist.gov/div898/strd/lls/lls.shtml; copied from
github.com/ab9sq/Rqualification, data-raw/linear; Longley agrees with statsmodels' copy, Wampler's with Kienzle's in wpolyfit). Goes out:
`SETS`, by name: X, y, and the certified coefficients, standard deviations, residual standard deviation and R².
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data" / "nist_linear"
NAMES = ("Norris", "Pontius", "NoInt1", "NoInt2", "Filip", "Longley", *(f"Wampler{number}" for number in range(1, 6)))


@dataclass(frozen=True)
class LinearSet:
    X: np.ndarray  # (N, p), the column of ones included
    y: np.ndarray
    coefficients: np.ndarray  # (p,), certified to 15 digits, as all that follows
    deviations: np.ndarray
    residual_deviation: float
    r2: float


def design(name: str, predictors: np.ndarray, parameters: int) -> np.ndarray:
    """The columns of the model, which the file tells only as prose: powers of the one predictor, or those that there are."""
    if name.startswith("NoInt"):
        return predictors
    if name == "Longley":
        return np.column_stack([np.ones(len(predictors)), predictors])
    return predictors ** np.arange(parameters)


def read(name: str) -> LinearSet:
    text = (FOLDER / f"{name}.dat").read_text(encoding="ascii")

    def found(pattern: str) -> str:
        match = re.search(pattern, text, re.MULTILINE)
        if match is None:
            raise ValueError(f"{name}.dat has no line like {pattern!r}")
        return match[1]

    number = r"(-?[\d.]+(?:E[-+]\d+)?)"
    certified = np.array(re.findall(rf"^ +B\d+ +{number} +{number}", text, re.MULTILINE), float)
    rows = text.splitlines()[60:]  # "Data (lines 61 to …)"
    y, *predictors = np.array([row.split() for row in rows if row.strip()], float).T
    if len(y) != int(found(r"(\d+) Observations")):
        raise ValueError(f"{name}.dat has {len(y)} rows of data and says otherwise")
    return LinearSet(
        X=design(name, np.column_stack(predictors), len(certified)),
        y=y,
        coefficients=certified[:, 0],
        deviations=certified[:, 1],
        residual_deviation=float(found(rf"^ +Standard Deviation +{number}")),
        r2=float(found(rf"R-Squared +{number}")),
    )


SETS = {name: read(name) for name in NAMES}
