"""solve: its C++ tests, tests/kernel/solve.cpp and solve_*.cpp."""

from pathlib import Path

import pytest
from kernel import programs


def compiled(name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return programs.compiled(name, request.param, tmp_path_factory.mktemp(name), ("linalg", "solve"))


@pytest.fixture(scope="module", params=programs.builds())
def convergence(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve", request, tmp_path_factory)


@pytest.fixture(scope="module", params=programs.builds())
def box(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve_box", request, tmp_path_factory)


@pytest.fixture(scope="module", params=["sanitized"])
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve_root", request, tmp_path_factory)


@pytest.fixture(scope="module", params=["sanitized"])
def systems(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve_systems", request, tmp_path_factory)


@pytest.fixture(scope="module", params=["sanitized"])
def minimisation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve_minimize", request, tmp_path_factory)


@pytest.mark.parametrize("name", programs.names("solve_minimize"))
def test_minimisation(minimisation: Path, name: str) -> None:
    programs.run(minimisation, name)


@pytest.mark.parametrize("name", programs.names("solve"))
def test_convergence(convergence: Path, name: str) -> None:
    programs.run(convergence, name)


@pytest.mark.parametrize("name", programs.names("solve_box"))
def test_box(box: Path, name: str) -> None:
    programs.run(box, name)


@pytest.fixture(scope="module", params=["sanitized"])
def constrained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled("solve_constrained", request, tmp_path_factory)


@pytest.mark.parametrize("name", programs.names("solve_constrained"))
def test_constrained(constrained: Path, name: str) -> None:
    programs.run(constrained, name)


@pytest.mark.parametrize("name", programs.names("solve_root"))
def test_root(root: Path, name: str) -> None:
    programs.run(root, name)


@pytest.mark.parametrize("name", programs.names("solve_systems"))
def test_systems(systems: Path, name: str) -> None:
    programs.run(systems, name)
