"""bench: what `import fastcalc` costs a program that has NumPy already."""

import os
import subprocess
import sys

import pytest
from race import summary

GOAL = 30e-3
TIMED = "import numpy, time; began = time.perf_counter(); {}; print(time.perf_counter() - began)"
# As after an installation: compiled to byte code once, by the first of the runs.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@pytest.mark.parametrize(
    ("title", "ours", "rival"),
    [
        ("import fastcalc, beyond NumPy", "import fastcalc", "import scipy.optimize"),
        (
            "the same, and all that a fit needs",
            "from fastcalc import curve_fit",
            "from scipy.optimize import curve_fit",
        ),
    ],
    ids=["package", "curve_fit"],
)
def test_import(record, title, ours, rival):
    def seconds(statement: str) -> float:
        command = [sys.executable, "-c", TIMED.format(statement)]
        run = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        return float(run.stdout)

    seconds(ours), seconds(rival)
    rounds = [(seconds(ours), seconds(rival)) for _ in range(10)]
    ours_times, rival_times = (summary(list(column)) for column in zip(*rounds, strict=True))
    record(title, lambda: seconds(ours), ours_times, {"SciPy": rival_times}, goal=GOAL)
