"""tools: who may know whom.

Comes in: the source tree. Goes out: every `#include` and `import` that crosses a border of the table below, and every
file that has outgrown its room. The tables are the architecture; a new room is a new line here first.

Usage: python tools/check_layers.py [ROOT]
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The kernel: a room under cpp/fastcalc/ and the rooms it may include, beside its own files and standard C++ headers.
KERNEL = {
    "base": (),  # lanes.hpp too: a SIMD register is a fact of the machine
    "ops": ("base",),
    "numbers": ("base", "ops"),
    "program": ("base", "ops"),
    "passes": ("base", "ops", "program"),
    # The engine sums the Gram matrix and the triangle up block by block, in the registers that it was compiled for.
    "execute": ("base", "ops", "numbers", "program", "linalg"),
    "linalg": ("base",),
    "derive": ("base", "ops", "numbers", "program", "execute"),
    "solve": ("base", "linalg"),
    "tasks": ("base", "linalg", "program", "execute", "derive", "solve"),
    "fastcalc.hpp": ("base", "ops", "numbers", "program", "passes", "execute", "linalg", "derive", "solve", "tasks"),
}

# The one thing that the kernel asks of the system itself.
SYSTEM_HEADERS = {("executable.cpp", "sys/mman.h")}

# The border: what src/ may include or cimport, beside its own files and standard C++ headers.
BORDER = ("fastcalc/fastcalc.hpp", "Python.h", "pybind11/", "numpy/")
BORDER_CIMPORTS = ("cpython", "cython", "libc", "libcpp", "numpy", "scipy.linalg")
PYBIND11_HEADER = "bind.hpp"  # the only file that includes pybind11

# The face: the folders and modules of a room under python/fastcalc/, and the rooms it may import. Each front door is a room of its
# own, since none may import another.
FACE_MODULES = {
    "face": ("__init__", "__main__", "fast", "dask", "sklearn", "_doors.__init__"),
    "compiled": ("_core", "_fast"),
    "errors": ("_errors",),
    "config": ("_config",),
    "tracer": ("_tracer",),
    "functions": ("_functions",),
    "problems": ("_problems",),
    "data": ("_data",),
    "results": ("_results",),
    "curve_fit": ("_doors._curve_fit",),
    "fit": ("_doors._fit",),
    "lstsq": ("_doors._lstsq", "_doors._normal_equations"),
    "root": ("_doors._root",),
    "root_of_one": ("_doors._root_of_one",),
    "minimize": (
        "_doors._minimize",
        "_doors._minimize_many",
        "_doors._listener",
        "_doors._options",
        "_doors._constrained",
        "_doors._train",
    ),
    "taylor": ("_doors._taylor",),
    "backends": ("backends",),
    "cli": ("cli",),
}
FRONT_DOOR = ("functions", "problems", "data", "results", "compiled", "errors")
FACE = {
    "face": tuple(room for room in FACE_MODULES if room != "face"),
    "compiled": (),
    "errors": (),
    "config": ("face", "compiled", "errors"),
    "tracer": ("compiled", "errors"),
    "functions": ("tracer", "compiled", "errors"),
    "problems": ("functions", "tracer", "compiled", "errors"),
    "data": ("compiled", "errors"),
    "results": (
        "problems",
        "data",
        "compiled",
        "errors",
    ),  # a fit evaluates its model; a linear fit is what the kernel solved
    "curve_fit": FRONT_DOOR,
    "fit": FRONT_DOOR,
    "lstsq": FRONT_DOOR,
    "root": FRONT_DOOR,
    "root_of_one": FRONT_DOOR,
    "minimize": FRONT_DOOR,
    "taylor": FRONT_DOOR,
    # Other packages' names for the front doors.
    "backends": (*FRONT_DOOR, "curve_fit", "lstsq", "minimize", "root", "root_of_one"),
    "cli": ("face", "curve_fit", "fit", "lstsq", "results", "errors"),
}
# Everything else beyond the standard library waits for its first use, so that `import fastcalc` stays fast; but a module of `backends`
# that has the name of a package waits itself, and may begin with it.
IMPORTED_AT_ONCE = {"numpy"}

WARN_LINES, MAX_LINES = 400, 700  # tables (*.def) excepted
SOURCES = {".hpp", ".cpp", ".h", ".pyx", ".pxd", ".pxi", ".pyi", ".py"}
FOLDERS = ("cpp", "src", "python", "tests", "tools", "bench")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
EXTERN = re.compile(r"^\s*cdef\s+extern\s+from\s+(<|[\"'])<?([^>\"']+)")
CIMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+)?cimport\s+([\w.]+)")
STANDARD_HEADER = re.compile(r"[a-z0-9_]+")  # <vector>, but not <omp.h> or <boost/…>


@dataclass(frozen=True)
class Finding:
    path: Path
    line: int
    text: str
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        hint = f" (allowed: {', '.join(self.allowed)})" if self.allowed else ""
        return f"{self.path}:{self.line}: {self.text}{hint}"


def check_kernel(root: Path) -> Iterator[Finding]:
    home = root / "cpp" / "fastcalc"
    for path in files_of(home, {".hpp", ".cpp", ".h"}):
        room = path.relative_to(home).parts[0]
        if room not in KERNEL:
            yield Finding(path, 1, f"`{room}` is no room of the kernel", tuple(KERNEL))
            continue
        neighbours = KERNEL[room]
        for line, bracket, name in includes(path):
            if bracket == "<":
                if not STANDARD_HEADER.fullmatch(name) and (path.name, name) not in SYSTEM_HEADERS:
                    yield Finding(path, line, f"the kernel includes <{name}>", ("standard C++ headers",))
                continue
            target = resolve(name, path.parent, root / "cpp")
            if target is None or not target.is_relative_to(home):
                yield Finding(path, line, f'"{name}" is no file of the kernel')
                continue
            other = target.relative_to(home).parts[0]
            if other != room and other not in neighbours:
                yield Finding(path, line, f"{room} includes {other} ({name})", neighbours or ("nothing of ours",))


def check_border(root: Path) -> Iterator[Finding]:
    home = root / "src"
    for path in files_of(home, {".hpp", ".cpp", ".h", ".pyx", ".pxd", ".pxi"}):
        for line, _, name in includes(path):
            local = resolve(name, path.parent, home)
            outside = not (local and local.is_relative_to(home)) and not STANDARD_HEADER.fullmatch(name)
            if outside and not name.startswith(BORDER):
                yield Finding(path, line, f"the border includes {name}", BORDER)
            if name.startswith("pybind11/") and path.name != PYBIND11_HEADER:
                yield Finding(path, line, f"{name} is included outside {PYBIND11_HEADER}", (PYBIND11_HEADER,))
        for line, name in cimports(path):
            known = any(name == package or name.startswith(package + ".") for package in BORDER_CIMPORTS)
            if not known and not (home / f"{name.split('.')[-1]}.pxd").exists():
                yield Finding(path, line, f"the border cimports {name}", BORDER_CIMPORTS)


def check_face(root: Path) -> Iterator[Finding]:
    home = root / "python" / "fastcalc"
    for path in files_of(home, {".py", ".pyi"}):
        room = face_room(path.relative_to(home).with_suffix("").parts)
        if room is None:
            yield Finding(path, 1, f"`{path.name}` belongs to no room", tuple(FACE_MODULES))
            continue
        for line, module, at_once in imports(path, path.relative_to(home.parent).with_suffix("").parts):
            package, *rest = module.split(".")
            if package == "fastcalc":
                other = face_room(tuple(rest) or ("__init__",))
                if other != room and other not in FACE[room]:
                    yield Finding(path, line, f"{room} imports {other or module}", FACE[room] or ("nothing of ours",))
            elif (
                at_once
                and path.suffix == ".py"
                and package not in sys.stdlib_module_names | IMPORTED_AT_ONCE | own_package(path)
            ):
                yield Finding(path, line, f"{package} is imported at once, not on first use", tuple(IMPORTED_AT_ONCE))


def check_lengths(root: Path) -> Iterator[tuple[bool, Finding]]:
    for path in (path for folder in FOLDERS for path in files_of(root / folder, SOURCES)):
        length = len(path.read_text(encoding="utf-8").splitlines())
        if length > WARN_LINES:
            finding = Finding(path, length, f"{length} lines; warned at {WARN_LINES}, refused above {MAX_LINES}")
            yield length > MAX_LINES, finding


def files_of(folder: Path, suffixes: set[str]) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in suffixes)


def includes(path: Path) -> Iterator[tuple[int, str, str]]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(text) or EXTERN.match(text):
            yield line, match[1], match[2]


def cimports(path: Path) -> Iterator[tuple[int, str]]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := CIMPORT.match(text):
            yield line, (match[1] or match[2]).lstrip(".") or match[2]


def resolve(name: str, *folders: Path) -> Path | None:
    """Return the file that a compiler would find first, as it searches the includer's own folder and then the rest."""
    candidates = ((folder / name).resolve() for folder in folders)
    return next((path for path in candidates if path.exists()), None)


def own_package(path: Path) -> set[str]:
    """Return the package that a module of `backends` has the name of."""
    _, _, inside = path.with_suffix("").as_posix().rpartition("/backends/")
    return {inside.split("/")[0]} if inside else set()


def face_room(module: tuple[str, ...]) -> str | None:
    """Return the room of `module`, the parts of its name below `fastcalc`."""
    for room, names in FACE_MODULES.items():
        if any(module[: len(parts)] == parts for parts in (tuple(name.split(".")) for name in names)):
            return room
    return None


def imports(path: Path, own: tuple[str, ...]) -> Iterator[tuple[int, str, bool]]:
    """Yield line, absolute module name, and whether it is imported as soon as `path` is."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    late = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or is_type_checking(outer)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, id(node) not in late
        elif isinstance(node, ast.ImportFrom):
            stem = ".".join(own[: -node.level]) if node.level else ""
            base = ".".join(filter(None, (stem, node.module)))
            # `from fastcalc import _x` and `from . import _x` import the submodule _x, which may have a room of its own.
            package, *inside = base.split(".")
            submodules = [
                alias.name for alias in node.names if package == "fastcalc" and face_room((*inside, alias.name))
            ]
            modules = [f"{base}.{name}" for name in submodules]
            if len(submodules) < len(node.names):
                modules.append(base)
            for module in modules:
                yield node.lineno, module, id(node) not in late


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def main(root: Path) -> int:
    root = root.resolve()
    lengths = list(check_lengths(root))
    too_long = [found for refused, found in lengths if refused]
    for found in [found for refused, found in lengths if not refused]:
        print(f"warning: {found}")
    errors = [*check_kernel(root), *check_border(root), *check_face(root), *too_long]
    for found in errors:
        print(found)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]))
