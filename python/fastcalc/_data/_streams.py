"""data: of linear least squares: rows that come one part after the other.

In come blocks (X, y), or one `Block` of a memmap that may be larger than memory; out go the parts, with a progress bar if one is
wanted, and behind each part its pages are let go.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ._observations import Block

__all__ = ["checked", "is_read_in_parts", "parts_of", "shown"]

_STRETCH = 1 << 22  # numbers between two steps of a progress bar, or two releases of a memmap's pages


def checked(blocks: Iterable[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """Yield X, y and the weights, or None, of each block; refuse what is no such block."""
    for number, each in enumerate(blocks):
        if not isinstance(each, tuple | list) or len(each) not in (2, 3):
            raise TypeError(f"block {number} is no (X, y) or (X, y, weights), but {type(each).__name__}.")
        X, y, *weights = each
        yield X, y, weights[0] if weights else None


def is_read_in_parts(rows: Block) -> bool:
    """Whether these rows lie in a file, so that their pages are to be let go on the way."""
    return bool(_maps(rows))


def parts_of(whole: Block, progress: bool) -> Iterator[Block]:
    """Yield a block in parts, each some MB of numbers."""
    mapped = _maps(whole)
    length = max(1024, _STRETCH // (whole.width + whole.target_count))
    firsts = range(0, whole.rows, length)
    for first in shown(firsts, progress, len(firsts)):
        yield whole.part(first, min(first + length, whole.rows))
        for pages in mapped:
            pages.madvise(mmap.MADV_DONTNEED)  # they are on the disk, and would count as this process's memory


def _maps(rows: Block) -> list[mmap.mmap]:
    """Return the maps of those arrays that are memmaps which nobody writes to: their pages may be dropped."""
    found: list[mmap.mmap] = []
    for array in (*rows.predictors, *rows.targets):
        base: Any = array
        while isinstance(base, np.ndarray):
            if isinstance(base, np.memmap) and base.mode == "r" and isinstance(base.base, mmap.mmap):
                found.append(base.base)
            base = base.base
    return found


def shown(items: Any, progress: bool, total: int | None = None) -> Any:
    """`items`, with a progress bar if it is wanted."""
    if not progress:
        return items
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError("A progress bar needs tqdm: pip install tqdm") from error
    return tqdm(items, total=total, unit="block")
