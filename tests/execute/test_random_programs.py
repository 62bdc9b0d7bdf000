"""execute: random programs give NumPy's values and exact Jacobians on every instruction set; see random_programs.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import SEED
from kernel.programs import builds

SCRIPT = Path(__file__).parent / "random_programs.py"
INSTRUCTION_SETS = [isa for isa in builds() if isa.startswith("x86-64")] or ["portable"]


def faults(isa: str, count: int, seed: int, native: str = "always") -> str:
    run = subprocess.run(
        [sys.executable, SCRIPT, str(count), str(seed)],
        env=os.environ | {"FASTCALC_ISA": isa, "FASTCALC_NATIVE": native},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    engine, _, lines = run.stdout.partition("\n")
    assert engine == isa
    return lines


@pytest.mark.parametrize("native", ["never", "always"])
@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_random_programs_are_numpys(isa, native):
    assert faults(isa, 300, SEED, native) == ""


@pytest.mark.long
@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_many_random_programs_are_numpys(isa):
    assert faults(isa, 4000, SEED + 1_000_000) == ""
