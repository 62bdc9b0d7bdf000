"""backends: Dask collections as blocks of rows that lie side by side, and sums over blocks.

Comes in: arrays, data frames and series of Dask. Goes out: for each its blocks, as tasks, with the same rows in the blocks of
the same number; and a task that merges what was computed of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import dask
import dask.array as da
import numpy as np

__all__ = ["added_up", "aligned", "blocks_of", "computed", "is_collection", "is_frame", "known_lengths"]

_WIDTH = 8  # states that are merged at a time: a tree over 4096 blocks is four tasks high


def is_collection(data: Any) -> bool:
    return bool(dask.is_dask_collection(data))


def is_frame(data: Any) -> bool:
    """Whether it is a data frame or a series, of which only the number of parts is known."""
    return is_collection(data) and hasattr(data, "npartitions") and not isinstance(data, da.Array)


def known_lengths(data: Any, name: str) -> Any:
    """Return it as an array of Dask whose blocks have known lengths."""
    if is_frame(data):
        return data.to_dask_array(lengths=True)
    array = data if isinstance(data, da.Array) else da.from_array(np.asarray(data))
    if np.isnan(array.shape).any():
        raise ValueError(f"the lengths of the blocks of {name} are unknown: {name}.compute_chunk_sizes().")
    return array


def aligned(arrays: Sequence[Any]) -> list[list[Any]]:
    """Return the blocks of each along the first axis, cut as the first of them is."""
    leader, *others = (known_lengths(array, f"data[{i}]") for i, array in enumerate(arrays))
    return [blocks_of(leader, each, f"data[{i}]") for i, each in enumerate((leader, *others))]


def blocks_of(leader: Any, data: Any, name: str, axis: int = 0) -> list[Any]:
    """Return the blocks of `data` along `axis`, cut as the first axis of `leader` is; None and scalars belong to each of them."""
    if is_frame(leader):
        count = leader.npartitions
        if is_frame(data):
            parts = data.to_delayed()
        elif isinstance(data, da.Array):
            parts = _whole_rows(data, axis).to_delayed().ravel()
        elif data is None or np.ndim(data) == 0:
            return [data] * count
        else:
            raise TypeError(
                f"`{name}` is {type(data).__name__}, but the data are a Dask data frame, whose lengths nobody knows: "
                f"make `{name}` a column of it."
            )
        if len(parts) != count:
            raise ValueError(
                f"`{name}` has {len(parts)} parts, but the data have {count}: make `{name}` a column of them."
            )
        return list(parts)
    rows = leader.chunks[0]
    if data is None or np.ndim(data) == 0:
        return [data] * len(rows)
    if is_frame(data):
        data = data.to_dask_array(lengths=True)
    unknown = bool(np.isnan(rows).any())
    if not isinstance(data, da.Array):
        if unknown:
            raise ValueError(
                f"the lengths of the blocks are unknown, and so `{name}` cannot be cut: X.compute_chunk_sizes()."
            )
        array = np.asarray(data)
        data = da.from_array(array, chunks=array.shape)
    if unknown or np.isnan(data.chunks[axis]).any():
        if len(data.chunks[axis]) != len(rows):
            raise ValueError(
                f"`{name}` has {len(data.chunks[axis])} blocks of unknown lengths, but the data have {len(rows)}: "
                "call .compute_chunk_sizes() on both."
            )
    elif data.shape[axis] != sum(rows):
        raise ValueError(f"`{name}` has {data.shape[axis]} rows, but the data have {sum(rows)}.")
    elif data.chunks[axis] != rows:
        data = data.rechunk({axis: rows})
    return list(_whole_rows(data, axis).to_delayed().ravel())


def _whole_rows(data: Any, axis: int) -> Any:
    """Return the array in blocks along `axis` alone."""
    cut = {other: -1 for other in range(data.ndim) if other != axis and len(data.chunks[other]) > 1}
    return data.rechunk(cut) if cut else data


def added_up(parts: Sequence[Any], merge: Callable[[list[Any]], Any]) -> Any:
    """Return the task that merges all parts, a few at a time, always in the same order."""
    task = dask.delayed(merge, pure=False)
    layer = list(parts)
    while len(layer) > 1:
        layer = [task(layer[i : i + _WIDTH]) for i in range(0, len(layer), _WIDTH)]
    return layer[0]


def computed(task: Any) -> Any:
    """Run on the cluster of the current `distributed.Client`, or in this process if there is none."""
    return dask.compute(task)[0]
