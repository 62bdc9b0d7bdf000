"""tests: the linear regression sets of NIST's Statistical Reference Datasets.

Comes in: the observed sets in `data/nist_linear/` (https://www.itl.nist.gov/div898/strd/lls/lls.shtml); the others are made by
formula, as NIST made them. Goes out: `SETS`, by name: X, y, and the certified coefficients, standard deviations, residual standard
deviation and R².
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "data" / "nist_linear"


@dataclass(frozen=True)
class LinearSet:
    X: np.ndarray  # (N, p), the column of ones included
    y: np.ndarray
    coefficients: np.ndarray  # (p,), certified to 15 digits, as all that follows
    deviations: np.ndarray
    residual_deviation: float
    r2: float


def _table(name):
    return np.loadtxt(FOLDER / f"{name}.csv", delimiter=",", skiprows=1).T


def _powers(x, degree):
    return np.stack([x**k for k in range(degree + 1)], axis=1)


def _sets():
    y, x = _table("Norris")
    yield (
        "Norris", _powers(x, 1), y,
        [-0.262323073774029, 1.00211681802045], [0.232818234301152, 0.429796848199937e-03],
        0.884796396144373, 0.999993745883712,
    )  # fmt: skip
    y, x = _table("Pontius")
    yield (
        "Pontius", _powers(x, 2), y,
        [0.673565789473684e-03, 0.732059160401003e-06, -0.316081871345029e-14],
        [0.107938612033077e-03, 0.157817399981659e-09, 0.486652849992036e-16],
        0.205177424076185e-03, 0.999999900178537,
    )  # fmt: skip
    x = np.arange(60.0, 71.0)
    yield "NoInt1", x[:, None], x + 70, [2.07438016528926], [0.165289256198347e-01], 3.56753034006338, 0.999365492298663
    yield (
        "NoInt2", np.array([[4.0], [5.0], [6.0]]), np.array([3.0, 4.0, 4.0]),
        [0.727272727272727], [0.420827318078432e-01], 0.369274472937998, 0.993348115299335,
    )  # fmt: skip
    y, x = _table("Filip")
    yield (
        "Filip", _powers(x, 10), y,
        [-1467.48961422980, -2772.17959193342, -2316.37108160893, -1127.97394098372, -354.478233703349, -75.1242017393757,
         -10.8753180355343, -1.06221498588947, -0.670191154593408e-01, -0.246781078275479e-02, -0.402962525080404e-04],
        [298.084530995537, 559.779865474950, 466.477572127796, 227.204274477751, 71.6478660875927, 15.2897178747400,
         2.23691159816033, 0.221624321934227, 0.142363763154724e-01, 0.535617408889821e-03, 0.896632837373868e-05],
        0.334801051324544e-02, 0.996727416185620,
    )  # fmt: skip
    y, *x = _table("Longley")
    yield (
        "Longley", np.stack([np.ones_like(y), *x], axis=1), y,
        [-3482258.63459582, 15.0618722713733, -0.358191792925910e-01, -2.02022980381683, -1.03322686717359,
         -0.511041056535807e-01, 1829.15146461355],
        [890420.383607373, 84.9149257747669, 0.334910077722432e-01, 0.488399681651699, 0.214274163161675,
         0.226073200069370, 455.478499142212],
        304.854073561965, 0.995479004577296,
    )  # fmt: skip
    x = np.arange(21.0)
    X = _powers(x, 5)
    exact = X.sum(axis=1)
    noise = np.array([759, *[-2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048], 2048])
    noise = np.concatenate([noise, noise[-2::-1]]).astype(float)
    deviations = [
        2152.32624678170,
        2363.55173469681,
        779.343524331583,
        101.475507550350,
        5.64566512170752,
        0.112324854679312,
    ]
    yield "Wampler1", X, exact, [1.0] * 6, [0.0] * 6, 0.0, 1.0
    # NIST gives y to five decimals, which is all that it has.
    yield "Wampler2", X, np.round(X @ 10.0 ** -np.arange(6), 5), 10.0 ** -np.arange(6), [0.0] * 6, 0.0, 1.0
    for number, factor, r2 in (
        (3, 1.0, 0.999995559025820),
        (4, 100.0, 0.957478440825662),
        (5, 10000.0, 0.224668921574940e-02),
    ):
        yield (
            f"Wampler{number}", X, exact + factor * noise, [1.0] * 6,
            [factor * each for each in deviations], factor * 2360.14502379268, r2,
        )  # fmt: skip


SETS = {
    name: LinearSet(X, y, np.array(coefficients), np.array(deviations), deviation, r2)
    for name, X, y, coefficients, deviations, deviation, r2 in _sets()
}
