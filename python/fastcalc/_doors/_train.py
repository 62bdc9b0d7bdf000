"""Front door `train`: a loss over data, minimised a batch at a time, wholly in C++."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._core import Program
from .._errors import TraceError
from .._fast import AtPoint
from .._fast import train as run
from .._functions._derivatives import value_and_grad
from .._functions._function import leaves_of
from .._problems._objective import OfVector
from .._problems._paths import call_at
from .._problems._space import vector_of
from .._results._solutions import OptimizeResult
from ._listener import Listener
from ._minimize import OWN_OPTIONS, named
from ._options import named_for_kernel

__all__ = ["train"]

Array = NDArray[np.float64]

#: The kernel's name of each method that needs no line search: on the next batch the objective is another one.
KERNEL = {"gradient-descent": "gradient_descent", "momentum": "momentum", "nesterov": "nesterov", "adam": "adam"}


def train(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    args: tuple[Any, ...] = (),
    method: str = "adam",
    *,
    batch_size: int = 32,
    epochs: int = 10,
    learning_rate: float = 1e-3,
    seed: int = 0,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    progress: bool = False,
) -> OptimizeResult:
    """
    Train parameters on data, a batch at a time.

    Parameters
    ----------
    loss : callable
        ``loss(params, *batch, *args)`` gives the mean loss of a batch: one number. A plain NumPy function.
    params : array_like or pytree
        The start: an array, or a dict, list, tuple or dataclass of arrays and numbers.
    data : ndarray or tuple of ndarray
        Arrays with the samples along the first axis. C-ordered float64 arrays are read where they lie; no batch is copied.
    args : tuple, optional
        Further arguments, the same for every batch.
    method : {"adam", "gradient-descent", "momentum", "nesterov"}
        The step.
    batch_size : int, default 32
        Consecutive samples a step. Shuffle the data once if their order means something; the order of the batches is drawn anew for
        each epoch.
    epochs : int, default 10
        How often all data are seen.
    learning_rate : float, default 1e-3
        The length of a step: of Adam's about that of each component.
    seed : int, default 0
        Of the order of the batches.
    callback : callable, optional
        As in `minimize`, after each step.
    options : dict, optional
        ``momentum`` of momentum and Nesterov, ``beta1`` and ``beta2`` of Adam; ``max_time``.
    progress : bool, default False
        Show a bar of the steps, by tqdm.

    Returns
    -------
    OptimizeResult
        ``x``: the parameters, in their structure; ``losses``: the mean loss of each epoch, (epochs,); ``nit``: steps.

    Raises
    ------
    ValueError
        If the arrays differ in length, a loss is not finite, the method is unknown, or `batch_size`, `epochs` or `seed` is no count.
    TypeError
        If data are no real numbers.
    TraceError
        If the loss cannot be traced.

    See Also
    --------
    minimize : All data at once, with second derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> import fastcalc as fc
    >>> x = np.linspace(-1, 1, 256)
    >>> def loss(p, x, y):
    ...     return np.mean((p["slope"] * x + p["offset"] - y) ** 2)
    >>> found = fc.train(loss, {"slope": 0.0, "offset": 0.0}, (x, 3 * x + 1), epochs=200, learning_rate=0.01)
    >>> round(float(found.x["slope"]), 3), round(float(found.x["offset"]), 3)
    (3.0, 1.0)
    """
    x, vector = vector_of(params)
    if method not in KERNEL:
        raise ValueError(f"method {method!r}: a loss over batches is trained by {', '.join(map(repr, KERNEL))}")
    counts: list[tuple[str, Any, int]] = [("batch_size", batch_size, 1), ("epochs", epochs, 1), ("seed", seed, 0)]
    for name, count, least in counts:
        if not isinstance(count, int | np.integer) or count < least:
            raise ValueError(f"{name} must be a whole number from {least} on, not {count!r}")
    arrays = [_numbers(part, number) for number, part in enumerate(data if isinstance(data, tuple | list) else (data,))]
    rows = _rows(arrays)
    batch = min(int(batch_size), rows)
    given = {"learning_rate": learning_rate, **(options or {})}
    chosen = named_for_kernel(given, {"max_time": "max_time"} | OWN_OPTIONS[method])
    steps = epochs * -(-rows // batch)
    listener = Listener.of(callback, progress, steps, vector)
    first = [array[:batch] for array in arrays]
    point = _programs(loss, vector, x, first, args)
    try:
        found, losses = run(KERNEL[method], point, x, arrays, rows, batch, epochs, seed, chosen, listener)
    finally:
        if listener is not None:
            listener.close()
    if found.status in ("objective_not_finite", "diverged"):
        raise ValueError(
            f"the loss is not finite after {found.nit} steps: scale the data, or take a smaller learning_rate"
        )
    result = named(found, method, "program", vector)
    if found.status == "max_iterations":  # as many as were asked for
        result.update(success=True, status=0, message=f"All {epochs} epochs done.")
    result["losses"] = losses[:epochs]  # the step after the last epoch has seen the first batch of another
    return result


def _numbers(part: Any, number: int) -> Array:
    array = np.asarray(part)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"data[{number}] must be an array of real numbers, not of {array.dtype}")
    return np.ascontiguousarray(array, np.float64)


def _rows(arrays: Sequence[Array]) -> int:
    lengths = {len(array) if array.ndim else 0 for array in arrays}
    if len(lengths) != 1 or 0 in lengths:
        shapes = [array.shape for array in arrays]
        raise ValueError(f"data of the shapes {shapes}: each needs as many samples as the others, at least one")
    return lengths.pop()


def _programs(loss: Callable[..., Any], vector: Any, x: Array, batch: list[Array], args: tuple[Any, ...]) -> AtPoint:
    of_vector = OfVector(loss, vector)
    both, arguments = value_and_grad(of_vector), (*batch, *args)

    def program_at(x: Array) -> Program:
        return call_at(both, (x, *arguments), lambda: of_vector(x.copy(), *arguments)).program

    try:
        known = program_at(x)
    except TraceError as error:
        raise TraceError(f"a loss over batches must be traced, but {error}") from error
    return AtPoint(program_at, 0, programs=True, arguments=leaves_of((x, *arguments))[1:], known=known)
