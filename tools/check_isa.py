"""tools: no engine lends its code to an older machine.

The engine is compiled once per instruction set. Of a function that several objects define (a template, an inline
function) the linker keeps one copy, the first that it meets: were that the copy compiled for AVX-512, every machine
would run it, and an old one would crash. So a function that an engine's object offers to the linker must either carry
the instruction set in its name, by living in `fastcalc::inline FASTCALC_ISA` or by having a type from there among its
arguments; or be offered by the oldest engine too, which CMakeLists.txt puts first on the link line (std::vector's
destructor is such a one). And no newer engine may run code when the library is loaded, before one has been chosen.

Comes in: build folders. Goes out: every function of an engine that breaks this.

Usage: python tools/check_isa.py [BUILD_FOLDER …]
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# An engine's object, as CMake names its folder after the target: engine_x86_64_v4.dir/…/engine.cpp.o
ENGINE = re.compile(r"engine_(x86_64_v\d)\.dir/.*\.o$")
OLDEST = "x86_64_v2"

# nm's letters of functions: T global, W weak (an inline function), i indirect. Data (V, B, D, R, u) runs nowhere.
OFFERED = {"T", "W", "i"}
RUN_AT_LOAD = "_GLOBAL__sub_I"


def symbols(path: Path) -> Iterator[tuple[str, str]]:
    listing = subprocess.run(["nm", "-C", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        _, kind, name = line.split(maxsplit=2)
        yield kind, name


def problems(path: Path, isa: str) -> Iterator[str]:
    oldest = Path(path.as_posix().replace(f"engine_{isa}.dir", f"engine_{OLDEST}.dir"))
    harmless = {name for kind, name in symbols(oldest) if kind in OFFERED}
    for kind, name in dict.fromkeys(symbols(path)):
        if name.startswith(RUN_AT_LOAD):
            yield f"{name} runs when the library is loaded; make the engine's data constexpr"
        elif kind in OFFERED and f"fastcalc::{isa}::" not in name and name not in harmless:
            yield f"{name} would serve every machine; move it into fastcalc::inline FASTCALC_ISA"


def main(folders: list[Path]) -> int:
    files = [path for folder in folders for path in sorted(folder.rglob("*.o"))]
    engines = [(path, match[1]) for path in files if (match := ENGINE.search(path.as_posix()))]
    if not engines:
        print(f"no engine's object under {', '.join(map(str, folders))}: build first")
        return 1
    found = [f"{path}: {text}" for path, isa in engines if isa != OLDEST for text in problems(path, isa)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main([Path(folder) for folder in sys.argv[1:]] or [Path(__file__).parents[1] / "build"]))
