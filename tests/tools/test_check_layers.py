"""A planted crossing of a border is found, named with its line, and nothing else is."""

from pathlib import Path

import check_layers
import pytest

HOUSE = {
    "cpp/fastcalc/base/status.hpp": "#include <cmath>\n",
    "cpp/fastcalc/solve/loop.hpp": '#include "../base/status.hpp"\n#include "fastcalc/solve/stop.hpp"\n',
    "cpp/fastcalc/solve/stop.hpp": "#pragma once\n",
    "cpp/fastcalc/program/program.hpp": "#pragma once\n",
    "cpp/fastcalc/fastcalc.hpp": '#include "program/program.hpp"\n',
    "src/bind.hpp": '#include <pybind11/pybind11.h>\n#include "fastcalc/fastcalc.hpp"\n',
    "src/module.cpp": '#include "bind.hpp"\n#include <vector>\n',
    "src/fast.pyx": 'cimport numpy as cnp\ncdef extern from "fastcalc/fastcalc.hpp" namespace "fastcalc":\n    pass\n',
    "python/fastcalc/__init__.py": "from ._errors import TraceError\n",
    "python/fastcalc/_errors.py": "class TraceError(TypeError): ...\n",
    "python/fastcalc/_tracer/__init__.py": "from .. import _core\nfrom .protocols import trace\n",
    "python/fastcalc/_tracer/protocols.py": "import numpy as np\n",
    "python/fastcalc/_problems/_model.py": "from fastcalc._tracer import trace\n",
    "python/fastcalc/_doors/_fit.py": "from .. import _core\nfrom .._problems._model import Model\n\ndef fit():\n    import scipy.stats\n",
    "python/fastcalc/_doors/_curve_fit.py": "from .._data._arguments import check\n",
    "python/fastcalc/_data/_arguments.py": "import inspect\n",
    "python/fastcalc/cli/__init__.py": "import fastcalc\nfrom .._results._nonlinear_fit import Fit\nfrom .._doors import _fit\nfrom .table import read\n",
    "python/fastcalc/cli/table.py": "import csv\n",
    "python/fastcalc/_results/_nonlinear_fit.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from matplotlib.axes import Axes\n"
    ),
}


def build(root: Path, **more: str) -> Path:
    for name, text in (HOUSE | more).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_house_in_order_passes(tmp_path, capsys):
    assert check_layers.main(build(tmp_path)) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("cpp/fastcalc/solve/loop.hpp", '\n#include "../program/program.hpp"\n', "2: solve includes program"),
        ("cpp/fastcalc/solve/loop.hpp", '#include "fastcalc/program/program.hpp"\n', "1: solve includes program"),
        ("cpp/fastcalc/base/status.hpp", '#include "../solve/stop.hpp"\n', "1: base includes solve"),
        ("cpp/fastcalc/base/status.hpp", "#include <Python.h>\n", "1: the kernel includes <Python.h>"),
        ("cpp/fastcalc/base/status.hpp", '#include "../../../src/bind.hpp"\n', "is no file of the kernel"),
        ("cpp/fastcalc/base/status.hpp", '#include "missing.hpp"\n', '"missing.hpp" is no file of the kernel'),
        ("cpp/fastcalc/helpers/all.hpp", "", "1: `helpers` is no room of the kernel"),
        ("src/module.cpp", '#include "fastcalc/solve/loop.hpp"\n', "1: the border includes fastcalc/solve/loop.hpp"),
        ("src/module.cpp", '#include "../cpp/fastcalc/solve/loop.hpp"\n', "1: the border includes ../cpp"),
        ("src/module.cpp", "#include <pybind11/numpy.h>\n", "1: pybind11/numpy.h is included outside bind.hpp"),
        (
            "src/fast.pyx",
            'cdef extern from "fastcalc/solve/loop.hpp":\n    pass\n',
            "1: the border includes fastcalc/solve",
        ),
        ("src/fast.pyx", "from scipy.special cimport cython_special\n", "1: the border cimports scipy.special"),
        ("python/fastcalc/_tracer/protocols.py", "from .._doors._fit import fit\n", "1: tracer imports fit"),
        (
            "python/fastcalc/_doors/_fit.py",
            "def fit():\n    from ._curve_fit import curve_fit\n",
            "2: fit imports curve_fit",
        ),
        ("python/fastcalc/_doors/_fit.py", "from fastcalc import fit\n", "1: fit imports face"),
        ("python/fastcalc/_doors/_curve_fit.py", "from . import _fit\n", "1: curve_fit imports fit"),
        (
            "python/fastcalc/_errors.py",
            "from ._core import x\n",
            "1: errors imports compiled (allowed: nothing of ours)",
        ),
        ("python/fastcalc/cli/table.py", "from .._tracer import trace\n", "1: cli imports tracer"),
        ("python/fastcalc/_extras.py", "", "1: `_extras.py` belongs to no room"),
        ("python/fastcalc/_doors/_fit.py", "import scipy.stats\n", "1: scipy is imported at once, not on first use"),
        (
            "python/fastcalc/backends/dask/_fit.py",
            "import sklearn\n",
            "1: sklearn is imported at once, not on first use",
        ),
        ("tests/test_all.py", "x = 1\n" * 701, "701: 701 lines"),
    ],
)
def test_a_planted_crossing_is_found(tmp_path, capsys, path, text, expected):
    assert check_layers.main(build(tmp_path, **{path: text})) == 1
    (finding,) = capsys.readouterr().out.splitlines()
    assert f"{path}:" in finding
    assert expected in finding


@pytest.mark.parametrize("path", ["python/fastcalc/backends/dask.py", "python/fastcalc/backends/dask/_fit.py"])
def test_a_backend_begins_with_the_package_that_it_is_named_for(tmp_path, path):
    assert check_layers.main(build(tmp_path, **{path: "import dask\n"})) == 0


def test_a_long_file_is_only_warned_of(tmp_path, capsys):
    assert check_layers.main(build(tmp_path, **{"cpp/fastcalc/base/long.hpp": "//\n" * 401})) == 0
    assert "base/long.hpp:401: 401 lines" in capsys.readouterr().out


def test_a_table_may_be_long(tmp_path, capsys):
    assert check_layers.main(build(tmp_path, **{"cpp/fastcalc/ops/ops.def": "//\n" * 900})) == 0
    assert capsys.readouterr().out == ""
