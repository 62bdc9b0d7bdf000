"""execute: no run but the first of a program allocates memory: its C++ tests, tests/kernel/execute.cpp, on each engine."""

from pathlib import Path

import pytest
from conftest import measures_the_process
from kernel import programs

pytestmark = measures_the_process

INSTRUCTION_SETS = [isa for isa in programs.builds() if isa != "sanitized"]


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # of the oldest instruction set, as the kernel that it is linked with: the engine is chosen at run time
    return programs.linked("execute", INSTRUCTION_SETS[0], tmp_path_factory.mktemp("execute"), shared=False)


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
@pytest.mark.parametrize("name", programs.names("execute"))
def test_a_run_after_the_first_allocates_nothing(execute: Path, name: str, isa: str) -> None:
    programs.run(execute, name, FASTCALC_ISA=isa)
