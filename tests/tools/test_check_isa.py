"""A function that the linker could take from the AVX-512 engine for every machine is found."""

import subprocess
from pathlib import Path

import check_isa
import pytest

ENGINE = """
template <class T> __attribute__((noinline)) T twice(T x) {{ return x + x; }}
int at_run_time();
namespace fastcalc::inline {isa} {{
struct Lanes {{ double r[8]; }};
inline __attribute__((noinline)) double own(Lanes x) {{ return x.r[0]; }}
double run(double x) {{ return own(Lanes{{{{x}}}}); }}
{body}
}}
"""
TEMPLATE_OF_ITS_OWN = "Lanes operator+(Lanes a, Lanes) { return a; } Lanes run(Lanes x) { return twice(x); }"
PRIVATE_FUNCTION = "namespace { __attribute__((noinline, used)) double mine(double x) { return x; } }"
SHARED_TEMPLATE = "double run_twice(double x) { return twice(x); }"
LOOSE_FUNCTION = 'extern "C" double loose(double x) { return x; }'
RUN_AT_LOAD = "int table = at_run_time();"


def compile_engines(folder: Path, *, newest: str, oldest: str = "") -> Path:
    for isa, body in {"x86_64_v2": oldest, "x86_64_v4": newest}.items():
        target = folder / f"engine_{isa}.dir"
        target.mkdir()
        (target / "engine.cpp").write_text(ENGINE.format(isa=isa, body=body))
        subprocess.run(["g++", "-std=c++20", "-O1", "-c", "engine.cpp", "-o", "engine.cpp.o"], cwd=target, check=True)
    return folder


@pytest.mark.parametrize("body", ["", TEMPLATE_OF_ITS_OWN, PRIVATE_FUNCTION])
def test_an_engine_that_keeps_to_its_namespace_passes(tmp_path, capsys, body):
    assert check_isa.main([compile_engines(tmp_path, newest=body)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (SHARED_TEMPLATE, "twice<double>(double)"),
        (LOOSE_FUNCTION, "loose"),
        (RUN_AT_LOAD, "runs when the library is loaded"),
    ],
)
def test_a_function_that_would_serve_every_machine_is_found_and_named(tmp_path, capsys, body, name):
    assert check_isa.main([compile_engines(tmp_path, newest=body)]) == 1
    assert name in capsys.readouterr().out


def test_a_function_that_the_oldest_engine_offers_too_is_taken_from_there(tmp_path):
    assert check_isa.main([compile_engines(tmp_path, newest=SHARED_TEMPLATE, oldest=SHARED_TEMPLATE)]) == 0


def test_a_folder_without_engines_is_no_success(tmp_path, capsys):
    assert check_isa.main([tmp_path]) == 1
    assert "build first" in capsys.readouterr().out
