"""cli room, table: a text file with columns of numbers comes in, NumPy arrays go out.

The file is read in blocks of rows. The fast way is `np.loadtxt`. Where that cannot read a block, or reads a NaN, the
exact way goes through it cell by cell: it finds the line and the column to name in the error, or, where the trouble
sits in a column that nobody asked for, the numbers.
"""

from __future__ import annotations

import csv
import math
import warnings
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from .errors import InputError, did_you_mean

_ROWS = 1 << 16  # at a time


class Table:
    """A file of columns, separated by tabs, semicolons, commas or blanks, with or without a header.

    The first row is a header when none of its cells is a number; else the columns are named 1, 2, …. Empty lines are
    passed over, and so is whatever follows a # (but not on a line with quoted cells).

    Parameters
    ----------
    path : str or Path
        The file; UTF-8, with or without a byte order mark.

    Raises
    ------
    InputError
        The file cannot be read, is empty, or its header names a column twice.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.header_line = 0
        with self._open() as stream:
            number, line = next(self._lines(stream), (0, ""))
        if not number:
            raise InputError(f"{self.path} is empty")
        self.delimiter = next((mark for mark in "\t;," if mark in line), None)
        cells = self._cells(number, line)
        self.names = tuple(str(i) for i in range(1, len(cells) + 1))
        if all(_value(cell) is None for cell in cells):
            self.header_line = number
            self.names = tuple(cell or unnamed for cell, unnamed in zip(cells, self.names, strict=True))
        for i, name in enumerate(self.names):
            if name in self.names[:i]:
                raise InputError(
                    f"{self.path}: the header names {name!r} twice (columns {self.names.index(name) + 1} and {i + 1})"
                )

    def index(self, name: str) -> int:
        """Return the place of the column `name`, or say which columns there are."""
        if name not in self.names:
            nearest = did_you_mean(name, self.names)
            raise InputError(f"{self.path} has no column {name!r}{nearest}; its columns are {', '.join(self.names)}")
        return self.names.index(name)

    def read(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Return the named columns, one a row of the result: shape ``(len(names), N)``.

        Raises
        ------
        InputError
            A column is missing; a cell holds text, nothing, NaN or infinity; a row has too few or too many cells; there
            are no rows.
        """
        blocks = list(self.blocks(names, _ROWS))
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)

    def blocks(self, names: Sequence[str], rows: int) -> Iterator[NDArray[np.float64]]:
        """Yield the same, of at most so many rows at a time: the file may be larger than memory."""
        wanted = [self.index(name) for name in names]
        some = False
        with self._open() as stream:
            lines = (line for line in self._lines(stream) if line[0] > self.header_line)
            while block := list(islice(lines, rows)):
                some = True
                yield self._columns(block, wanted)
        if not some:
            raise InputError(f"{self.path} has a header but no rows")

    def _columns(self, lines: list[tuple[int, str]], wanted: Sequence[int]) -> NDArray[np.float64]:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                rows = np.loadtxt([line for _, line in lines], delimiter=self.delimiter, ndmin=2)
                columns = rows.T[wanted]
                if rows.shape[1] == len(self.names) and np.isfinite(columns).all():
                    return columns
            except (ValueError, Warning):
                pass  # the exact way says what is wrong
        return self._exact_columns(lines, wanted)

    def _exact_columns(self, lines: list[tuple[int, str]], wanted: Sequence[int]) -> NDArray[np.float64]:
        columns = [array("d") for _ in wanted]
        for number, line in lines:
            cells = self._cells(number, line)
            if len(cells) != len(self.names):
                raise InputError(
                    f"{self.path}, line {number}: {len(cells)} cells where the table has {len(self.names)} columns"
                )
            for column, i in zip(columns, wanted, strict=True):
                column.append(self._number(cells[i], number, self.names[i]))
        return np.array(columns)

    def _number(self, cell: str, line: int, name: str) -> float:
        value = _value(cell)
        if value is not None and math.isfinite(value):
            return value
        place = f"{self.path}, line {line}, column {name!r}"
        if not cell:
            raise InputError(f"{place}: the cell is empty")
        if value is not None:
            raise InputError(f"{place}: {cell!r} is not a finite number; remove the row")
        hint = " (write the decimal comma as a point)" if _value(cell.replace(",", ".", 1)) is not None else ""
        raise InputError(f"{place}: {cell!r} is not a number{hint}")

    def _cells(self, number: int, line: str) -> list[str]:
        if '"' not in line:
            return [cell.strip() for cell in line.split(self.delimiter)]
        try:
            (cells,) = csv.reader([line], delimiter=self.delimiter or " ", skipinitialspace=True, strict=True)
        except csv.Error as error:
            raise InputError(f"{self.path}, line {number}: {error}") from None
        return [cell.strip() for cell in cells]

    def _lines(self, stream: TextIO) -> Iterator[tuple[int, str]]:
        """Yield the lines that hold cells, each with its number in the file."""
        try:
            for number, line in enumerate(stream, 1):
                text = line.strip(" \n")  # not the tabs: an empty first or last cell is a cell
                if "#" in text and ('"' not in text or text.startswith("#")):
                    text = text.partition("#")[0].rstrip(" ")
                if text and not text.isspace():
                    yield number, text
        except UnicodeDecodeError:
            raise InputError(f"{self.path} is not UTF-8 text: save it as UTF-8") from None

    def _open(self) -> TextIO:
        try:
            if self.path.exists() and not self.path.is_file():
                raise InputError(f"{self.path} is not a file")  # a pipe could not be read a second time
            return self.path.open(encoding="utf-8-sig")
        except (OSError, ValueError) as error:
            raise InputError(f"cannot read {self.path}: {getattr(error, 'strerror', None) or error}") from None


def _value(cell: str) -> float | None:
    try:
        return None if "_" in cell else float(cell)
    except ValueError:
        return None
