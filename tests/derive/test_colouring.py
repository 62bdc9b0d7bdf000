"""derive: coloured products hold every entry of a sparse matrix, and there are as few of them as the structure allows."""

import time

import numpy as np
import pytest
from fastcalc._core import by_columns, by_rows, by_symmetry, symmetric_part


def compressed_rows(matrix):
    rows, columns = np.nonzero(matrix)
    first = np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=len(matrix)))))
    return first, columns.astype(np.int32)


def vectors_of(colours):
    return (colours == np.arange(colours.max(initial=-1) + 1)[:, None]).astype(float)


def symmetric(matrix):
    return matrix + matrix.T


def arrow(n, hubs=1):
    matrix = np.diag(np.arange(1.0, n + 1))
    matrix[:hubs] = np.arange(1.0, n + 1)
    return np.triu(matrix) + np.triu(matrix, 1).T


def tree(n):
    matrix = np.diag(np.arange(1.0, n + 1))
    for child in range(1, n):
        matrix[child, (child - 1) // 2] = matrix[(child - 1) // 2, child] = child
    return matrix


def random_matrix(seed, rows, columns):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)) * (rng.random((rows, columns)) < rng.uniform(0, 0.4))


@pytest.mark.parametrize("seed", range(60))
def test_products_hold_every_entry(seed):
    rng = np.random.default_rng(1000 + seed)
    matrix = random_matrix(seed, *rng.integers(1, 25, size=2))
    first, columns = compressed_rows(matrix)
    entries = matrix[np.repeat(np.arange(len(matrix)), np.diff(first)), columns]
    colours, places = by_columns(first, columns, matrix.shape[1])
    np.testing.assert_array_equal((vectors_of(colours) @ matrix.T).ravel()[places], entries)
    colours, places = by_rows(first, columns, matrix.shape[1])
    np.testing.assert_array_equal((vectors_of(colours) @ matrix).ravel()[places], entries)


@pytest.mark.parametrize("seed", range(120))
def test_products_hold_every_entry_of_a_symmetric_matrix_or_its_mirror_image(seed):
    rng = np.random.default_rng(2000 + seed)
    n = int(rng.integers(1, 30))
    matrix = symmetric(random_matrix(seed, n, n))
    if seed % 2:
        np.fill_diagonal(matrix, 0)
    if seed % 3 == 0:
        matrix[0], matrix[:, 0] = 1, 1
    first, columns = compressed_rows(matrix)
    rows = np.repeat(np.arange(n), np.diff(first))
    colours, places = by_symmetry(first, columns)
    np.testing.assert_array_equal((vectors_of(colours) @ matrix).ravel()[places], matrix[rows, columns])
    read = np.zeros((n, n), dtype=np.int64)
    read[rows, columns] = places
    np.testing.assert_array_equal(read, read.T)  # both of a pair from one product


@pytest.mark.parametrize(
    ("matrix", "most"),
    [
        (np.eye(40), 1),
        (np.tri(40, 40, 1) * np.tri(40, 40, 1).T, 3),
        (np.tri(40, 40, 2) * np.tri(40, 40, 2).T, 5),
        (arrow(40), 2),
        (arrow(40)[::-1, ::-1], 2),
        (arrow(40, hubs=3), 4),
        (arrow(40, hubs=3)[::-1, ::-1], 4),
        (tree(63), 4),
        (np.ones((9, 9)), 9),
    ],
    ids=[
        "diagonal",
        "tridiagonal",
        "five diagonals",
        "arrow",
        "arrow upwards",
        "three hubs",
        "three hubs last",
        "tree",
        "dense",
    ],
)
def test_a_symmetric_matrix_needs_few_products(matrix, most):
    colours, _ = by_symmetry(*compressed_rows(matrix))
    assert colours.max() + 1 <= most


def test_full_rows_are_had_by_rows_and_full_columns_by_columns():
    matrix = np.eye(30)
    matrix[4] = 1
    assert by_rows(*compressed_rows(matrix), 30)[0].max() + 1 == 2
    assert by_columns(*compressed_rows(matrix), 30)[0].max() + 1 == 30
    assert by_columns(*compressed_rows(matrix.T), 30)[0].max() + 1 == 2


def test_the_symmetric_part_is_what_has_a_mirror_image():
    matrix = random_matrix(5, 20, 20)
    first, columns = symmetric_part(*compressed_rows(matrix))
    expected = compressed_rows((matrix != 0) & (matrix.T != 0))
    np.testing.assert_array_equal(first, expected[0])
    np.testing.assert_array_equal(columns, expected[1])


def seconds(colour, *pattern):
    began = time.process_time()  # of this process alone: the machine may be busy
    colour(*pattern)
    return time.process_time() - began


@pytest.mark.parametrize("hub", [False, True], ids=["banded", "arrow"])
def test_colouring_takes_linear_time(hub):
    def pattern(n):
        if hub:  # the last row and column
            columns = np.concatenate(
                [np.stack([np.arange(n - 1), np.full(n - 1, n - 1)], axis=1).ravel(), np.arange(n)]
            )
            return np.concatenate([np.arange(0, 2 * n - 1, 2), [3 * n - 2]]), columns.astype(np.int32)
        columns = (np.arange(n)[:, None] + [-1, 0, 1]).ravel()[1:-1]
        return np.concatenate([[0], np.arange(2, 3 * n - 2, 3), [3 * n - 2]]), columns.astype(np.int32)

    few, many = (min(seconds(by_symmetry, *pattern(n)) for _ in range(3)) for n in (5_000, 160_000))
    # 32 times as much, which does not fit into the caches any more; a quadratic way would take a thousand times.
    assert many < 250 * few


def test_a_dense_pattern_is_coloured_in_the_time_it_takes_to_read_it():
    n = 1500
    first, columns = np.arange(0, n * n + 1, n), np.tile(np.arange(n, dtype=np.int32), n)
    # n³ steps would take 3 s and more
    assert seconds(by_columns, first, columns, n) < 1.0
    assert seconds(by_rows, first, columns, n) < 1.0
    assert seconds(by_symmetry, first, columns) < 3.0
