"""linalg: its C++ tests, tests/kernel/linalg.cpp."""

from pathlib import Path

import pytest
from kernel import programs


@pytest.fixture(scope="module", params=programs.builds())
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("linalg", request.param, tmp_path_factory.mktemp("linalg"), ("linalg",))


@pytest.mark.parametrize("name", programs.names("linalg"))
def test_linalg(program: Path, name: str) -> None:
    programs.run(program, name)
