"""execute: no run but the first of a program allocates memory: its C++ tests, tests/kernel/execute.cpp, on each engine."""

from pathlib import Path

import pytest
from kernel import programs

INSTRUCTION_SETS = [isa for isa in programs.builds() if isa != "sanitized"]


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # of the oldest instruction set, as the kernel that it is linked with: the engine is chosen at run time
    return programs.linked("execute", INSTRUCTION_SETS[0], tmp_path_factory.mktemp("execute"), shared=False)


PLANS_EACH_RUN = pytest.mark.xfail(
    strict=True, reason="linalg/contract.hpp merges the axes of a contraction anew in each run"
)


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=PLANS_EACH_RUN) if name == "a_contraction" else name
        for name in programs.names("execute")
    ],
)
def test_a_run_after_the_first_allocates_nothing(execute: Path, name: str, isa: str) -> None:
    programs.run(execute, name, FASTCALC_ISA=isa)
