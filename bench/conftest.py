"""bench: what every case uses. A case checks all answers, then races, then records its figures.

Comes in: calls. Goes out: an `extra_info` for each case in pytest-benchmark's JSON, which `record.py` reads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import numpy as np
    from kernels import Limit
    from race import Call, Times

sys.path.insert(0, str(Path(__file__).parent))  # for the cases' imports; a plain `pytest` never comes here
# One thread for all, set before NumPy is imported: a BLAS that wakes its threads for a 7 × 7 matrix slows its own caller
# and whoever comes next.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def limit(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Limit]:
    """Return `limit(model, x, y, start)`: the hand-written C++ for these data."""
    from kernels import Limit, compiled

    library = compiled(tmp_path_factory.mktemp("kernels"))
    return lambda *arguments: Limit(library, *arguments)


@pytest.fixture
def record(benchmark) -> Callable[..., None]:
    """Return `record(title, call, ours, rivals, limit, …)`: notes figures and lets pytest-benchmark time `call`."""

    def note(
        title: str,
        call: Call,
        ours: Times,
        rivals: Mapping[str, Times],
        limit: Times | None = None,
        *,
        unit: str = "s",
        goal: float | None = None,
        goal_over_limit: float | None = None,
    ) -> None:
        best = min(rivals, key=lambda name: rivals[name].best, default=None)
        over_limit = ours.best / limit.best if limit else None
        met = [
            value <= bound
            for value, bound in ((ours.best, goal), (over_limit, goal_over_limit))
            if value is not None and bound is not None
        ]
        benchmark.extra_info.update(
            title=title,
            unit=unit,
            ours=ours.best,
            spread=ours.spread,
            rivals={name: times.best for name, times in rivals.items()},
            best_rival=best,
            rival_over_ours=rivals[best].best / ours.best if best else None,
            limit=limit.best if limit else None,
            ours_over_limit=over_limit,
            goal=goal,
            goal_over_limit=goal_over_limit,
            goal_met=all(met) if met else None,
        )
        benchmark.pedantic(call, rounds=3, warmup_rounds=1)

    return note


@pytest.fixture
def compare(record) -> Callable[..., None]:
    """Return `compare(title, answer, ours, rivals, limit, …)`: every contender gives the parameters that it found."""
    from numpy.testing import assert_allclose
    from race import race

    def run(
        title: str,
        answer: np.ndarray,
        ours: Call,
        rivals: Mapping[str, Call],
        limit: Call | None = None,
        **goals: float,
    ) -> None:
        contenders = {"fastcalc": ours, **rivals} | ({"limit": limit} if limit else {})
        for name, call in contenders.items():
            # Rivals stop early by default: SciPy at a relative change of 1.5e-8 in the cost, which leaves 3e-5 in Thurber's
            # parameters, Minuit at 1e-4 of a standard deviation. 1e-7 is about what `rivals.tight` itself can promise.
            assert_allclose(call(), answer, rtol=1e-4 if name in rivals else 1e-7, err_msg=name)
        times = race(contenders)
        record(title, ours, times["fastcalc"], {name: times[name] for name in rivals}, times.get("limit"), **goals)

    return run
