"""backends: descent over Dask arrays. Comes in: a loss that is a sum over rows, a start. Goes out: what `minimize` returns.

The gradient of a sum is the sum of the blocks' gradients, so an evaluation is one pass over the blocks, where they lie, and one
vector of the parameters' size that comes back. The loop is that of `fastcalc.minimize`, here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import dask
import numpy as np

from ..._doors._minimize import minimize
from ..._functions._derivatives import value_and_grad
from ..._problems._space import Vector, vector_of
from ._blocks import added_up, aligned, computed
from ._travel import packed, unpacked

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

__all__ = ["train"]

METHODS = ("l-bfgs", "bfgs", "gradient-descent", "momentum", "nesterov", "adam")

Part = tuple[float, Any]  # value and gradient


def train(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    method: str = "l-bfgs",
    *,
    penalty: Callable[[Any], Any] | None = None,
    bounds: Any = None,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    progress: bool = False,
) -> OptimizeResult:
    """
    Minimise a loss that is a sum over the rows of Dask arrays, by descent.

    Parameters
    ----------
    loss : callable
        ``loss(params, *blocks)``, a plain NumPy function: the sum of the losses of the rows of a block, ``np.sum``, not ``np.mean``.
    params : array_like or pytree
        The start.
    data : dask.array.Array or tuple of them
        ``X`` or ``(X, y, …)``, with rows along the first axis, cut as the first of them is; a NumPy array is cut, too.
    method : str, default "l-bfgs"
        ``"l-bfgs"``, ``"bfgs"``, ``"gradient-descent"``, ``"momentum"``, ``"nesterov"`` or ``"adam"``; each step uses all rows.
    penalty : callable, optional
        ``penalty(params)``, added once.
    bounds, tol, callback, options, progress
        As in `fastcalc.minimize`.

    Returns
    -------
    OptimizeResult
        Its ``x`` has the structure of `params`, its ``fun`` is the whole sum.

    Raises
    ------
    ValueError
        If the loss is no sum over rows, or the lengths of the arrays differ; and as `fastcalc.minimize`.
    TraceError
        If the loss cannot be traced, so that it has no exact gradient.

    See Also
    --------
    fastcalc.minimize : The same in memory.

    Notes
    -----
    Runs on the cluster of the current `distributed.Client`, or in this process if there is none. The data are read once for each
    evaluation: ``X.persist()`` keeps them in the workers' memory. The result is the same bits for any number of workers.

    Examples
    --------
    >>> import dask.array as da
    >>> import numpy as np
    >>> from fastcalc.dask import train
    >>> X = da.random.default_rng(0).normal(size=(1000, 2), chunks=(250, 2))
    >>> y = X @ np.array([2.0, -1.0]) + 3.0
    >>> def loss(params, X, y):
    ...     return np.sum((X @ params["weights"] + params["bias"] - y) ** 2)
    >>> found = train(loss, {"weights": np.zeros(2), "bias": 0.0}, (X, y))
    >>> found.x["weights"].round(6).tolist(), round(float(found.x["bias"]), 6)
    ([2.0, -1.0], 3.0)
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is none that needs gradients alone: {', '.join(METHODS)}.")
    start, vector = vector_of(params)
    shards = list(zip(*aligned(data if isinstance(data, tuple) else (data,)), strict=True))
    travelling = packed(loss)
    computed(dask.delayed(_require_sum, pure=False)(travelling, start, vector, shards[0]))
    extra = None if penalty is None else value_and_grad(penalty)
    task = dask.delayed(_value_and_gradient, pure=False)

    def whole(point: Any) -> Part:
        flat = Vector.of(point)[0] if vector is not None else point
        parts = [task(number, travelling, flat, vector, shard) for number, shard in enumerate(shards)]
        value, gradient = computed(added_up(parts, _total))
        if extra is not None:
            more, slope = extra(point)
            value, gradient = value + float(more), gradient + Vector.of(slope)[0]
        return value, gradient if vector is None else vector.unflatten(gradient)

    return minimize(
        whole,
        params,
        method=method,
        jac=True,
        bounds=bounds,
        tol=tol,
        callback=callback,
        options=options,
        progress=progress,
    )


def _value_and_gradient(number: int, travelling: bytes, flat: Any, vector: Vector | None, shard: Sequence[Any]) -> Part:
    """Return the loss of one block and its gradient, as a vector."""
    point = flat if vector is None else vector.unflatten(flat)
    if not len(shard[0]):
        return 0.0, np.zeros(flat.size)
    try:
        value, gradient = unpacked(travelling, value_and_grad)(point, *shard)
    except (TypeError, ValueError) as error:
        raise type(error)(f"block {number}: {error}") from error
    return float(value), Vector.of(gradient)[0]


def _total(parts: list[Part]) -> Part:
    values, gradients = zip(*parts, strict=True)
    return sum(values), np.sum(gradients, axis=0)


def _require_sum(travelling: bytes, flat: Any, vector: Vector | None, shard: Sequence[Any]) -> None:
    """Refuse a loss whose values for two halves of the rows do not add up to that of both."""
    half = len(shard[0]) // 2
    if not half:
        return
    loss = unpacked(travelling)
    point = flat if vector is None else vector.unflatten(flat)
    with np.errstate(all="ignore"):
        whole, first, second = (
            float(loss(point, *(array[rows] for array in shard)))
            for rows in (slice(None), slice(half), slice(half, None))
        )
    # Rounding is far below; a mean is twice as large.
    if abs(whole - first - second) > 1e-9 * (abs(whole) + abs(first) + abs(second)):
        raise ValueError(
            f"the loss is no sum over rows: of {len(shard[0])} rows it is {whole:g}, of their halves {first:g} and {second:g}. "
            "Write np.sum in place of np.mean, and what does not depend on rows as `penalty`."
        )
