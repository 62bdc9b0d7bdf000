"""What is told of each iteration: the caller's function, and a bar.

Comes in: a callback in either of SciPy's forms, whether a bar is wanted. Goes out: what the kernel's loop calls after each step, and
whether it is to end.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._problems._space import Vector
from .._results._solutions import OptimizeResult

__all__ = ["Listener"]

Array = NDArray[np.float64]


class Listener:
    """What is told of each iteration: the caller's function, and a bar."""

    def __init__(self, callback: Callable[..., Any] | None, bar: Any, vector: Vector | None) -> None:
        self.callback, self.bar, self.vector = callback, bar, vector
        self.wants_result = callback is not None and _wants_result(callback)

    @classmethod
    def of(
        cls, callback: Callable[..., Any] | None, progress: bool, maxiter: int, vector: Vector | None
    ) -> Listener | None:
        if callback is None and not progress:
            return None
        bar = None
        if progress:
            from tqdm.auto import tqdm

            bar = tqdm(total=maxiter, desc="minimize", unit="it")
        return cls(callback, bar, vector)

    def __call__(self, x: Array, f: float, gradient: Array, iteration: int) -> bool:
        if self.bar is not None:
            self.bar.update(iteration - self.bar.n)
            self.bar.set_postfix(fun=f"{f:.6g}", refresh=False)
        if self.callback is None:
            return False
        point = x if self.vector is None else self.vector.unflatten(x)
        try:
            if self.wants_result:
                self.callback(intermediate_result=OptimizeResult(x=point, fun=f))
            else:
                self.callback(point)
        except StopIteration:
            return True
        return False

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def _wants_result(callback: Callable[..., Any]) -> bool:
    try:
        return set(inspect.signature(callback).parameters) == {"intermediate_result"}
    except (TypeError, ValueError):  # a builtin that tells nothing
        return False
