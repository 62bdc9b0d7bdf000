"""passes: a program of a few short arrays becomes plain numbers, with the same bits; others stay as they are."""

import os
import subprocess
import sys
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from conftest import SEED
from kernel.programs import builds

SCRIPT = Path(__file__).parent / "short_programs.py"
INSTRUCTION_SETS = [isa for isa in builds() if isa.startswith("x86-64")] or ["portable"]


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def broyden(x):
    before, after = np.concatenate([[0.0], x[:-1]]), np.concatenate([x[1:], [0.0]])
    return (3 - 2 * x) * x - before - 2 * after + 1


def program_of(f, *arguments):
    f(*arguments)
    return f.program


def is_of_numbers(program):
    """Whether every line but those that put the result together makes one number."""
    lines = [line for line in str(program).splitlines()[1:] if " = " in line]
    return all(line.endswith("()") or line.split()[2] in ("place", "copy", "constant") for line in lines)


@pytest.mark.parametrize("native", ["never", "always"])
@pytest.mark.parametrize("isa", INSTRUCTION_SETS)
def test_random_functions_have_the_bits_of_their_arrays(isa, native):
    run = subprocess.run(
        [sys.executable, SCRIPT, "150", str(SEED)],
        env=os.environ | {"FASTCALC_ISA": isa, "FASTCALC_NATIVE": native},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    engine, unrolled, *differing = run.stdout.split("\n")
    assert engine == isa and int(unrolled) > 200 and "".join(differing) == ""


@pytest.mark.parametrize("n", [2, 5, 10])
@pytest.mark.parametrize("derivative", [fc.hessian(rosenbrock), fc.jacobian(broyden), fc.grad(rosenbrock)])
def test_the_derivatives_of_few_variables_are_plain_numbers(derivative, n):
    program = program_of(derivative, np.full(n, 0.5))
    assert is_of_numbers(program) and program.steps == 2  # the numbers, and their copy as the result


def test_the_zeros_of_a_jacobian_are_no_instructions():
    program = program_of(fc.jacobian(broyden), np.full(8, 0.5))
    assert str(program).count("place") == 3 * 8 - 2  # of 64 entries


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (rosenbrock, np.ones(200)),  # better in registers
        (lambda x: np.cumsum(np.exp(x)) * np.sum(x), np.ones(4)),  # a library may round an array otherwise
        (lambda x: x * x + 1, np.ones(4)),  # one step, which may run over more rows
        (lambda x: x.reshape(2, 2) @ x.reshape(2, 2) @ x[:2], np.ones(4)),  # made by linear algebra
    ],
)
def test_what_would_be_no_faster_or_round_otherwise_stays_an_array(f, x):
    assert not is_of_numbers(program_of(fc.compile(f), x))


def test_a_path_ends_where_its_condition_does():
    def f(x):
        return np.sum(x[1:] * x[:-1]) if x[0] + x[1] > 0 else -np.sum(x)

    g = fc.grad(f)
    np.testing.assert_array_equal(g(np.array([1.0, 2.0, 3.0])), [2, 4, 2])
    np.testing.assert_array_equal(g(np.array([-1.0, -2.0, 3.0])), [-1, -1, -1])
    np.testing.assert_array_equal(g(np.array([1.0, 2.0, 5.0])), [2, 6, 2])


def test_arguments_that_nothing_reads_stay_arguments():
    f = fc.compile(lambda x, y: np.concatenate([x[1:], x[:1]]) * np.sum(x))
    np.testing.assert_array_equal(f(np.array([1.0, 2.0]), np.ones(3)), [6, 3])
    np.testing.assert_array_equal(f(np.array([1.0, 2.0]), 7.0), [6, 3])
