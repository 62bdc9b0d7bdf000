"""solve: its C++ tests, tests/kernel/solve.cpp and solve_*.cpp."""

import pytest
from kernel import programs

# What is plain loops over functions is the same for every instruction set: one build, with every access checked, is enough.
CASES = programs.cases(
    {
        "solve": programs.builds(),
        "solve_box": programs.builds(),
        "solve_constrained": ["sanitized"],
        "solve_minimize": ["sanitized"],
        "solve_root": ["sanitized"],
        "solve_systems": ["sanitized"],
    }
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> programs.Compiled:
    return programs.Compiled(tmp_path_factory, "linalg", "solve")


@pytest.mark.parametrize(("program", "build", "name"), CASES)
def test_solve(compiled: programs.Compiled, program: str, build: str, name: str) -> None:
    compiled.run(program, build, name)
