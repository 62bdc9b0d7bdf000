"""problems: many problems of one function.

Comes in: starts, one behind the other, and other arguments, of each problem or of all. Goes out: the arguments of one problem, the
arrays that the kernel's loops read, and by name what became of each problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._fast import ManyProblems, status_text
from .._functions._function import leaves_of

__all__ = ["Codes", "Counts", "Many", "outcomes"]

Array = NDArray[np.float64]
Codes = NDArray[np.intc]  # of statuses
Counts = NDArray[np.int64]


class Many:
    """K problems of one function. An argument that is an array has an entry for each; a number is for all."""

    def __init__(self, starts: Array, args: Any, threads: int | None, kind: str) -> None:
        arguments = args if isinstance(args, tuple) else (args,)
        if starts.ndim < 2:
            raise ValueError(f"`x0` must have the shape (K, n), one start for each of K {kind}, not {starts.shape}")
        for number, arg in enumerate(arguments):
            if isinstance(arg, np.ndarray | list | tuple) and np.ndim(arg) > 0 and len(arg) != len(starts):
                raise ValueError(
                    f"args[{number}] has {len(arg)} entries for {len(starts)} {kind}: "
                    "give one for each, or close over what they share"
                )
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be 1 or more, not {threads}")
        self.starts, self.threads = starts, threads or 0
        self._arguments = [np.asarray(arg, np.float64) if np.ndim(arg) else arg for arg in arguments]

    def __len__(self) -> int:
        return len(self.starts)

    def arguments(self, problem: int) -> tuple[Any, ...]:
        """Return the other arguments of one problem."""
        return tuple(
            float(arg[problem]) if np.ndim(arg) == 1 else arg[problem] if np.ndim(arg) else arg
            for arg in self._arguments
        )

    def posed(self) -> ManyProblems:
        """Return them as the kernel's loops take them."""
        leaves = [(leaf, np.ndim(arg) > 0) for arg in self._arguments for leaf in leaves_of((arg,))]
        return ManyProblems(self.starts, leaves)


def outcomes(codes: Codes, numbers: Mapping[str, int]) -> dict[str, Any]:
    """Return `success`, `status`, `reason` and `message` of each problem; `numbers`: SciPy's number by reason, 0 for others."""
    kinds, kind = np.unique(codes, return_inverse=True)
    texts = [status_text(int(code)) for code in kinds]

    def of_each(values: list[Any], kind_of_value: type) -> Any:
        return np.array(values, kind_of_value)[kind]

    return {
        "success": of_each([success for _, _, success in texts], bool),
        "status": of_each([numbers.get(reason, 0) for reason, _, _ in texts], int),
        "reason": of_each([reason for reason, _, _ in texts], str),
        "message": of_each([sentence for _, sentence, _ in texts], object),
    }
