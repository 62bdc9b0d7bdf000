"""solve: its C++ tests, tests/kernel/solve.cpp."""

from pathlib import Path

import pytest
from kernel import programs


@pytest.fixture(scope="module", params=programs.builds())
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("solve", request.param, tmp_path_factory.mktemp("solve"), ("linalg", "solve"))


@pytest.mark.parametrize("name", programs.names("solve"))
def test_solve(program: Path, name: str) -> None:
    programs.run(program, name)
