"""kernel tests: a room's C++ tests as a program, compiled for each instruction set that this machine runs.

Comes in: `<room>.cpp`, or `<room>_<subject>.cpp`, beside this file, in the vocabulary of `check.hpp`. Goes out: the names
of its tests, and a program that runs one of them.
"""

import os
import platform
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastcalc import _core

FOLDER = Path(__file__).parent
CPP = FOLDER.parents[1] / "cpp"
FLAGS = "-std=c++20 -O2 -ftree-vectorize -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=off -Wall -Wextra -Werror".split()
# The engines' instruction sets; "sanitized" is the oldest with every access and every conversion checked.
NEEDS = {"x86-64-v2": {"sse4_2"}, "x86-64-v3": {"avx2", "fma"}, "x86-64-v4": {"avx512f", "avx512dq", "avx512vl"}}
SANITIZE = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-D_GLIBCXX_ASSERTIONS"]


def builds() -> list[str]:
    if platform.machine() != "x86_64":
        return ["native", "sanitized"]
    flags = set(Path("/proc/cpuinfo").read_text().split())
    return [*(isa for isa, needs in NEEDS.items() if needs <= flags), "sanitized"]


def names(room: str) -> list[str]:
    return re.findall(r"^TEST\((\w+)\)", (FOLDER / f"{room}.cpp").read_text(encoding="utf-8"), re.MULTILINE)


def compiler() -> list[str]:
    return [*(["ccache"] if shutil.which("ccache") else []), "g++"]


def options_of(build: str) -> list[str]:
    return SANITIZE if build == "sanitized" else [f"-march={build}"]


def objects(room: str, build: str, folder: Path) -> list[Path]:
    """All sources of a room, compiled into the folder once a session, however many programs link them."""
    sources = sorted((CPP / "fastcalc" / room).rglob("*.cpp"))
    made = [folder / source.relative_to(CPP).with_suffix(".o").as_posix().replace("/", "-") for source in sources]
    if not folder.exists():
        folder.mkdir()
        command = [*compiler(), *FLAGS, *options_of(build), f"-I{CPP}", "-c"]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(
                pool.map(
                    lambda pair: subprocess.run([*command, pair[0], "-o", pair[1]], check=True),
                    zip(sources, made, strict=True),
                )
            )
    return made


def compiled(room: str, build: str, folder: Path, rooms: tuple[str, ...]) -> Path:
    """The program, linked with all the sources of `rooms`; `folder` lies in the session's own."""
    program = folder / f"{room}-{build}"
    made = [each for name in rooms for each in objects(name, build, folder.parent / f"objects-{name}-{build}")]
    data = f'-DFASTCALC_TEST_DATA="{FOLDER.parent / "data"}"'
    subprocess.run(
        ["g++", *FLAGS, *options_of(build), f"-I{CPP}", data, FOLDER / f"{room}.cpp", *made, "-o", program], check=True
    )
    return program


def linked(name: str, build: str, folder: Path, *, shared: bool) -> Path:
    """`<name>.cpp` over the installed kernel, as a library for Python or as a program."""
    program, compiled = folder / f"{name}-{build}", folder / f"{name}-{build}.o"
    # Python itself is not instrumented, so no address sanitizer: its library would have to be there first.
    options = [option.replace("address,", "") for option in SANITIZE] if build == "sanitized" else [f"-march={build}"]
    kernel = Path(_core.__file__).parent
    subprocess.run(
        [*compiler(), *FLAGS, *options, "-fPIC", f"-I{CPP}", "-c", FOLDER / f"{name}.cpp", "-o", compiled], check=True
    )
    link = [f"-L{kernel}", "-lfastcalc_kernel", f"-Wl,-rpath,{kernel}", *(["-shared"] if shared else [])]
    subprocess.run(["g++", *options, compiled, *link, "-o", program], check=True)
    return program


def run(program: Path, name: str, **environment: str) -> None:
    result = subprocess.run([program, name], capture_output=True, text=True, env=os.environ | environment)
    assert result.returncode == 0, result.stdout + result.stderr


def cases(of: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """Every test of these programs in these builds, as (program, build, test): one after the other, so that each is compiled once."""
    return [
        (program, build, name) for program, in_builds in of.items() for build in in_builds for name in names(program)
    ]


class Compiled:
    """Programs linked with the sources of `rooms`, each compiled when its first test is run."""

    def __init__(self, folders: pytest.TempPathFactory, *rooms: str) -> None:
        self._folders, self._rooms = folders, rooms
        self._made: dict[tuple[str, str], Path] = {}

    def run(self, program: str, build: str, name: str) -> None:
        if (program, build) not in self._made:
            self._made[program, build] = compiled(program, build, self._folders.mktemp(program), self._rooms)
        run(self._made[program, build], name)
