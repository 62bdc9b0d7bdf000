"""function: what runs without Python: `Function.lowlevel` under SciPy's integrators, and `fastcalc.fast` cimported by Cython."""

import gc
import shutil
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

import fastcalc as fc
import numpy as np
import pytest
from fastcalc import _fast
from scipy import integrate


def test_quad_integrates_a_compiled_function():
    f = fc.compile(lambda x, a, b: np.exp(-a * x) * np.cos(b * x)).lowlevel()
    gc.collect()  # the program lives as long as the callable
    for a, b in ((1.0, 2.0), (0.5, 3.0)):
        got, error = integrate.quad(f, 0, np.inf, args=(a, b))
        assert abs(got - a / (a * a + b * b)) <= max(error, 1e-12)
    one = fc.compile(lambda x: x * x).lowlevel(signature="double (double, void *)")
    assert integrate.quad(one, 0, 3)[0] == pytest.approx(9, rel=1e-14)


def test_nquad_integrates_over_numbers_and_over_the_elements_of_an_array():
    def f(x, y, z):
        return x * y**2 + z

    box = [(0, 1), (0, 2), (1, 2)]
    want = integrate.nquad(f, box)[0]
    assert integrate.nquad(fc.compile(f).lowlevel(), box)[0] == pytest.approx(want, rel=1e-13)
    of_array = fc.compile(lambda x, z: f(x[0], x[1], z)).lowlevel(np.zeros(2), 0.0)
    assert integrate.nquad(of_array, box)[0] == pytest.approx(want, rel=1e-13)


def test_another_branch_is_found_from_within_the_integrator():
    f = fc.compile(lambda x: x if x > 0 else -2 * x)
    assert integrate.quad(f.lowlevel(), -1, 1, points=[0])[0] == pytest.approx(1.5, rel=1e-13)


def test_an_error_within_the_integrator_is_reported_and_gives_nan(monkeypatch):
    raised = []
    monkeypatch.setattr(sys, "unraisablehook", lambda report: raised.append(report.exc_value))

    def f(x):
        if x > 0.5:
            raise KeyError("mine")
        return x

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", integrate.IntegrationWarning)  # quad notices too
        assert np.isnan(integrate.quad(fc.compile(f).lowlevel(0.0), 0, 1)[0])
    assert isinstance(raised[0], KeyError)


def test_what_is_no_function_of_numbers_with_one_result_is_refused():
    with pytest.raises(TypeError, match="one number"):
        fc.compile(lambda x: x * np.ones(3)).lowlevel()
    with pytest.raises(ValueError, match="signature"):
        fc.compile(lambda x: x).lowlevel(signature="float (float)")


def test_the_c_interface_is_frozen():
    # Compiled users look these up by name and signature: a change here breaks them.
    found = {name: str(capsule).split('"')[1] for name, capsule in _fast.__pyx_capi__.items()}
    assert found == {
        "pointer_of": "void const *(PyObject *)",
        "evaluate": "int (void const *, double const *const *, double *)",
        "evaluate_numbers": "double (int, double *, void *)",
        "evaluate_number": "double (double, void *)",
    }


USER = """
# cython: language_level=3
from fastcalc.fast cimport evaluate, pointer_of

def total(program, double a, double[::1] x):
    "The sum of f(x_i, a) without Python's lock."
    cdef const void* handle = pointer_of(program)
    cdef const double* arguments[2]
    cdef double result = 0, sum = 0
    cdef int status = 0
    arguments[1] = &a
    with nogil:
        for i in range(x.shape[0]):
            arguments[0] = &x[i]
            status = evaluate(handle, arguments, &result)
            if status != 0:
                break
            sum += result
    return status, sum
"""


def test_a_cython_module_calls_a_program(tmp_path, monkeypatch):
    pytest.importorskip("Cython")
    if not shutil.which("g++"):
        pytest.skip("no g++")
    source, built = tmp_path / "user.pyx", tmp_path / f"user{sysconfig.get_config_var('EXT_SUFFIX')}"
    source.write_text(USER)
    search = []
    if not (Path(fc.__file__).parent / "fast.pxd").exists():  # a build folder: the package is installed to have it
        (tmp_path / "fastcalc").mkdir()
        (tmp_path / "fastcalc" / "__init__.py").touch()
        shutil.copy(Path(__file__).parents[2] / "src" / "fast.pxd", tmp_path / "fastcalc")
        search = ["-I", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "cython", "-3", *search, source], check=True)
    include = sysconfig.get_paths()["include"]
    subprocess.run(["g++", "-shared", "-fPIC", "-w", f"-I{include}", source.with_suffix(".c"), "-o", built], check=True)
    monkeypatch.syspath_prepend(tmp_path)
    shutil.rmtree(tmp_path / "fastcalc", ignore_errors=True)
    import user

    f = fc.compile(lambda x, a: np.exp(-a * x) if x < 2 else x * 0)
    f(0.5, 1.0)
    x = np.linspace(0, 1.9, 50)
    status, total = user.total(f.program, 0.7, x)
    assert status == 0
    assert total == pytest.approx(np.exp(-0.7 * x).sum(), rel=1e-14)
    assert user.total(f.program, 0.7, np.array([3.0]))[0] == 1  # another branch
