"""tests: a plain NumPy function recorded with its arguments, as fits and `compile` record it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from fastcalc import _core
from fastcalc._tracer import Recording

OP = {row["name"]: row["op"] for row in _core.op_table()}


def program(
    f: Callable[..., Any], data: Sequence[Any] = (), parameters: Sequence[float] = (), *, rewrite: bool = True
) -> _core.Program:
    """The program of `f(*data, *parameters)`, differentiated by the parameters."""
    recording = Recording()
    arguments = [recording.input(f"x{i}", value, seed=False) for i, value in enumerate(data)]
    seeds = [recording.input(f"p{i}", value, seed=True) for i, value in enumerate(parameters)]
    result = recording.tracer(f(*arguments, *seeds))
    return recording.builder.finish(result._value, getattr(f, "__name__", "f"), rewrite)


def arrays(data: Sequence[Any]) -> list[np.ndarray]:
    return [np.array(value, dtype=np.float64, order="C") for value in data]


def values(
    f: Callable[..., Any], data: Sequence[Any] = (), parameters: Sequence[float] = (), *, rewrite: bool = True
) -> np.ndarray:
    return program(f, data, parameters, rewrite=rewrite).values(arrays(data), np.array(parameters, dtype=np.float64))


def jacobian(
    f: Callable[..., Any], data: Sequence[Any], parameters: Sequence[float], *, rewrite: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """The values, and ∂values/∂parameters with one column a parameter."""
    return program(f, data, parameters, rewrite=rewrite).jacobian(arrays(data), np.array(parameters, dtype=np.float64))
