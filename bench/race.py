"""bench: contenders measured side by side.

Comes in: calls. Goes out: seconds a call for each. The machines are shared and noisy, so a time alone says little:
every round times every contender, one after the other, in one process, and of all rounds each contender's shortest
counts. What disturbs a round disturbs all in it, and a disturbance never makes a call faster.
"""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Call = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """Seconds a call: the shortest round, and the median one, which is far above it where something disturbed."""

    best: float
    median: float

    @property
    def spread(self) -> float:
        return self.median / self.best


def race(
    contenders: Mapping[str, Call], rounds: int = 200, batch: float = 1e-3, longest: float = 15.0
) -> dict[str, Times]:
    """Time the contenders: a round calls each for about `batch` seconds, at least once; `longest` ends it early.

    A batch is short, so that some batches run without interruption on a busy machine. Before it, calls that take no longer than
    half of it bring back to the caches what the contender before has driven out.
    """
    repeats = {name: max(1, int(batch / min(_seconds(call, 1) for _ in range(3)))) for name, call in contenders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    began = time.perf_counter()
    gc.collect()
    gc.disable()
    try:
        for done in range(rounds):
            if done >= 5 and time.perf_counter() - began > longest:
                break
            for name, call in contenders.items():
                for _ in range(repeats[name] // 2):
                    call()
                seconds[name].append(_seconds(call, repeats[name]))
    finally:
        gc.enable()
    return {name: summary(values) for name, values in seconds.items()}


def summary(seconds: list[float]) -> Times:
    return Times(min(seconds), sorted(seconds)[len(seconds) // 2])


def _seconds(call: Call, repeat: int) -> float:
    began = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - began) / repeat
