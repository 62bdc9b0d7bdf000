#!/usr/bin/env python3
"""Run other projects' differentiation tests and test functions through fastcalc, and count what it covers.

Comes in: a directory with what PyPI ships, installed in it. Goes out: the table of docs/limitations.md, the
reasons for what was refused, and every case in which fastcalc and differences disagree. Exit status 1 if there is one.

    pip install --target others/site-packages numdifftools opfunu deap benchmark-functions banana-bench bayeso-benchmarks
    pip download --no-deps --no-binary autograd --dest others autograd && tar xzf others/autograd-*.tar.gz -C others
    python tools/coverage_of_others.py others [package ...]

Two packages are test suites: they run under pytest with stand-ins for the package's own derivatives, and each function that a
test differentiates is checked where the test does so; a test counts as one case. The others are collections of test functions;
each is checked at one generic point. First derivatives are held against extrapolated differences of the function itself, with
their error, and where the function takes complex numbers against the complex step; second derivatives against differences of
the first. Where differences disagree among themselves, next to a kink or in a function rougher than the steps, there is no reference.
"""

from __future__ import annotations

import collections
import contextlib
import importlib
import importlib.metadata
import inspect
import io
import itertools
import re
import signal
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastcalc as fc
import numpy as np
import scipy
from fastcalc._errors import TraceError
from fastcalc._tracer._array import Tracer

#: What became of a case, the worst last: a case of several checks is as the worst of them.
OUTCOMES = ("right", "not real", "no reference", "refused", "error", "wrong")
COLUMNS = ("right", "refused", "no reference", "not real", "error", "wrong")
SECONDS = 20
Outcome = tuple[str, str]
Case = tuple[str, Outcome]


# One check -----------------------------------------------------------------------------------------------------------------


def leaves(tree: Any) -> list[Any]:
    """Return the numbers and arrays of a structure of lists, tuples and dictionaries."""
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for part in tree for leaf in leaves(part)]
    return [tree]


def rebuilt(tree: Any, vector: Any) -> Any:
    """Return the structure with its numbers from a vector, in the order of `leaves`."""
    start = 0

    def part(tree: Any) -> Any:
        nonlocal start
        if isinstance(tree, dict):
            return {key: part(tree[key]) for key in tree}
        if isinstance(tree, (list, tuple)):
            return type(tree)([part(item) for item in tree])
        begin, start = start, start + np.size(tree)
        return np.reshape(vector[begin:start], np.shape(tree))

    return part(tree)


def vector_of(tree: Any) -> Any:
    """Return the numbers of a structure as one vector."""
    return np.concatenate([np.reshape(leaf, -1) for leaf in leaves(tree)])


def with_keywords(f: Callable[..., Any], more: dict[str, Any]) -> Callable[..., Any]:
    """Return the function with some arguments given, as one of its own library, into which the tracer goes."""
    if not more:
        return f

    def given(*args: Any) -> Any:
        return f(*args, **more)

    given.__module__ = getattr(f, "__module__", None) or type(f).__module__
    return given


def complex_step(f: Callable[[Any], Any], x: np.ndarray) -> np.ndarray | None:
    """Return the Jacobian by the complex step, or nothing if the function does not take complex numbers."""
    columns = []
    for i in range(x.size):
        z = x.astype(complex)
        z.flat[i] += 1e-150j
        try:
            columns.append(np.asarray(f(z[()])).imag / 1e-150)
        except Exception:
            return None
    columns = np.stack(columns, axis=-1)
    return columns.reshape(columns.shape[:-1] + x.shape)


def differences(f: Callable[[Any], Any], x: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the Jacobian by central differences, and how much of it may be rounding."""
    columns, rounding = [], []
    for i in range(x.size):
        step = 1e-3 * scale * max(abs(x.flat[i]), 0.1)
        low, high = x.copy(), x.copy()
        low.flat[i] -= step
        high.flat[i] += step
        below, above = np.asarray(f(low[()]), dtype=float), np.asarray(f(high[()]), dtype=float)
        columns.append((above - below) / (high.flat[i] - low.flat[i]))
        rounding.append(20 * np.finfo(float).eps * np.maximum(np.abs(above), np.abs(below)) / step)
    shape = np.shape(columns[0]) + x.shape
    return np.stack(columns, axis=-1).reshape(shape), np.stack(rounding, axis=-1).reshape(shape)


def judged(f: Callable[[Any], Any], x: np.ndarray) -> Outcome:
    """Return what the Jacobian of `f` is at `x`: right, wrong, or without a reference, for differences disagree among themselves."""
    found = fc.check_derivatives(f, x)
    if found or np.allclose(found.derivative, found.differences, rtol=1e-6, atol=0, equal_nan=True):
        return "right", ""
    exact, moved = complex_step(f, x), complex_step(f, x * (1 + 4 * np.finfo(float).eps))
    if exact is not None and moved is not None:
        # no closer than what a few units in the last place of x change
        within = 1e-12 * np.max(np.abs(exact), initial=0) + 10 * np.max(np.abs(moved - exact), initial=0)
        if np.all(np.abs(found.derivative - exact) <= within):
            return "right", ""
    # close to a kink, or where the function bends sharply, a step that is small enough, but for rounding, tells
    agreeing = found.agrees
    looks = [differences(f, x, scale) for scale in (1.0, 1e-1, 1e-2, 1e-3, 1e-4)]
    for slope, rounding in looks:
        agreeing = agreeing | (np.abs(found.derivative - slope) <= 1e-6 * np.abs(slope) + rounding)
    if np.all(agreeing):
        return "right", ""
    (first, _), (coarse, _), (fine, rounding) = looks[-3:]
    told = np.maximum(np.abs(first - fine), np.abs(coarse - fine))
    sure = (told <= 1e-3 * np.abs(fine) + rounding) & (
        np.abs(found.derivative - fine) > 10 * told + 1e-6 * np.abs(fine) + 10 * rounding
    )
    return ("wrong" if np.any(sure & ~agreeing) else "no reference"), str(found)


def outcome(f: Callable[..., Any], args: tuple[Any, ...], argnum: int, order: int) -> Outcome:
    """Return what becomes of the first and second derivative of `f` by one argument."""
    before, at, after = args[:argnum], args[argnum], args[argnum + 1 :]
    structured = isinstance(at, (list, tuple, dict))

    def of_array(x: Any) -> Any:
        value = f(*before, rebuilt(at, x) if structured else x, *after)
        return vector_of(value) if isinstance(value, (list, tuple, dict)) else value

    try:
        x = np.array(vector_of(at) if structured else at)
        raw = f(*args)
        value = np.asarray(of_array(x[()]))
    except Exception as error:
        return "not real", f"the function itself raises {type(error).__name__}: {error}"
    if x.dtype.kind == "c" or value.dtype.kind == "c":
        return "refused", "complex numbers"
    if x.dtype.kind not in "fiu" or value.dtype.kind not in "fiub" or not np.all(np.isfinite(value)):
        return "not real", "not a finite real function there"
    # the tracer goes into the library that a function is of: the function itself where that will do, else one of the same library
    of_array.__module__ = getattr(f, "__module__", None) or type(f).__module__
    target = of_array if structured or len(args) > 1 or isinstance(raw, (list, tuple, dict)) else f
    x = x.astype(np.float64)
    for of in (target, fc.jacobian(target))[: order if value.size * x.size**2 <= 1e5 else 1]:
        try:
            found = judged(of, x)
        except (TraceError, NotImplementedError) as error:
            return "refused", str(error)
        except TimeoutError:
            raise
        except Exception as error:
            return "error", f"{type(error).__name__}: {error}"
        if found[0] != "right":
            return found
    return "right", ""


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """Stop what takes too long, in time of this process: the machine may be busy."""

    def stop(*_: object) -> None:
        raise TimeoutError(f"it takes more than {SECONDS} s to check")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def check(f: Callable[..., Any], args: tuple[Any, ...], argnum: int = 0, order: int = 2) -> Outcome:
    """Return what becomes of a function's derivatives, quietly."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            with limited():
                return outcome(f, args, argnum, order)
        except TimeoutError as error:
            return "no reference", str(error)


# Test suites: what their tests differentiate ---------------------------------------------------------------------------------


class Recorder:
    """Checks what the tests of a suite differentiate. A pytest plugin, so that it knows the test's name."""

    def __init__(self) -> None:
        self.test = ""
        self.found: dict[str, Outcome] = {}
        self.seen: set[object] = set()

    def pytest_runtest_setup(self, item: Any) -> None:
        self.test = item.nodeid.split("/")[-1]

    def check(self, f: Callable[..., Any], args: tuple[Any, ...], argnums: Any = 0, order: int = 2) -> None:
        """Check a function by each of the arguments; the test is as its worst check."""
        if any(isinstance(leaf, Tracer) for leaf in leaves(list(args))):
            return  # a derivative inside of a function that is being traced: the outer one is checked
        for argnum in argnums if isinstance(argnums, tuple) else (argnums,):
            found = check(f, args, argnum, order)
            if OUTCOMES.index(found[0]) >= OUTCOMES.index(self.found.get(self.test, ("right", ""))[0]):
                self.found[self.test] = found

    def run(self, *tests: str) -> Iterator[Case]:
        """Run the tests; what they assert is the other project's own business."""
        import pytest

        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            pytest.main(
                ["-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", "-c", "/dev/null", *tests],
                plugins=[self],
            )
        yield from self.found.items()


def autograd(root: Path) -> Iterator[Case]:
    """Yield the tests of autograd: NumPy itself stands where its NumPy stood."""
    recorder = Recorder()

    def check_grads(f: Any, argnum: Any = 0, modes: Any = None, order: int = 2) -> Any:
        return lambda *args, **more: recorder.check(with_keywords(f, more), args, argnum, order)

    def combo_check(f: Any, argnum: Any = 0, modes: Any = None, order: int = 2) -> Any:
        def each(*args: Any, **more: Any) -> None:
            for chosen in itertools.product(*args):
                for values in itertools.product(*more.values()):
                    check_grads(f, argnum, modes, order)(*chosen, **dict(zip(more, values, strict=True)))

        return each

    def derivative(of: Callable[..., Any]) -> Any:
        def transformed(f: Any, argnum: Any = 0) -> Any:
            def called(*args: Any, **more: Any) -> Any:
                recorder.check(with_keywords(f, more), args, argnum, 1)
                return of(f, argnum)(*args, **more)

            return called

        return transformed

    face = types.ModuleType("autograd")
    face.__path__ = []
    face.__dict__.update(
        {name: derivative(getattr(fc, name)) for name in ("grad", "jacobian", "hessian", "value_and_grad")}
    )
    face.__dict__.update(
        elementwise_grad=derivative(lambda f, n: fc.grad(lambda *a: np.sum(f(*a)), n)), deriv=derivative(fc.grad)
    )
    face.__dict__.update(isinstance=isinstance, tuple=tuple, list=list, dict=dict)
    testing = types.ModuleType("autograd.test_util")
    testing.__dict__.update(check_grads=check_grads, combo_check=combo_check, nd=None)
    testing.__dict__.update(scalar_close=np.isclose, check_equivalent=np.allclose)
    sys.modules.update({"autograd": face, "autograd.test_util": testing})
    for name in ("numpy", "numpy.random", "numpy.linalg", "numpy.fft"):
        sys.modules[f"autograd.{name}"] = importlib.import_module(name)
    for name in ("scipy", "scipy.integrate", "scipy.linalg", "scipy.signal", "scipy.special", "scipy.stats"):
        sys.modules[f"autograd.{name}"] = importlib.import_module(name)
    sys.modules["autograd.scipy.stats.multivariate_normal"] = scipy.stats.multivariate_normal
    face.__dict__.update(numpy=np, scipy=scipy)
    sys.path.insert(0, str(root / "tests"))
    # the other files test autograd's own machinery: its tracer, its vector spaces, its ways to define a derivative
    files = "binary_ops complex dict fft jacobian linalg list numpy scalar_ops scipy systematic truediv tuple".split()
    yield from recorder.run(*(str(root / f"tests/test_{name}.py") for name in files))


def numdifftools(root: Path) -> Iterator[Case]:
    """Yield the tests of numdifftools: each function that its classes are called for."""
    recorder = Recorder()
    core = importlib.import_module("numdifftools.core")

    def checked(method: Any) -> Any:
        def called(self: Any, x: Any, *args: Any, **more: Any) -> Any:
            f = self.fun
            known = recorder.test, getattr(f, "__code__", f), np.shape(x), str(args), str(more)
            if known not in recorder.seen:
                recorder.seen.add(known)
                recorder.check(with_keywords(f, more), (np.asarray(x, dtype=float)[()], *args))
            return method(self, x, *args, **more)

        return called

    for name in ("Derivative", "Gradient", "Jacobian", "Hessdiag", "Hessian"):
        kind = getattr(core, name)
        if "__call__" in vars(kind):
            kind.__call__ = checked(kind.__call__)
    yield from recorder.run(
        *(str(root / f"numdifftools/tests/test_{name}.py") for name in ("numdifftools", "nd_scipy"))
    )


# Collections: every function at a generic point ------------------------------------------------------------------------------


def inside(low: Any, high: Any) -> np.ndarray:
    """Return a point in a box, on no symmetry of it."""
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    low, high = np.maximum(low, -1e3), np.minimum(high, 1e3)
    return low + (high - low) * (0.37 + 0.31 * np.modf(np.arange(low.size) * 0.6180339887)[0])


def classes_of(package: str, base: type, folder: str = "") -> Iterator[type]:
    """Yield the classes that a package defines."""
    top = importlib.import_module(package)
    for path in sorted(Path(str(top.__file__)).parent.glob(f"{folder}*.py")):
        if path.stem == "__init__":
            continue
        module = importlib.import_module(f"{package}.{path.stem}")
        for kind in list(vars(module).values()):
            if inspect.isclass(kind) and issubclass(kind, base) and kind.__module__ == module.__name__:
                yield kind


def opfunu(_: Path) -> Iterator[Case]:
    """Yield opfunu's classical functions, and those of the CEC competitions, which rotate and shift them by data files."""
    sys.modules.setdefault("requests", types.ModuleType("requests"))  # its drawing asks for it
    base = importlib.import_module("opfunu.benchmark").Benchmark
    for package in ("opfunu.name_based", "opfunu.cec_based"):
        for kind in classes_of(package, base):
            try:
                problem = kind()
                low, high = problem.lb, problem.ub
            except Exception:
                continue
            yield kind.__name__, check(problem.evaluate, (inside(low, high),))


def benchmark_functions(_: Path) -> Iterator[Case]:
    """Yield the functions of benchmark-functions."""
    module = importlib.import_module("benchmark_functions.benchmark_functions")
    for kind in list(vars(module).values()):
        if (
            inspect.isclass(kind)
            and issubclass(kind, module.BenchmarkFunction)
            and kind is not module.BenchmarkFunction
        ):
            problem = kind()
            yield kind.__name__, check(problem, (inside(*problem.suggested_bounds()),))


def deap(_: Path) -> Iterator[Case]:
    """Yield the continuous benchmarks of DEAP."""
    module = importlib.import_module("deap.benchmarks")
    more = {"shekel": (np.full((3, 5), 0.4) * np.arange(1, 6), np.array([0.1, 0.2, 0.3]))}
    more.update(dtlz1=(2,), dtlz2=(2,), dtlz3=(2,), dtlz4=(2, 2.0), dtlz5=(2,), dtlz6=(2,), dtlz7=(2,))
    for name, f in vars(module).items():
        if inspect.isfunction(f) and f.__module__ == module.__name__:
            size = 2 if name in ("himmelblau", "schaffer_mo", "h1") else 5
            yield name, check(f, (inside([0.0] * size, [1.0] * size), *more.get(name, ())))


def banana_bench(_: Path) -> Iterator[Case]:
    """Yield the functions and the constrained problems of banana-bench."""
    suite = importlib.import_module("bananabench.metadata").BENCHMARK_SUITE
    for name, about in suite.items():
        low, high = np.broadcast_to(about["bounds"], (about["default_dim"], 2)).T
        yield name, check(about["function"], (inside(low, high),))
    for name, about in importlib.import_module("bananabench.g_suite").G_SUITE.items():
        size = about["dim"]
        yield name, check(about["function"], (inside([0.5] * size, [2.0] * size),))


def bayeso_benchmarks(_: Path) -> Iterator[Case]:
    """Yield the functions of bayeso-benchmarks, which take many points at once."""
    base = importlib.import_module("bayeso_benchmarks.benchmark_base").Function
    for kind in classes_of("bayeso_benchmarks", base):
        if kind is base:
            continue
        problem = kind(2) if "inf_dim" in kind.__module__ else kind()
        bounds = problem.get_bounds()
        yield kind.__name__, check(problem.function, (inside(bounds[:, 0], bounds[:, 1]),))


def scipy_(_: Path) -> Iterator[Case]:
    """Yield the test functions of SciPy's root finders and minimisers."""
    module = importlib.import_module("scipy.optimize._tstutils")
    seen = set()
    for collection in ("original", "aps"):
        for test in module.get_tests(collection):
            f, name = test["f"], test["f"].__name__
            if name in seen:
                continue
            seen.add(name)
            yield name, check(f, (inside(*np.sort(test["bracket"])).item(), *test.get("args", ())))
    for name in (f"fun{i}" for i in range(1, 10)):
        yield name, check(getattr(module, name), (0.37,))
    yield "rosen", check(scipy.optimize.rosen, (np.array([0.3, -0.7, 1.9, 0.8]),))


PACKAGES = {
    "autograd": autograd,
    "numdifftools": numdifftools,
    "scipy": scipy_,
    "opfunu": opfunu,
    "banana_bench": banana_bench,
    "benchmark_functions": benchmark_functions,
    "deap": deap,
    "bayeso_benchmarks": bayeso_benchmarks,
}


def version(name: str, root: Path) -> str:
    """Return a package's version: autograd's from its source, for that is not installed."""
    if name == "autograd":
        return re.findall(r"^Version: (\S+)", (root / "PKG-INFO").read_text(encoding="utf-8"), re.MULTILINE)[0]
    return importlib.metadata.version(name.replace("_", "-"))


def reason(why: str) -> str:
    """Return a refusal without the line it happened at, so that alike ones count together."""
    return re.sub(r" \(at .*", "", why, flags=re.DOTALL)


def main(directory: str, *wanted: str) -> int:
    """Print the table, the reasons and what is wrong."""
    rest: list[str] = []
    reasons: collections.Counter[str] = collections.Counter()
    print("| package | cases | " + " | ".join(COLUMNS) + " |\n|---" + "|---:" * (1 + len(COLUMNS)) + "|")
    installed = Path(directory).resolve() / "site-packages"
    sys.path.append(str(installed))
    for name in wanted or PACKAGES:
        root = next(installed.parent.glob("autograd-*/")) if name == "autograd" else installed
        cases = list(PACKAGES[name](root))
        counts = collections.Counter(found for _, (found, _) in cases)
        print(
            f"| {name} {version(name, root)} | {len(cases)} | " + " | ".join(str(counts[o]) for o in COLUMNS) + " |",
            flush=True,
        )
        for case, (found, why) in cases:
            if found == "refused":
                reasons[f"{name}: {reason(why)}"] += 1
            elif found != "right":
                rest += [f"{found}: {name}: {case}: {why}"]
    print("\nRefused, by reason:", *(f"{count:5} {why}" for why, count in reasons.most_common()), sep="\n")
    print("\nNeither right nor refused:", *rest, sep="\n")
    return any(line.startswith("wrong") for line in rest)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
