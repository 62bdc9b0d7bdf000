"""execute: each engine gives the rules' own numbers, to the bit, for every operation, number type and operand; see conformance.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from kernel import programs

INSTRUCTION_SETS = [isa for isa in programs.builds() if isa != "sanitized"]


@pytest.mark.parametrize("native", ["never", "always"])
@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_an_engine_conforms(isa, native, tmp_path):
    rules = programs.linked("ops", isa, tmp_path, shared=True)
    run = subprocess.run(
        [sys.executable, Path(__file__).parent / "conformance.py", rules],
        env=os.environ | {"FASTCALC_ISA": isa, "FASTCALC_NATIVE": native},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    engine, _, lines = run.stdout.partition("\n")
    assert engine == isa or not isa.startswith("x86-64")
    assert lines == ""
