"""python: the scripts under examples/ run, draw, and find what is known."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib")

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, folder: Path) -> Any:
    picture = folder / f"{name}.png"
    found = runpy.run_path(str(EXAMPLES / f"{name}.py"))["main"](picture)
    assert picture.stat().st_size > 10_000  # a picture, not an empty page
    return found


def test_the_largest_rectangle_is_a_square(tmp_path: Path) -> None:
    found = run("largest_rectangle", tmp_path)
    assert found.x == pytest.approx([2.5, 2.5], rel=1e-14)
    assert found.multipliers[0] == pytest.approx(-10 / 8, rel=1e-14)  # area = fence² / 16


def test_the_line_to_the_closest_point_is_perpendicular_to_the_curve(tmp_path: Path) -> None:
    near, far = run("closest_point", tmp_path)
    assert near.x[0] > 0 > far.x[0]
    assert near.fun < far.fun
    assert near.second_order
    assert far.second_order
    # Against all points of the curve: ρ² = cos 2φ in polar coordinates.
    angle = np.linspace(-np.pi / 4, np.pi / 4, 200_001)
    radius = np.sqrt(np.maximum(np.cos(2 * angle), 0))
    squares = (radius * np.cos(angle) - 0.1) ** 2 + (radius * np.sin(angle) - 1) ** 2
    assert near.fun == pytest.approx(squares.min(), rel=1e-9)  # spacing 8e-6, squared


def test_the_largest_entropy_has_the_exponential_family_s_form(tmp_path: Path) -> None:
    die, density = run("maximum_entropy", tmp_path)
    # Jaynes 1978, Where do we stand on maximum entropy?: these six digits.
    assert die.x == pytest.approx([0.05435, 0.07877, 0.11416, 0.16545, 0.23977, 0.34749], abs=5e-6)
    grid = np.linspace(-2, 4, 121)
    assert np.polyfit(grid, np.log(density.x), 2)[0] == pytest.approx(-1 / (2 * 0.25), rel=1e-6)


def test_a_tiny_network_is_learned_by_second_order_methods(tmp_path: Path) -> None:
    found = run("tiny_network", tmp_path)
    assert found["bfgs"].fun < 1e-4
    assert found["newton"].fun < 1e-4
    assert found["newton"].fun < found["gradient-descent"].fun


def test_digits_are_told_apart(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    assert run("digits", tmp_path).accuracy >= 0.97
