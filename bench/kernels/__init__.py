"""bench: the hand-written limit, compiled for this machine when the cases are run.

Comes in: `fits.cpp`. Goes out: `Limit`, its functions bound to one set of data, so that a call costs little more than
what it runs (ctypes itself takes about 0.5 µs). Comes in: `calls.cpp`, `roots.cpp`. Goes out: the modules that they
are. Comes in: `linear.cpp`. Goes out: its one function, bound as well.
"""

import ctypes
import importlib.util
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np

SOURCE = Path(__file__).parent / "fits.cpp"
# The whole width of the machine's registers, and no promise that changes a value (as fastcalc, never -ffast-math).
FLAGS = (
    "-std=c++20 -O3 -march=native -mprefer-vector-width=512 -fopenmp-simd -fno-math-errno -fno-trapping-math".split()
)


def compiled(folder: Path, name: str = "fits") -> ctypes.CDLL:
    library = folder / f"{name}.so"
    source = SOURCE.with_name(f"{name}.cpp")
    subprocess.run(["g++", *FLAGS, "-shared", "-fPIC", source, "-o", library, "-lmvec", "-lm"], check=True)
    return ctypes.CDLL(str(library))


def plain_normal_equations(library: ctypes.CDLL, X: np.ndarray, y: np.ndarray) -> Callable[[], np.ndarray]:
    """Return a call of `linear.cpp` (4, 10 or 20 columns)."""
    found = np.empty(X.shape[1])
    function, arguments = library.plain_normal_equations, _arguments(X, y, *X.shape, found)
    function.restype = ctypes.c_bool

    def call() -> np.ndarray:
        if not function(*arguments):
            raise ArithmeticError("the hand-written normal equations are not positive definite")
        return found

    return call


def module(name: str, folder: Path) -> ModuleType:
    """Return the functions of `<name>.cpp`, which is a module of Python."""
    library = folder / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    include = [f"-I{sysconfig.get_paths()['include']}", f"-I{np.get_include()}"]
    source = SOURCE.with_name(f"{name}.cpp")
    subprocess.run(["g++", *FLAGS, *include, "-shared", "-fPIC", source, "-o", library, "-lmvec", "-lm"], check=True)
    spec = importlib.util.spec_from_file_location(name, library)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


class Limit:
    """One of the two models of `fits.cpp`, "decay" or "two_gaussians", with data."""

    def __init__(self, library: ctypes.CDLL, model: str, x: np.ndarray, y: np.ndarray, start: np.ndarray) -> None:
        self.data = x, y, start
        self._gram, self._fit = library[f"{model}_gram"], library[f"{model}_fit"]

    def gram(self) -> Callable[[], np.ndarray]:
        """Return a call that makes the Gram matrix of [J r] at the start, upper triangle."""
        x, y, start = self.data
        size = start.size + 1
        out = np.empty((size, size))
        function, arguments = self._gram, _arguments(x, y, x.size, start, out)

        def call() -> np.ndarray:
            function(*arguments)
            return out

        return call

    def fit(self) -> Callable[[], np.ndarray]:
        """Return a call that fits from the start, with covariance, and gives the parameters."""
        x, y, start = self.data
        found, covariance = np.empty_like(start), np.empty((start.size, start.size))
        function, arguments = self._fit, _arguments(x, y, x.size, found, covariance)

        def call() -> np.ndarray:
            found[:] = start
            if function(*arguments) < 0:
                raise ArithmeticError("the hand-written fit did not converge")
            return found

        return call


def _arguments(*values: np.ndarray | int) -> list[ctypes.c_void_p | ctypes.c_int64]:
    return [ctypes.c_int64(v) if isinstance(v, int) else ctypes.c_void_p(v.ctypes.data) for v in values]
