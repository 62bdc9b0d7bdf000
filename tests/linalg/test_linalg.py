"""linalg: its C++ tests, tests/kernel/linalg.cpp, linalg_*.cpp."""

from pathlib import Path

import pytest
from kernel import programs


@pytest.fixture(scope="module", params=programs.builds())
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("linalg", request.param, tmp_path_factory.mktemp("linalg"), ("linalg",))


@pytest.mark.parametrize("name", programs.names("linalg"))
def test_linalg(program: Path, name: str) -> None:
    programs.run(program, name)


@pytest.fixture(scope="module", params=programs.builds())
def precise(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("linalg_precise", request.param, tmp_path_factory.mktemp("linalg"), ("linalg",))


@pytest.mark.parametrize("name", programs.names("linalg_precise"))
def test_precise(precise: Path, name: str) -> None:
    programs.run(precise, name)


# Plain loops, the same for every instruction set: one build, with every access checked, is enough.
@pytest.fixture(scope="module", params=["sanitized"])
def symmetric(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("linalg_symmetric", request.param, tmp_path_factory.mktemp("linalg"), ("linalg",))


@pytest.mark.parametrize("name", programs.names("linalg_symmetric"))
def test_symmetric(symmetric: Path, name: str) -> None:
    programs.run(symmetric, name)


@pytest.fixture(scope="module", params=["sanitized"])
def elimination(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled("linalg_elimination", request.param, tmp_path_factory.mktemp("linalg"), ("linalg",))


@pytest.mark.parametrize("name", programs.names("linalg_elimination"))
def test_elimination(elimination: Path, name: str) -> None:
    programs.run(elimination, name)
