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
    """Time the contenders: a round calls each for about `batch` seconds, at least once.

    A batch is short, so that some batches run without interruption on a busy machine. Before it, calls that take no longer than
    half of it bring back to the caches what the contender before has driven out. `longest` ends the race early: each contender has an
    equal share of these seconds, and is timed no more once it has used that up in two rounds or more; so one that takes seconds a call
    does not keep the others from theirs.
    """
    repeats = {name: _repeats(call, batch) for name, call in contenders.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    left = dict.fromkeys(contenders, longest / len(contenders))
    gc.collect()
    gc.disable()
    try:
        for done in range(rounds):
            for name, call in contenders.items():
                if done >= 2 and left[name] < 0:
                    continue
                began = time.perf_counter()
                for _ in range(repeats[name] // 2):
                    call()
                seconds[name].append(_seconds(call, repeats[name]))
                left[name] -= time.perf_counter() - began
    finally:
        gc.enable()
    return {name: summary(values) for name, values in seconds.items()}


def _repeats(call: Call, batch: float) -> int:
    """Return how many calls take about `batch` seconds: a long one is known after one call, a short one is the shortest of three."""
    first = _seconds(call, 1)
    return 1 if first > 10 * batch else max(1, int(batch / min(first, _seconds(call, 1), _seconds(call, 1))))


def summary(seconds: list[float]) -> Times:
    return Times(min(seconds), sorted(seconds)[len(seconds) // 2])


def _seconds(call: Call, repeat: int) -> float:
    began = time.perf_counter()
    for _ in range(repeat):
        call()
    return (time.perf_counter() - began) / repeat
