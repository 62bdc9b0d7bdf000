"""bench: fits of many rows, where only the work on a row counts: one pass over the data an evaluation, J not stored."""

import subprocess
import sys
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
import rivals
from fastcalc._problems._model import Model
from models import Problem, decay_problem, gaussian_problem
from race import Times, race

PROBLEMS = [
    pytest.param(decay_problem, 1_000_000, id="decay-1e6"),
    pytest.param(gaussian_problem, 100_000, id="two_gaussians-1e5"),
]


def _title(p: Problem) -> str:
    return f"{p.name.replace('_', ' ')}, {p.x.size:.0e} rows, {p.start.size} parameters".replace("e+0", "e")


@pytest.mark.parametrize(("problem", "rows"), PROBLEMS)
def test_whole_fit(compare, limit, problem, rows):
    p = problem(rows)
    data = p.model, p.x, p.y, p.start
    compare(
        f"{_title(p)}: whole fit",
        rivals.tight(*data),
        lambda: fc.curve_fit(*data)[0],
        {"SciPy lm": rivals.scipy_fit(*data), **rivals.optional(*data)},
        limit(p.name, *data[1:]).fit(),
    )


@pytest.mark.parametrize(("problem", "rows"), PROBLEMS)
def test_one_evaluation(record, limit, problem, rows):
    """Value, Jacobian and all sums. Ours is a quarter of the difference between five evaluations and one."""
    p = problem(rows)
    hand = limit(p.name, p.x, p.y, p.start).gram()
    contenders = {"limit": hand}
    numba = rivals.numba_decay_gram() if p.name == "decay" else None
    if numba is not None:
        np.testing.assert_allclose(numba(p.x, p.y, p.start), hand(), rtol=1e-11)  # two orders of 10⁶ summands
        contenders["numba by hand"] = lambda: numba(p.x, p.y, p.start)

    model = Model.of(p.model)
    values, jacobian = model.jacobian(p.x, p.start)
    columns = np.column_stack([jacobian, values - p.y])
    np.testing.assert_allclose(np.triu(columns.T @ columns), hand(), rtol=1e-9, atol=1e-9 * rows)

    few, many = 1, 5
    counts = {limit: model.fit(p.x, p.y, p.start, max_nfev=limit).nfev for limit in (few, many)}
    assert counts[many] - counts[few] == many - few
    for evaluations in (few, many):
        contenders[f"fit {evaluations}"] = lambda n=evaluations: model.fit(p.x, p.y, p.start, max_nfev=n)
    times = race(contenders)
    ours = Times(
        *((getattr(times["fit 5"], s) - getattr(times["fit 1"], s)) / (many - few) for s in ("best", "median"))
    )
    others = {name: times[name] for name in ("numba by hand",) if name in times}
    record(f"{_title(p)}: one evaluation", contenders["fit 5"], ours, others, times["limit"], goal_over_limit=1.5)


WATCHED = """
import re, sys
import numpy as np, scipy.optimize, fastcalc as fc
sys.path.insert(0, {folder!r})
from models import decay_problem

fits = {{"fastcalc": fc.curve_fit, "SciPy lm": scipy.optimize.curve_fit}}
fit, p, small = fits[sys.argv[1]], decay_problem(1_000_000), decay_problem(50)
fit(lambda x, a: a * x, small.x, small.y)  # loads what a first call loads

def kilobytes(name):
    return int(re.search(name + r":\\s*(\\d+) kB", open("/proc/self/status").read())[1])

for _ in range(2):
    open("/proc/self/clear_refs", "w").write("5")  # the peak starts again from here: Linux, proc(5)
    before = kilobytes("VmRSS")
    found, _ = fit(p.model, p.x, p.y, p.start)
    np.testing.assert_allclose(found, [2.5, 1.3, 0.5], rtol=1e-2)  # made from these; the noise leaves 1e-3
    print((kilobytes("VmHWM") - before) * 1024)
"""


def test_memory_beyond_the_data(record):
    """Peak of the process above the data. The model itself, called on a million rows, makes arrays of that length."""

    def peaks(who: str) -> list[int]:
        program = WATCHED.format(folder=str(Path(__file__).parent))
        run = subprocess.run([sys.executable, "-c", program, who], capture_output=True, text=True, check=True)
        return [int(line) for line in run.stdout.split()]

    ours, scipy = (Times(max(grown), max(grown)) for grown in (peaks("fastcalc"), peaks("SciPy lm")))
    p = decay_problem(1_000_000)
    call, jacobian = (lambda: fc.curve_fit(p.model, p.x, p.y, p.start)), 8.0 * p.x.size * p.start.size
    record("decay, 1e6 rows: peak memory", call, ours, {"SciPy lm": scipy}, unit="bytes", goal=jacobian)
