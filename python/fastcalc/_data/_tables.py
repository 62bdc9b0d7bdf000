"""data: of linear least squares: data by the names of columns, in memory or in a file that may be larger than it.

In come a table, or a path to Parquet, Arrow or text with commas, or anything that yields tables; out go batches, and of
each the columns that were asked for. Files are read by pyarrow, some MB at a time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ._observations import columns_of

__all__ = ["batches", "is_streamed", "split"]

_NUMBERS = 1 << 20  # in a batch: 8 MB of doubles
_SUFFIXES = {".parquet": "parquet", ".pq": "parquet", ".arrow": "ipc", ".feather": "ipc", ".csv": "csv", ".gz": "csv"}


def is_streamed(source: Any) -> bool:
    """Whether the rows come in batches, and are gone once they have been read."""
    if isinstance(source, str | os.PathLike):
        return True
    return isinstance(source, Iterable) and not hasattr(source, "shape") and not isinstance(source, Mapping)


def batches(source: Any, wanted: Sequence[str] | None) -> Iterator[Any]:
    """Yield the tables that a source consists of; of a file only the columns that are wanted (None: all)."""
    if not isinstance(source, str | os.PathLike):
        if hasattr(source, "to_batches"):  # an Arrow table or data set
            yield from source.to_batches()
        else:
            yield from source
        return
    path = os.fspath(source)
    kind = _SUFFIXES.get(os.path.splitext(path)[1].lower())
    if kind is None:
        raise ValueError(f"what {path!r} holds is told by its ending, one of {', '.join(_SUFFIXES)}.")
    try:
        import pyarrow as pa
    except ImportError as error:
        raise ImportError('Files are read by pyarrow: pip install "fastcalc[files]"') from error
    columns = None if wanted is None else list(dict.fromkeys(wanted))
    if kind == "parquet":
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            _require(columns, file.schema_arrow.names, path)
            rows = max(1024, _NUMBERS // max(1, len(columns or file.schema_arrow.names)))
            yield from file.iter_batches(batch_size=rows, columns=columns, use_threads=False)
    elif kind == "ipc":
        with pa.OSFile(path) as stream, pa.ipc.open_file(stream) as file:
            _require(columns, file.schema.names, path)
            for i in range(file.num_record_batches):
                yield file.get_batch(i) if columns is None else file.get_batch(i).select(columns)
    else:
        import pyarrow.csv

        # pyarrow reads 32 blocks ahead: 32 MB.
        options = pyarrow.csv.ReadOptions(block_size=1 << 20, use_threads=False)
        with pyarrow.csv.open_csv(path, read_options=options) as file:
            _require(columns, file.schema.names, path)
            for batch in file:
                yield batch if columns is None else batch.select(columns)


def _require(columns: list[str] | None, present: Sequence[str], path: str) -> None:
    for name in columns or ():
        if name not in present:
            raise ValueError(f"{path!r} has no column {name!r}; its columns are {', '.join(present)}.")


def split(table: Any, y: str, weight: str | None, names: Sequence[str] | None) -> tuple[dict[str, Any], Any, Any]:
    """Return the predictors (those of `names`, else all other columns), the target and the weights of a table."""
    arrays, found = columns_of(table, "X")
    if found is None:
        raise TypeError(f"y={y!r} names a column, but X has no names: pass a table, a mapping of columns or a file.")
    columns = dict(zip(found, arrays, strict=True))
    chosen = [name for name in found if name not in (y, weight)] if names is None else list(names)
    for name in (*chosen, y, *([weight] if weight else [])):
        if name not in columns:
            raise ValueError(f"there is no column {name!r}; the columns are {', '.join(found)}.")
    return {name: columns[name] for name in chosen}, columns[y], columns[weight] if weight else None
