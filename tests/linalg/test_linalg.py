"""linalg: its C++ tests, tests/kernel/linalg.cpp, linalg_*.cpp."""

import pytest
from kernel import programs

# What is plain loops is the same for every instruction set: one build, with every access checked, is enough.
CASES = programs.cases(
    {
        "linalg": programs.builds(),
        "linalg_precise": programs.builds(),
        "linalg_symmetric": ["sanitized"],
        "linalg_elimination": ["sanitized"],
    }
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> programs.Compiled:
    return programs.Compiled(tmp_path_factory, "linalg")


@pytest.mark.parametrize(("program", "build", "name"), CASES)
def test_linalg(compiled: programs.Compiled, program: str, build: str, name: str) -> None:
    compiled.run(program, build, name)
