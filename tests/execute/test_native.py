"""execute/native: machine code gives the interpreter's bits, is made when it pays, and by one thread."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from kernel.programs import builds

SCRIPT = Path(__file__).parent / "native_programs.py"
INSTRUCTION_SETS = [isa for isa in builds() if isa.startswith("x86-64")]
HAS_NATIVE = fc._core.config()["native"]

needs_native = pytest.mark.skipif(not HAS_NATIVE, reason="there is no machine code for this processor")


def printed(isa, native):
    run = subprocess.run(
        [sys.executable, SCRIPT],
        env=os.environ | {"FASTCALC_ISA": isa, "FASTCALC_NATIVE": native},
        capture_output=True,
        text=True,
        check=True,
    )
    engine, how_many, *lines = run.stdout.splitlines()
    assert engine == isa
    return how_many, lines


@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_machine_code_gives_the_interpreters_bits(isa):
    interpreted, by_interpreter = printed(isa, "never")
    compiled, by_machine_code = printed(isa, "always")
    assert by_machine_code == by_interpreter
    assert interpreted == "native: 0"
    assert (compiled == "native: 0") == (isa == "x86-64-v2")


@needs_native
def test_a_program_becomes_machine_code_when_it_is_run_often(monkeypatch):
    monkeypatch.delenv("FASTCALC_NATIVE", raising=False)
    f = fc.compile(lambda x: np.exp(x) * x)
    f(1.0)
    assert not f.program.is_native
    for _ in range(100_000):
        f(1.0)
    assert f.program.is_native


@needs_native
def test_a_large_run_does_not_wait(monkeypatch):
    monkeypatch.delenv("FASTCALC_NATIVE", raising=False)
    f = fc.compile(lambda x: np.exp(x) * x)
    f(np.linspace(0, 1, 1_000_000))
    assert f.program.is_native


def test_a_very_long_program_stays_with_the_interpreter(monkeypatch):
    monkeypatch.setenv("FASTCALC_NATIVE", "always")

    def long(x):
        for _ in range(6000):
            x = x * 1.0001 + x * x
        return x

    f = fc.compile(long)
    assert f(1e-6) == pytest.approx(long(1e-6), rel=1e-12)  # 12,000 roundings
    assert not f.program.is_native


ON_A_SMALL_STACK = """
import threading
import fastcalc as fc
import numpy as np

def crowded(x):
    parts = [(x + k) * (x - 0.5 * k) for k in range(1100)]
    total = middle = np.exp(-x * x)
    for part in parts:
        total = total + part * middle
    for part in parts:
        total = 0.5 * total + part
    return total

f, x = fc.compile(crowded), np.linspace(-1, 1, 16)
want = f(x).tobytes()
threading.stack_size(64 * 1024)
results = []
thread = threading.Thread(target=lambda: results.append(f(x).tobytes()))
thread.start()
thread.join()
print(results == [want], f.program.is_native)
"""


@needs_native
def test_a_thread_with_a_small_stack_runs_what_no_registers_hold():
    run = subprocess.run(
        [sys.executable, "-c", ON_A_SMALL_STACK],
        env=os.environ | {"FASTCALC_NATIVE": "always"},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["True", "True"]


def test_no_memory_is_both_written_and_executed(monkeypatch):
    monkeypatch.setenv("FASTCALC_NATIVE", "always")
    f = fc.compile(lambda x: np.exp(x) * x)
    f(1.0)
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no /proc")
    assert not [line for line in maps.read_text().splitlines() if line.split()[1].startswith("rwx")]


def test_threads_that_meet_at_the_making_get_the_same_bits(monkeypatch):
    monkeypatch.delenv("FASTCALC_NATIVE", raising=False)
    x = np.linspace(-1, 1, 500)
    want = fc.compile(lambda t: np.exp(np.sin(t)) / (1 + t * t))(x)
    f = fc.compile(lambda t: np.exp(np.sin(t)) / (1 + t * t))
    f(x)
    together = threading.Barrier(8)

    def calls(_):
        together.wait()
        return [f(x).tobytes() for _ in range(300)]

    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(calls, range(8)):
            assert set(results) == {want.tobytes()}
    assert f.program.is_native == HAS_NATIVE
