"""cli room: columns of numbers are read exactly, or the line and the column are named."""

from pathlib import Path

import numpy as np
import pytest
from fastcalc.cli.errors import InputError
from fastcalc.cli.table import Table


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "x,y\n1,2\n3,4\n",
        "x, y\n1, 2\n3, 4",
        "x;y\n1;2\n3;4\n",
        "x\ty\n1\t2\n3\t4\n",
        "x y\n1 2\n3 4\n",
        "  x   y\n  1   2  \n  3   4\n",
        "x,y\r\n1,2\r\n3,4\r\n",
        "\ufeffx,y\n1,2\n3,4\n",
        "# made today\n\nx,y\n# unit: mm\n1,2\n\n   \n3,4\n\n",
        "x,y\n1,2 # first\n3,4\n",
        '"x","y"\n"1","2"\n"3","4"\n',
        '"x" "y"\n"1" "2"\n3 4\n',
        "x,y\n1e0,+2.\n30e-1,4.0\n",
    ],
)
def test_the_same_table_is_read_from_every_dialect(write, text: str) -> None:
    table = Table(write(text))
    assert table.names == ("x", "y")
    np.testing.assert_array_equal(table.read(["x", "y"]), [[1.0, 3.0], [2.0, 4.0]])
    np.testing.assert_array_equal(table.read(["y"]), [[2.0, 4.0]])


@pytest.mark.parametrize("text", ["1,2\n3,4\n", "\ufeff1,2\n3,4\n", "# x y\n1 2\n3 4\n", "1;2\n3;4"])
def test_columns_without_a_header_are_numbered(write, text: str) -> None:
    table = Table(write(text))
    assert table.names == ("1", "2")
    np.testing.assert_array_equal(table.read(["2", "1"]), [[2.0, 4.0], [1.0, 3.0]])


def test_numbers_are_read_to_the_last_bit_both_ways(write, rng: np.random.Generator) -> None:
    values = rng.standard_normal((50, 2)) * 10.0 ** rng.integers(-300, 300, (50, 2))
    rows = [f"{a!r},{b!r}" for a, b in values.tolist()]
    np.testing.assert_array_equal(Table(write("x,y\n" + "\n".join(rows))).read(["x", "y"]), values.T)
    labelled = "x,y,who\n" + "\n".join(f"{row},Ada" for row in rows)
    np.testing.assert_array_equal(Table(write(labelled)).read(["x", "y"]), values.T)


def test_trouble_in_a_column_that_nobody_asked_for_is_no_error(write) -> None:
    table = Table(write('x,note,y\n1,"first, #1",2\n3,,4\n5,nan,6\n'))
    np.testing.assert_array_equal(table.read(["x", "y"]), [[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]])


def test_a_row_of_numbers_below_a_header_of_numbers_is_data(write) -> None:
    with pytest.raises(InputError, match=r"line 1, column '1': 'T' is not a number"):
        Table(write("T,300,310\n1,2,3\n")).read(["1", "2"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n1,2\n3,four\n", r"data\.csv, line 3, column 'y': 'four' is not a number"),
        ("# c\n\nx,y\n1,2\n\n3,4..0\n", r"line 6, column 'y': '4\.\.0' is not a number"),
        ("x;y\n1;2\n3;4,5\n", r"line 3, column 'y': '4,5' is not a number \(write the decimal comma as a point\)"),
        ("x,y\n1,2\n3,\n", r"line 3, column 'y': the cell is empty"),
        ("x,y\n1,nan\n3,4\n", r"line 2, column 'y': 'nan' is not a finite number"),
        ("x,y\n1,2\n-inf,4\n", r"line 3, column 'x': '-inf' is not a finite number"),
        ("x,y\n1,1e999\n", r"line 2, column 'y': '1e999' is not a finite number"),
        ("x,y\n1,2_0\n", r"line 2, column 'y': '2_0' is not a number"),
        ("x,y\n1,0x1p3\n", r"line 2, column 'y': '0x1p3' is not a number"),
        ("x,y\n1,1+2j\n", r"line 2, column 'y': '1\+2j' is not a number"),
        ("x,y\n1,2\n3\n", r"line 3: 1 cells where the table has 2 columns"),
        ("x,y\n1,2,3\n4,5,6\n", r"line 2: 3 cells where the table has 2 columns"),
        ("x y\n1 2\n3 4 5\n", r"line 3: 3 cells where the table has 2 columns"),
        ('x,y\n1,"2\n3,4\n', r"line 2: unexpected end of data"),
        ("x,y\n", r"has a header but no rows"),
        ("x,y\n1,\0\n", r"line 2, column 'y': '\\x00' is not a number"),
    ],
)
def test_the_error_names_the_line_and_the_column(write, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Table(write(text)).read(["x", "y"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"data\.csv is empty"),
        (b"\n  \n# only a comment\n", r"is empty"),
        (b"x,y,x\n1,2,3\n", r"names 'x' twice \(columns 1 and 3\)"),
        ("µ,y\n1,2\n".encode("latin-1"), r"is not UTF-8 text"),
        ("x,y\n1,2\n".encode("utf-16"), r"is not UTF-8 text"),
    ],
)
def test_a_file_that_is_no_table_is_refused(write, content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Table(write(content))


def test_bytes_that_are_not_text_far_down_the_file_are_refused(write) -> None:
    table = Table(write(b"x,y\n" + b"1,2\n" * 100_000 + b"3,\xff\n"))
    with pytest.raises(InputError, match="is not UTF-8 text"):
        table.read(["x", "y"])


def test_a_missing_column_is_named_with_its_nearest_neighbour(write) -> None:
    table = Table(write("time,signal\n1,2\n"))
    with pytest.raises(InputError, match=r"no column 'tmie' \(did you mean 'time'\?\); its columns are time, signal"):
        table.read(["tmie"])


@pytest.mark.parametrize("name", ["absent.csv", "", "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"cannot read|is not a file"):
        Table(f"{tmp_path}/{name}")
